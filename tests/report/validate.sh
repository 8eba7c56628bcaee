#!/usr/bin/env bash
# What dagfix writes for other programs is taken by them or by a strict reader of their format.
#
#   validate.sh DAGFIX
set -euo pipefail
dagfix=$(realpath -- "$1")
tests=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
check() { "$python" "$tests/report/check_reports.py" "$@"; }
fail() { echo "validate: $*" >&2; exit 1; }

# The python3 of the path may not be the one that Debian's python3-jsonschema belongs to.
for python in python3 /usr/bin/python3; do
  if "$python" -c 'import jsonschema' 2>/dev/null; then break; fi
done

folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
"$python" "$tests/report/make_tree.py" "$tests/../fixtures" "$folder/tree"
cd "$folder/tree"

# One file cannot be decoded: exit code 2, and all others are reported.
report() {
  local status=0
  "$dagfix" --check --no-config --from 0.3.5 --format "$1" --output "$folder/$1" . >/dev/null \
    2>"$folder/log" || status=$?
  [[ $status -eq 2 ]] || { cat "$folder/log" >&2; fail "--format $1: exit code $status"; }
}

report json
check json "$tests/../docs/schema/report.schema.json" "$folder/json"
sed '0,/"severity"/s//"severitty"/' "$folder/json" >"$folder/broken"
if check json "$tests/../docs/schema/report.schema.json" "$folder/broken" 2>/dev/null; then
  fail "the schema takes a broken report"
fi
for format in gitlab junit github; do
  report "$format"
  check "$format" "$folder/$format"
done

# The doctor's reports of a platform gone wrong.
"$python" "$tests/report/make_bundle.py" "$folder/bundle"
doctor() {
  local status=0
  "$dagfix" doctor --guide kaapana-0.4-to-0.5 --bundle "$folder/bundle" --format "$1" \
    --output "$folder/doctor-$1" 2>"$folder/log" || status=$?
  [[ $status -eq 3 ]] || { cat "$folder/log" >&2; fail "doctor --format $1: exit code $status"; }
  ! grep canary "$folder/doctor-$1" || fail "doctor --format $1 tells a secret"
}
doctor json
check json "$tests/../docs/schema/doctor.schema.json" "$folder/doctor-json"
for mistake in 's/"verdict": "danger"/"verdict": "danger!"/' 's/"findings"/"finding"/'; do
  sed "$mistake" "$folder/doctor-json" >"$folder/broken"
  if check json "$tests/../docs/schema/doctor.schema.json" "$folder/broken" 2>/dev/null; then
    fail "the schema takes a broken report of the doctor: $mistake"
  fi
done
doctor junit
check junit "$folder/doctor-junit"
doctor markdown
doctor text

# Both programs that take a diff make what --apply makes.
for program in "git apply --whitespace=nowarn" "patch --batch --quiet --strip=1 --fuzz=0 --input"; do
  rm -rf -- "$folder/patched"
  cp -a -- "$folder/tree" "$folder/patched"
  status=0
  (cd "$folder/patched" && "$dagfix" --diff --no-config --from 0.3.5 . >"$folder/diff" \
    2>"$folder/log") || status=$?
  [[ $status -eq 2 ]] || fail "--diff: exit code $status"
  [[ -s $folder/diff ]] || fail "--diff found nothing to change"
  (cd "$folder/patched" && $program "$folder/diff")
  if [[ ! -d $folder/applied ]]; then
    cp -a -- "$folder/tree" "$folder/applied"
    # In a git work tree --apply keeps no backup.
    git -C "$folder/applied" init --quiet
    (cd "$folder/applied" && "$dagfix" --apply --no-config --from 0.3.5 . >/dev/null \
      2>"$folder/log") || true
  fi
  diff --recursive --exclude=.git "$folder/applied" "$folder/patched" ||
    fail "'${program%% *}' with the diff gives something else than --apply"
done
echo "validate: json, gitlab, junit, github and diff are taken"
