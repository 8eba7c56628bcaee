#!/usr/bin/env python3
"""Writes a bundle as an administrator makes one by hand: 0.4.2 on the way to 0.5.3, gone wrong.

    make_bundle.py FOLDER
"""

import json
import pathlib
import sys

FAST = "/home/käpana's data"
DAG = """\
from airflow.models import DAG
from kaapana.operators.DagTriggerOperator import DagTriggerOperator

dag = DAG(dag_id="lung")
password: str = "canary-in-a-dag"
trigger = DagTriggerOperator(dag=dag, trigger_dag_id="import-dicoms-in-zip-to-internal-pacs")
"""
FOLDERS = (
    "postgres-access-information-point",
    "postgres-airflow",
    "airflow-postgres-data/postgres-airflow",
    "kaapana-backend-postgres-data",
)


def line(kind, path, size=3):
    mode, owner = ("700", "70:70") if kind == "d" else ("600", "70:70")
    return f"{kind}\t{mode}\t{owner}\t{size}\t1700000000.0\t{path}\n"


def main():
    root = pathlib.Path(sys.argv[1])
    tree = "".join(line("d", path) for path in (FAST, "/snap/microk8s", f"{FAST}/workflows", f"{FAST}/workflows/dags"))
    for folder in FOLDERS:
        parts = folder.split("/")
        for depth in range(1, len(parts) + 1):
            tree += line("d", "/".join([FAST, *parts[:depth]]))
        put(root, f"fs/small{FAST}/{folder}/PG_VERSION", "17\n")
        tree += line("f", f"{FAST}/{folder}/PG_VERSION")
    for name in ("dag_lung.py", "broken\u202edag.py"):
        put(root, f"fs/small{FAST}/workflows/dags/{name}", DAG)
        tree += line("f", f"{FAST}/workflows/dags/{name}", len(DAG))
    put(root, "fs/tree.tsv", tree)
    put(root, "fs/errors.txt", f"find: '{FAST}/keycloak': Permission denied\n")
    script = f'#!/bin/bash\nFAST_DATA_DIR="{FAST}"\nSLOW_DATA_DIR="{FAST}"\nPLATFORM_VERSION="0.4.2"\n'
    put(root, "scripts/deploy_platform.sh", script)
    rows = [["lung", "t", "f", "/kaapana/mounted/workflows/dags/dag_lung.py"], ["gone", "t", "f", "/kaapana/mounted/workflows/dags/x.py"]]
    airflow = {"server_version": "17.2", "tables": {"dag": ["dag_id", "is_active", "is_paused", "fileloc"]}, "queries": {"dags": {"rows": rows}}}
    put(root, "sql/airflow.json", json.dumps(airflow))
    put(root, "k8s/pods.json", json.dumps({"kind": "List", "items": []}))


def put(root, name, text):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


main()
