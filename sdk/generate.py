"""Makes what the SDKs have of the contract document, but for TypeScript's types: generate.py DOCUMENT FOLDER

FOLDER gets typescript/src/generated/keyed.ts.
"""

import json
import sys
from pathlib import Path

document = json.loads(Path(sys.argv[1]).read_text())
folder = Path(sys.argv[2])
keyed = [
    path
    for path, methods in document["paths"].items()
    if any(one["name"] == "Idempotency-Key" for one in methods.get("post", {}).get("parameters", []))
]
target = folder / "typescript/src/generated/keyed.ts"
target.parent.mkdir(parents=True, exist_ok=True)
target.write_text(
    "/** POST operations that take an `Idempotency-Key`. */\n"
    + "export const keyedPosts: ReadonlySet<string> = new Set([\n"
    + "".join(f"  {json.dumps(path)},\n" for path in keyed)
    + "]);\n"
)
