#!/usr/bin/env bash
# Runs the oracle over fixtures/dags for every pair of versions that its DAGs name, and over one half way.
#
#   tests/oracle/fixtures.sh DAGFIX_BINARY      exit code 77: Airflow cannot be installed here
set -euo pipefail
here=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" >/dev/null && pwd)
status=0
for pair in "0.3.5 0.5.3" "0.3.5 0.4.2" "0.4.2 0.5.3" "0.5.3 0.6.0"; do
  read -r from to <<<"$pair"
  code=0
  "$here/run.sh" "$here/../../fixtures/dags" "$from" "$to" "$1" || code=$?
  [[ $code -ne 77 ]] || exit 77
  [[ $code -eq 0 ]] || status=1
done
exit "$status"
