"""Makes what the SDKs have of the contract document, but for TypeScript's types: generate.py DOCUMENT FOLDER

FOLDER, laid out like sdk/, gets
  typescript/src/generated/keyed.ts                 POST operations that take an `Idempotency-Key`
  python/src/waymark_sdk/_generated/models.py       the schemas, as TypedDicts: the JSON stays what it is
  python/src/waymark_sdk/_generated/operations.py   a method for each operation, for threads and for asyncio
"""

import json
import keyword
import re
import sys
from pathlib import Path
from typing import Any

HEADER = '"""Made by sdk/generate.py from the contract document; change that one."""\n\nfrom __future__ import annotations\n'
PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
document = json.loads(Path(sys.argv[1]).read_text())
schemas: dict[str, Any] = document["components"]["schemas"]


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    return schemas[named(schema["$ref"])] if "$ref" in schema else schema


def named(ref: str) -> str:
    return ref.rsplit("/", 1)[-1]


def union(types: list[str]) -> str:
    """Each once; None last."""
    once = list(dict.fromkeys(part for one in types for part in one.split(" | ")))
    return "Any" if "Any" in once else " | ".join([part for part in once if part != "None"] + ["None"] * ("None" in once))


def typed(schema: Any, prefix: str = "") -> str:
    """What a schema is in Python."""
    if not isinstance(schema, dict):
        return "Any"
    if "$ref" in schema:
        return prefix + named(schema["$ref"])
    if "const" in schema or "enum" in schema:
        return f"Literal[{', '.join(map(repr, schema.get('enum', [schema.get('const')])))}]"
    for several in ("oneOf", "anyOf"):
        if several in schema:
            return union([typed(one, prefix) for one in schema[several]])
    if len(schema.get("allOf", [])) == 1:
        return typed(schema["allOf"][0], prefix)
    kind = schema.get("type")
    if isinstance(kind, list):
        return union([typed({**schema, "type": one}, prefix) for one in kind])
    if kind == "array":
        return f"list[{typed(schema.get('items'), prefix)}]"
    if kind == "object":
        values = schema.get("additionalProperties")
        return f"dict[str, {typed(values, prefix) if isinstance(values, dict) else 'Any'}]"
    return PLAIN.get(kind, "Any")


def variants(schema: dict[str, Any]) -> dict[str, list[str]]:
    """Of a base that only says which schemas it stands for: their names, each with its tags."""
    mapping = schema.get("discriminator", {}).get("mapping", {})
    out: dict[str, list[str]] = {}
    for tag, ref in mapping.items():
        out.setdefault(named(ref), []).append(tag)
    return {} if "oneOf" in schema or "anyOf" in schema else out


def fields(name: str, schema: dict[str, Any]) -> tuple[dict[str, Any], set[str]]:
    """All properties of an object, those of `allOf` included, and which of them are needed."""
    properties: dict[str, Any] = {}
    needed: set[str] = set(schema.get("required", []))
    for part in schema.get("allOf", []):
        base = resolved(part)
        more, also = fields(name, base)
        properties |= more
        needed |= also
        if tags := variants(base).get(name):
            properties[base["discriminator"]["propertyName"]] = {"enum": tags}
    return properties | schema.get("properties", {}), needed


def documentation(text: str | None, indent: str) -> str:
    if not text:
        return ""
    lines = text.strip().split("\n")
    quoted = "\n".join(f"{indent}{line}".rstrip() for line in lines).strip().replace("\\", "\\\\").replace('"""', "'''")
    if quoted.endswith('"'):
        quoted += " "
    return f'{indent}"""{quoted}"""\n' if len(lines) == 1 else f'{indent}"""{quoted}\n{indent}"""\n'


def model(name: str, schema: dict[str, Any]) -> str:
    if bases := variants(schema):
        return f'{name}: TypeAlias = "{" | ".join(bases)}"\n'
    properties, needed = fields(name, schema)
    if not properties:
        return f'{name}: TypeAlias = "{typed(schema)}"\n'

    def shown(field: str) -> str:
        own = typed(properties[field])
        return own if field in needed else f"NotRequired[{own}]"

    if any(not field.isidentifier() or keyword.iskeyword(field) for field in properties):
        body = "".join(f'        "{field}": "{shown(field)}",\n' for field in properties)
        return f'{name} = TypedDict(\n    "{name}",\n    {{\n{body}    }},\n)\n'
    body = "".join(
        f"    {field}: {shown(field)}\n" + documentation(resolved_text(properties[field]), "    ") for field in properties
    )
    return f"class {name}(TypedDict):\n{documentation(schema.get('description'), '    ')}{body}"


def resolved_text(schema: Any) -> str | None:
    return schema.get("description") if isinstance(schema, dict) and "$ref" not in schema else None


def snake(name: str) -> str:
    plain = re.sub(r"\W", "_", name).lower()
    return f"{plain}_" if keyword.iskeyword(plain) else plain


def camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def content(of: dict[str, Any], prefix: str) -> list[str]:
    """The Python types of the media types of a body."""
    if "$ref" in of:
        of = document["components"][of["$ref"].split("/")[-2]][named(of["$ref"])]
    out = []
    for media, body in of.get("content", {}).items():
        out.append(typed(body.get("schema"), prefix) if "json" in media else "str" if media.startswith("text/") else "bytes")
    return out


def answers(operation: dict[str, Any], prefix: str) -> str:
    well = [one for status, one in operation["responses"].items() if status in ("200", "201", "202", "204")]
    return union([kind for one in well for kind in content(one, prefix) or ["None"]])


