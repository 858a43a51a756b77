"""Writes the contract document without the examples of its answers, which types do not need: plain.py DOCUMENT OUT"""

import json
import sys
from pathlib import Path

document = json.loads(Path(sys.argv[1]).read_text())
for methods in document["paths"].values():
    for operation in methods.values():
        for answer in operation["responses"].values():
            for body in answer.get("content", {}).values():
                body.pop("example", None)
Path(sys.argv[2]).write_text(json.dumps(document))
