"""Reads the generated sources of Swift and Dart, for which there is no compiler in the registries: every union of the document is
a type with all of its variants, and tells them apart by the tag.

Usage: unions.py DOCUMENT SWIFT DART"""

import json
import re
import sys
from pathlib import Path

document, swift, dart = (Path(argument) for argument in sys.argv[1:])
schemas = json.loads(document.read_text())["components"]["schemas"]
unions = {name: schema for name, schema in schemas.items() if "discriminator" in schema}


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


missing = []
for name, schema in unions.items():
    of_swift = (swift / f"Sources/OpenAPIClient/Models/{name}.swift").read_text()
    of_dart = (dart / f"lib/src/model/{snake(name)}.dart").read_text()
    wanted = [(of_swift, f"public enum {name}:"), (of_dart, f"abstract class {name} ")]
    for tag, reference in schema["discriminator"]["mapping"].items():
        variant = reference.rsplit("/", 1)[1]
        wanted += [(of_swift, f"case type{variant}({variant})"), (of_swift, f'case "{tag}":'), (of_dart, f"r'{tag}': {variant},")]
    missing += [f"{name}: {text}" for source, text in wanted if text not in source]
print(f"{len(unions)} unions in Swift and Dart")
if missing:
    sys.exit("\n".join(missing))
