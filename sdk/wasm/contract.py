"""Writes the part of the contract document that a diagnosis needs, for its types: contract.py DOCUMENT OUT"""

import json
import sys
from pathlib import Path

ROOTS = ["Evidence", "DiagnosisVerdict"]
PLACE = "#/components/schemas/"


def named(node: object) -> list[str]:
    """The schemas that stand in this one."""
    if isinstance(node, list):
        return [name for inner in node for name in named(inner)]
    if not isinstance(node, dict):
        return []
    own = node.get("$ref")
    names = [own.removeprefix(PLACE)] if isinstance(own, str) and own.startswith(PLACE) else []
    return names + [name for inner in node.values() for name in named(inner)]


document = json.loads(Path(sys.argv[1]).read_text())
schemas = document["components"]["schemas"]
wanted: set[str] = set()
todo = list(ROOTS)
while todo:
    name = todo.pop()
    if name not in wanted:
        wanted.add(name)
        todo += named(schemas[name])
kept = {name: schema for name, schema in schemas.items() if name in wanted}
Path(sys.argv[2]).write_text(
    json.dumps({"openapi": document["openapi"], "info": document["info"], "paths": {}, "components": {"schemas": kept}})
)
