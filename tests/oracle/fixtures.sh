#!/usr/bin/env bash
# Runs the oracle over fixtures/dags for every pair of versions that its DAGs name, over one half way and over one beyond.
#
#   tests/oracle/fixtures.sh DAGFIX_BINARY      exit code 77: Airflow cannot be installed here
set -euo pipefail
here=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" >/dev/null && pwd)
out=$(mktemp -d)
trap 'rm -rf -- "$out"' EXIT
status=0

run() {
  local code=0
  "$here/run.sh" "$here/../../fixtures/dags" "$@" >"$out/$1-$2" 2>&1 || code=$?
  echo "$code" >"$out/$1-$2.code"
}

show() {
  local code
  code=$(<"$out/$1-$2.code")
  cat -- "$out/$1-$2"
  [[ $code -ne 77 ]] || exit 77
  [[ $code -eq 0 ]] || status=1
}

# The first run installs Airflow; of the others two go side by side.
run 0.5.3 0.6.0 "$1"
show 0.5.3 0.6.0
for pairs in "0.3.5 0.5.3 0.3.5 0.4.2" "0.1.3 0.5.3 0.3.5 0.6.0" "0.2.6 0.5.3 0.4.2 0.5.3"; do
  read -r from to other_from other_to <<<"$pairs"
  run "$from" "$to" "$1" &
  run "$other_from" "$other_to" "$1"
  wait
  show "$from" "$to"
  show "$other_from" "$other_to"
done
exit "$status"
