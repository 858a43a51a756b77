"""Holds packages against what others wrote: the DTD of QTI 1.2.1 (IMS), pyslet's model and processing of QTI 2.1, and its
conformance tests of Common Cartridge.

Usage: check.py DTD FOLDER...   (each an unpacked package that `waymark package export` made, named FORMAT-SLUG)
"""

import json
import logging
import pathlib
import sys
import unittest

from lxml import etree
import pyslet.imscc_profilev1p0 as cartridge
import pyslet.qtiv2.variables as variables
import pyslet.qtiv2.xml as qti21
import pyslet.rfc2396 as uri
from pyslet.xml import namespace

logging.disable(logging.CRITICAL)
problems = []
counts = {}


def problem(where, what):
    problems.append(f"{where}: {what}")


def count(what, n=1):
    counts[what] = counts.get(what, 0) + n


def valid_by_dtd(dtd, path):
    """The DTD knows no namespaces."""
    root = etree.parse(str(path)).getroot()
    for element in root.iter(etree.Element):
        element.tag = etree.QName(element).localname
    for name in [name for name in root.attrib if name.startswith("{http://www.w3.org/2001/XMLSchema-instance}")]:
        del root.attrib[name]
    etree.cleanup_namespaces(root)
    if dtd.validate(root):
        count("QTI 1.2, valid by the DTD of IMS")
    for error in dtd.error_log.filter_from_errors():
        problem(path, f"line {error.line}: {error.message}")


def load21(path):
    document = qti21.QTIDocument(baseURI=str(uri.URI.from_path(str(path))))
    document.read()
    return document.root


def known(path, root):
    """Every element of QTI's namespace has a class of its own; what pyslet does not know becomes a plain one."""
    todo = [root]
    while todo:
        element = todo.pop()
        if not hasattr(element, "get_children"):
            continue
        if type(element) in (namespace.NSElement, namespace.XMLNSElement):
            problem(path, f"pyslet knows no element {element.xmlname}")
        todo += list(element.get_children())


def coded(name):
    return name if name[:1].isalpha() else f"_{name}"


def tries(item):
    """(answer, points)"""
    kind, key, points = item["kind"], item.get("key"), item["points"]
    partial = item.get("scoring") == "partial"
    options = [coded(option["id"]) for option in item.get("options", [])]
    if kind == "single_choice":
        return [(coded(key), points), (next(o for o in options if o != coded(key)), 0)]
    if kind == "multiple_response":
        keys = [coded(k) for k in key]
        wrong = next(o for o in options if o not in keys)
        return [(keys, points), ([keys[0], wrong], 0), (keys[:1], points / len(keys) if partial else 0)]
    if kind == "ordering":
        return [([coded(k) for k in key], points), ([coded(k) for k in reversed(key)], 0)]
    if kind == "matching":
        pairs = [(f"p_{coded(p['id'])}", f"c_{coded(p['key'])}") for p in item["prompts"]]
        return [(pairs, points), (pairs[:1], points / len(pairs) if partial else 0)]
    if kind == "short_text":
        forms = [(a["form"], points * a.get("share", 1)) for a in item["accepted"]]
        return forms + [("something else", 0)]
    if kind == "numeric" and item["tolerance"] == 0:  # pyslet cannot read the two sides of a tolerance
        return [(float(key), points), (float(key) + 1, 0)]
    if kind == "point_at_field":
        if item.get("mistakes"):
            return [("field-1", points), (f"field-{len(key) + 1}", 0)]
        return [(key[0], points), ("/nowhere", 0)]
    return []


def graded(path, item):
    root = load21(path)
    known(path, root)
    for answer, points in tries(item):
        session = variables.ItemSessionState(root)
        session.begin_session()
        session["RESPONSE"].set_value(answer)
        root.ResponseProcessing.run(session)
        got = session["SCORE"].value
        if abs(got - points) > 1e-9:
            problem(path, f"{answer!r} gets {got}, not {points}")
            continue
        count("QTI 2.1, answers scored by pyslet as they should be")


def check21(folder):
    known(folder / "test.xml", load21(folder / "test.xml"))
    quiz = json.loads((folder.parent / folder.name.replace("qti21-", "qti3-") / "waymark.json").read_text())["quiz"]
    for item in quiz["items"]:
        graded(folder / "items" / f"{coded(item['id'])}.xml", item)


def check_cartridge(dtd, folder):
    for quiz in sorted(folder.glob("quizzes/*/assessment.xml")):
        valid_by_dtd(dtd, quiz)
    # The rules of 1.0 that these tests hold are those of 1.1 and 1.3; only the names of the versions differ.
    manifest = folder / "imsmanifest.xml"
    text = manifest.read_text()
    for version in ["1p1", "1p3"]:
        text = text.replace(f"http://www.imsglobal.org/xsd/imsccv{version}/imscp_v1p1", "http://www.imsglobal.org/xsd/imscp_v1p1")
        text = text.replace(f"imscc_xmlv{version}", "imscc_xmlv1p0")
    manifest.write_text(text)
    package = cartridge.CommonCartridge(str(folder))
    if not package.laoTable or not package.cwcList:
        problem(folder, "pyslet finds no quizzes or no pages in the cartridge")
    result = unittest.TestResult()
    cartridge.CCTestSuite(package).run(result)
    for test, trace in result.failures + result.errors:
        problem(folder, f"{test}: {trace.strip().splitlines()[-1]}")
    count("Common Cartridge, conformance tests of pyslet passed", result.testsRun - len(result.failures) - len(result.errors))
    listed = {file.get("href") for file in etree.parse(str(manifest)).getroot().iter("{*}file")}
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {"imsmanifest.xml"}
    for path in listed ^ there:
        problem(folder, f"{path} is {'listed and missing' if path in listed else 'there and not listed'}")


def main(dtd, *folders):
    dtd = etree.DTD(dtd)
    for folder in map(pathlib.Path, folders):
        if folder.name.startswith("qti12-"):
            valid_by_dtd(dtd, folder / "quiz.xml")
        elif folder.name.startswith("qti21-"):
            check21(folder)
        elif folder.name.startswith(("cc13-", "cc11-")):
            check_cartridge(dtd, folder)
    for line in problems:
        print(line)
    for what, n in counts.items():
        print(f"{what}: {n}")
    sys.exit(bool(problems) or not counts)


main(*sys.argv[1:])
