#!/usr/bin/env bash
# SARIF logs of dagfix pass SARIF's schema and Microsoft's validator with GitHub's rules, and
# applying their fixes gives the bytes of --apply.
#
#   validate.sh DAGFIX
set -euo pipefail
dagfix=$(realpath -- "$1")
tests=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
fail() { echo "validate: $*" >&2; exit 1; }

for python in python3 /usr/bin/python3; do
  if "$python" -c 'import jsonschema' 2>/dev/null; then break; fi
done

# The copy of the lock file is written last, so that an interrupted download is done again.
installed=$tests/sarif/node_modules/.installed-lock.json
if ! cmp -s "$tests/sarif/package-lock.json" "$installed"; then
  (cd "$tests/sarif" && npm ci --no-progress </dev/null)
  cp "$tests/sarif/package-lock.json" "$installed"
fi
package=$tests/sarif/node_modules/@microsoft/sarif-multitool-linux
# Its install script, which is not run, does no more than this.
chmod u+x "$package/Sarif.Multitool"

folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT

# The validator exits with 0 whatever it finds, and reads a log so kindly that unknown properties
# and levels pass: the schema is checked apart. The package carries the OASIS schema, told in a
# newer dialect of JSON Schema.
validate() {
  DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 "$package/Sarif.Multitool" validate "$1" \
    --rule-kind 'Sarif;Ghas' >"$folder/validation" 2>&1 || return 1
  grep -q '^Analysis completed successfully' "$folder/validation" || return 1
  ! grep -E '\): (error|warning) ' "$folder/validation" || return 1
  "$python" "$tests/report/check_reports.py" json "$package/sarif-2.1.0.json" "$1" \
    2>>"$folder/validation"
}

must_pass() { validate "$1" || { cat "$folder/validation" >&2; fail "$1 is refused"; }; }
must_fail() {
  sed "$2" "$1" >"$folder/broken.sarif"
  cmp -s "$1" "$folder/broken.sarif" && fail "'$2' breaks nothing"
  if validate "$folder/broken.sarif" >/dev/null; then fail "the validators take '$2'"; fi
}

check_sarif() {
  local status=0
  "$dagfix" --check --no-config --from 0.3.5 --format sarif --output "$folder/$1.sarif" . >/dev/null \
    2>"$folder/log" || status=$?
  [[ $status -le 2 ]] || { cat "$folder/log" >&2; fail "exit code $status"; }
}

"$python" "$tests/report/make_tree.py" "$tests/../fixtures" "$folder/tree"
cp -a -- "$folder/tree" "$folder/sarif"
cp -a -- "$folder/tree" "$folder/applied"

cd "$folder/sarif"
check_sarif first
must_pass "$folder/first.sarif"
must_fail "$folder/first.sarif" 's/"level": "error"/"level": "fatal"/'
must_fail "$folder/first.sarif" 's/"shortDescription"/"short"/'
must_fail "$folder/first.sarif" 's/"startLine": [0-9]*/"startLine": 0/'
(mkdir "$folder/empty" && cd "$folder/empty" && check_sarif clean)
must_pass "$folder/clean.sarif"

"$python" "$tests/report/make_bundle.py" "$folder/bundle"
status=0
"$dagfix" doctor --guide kaapana-0.4-to-0.5 --bundle "$folder/bundle" --format sarif \
  --output "$folder/doctor.sarif" 2>"$folder/log" || status=$?
[[ $status -eq 3 ]] || { cat "$folder/log" >&2; fail "doctor: exit code $status"; }
must_pass "$folder/doctor.sarif"
must_fail "$folder/doctor.sarif" 's/"level": "error"/"level": "fatal"/'
must_fail "$folder/doctor.sarif" 's/"shortDescription"/"short"/'

# A fix may make way for another one, as in the rounds of --apply.
for ((round = 1; round <= 8; ++round)); do
  check_sarif "round$round"
  outcome=$("$python" "$tests/sarif/apply_sarif.py" "$folder/round$round.sarif" .)
  echo "validate: round $round: $outcome"
  [[ $outcome == *" 0 left out" ]] || fail "fixes of one log overlap"
  [[ $outcome != "0 applied"* ]] || break
done
[[ $round -gt 1 ]] || fail "there was nothing to apply"

# In a git work tree --apply keeps no backup.
git -C "$folder/applied" init --quiet
(cd "$folder/applied" && "$dagfix" --apply --no-config --from 0.3.5 . >/dev/null 2>"$folder/log") || true
diff --recursive --exclude=.git "$folder/applied" "$folder/sarif" ||
  fail "applying the log's fixes gives something else than --apply"
echo "validate: SARIF logs are taken, their fixes give the bytes of --apply"
