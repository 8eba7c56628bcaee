#!/usr/bin/env bash
# All rule files follow rules/schema.json, and the schema refuses what the loader refuses.
#
#   validate.sh DAGFIX
set -euo pipefail
dagfix=$(realpath -- "$1")
tests=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
rules=$(realpath -- "$tests/../rules")
check() { "$python" "$tests/report/check_reports.py" json "$rules/schema.json" "$@"; }
fail() { echo "validate: $*" >&2; exit 1; }

# The python3 of the path may not be the one that Debian's python3-jsonschema belongs to.
for python in python3 /usr/bin/python3; do
  if "$python" -c 'import jsonschema' 2>/dev/null; then break; fi
done

check "$rules"/{platform,operator_levels,task_names}.json "$rules"/dag/*.json
"$python" "$tests/report/check_reports.py" json "$rules/runtime.schema.json" \
  "$rules"/runtime/queries.json "$rules"/runtime/*/*.json

folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
broken=0
# Each line breaks a file in one place: file, what is there, what takes its place.
while IFS='|' read -r file old new; do
  rm -f -- "$folder"/*.json
  sed -e '0,/"KAP[0-9]*"/s//"SITE1"/' -e '0,/"name": "[a-z0-9-]*"/s//"name": "site-rule"/' \
    "$rules/dag/$file" >"$folder/rule.json"
  "$dagfix" rules --rules "$folder" >/dev/null || fail "dagfix refuses $file"
  sed -i "0,/$old/s//$new/" "$folder/rule.json"
  if check "$folder/rule.json" 2>/dev/null; then fail "the schema takes $file with $new"; fi
  if "$dagfix" rules --rules "$folder" >/dev/null 2>&1; then fail "dagfix takes $file with $new"; fi
  broken=$((broken + 1))
done <<'EOF'
local-minio.json|"severity"|"severitty"
local-minio.json|"0.4.0"|"0.4"
local-minio.json|"operator"|"operatr"
local-minio.json|"old":|"older":
local-minio.json|"action": "drop"|"action": "dropp"
local-minio.json|"names"|"nmaes"
thumbnail-variable.json|"strings"|"text"
local-delete-from-meta.json|"unless"|"except"
local-get-input-data.json|"otherwise"|"else"
helper-minio.json|"to": "fput_object", |
helper-minio.json|"not_with"|"not_wth"
renamed-dag-id.json|"new"|"now"
renamed-dag-id.json|"dockerfile"|"dockerfil"
network-access-label.json|"new_value"|"new_vale"
network-access-label.json|"remedy"|"remdy"
chart-value.json|"new": ".Values.global.project_namespace", |
thumbnail-argument.json|"to":|"too":
removed-name.json|"path":|"paths":
removed-name.json|"member": "any"|"member": "all"
platform-path.json|"form": "path"|"form": "pathh"
operator-argument.json|"position": 2|"position": "2"
operator-name-taken.json|"until": "0.3.0"|"until": 3
EOF
echo "validate: the rule files follow the schema, $broken broken ones do not"
