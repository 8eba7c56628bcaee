# What the sessions of the editors have in common; sourced by them.

# make_folder FOLDER: a project with one DAG.
make_folder() {
  printf 'from = "0.3.5"\n' >"$1/dagfix.toml"
  cat >"$1/dag.py" <<'DAG'
from airflow.models import DAG
from kaapana.operators.DcmSendOperator import DcmSendOperator

dag = DAG(dag_id="send", schedule_interval=None)
send = DcmSendOperator(dag=dag, ram_mem_mb=2000)
more = DcmSendOperator(dag=dag, ram_mem_mb=3000)
DAG
  { printf '# \360\237\230\200 remark\n'; cat "$1/dag.py"; } >"$1/expected"
}

fail() {
  echo "$(basename -- "$0"): $1" >&2
  exit 1
}

# check_folder FOLDER DAGFIX: what the editor saw, and that the saved file has the bytes of --apply.
check_folder() {
  grep -qx 'KAP207 4:32' "$1/found.txt" || fail "found $(cat "$1/found.txt")"
  grep -q '`ram_mem_mb` (since 0.4.1)' "$1/hover.txt" || fail "hover says $(cat "$1/hover.txt")"
  (cd "$1" && mkdir applied && cp dagfix.toml applied && mv expected applied/dag.py && cd applied &&
    XDG_STATE_HOME=$1/state "$2" --apply --quiet dag.py >/dev/null 2>&1) || fail "--apply failed"
  cmp "$1/dag.py" "$1/applied/dag.py" || fail "the saved file differs from --apply's"
}
