#!/usr/bin/env bash
# Packs the package as it is published, installs it into an empty folder, compiles the code of README.md there under tsc's strict
# rules (the package's own types included), once as Node sees it and once as a browser does, and runs it.
#
# Usage: pack.sh     (in sdk/wasm; after the build)
set -euo pipefail
root=$(cd ../.. && pwd)
folder=$(mktemp -d "${TMPDIR:-/tmp}/waymark-pack.XXXXXX")
trap 'rm -rf "$folder"' EXIT

npm pack --silent --pack-destination "$folder" >/dev/null
cd "$folder"
tar -tzf ./*.tgz | sort >listed
for file in README.md dist/index.js dist/index.d.ts dist/node.js dist/node.d.ts dist/contract.d.ts dist/waymark.wasm; do
  grep -qx "package/$file" listed || { echo "pack.sh: the package lacks $file" >&2; exit 1; }
done
! grep -vE '^package/(package\.json|README\.md|dist/.*\.(js|d\.ts)|dist/waymark\.wasm)$' listed || { echo "pack.sh: the package has what does not belong to it" >&2; exit 1; }
echo '{"name": "empty", "private": true, "type": "module"}' >package.json
npm install --offline --no-audit --no-fund --silent ./*.tgz </dev/null

# shellcheck disable=SC2016
sed -n '/^```ts$/,/^```$/{/^```/!p}' node_modules/@waymark/engine/README.md >start.ts
strict='"target": "es2022", "strict": true, "exactOptionalPropertyTypes": true, "noUncheckedIndexedAccess": true'
cat >tsconfig.json <<JSON
{"compilerOptions": {$strict, "module": "nodenext", "typeRoots": ["$root/tools/node_modules/@types"], "types": ["node"]}, "files": ["start.ts"]}
JSON
cat >browser.json <<JSON
{"compilerOptions": {$strict, "module": "esnext", "moduleResolution": "bundler", "types": [], "noEmit": true}, "files": ["start.ts"]}
JSON
"$root/tools/node_modules/.bin/tsc" --project .
"$root/tools/node_modules/.bin/tsc" --project browser.json
cat >wrong.ts <<'TS'
import { load } from "@waymark/engine";
(await load()).diagnose({ http: { status: "400" } });
TS
sed 's/start\.ts/wrong.ts/' browser.json >wrong.json
! "$root/tools/node_modules/.bin/tsc" --project wrong.json >wrong.log || { echo "pack.sh: tsc takes a status that is a text" >&2; exit 1; }
grep -q "wrong.ts(2,.*TS2322" wrong.log || { cat wrong.log; echo "pack.sh: tsc says something else than that the status is wrong" >&2; exit 1; }
node start.js | tee said
for line in 'pre_classifier 0\.9[0-9]* [a-z-]+' 'invalid_evidence /http/status: must be a whole number.*, not a text\.'; do
  grep -qxE "$line" said || { echo "pack.sh: the README's program does not print: $line" >&2; exit 1; }
done
