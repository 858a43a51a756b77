"""Has programs that nobody here wrote convert our packages and write packages of their own, and reads what they made:
qti-convert (QTI 2.1 to 3 and back) and qti_package_maker (QTI 1.2 as Canvas has it, QTI 2.1 as Blackboard has it).

Usage: others.py WAYMARK FOLDER   (with the packages that `waymark package export` made as FORMAT-SLUG.zip)
"""

import json
import pathlib
import subprocess
import sys

waymark, folder = sys.argv[1], pathlib.Path(sys.argv[2])
tools = pathlib.Path(sys.executable).parent
problems, counts = [], {}

# Kinds by what is asked, as the text format of qti_package_maker has them, and the right answers here.
QUESTIONS = """MC\twhich is right?\tone\tincorrect\ttwo\tcorrect\tthree\tincorrect
MA\twhich are right?\tred\tcorrect\tgreen\tincorrect\tblue\tcorrect
MAT\tmatch them\tdog\tbark\tcat\tmeow\tcow\tmoo
NUM\thow many?\t42\t0.5
FIB\tcapital of england?\tLondon\tlondon city
"""
EXPECTED = {
    "which is right?": lambda item: chosen(item, [item["key"]]) == ["two"],
    "which are right?": lambda item: sorted(chosen(item, item["key"])) == ["blue", "red"],
    "match them": lambda item: {text(p["text"]): text(choice["text"]) for p in item["prompts"] for choice in item["choices"] if choice["id"] == p["key"]} == {"dog": "bark", "cat": "meow", "cow": "moo"},
    "how many?": lambda item: (item["key"], item["tolerance"]) == (42, 0.5),
    "capital of england?": lambda item: [form["form"] for form in item["accepted"]] == ["London", "london city"],
}


def text(texts):
    return texts["en"].strip().splitlines()[0].replace("\\", "")


def chosen(item, keys):
    return [text(option["text"]) for option in item["options"] if option["id"] in keys]


def read(path):
    done = subprocess.run([waymark, "package", "import", str(path), "--json"], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 3):
        problems.append(f"{path.name}: {done.stderr.strip()}")
        return None
    return json.loads(done.stdout)


def run(*command):
    done = subprocess.run([str(part) for part in command], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        problems.append(f"{command}: {done.stdout}{done.stderr}")
    return not done.returncode


def key(item):
    """What is right, without texts."""
    forms = [form["form"] for form in item.get("accepted", [])]
    pairs = [(prompt["id"], prompt["key"]) for prompt in item.get("prompts", [])]
    right = item.get("key")
    right = sorted(right) if item["kind"] == "multiple_response" else right
    return item["id"], item["kind"], item["points"], right, item.get("tolerance"), forms, pairs


def converted():
    for package in sorted([*folder.glob("qti21-*.zip"), *folder.glob("qti3-*.zip")]):
        if package.name == "qti21-others.zip":
            continue
        way = "upgrade" if package.name.startswith("qti21-") else "downgrade"
        out = folder / f"{way}d-{package.name}"
        if not run(tools / "qti-convert", way, package, out):
            continue
        before, after = read(package), read(out)
        if not before or not after:
            continue
        # What waymark.json carries along is not seen by others, so what is compared is QTI's.
        if way == "downgrade":
            before = read(folder / package.name.replace("qti3-", "qti21-"))
        for old, new in zip(before["quiz"]["items"], after["quiz"]["items"], strict=True):
            if key(old) != key(new):
                problems.append(f"{out.name}: {key(old)} became {key(new)}")
            else:
                counts[f"items after qti-convert {way}"] = counts.get(f"items after qti-convert {way}", 0) + 1


def made():
    (folder / "bbq-others-questions.txt").write_text(QUESTIONS)
    if not run(tools / "python", tools / "bbq_converter.py", "-i", "bbq-others-questions.txt", "-1", "-2", "-B", "--allow-mixed", "-q"):
        return
    for name in ["qti12-others.zip", "qti21-others.zip"]:
        imported = read(folder / name)
        items = {text(item["stem"]): item for item in imported["quiz"]["items"]} if imported else {}
        for stem, right in EXPECTED.items():
            if stem not in items:
                lost = [note["detail"] for note in imported["report"]["notes"] if note["effect"] == "lost"] if imported else []
                problems.append(f"{name}: {stem!r} is not there ({lost})")
            elif not right(items[stem]):
                problems.append(f"{name}: {items[stem]}")
            else:
                counts["items of qti_package_maker"] = counts.get("items of qti_package_maker", 0) + 1
    refused = subprocess.run([waymark, "package", "import", str(folder / "blackboard_export_zip-others.zip")], capture_output=True, text=True, check=False)
    if refused.returncode != 1 or "Blackboard" not in refused.stderr:
        problems.append(f"an export of Blackboard is not told by its name: {refused.stderr}")


converted()
made()
for line in problems:
    print(line)
for what, n in counts.items():
    print(f"{what}, read as they should be: {n}")
sys.exit(bool(problems) or len(counts) < 3)
