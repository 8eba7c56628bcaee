#!/usr/bin/env bash
# Tries dagfix on a whole source tree and checks its work with other tools. TREE is only read.
#
#   tools/try_on_tree.sh [--unsafe] TREE FROM TO [DAGFIX]
#
# On copies in a temporary folder: checks (nothing may be written), applies, applies again (nothing
# may change), takes --diff with git (the same bytes must come out), and lets CPython read every file
# before and after. Prints findings by rule, files changed and findings left, and keeps the diff.
# --unsafe makes unsafe fixes, too. DAGFIX is build/release/dagfix unless given. Exit code 1: failed.
set -uo pipefail
tools=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" >/dev/null && pwd)

fixes=()
if [[ ${1:-} == --unsafe ]]; then
  fixes=(--unsafe-fixes)
  shift
fi
if [[ $# -lt 3 || $# -gt 4 || ! -d $1 ]]; then
  sed -n '4p' "${BASH_SOURCE[0]}" | cut -c5- >&2
  exit 2
fi
tree=$1 from=$2 to=$3
dagfix=$(realpath -- "${4:-$tools/../build/release/dagfix}")
[[ -x $dagfix ]] || { echo "try_on_tree: there is no executable $dagfix" >&2; exit 2; }

work=$(mktemp -d) || exit 2
trap 'rm -rf -- "$work"' EXIT
export XDG_STATE_HOME=$work/state  # where --apply keeps its backups
failed=0

fail() {
  echo "FAIL: $*"
  failed=1
}

# run NAME OPTIONS...: dagfix in $work/NAME; findings are no failure, exit code 2 is one.
run() {
  local name=$1 status=0
  shift
  (cd -- "$work/$name" && "$dagfix" --no-config --from "$from" --to "$to" "$@" .) \
    2>"$work/errors" || status=$?
  [[ $status -le 1 ]] && return
  fail "dagfix $* in $name: exit code $status"
  sed 's/^/  /' "$work/errors"
}

# same_bytes A B WHAT: the two copies have the same files with the same bytes.
same_bytes() {
  diff -rq --no-dereference -- "$work/$1" "$work/$2" >"$work/differ" && return
  fail "$3"
  head -n 20 -- "$work/differ"
}

# same_modes A B WHAT: the two copies have the same files, folders and links with the same modes.
same_modes() {
  diff <(list_modes "$1") <(list_modes "$2") >"$work/differ" && return
  fail "$3"
  head -n 20 -- "$work/differ"
}
list_modes() { find "$work/$1" -printf '%P %y %m %l\n' | sort; }

copy() { mkdir "$work/$2" && cp -a -- "$1/." "$work/$2"; }

copy "$tree" before
rm -rf -- "$work/before/.git"  # of a work tree it would lead back to TREE
for name in check patched after; do copy "$work/before" "$name"; done

run check --check --format json --output "$work/check.json"
same_bytes before check "--check wrote something"

diff_file=${TMPDIR:-/tmp}/dagfix-$(basename -- "$(realpath -- "$tree")")-to-$to${fixes:+-unsafe}.diff
run patched --diff "${fixes[@]}" >"$diff_file"
if [[ -s $diff_file ]]; then
  (cd -- "$work/patched" && GIT_CEILING_DIRECTORIES=$work git apply --whitespace=nowarn "$diff_file") ||
    fail "git does not take the diff"
fi

run after --apply "${fixes[@]}" >"$work/apply.txt"
same_bytes patched after "--diff and --apply give different files"
same_modes before after "--apply changed a mode or left a file behind"

copy "$work/after" again
run again --apply "${fixes[@]}" >"$work/again.txt"
same_bytes after again "the second --apply changed something"

run again --check --format json --output "$work/left.json"
"$tools/verify_ast.py" "$work/before" "$work/after" >"$work/verify.txt" ||
  fail "CPython finds something wrong with the changed files"

echo "== $tree: $from -> $to"
python3 - "$work/check.json" "$work/left.json" <<'PYTHON' || fail "the reports cannot be read"
import collections
import json
import sys

counts = []
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        report = json.load(file)
    found = [finding for entry in report["files"] for finding in entry["findings"]]
    counts.append(collections.Counter((finding["rule"], finding["name"]) for finding in found))
before, left = counts
print(f"{'rule':<9}{'':<26}{'found':>6}{'left':>6}")
for rule in sorted(before | left):
    print(f"{rule[0]:<9}{rule[1]:<26}{before[rule]:>6}{left[rule]:>6}")
print(f"{'':<35}{before.total():>6}{left.total():>6}")
PYTHON
cat -- "$work/verify.txt"
echo "the diff: $diff_file"
[[ $failed -eq 0 ]] && echo "OK"
exit "$failed"
