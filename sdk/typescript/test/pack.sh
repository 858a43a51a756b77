#!/usr/bin/env bash
# Packs the SDK as it is published, installs it into an empty folder, compiles the code of README.md there under tsc's strict
# rules (the package's own types included) and runs it against the service at WAYMARK_URL.
#
# Usage: pack.sh     (in sdk/typescript; after the build)
set -euo pipefail
root=$(cd ../.. && pwd)
folder=$(mktemp -d "${TMPDIR:-/tmp}/waymark-pack.XXXXXX")
trap 'rm -rf "$folder"' EXIT

npm pack --silent --pack-destination "$folder" >/dev/null
cd "$folder"
tar -tzf ./*.tgz | sort >listed
for file in README.md dist/index.js dist/index.d.ts dist/node.js dist/generated/contract.d.ts; do
  grep -qx "package/$file" listed || { echo "pack.sh: the package lacks $file" >&2; exit 1; }
done
! grep -vE '^package/(package\.json|README\.md|dist/.*\.(js|d\.ts))$' listed || { echo "pack.sh: the package has what does not belong to it" >&2; exit 1; }
echo '{"name": "empty", "private": true, "type": "module"}' >package.json
npm install --offline --no-audit --no-fund --silent ./*.tgz </dev/null

# shellcheck disable=SC2016
sed -n '/^```ts$/,/^```$/{/^```/!p}' node_modules/@waymark/sdk/README.md >start.ts
cat >tsconfig.json <<JSON
{"compilerOptions": {"target": "es2022", "module": "nodenext", "strict": true, "exactOptionalPropertyTypes": true,
  "noUncheckedIndexedAccess": true, "typeRoots": ["$root/tools/node_modules/@types"], "types": ["node"]}, "files": ["start.ts"]}
JSON
"$root/tools/node_modules/.bin/tsc" --project .
WAYMARK_TOKEN=$("$WAYMARK_BIN" token --learner "readme-$$" --scopes "lessons:read attempts:read attempts:write records:read diagnoses:run") \
  node start.js | tee said
for line in '[0-9]+ lessons, .+' '404 not_found, never' '[0-9]+ parts fetched; [0-9]+ blocks, [0-9]+ items' 'submitted [0-9.]+' '[0-9.]+ [0-9a-f-]{36}'; do
  grep -qxE "$line" said || { echo "pack.sh: the README's program does not print: $line" >&2; exit 1; }
done
