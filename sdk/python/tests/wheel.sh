#!/usr/bin/env bash
# Builds the wheel, installs it into an empty folder, type-checks the code of README.md against what is installed there, and runs
# it against the service at WAYMARK_URL.
#
# Usage: wheel.sh     (in sdk/python)
set -euo pipefail
tools=$(cd ../../tools/.venv/bin && pwd)
folder=$(mktemp -d "${TMPDIR:-/tmp}/waymark-wheel.XXXXXX")
trap 'rm -rf "$folder"' EXIT

"$tools/pip" wheel --quiet --disable-pip-version-check --no-build-isolation --no-deps --no-index --wheel-dir "$folder" . </dev/null
"$tools/pip" install --quiet --disable-pip-version-check --no-deps --no-index --target "$folder/site" "$folder"/*.whl </dev/null
# shellcheck disable=SC2016
sed -n '/^```python$/,/^```$/{/^```/!p}' README.md >"$folder/start.py"
cd "$folder"
export PYTHONPATH=$folder/site PYTHONDONTWRITEBYTECODE=1
[ -e site/waymark_sdk/py.typed ] || { echo "wheel.sh: the wheel lacks py.typed" >&2; exit 1; }
MYPYPATH=site "$tools/mypy" --strict --no-error-summary --cache-dir "$folder/cache" start.py
WAYMARK_TOKEN=$("$WAYMARK_BIN" token --learner "wheel-$$" --scopes "lessons:read attempts:read attempts:write records:read") \
  "$tools/python" start.py | tee said
for line in '[0-9]+ lessons, the first: .+' '404 not_found never' '[0-9]+ parts fetched' 'submitted [0-9.]+' '[0-9.]+ [0-9a-f-]{36}'; do
  grep -qxE "$line" said || { echo "wheel.sh: the README's program does not print: $line" >&2; exit 1; }
done