class Operation:
    def __init__(self, method: str, path: str, raw: dict[str, Any]) -> None:
        self.method, self.path, self.raw = method, path, raw
        self.id = raw["operationId"]
        # What is asked with an ETag may have no body: `request` is for that.
        own = [one for one in raw.get("parameters", []) if one.get("name") not in ("If-None-Match", "Range", "If-Range")]
        self.parameters = {place: [one for one in own if one["in"] == place] for place in ("path", "query", "header")}
        self.body = content(raw["requestBody"], "m.") if "requestBody" in raw else []
        self.answer = answers(raw, "m.")
        self.is_list = any(one["name"] == "cursor" for one in self.parameters["query"])

    def signature(self, without: tuple[str, ...] = ()) -> str:
        parts = ["self"] + [f"{snake(one['name'])}: str" for one in self.parameters["path"]]
        if self.body:
            parts.append(f"body: {union(self.body)}" + ("" if self.raw["requestBody"].get("required") else " | None = None"))
        named_ones = [one for place in ("query", "header") for one in self.parameters[place] if one["name"] not in without]
        for one in sorted(named_ones, key=lambda one: not one.get("required")):
            kind = typed(one["schema"], "m.").replace("list[", "Sequence[")
            if not one.get("required"):
                kind = union([kind, "None"]) + " = None"
            parts += ["*"] * ("*" not in parts) + [f"{snake(one['name'])}: {kind}"]
        return ", ".join(parts)

    def call(self) -> str:
        def table(place: str) -> str:
            return "{" + ", ".join(f'"{one["name"]}": {snake(one["name"])}' for one in self.parameters[place]) + "}"

        parts = [f'"{self.method.upper()}"', f'"{self.path}"']
        parts += [f"{place}={table(place)}" for place in ("path", "query", "header") if self.parameters[place]]
        return ", ".join(parts + ["body=body"] * bool(self.body))

    def methods(self, is_async: bool) -> str:
        word, wait = ("async def", "await ") if is_async else ("def", "")
        text = f"{self.raw.get('summary', '')}\n\n{self.raw.get('description', '')}"
        out = f"    {word} {self.id}({self.signature()}) -> {self.answer}:\n{documentation(text, '        ')}"
        out += f"        return cast({json.dumps(self.answer)}, {wait}self._call({self.call()}))\n"
        if self.is_list:
            one = "AsyncIterator" if is_async else "Iterator"
            item = typed(resolved(next(iter(self.raw["responses"]["200"]["content"].values()))["schema"])["properties"]["items"]["items"], "m.")
            call = self.call().replace('"cursor": cursor, ', "").replace('"cursor": cursor', "")
            out += f"\n    def iter_{self.id.removeprefix('list_')}({self.signature(('cursor',))}) -> {one}[{item}]:\n"
            out += f'        """Everything that `{self.id}` lists, fetched page by page as it is asked for."""\n'
            out += f"        return cast({json.dumps(f'{one}[{item}]')}, self._items({call}))\n"
        return out


operations = [
    Operation(method, path, raw)
    for path, methods in document["paths"].items()
    for method, raw in methods.items()
    if method in ("get", "put", "post", "delete") and path != "/oauth/token"
]
keyed = [one.path for one in operations if one.method == "post" and any(p["name"] == "Idempotency-Key" for p in one.parameters["header"])]


def write(name: str, text: str) -> None:
    target = Path(sys.argv[2]) / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)


write(
    "typescript/src/generated/keyed.ts",
    "/** POST operations that take an `Idempotency-Key`. */\nexport const keyedPosts: ReadonlySet<string> = new Set([\n"
    + "".join(f"  {json.dumps(path)},\n" for path in keyed)
    + "]);\n",
)

aliases = ""
for one in operations:
    aliases += f'{camel(one.id)}Answer: TypeAlias = "{answers(one.raw, "")}"\n'
    if one.body:
        aliases += f'{camel(one.id)}Body: TypeAlias = "{union(content(one.raw["requestBody"], ""))}"\n'
write(
    "python/src/waymark_sdk/_generated/models.py",
    HEADER
    + "\nfrom typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict\n"
    + "\nif TYPE_CHECKING:\n    from typing_extensions import NotRequired\n\n\n"
    + "\n\n".join(model(name, schema) for name, schema in schemas.items())
    + "\n\n# What operations take and give, under names that stay when a schema gets another one.\n\n"
    + aliases,
)

operations_text = HEADER + "\nfrom collections.abc import AsyncIterator, Iterator, Sequence\nfrom typing import Any, Literal, cast\n"
operations_text += "\nfrom . import models as m\n\n# POST operations that take an `Idempotency-Key`.\n"
operations_text += "KEYED_POSTS = frozenset([\n" + "".join(f"    {json.dumps(path)},\n" for path in keyed) + "])\n"
for is_async in (False, True):
    one = "AsyncIterator" if is_async else "Iterator"
    arguments = "self, method: str, url: str, *, path: dict[str, Any] = {}, query: dict[str, Any] = {}, header: dict[str, Any] = {}"
    operations_text += f"\n\nclass {'Async' * is_async}Operations:\n"
    operations_text += f"    {'async ' * is_async}def _call({arguments}, body: Any = None) -> Any:\n        raise NotImplementedError\n\n"
    operations_text += f"    def _items({arguments}) -> {one}[Any]:\n        raise NotImplementedError\n\n"
    operations_text += "\n".join(operation.methods(is_async) for operation in operations)
write("python/src/waymark_sdk/_generated/operations.py", operations_text)
