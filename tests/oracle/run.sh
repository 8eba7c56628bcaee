#!/usr/bin/env bash
# Imports every DAG of a tree with real Airflow, before and after dagfix.
#
#   tests/oracle/run.sh TREE FROM TO [DAGFIX_BINARY]
#
# The virtual environment is made once, in DAGFIX_ORACLE_VENV (default: ~/.cache/dagfix/oracle). Where Airflow cannot be
# installed the exit code is 77: nothing was tested. oracle.py describes the output and the other variables.
set -euo pipefail
here=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" >/dev/null && pwd)
venv=${DAGFIX_ORACLE_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/dagfix/oracle}
lock=$here/requirements.lock

skip() {
  echo "SKIPPED: tests/oracle (real Airflow): $1" >&2
  exit 77
}

# The lock file holds the versions for these; a newer Python would build packages from source.
find_python() {
  local name
  for name in python3.11 python3.12 python3.10 python3; do
    if "$name" -c 'import sys, venv, ensurepip; sys.exit(not (3, 10) <= sys.version_info < (3, 13))' 2>/dev/null; then
      echo "$name"
      return
    fi
  done
  return 1
}

# The copy of the lock file is written last, so that an interrupted installation is done again.
install_airflow() {
  cmp -s "$lock" "$venv/installed.lock" && return
  local python log
  mkdir -p -- "$(dirname -- "$venv")"
  exec 9>"$venv.lock"
  flock 9
  cmp -s "$lock" "$venv/installed.lock" && { exec 9>&-; return; }
  python=$(find_python) || skip "there is no Python 3.10 to 3.12 with venv and ensurepip (Debian: python3-venv)"
  echo "oracle: installing Airflow into $venv (about a minute)" >&2
  rm -rf -- "$venv"
  mkdir -p -- "$venv"
  "$python" -m venv "$venv"
  log=$venv/install.log
  if ! "$venv/bin/python" -m pip install --no-deps --require-hashes --disable-pip-version-check \
    --no-input --retries 2 --requirement "$lock" >"$log" 2>&1 </dev/null; then
    tail -n 5 -- "$log" >&2
    if grep -qiE 'hashes|do not match' "$log"; then
      echo "oracle: a package is not the one that the lock file names" >&2
      exit 1
    fi
    skip "the packages of requirements.lock cannot be installed"
  fi
  cp -- "$lock" "$venv/installed.lock"
  exec 9>&-
}

[[ $# -eq 3 || $# -eq 4 ]] || { sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }
install_airflow
exec "$venv/bin/python" "$here/oracle.py" "$@"
