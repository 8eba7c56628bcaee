#!/usr/bin/env python3
"""Import DAG files with Airflow and write down what it sees.

Usage:  load_dags.py TREE FILES.json OUT.json PLATFORM EXTENSIONS

FILES.json lists the DAG files relative to TREE; PLATFORM and EXTENSIONS are the folders that make_stub.py wrote. OUT.json
gets for every file either its error or its DAGs with tasks and edges. All files are read in this one process; modules of
TREE are forgotten between two files.

sys.path is, in this order: the file's own folder, TREE, DAGFIX_ORACLE_PLUGIN (if set), PLATFORM, what Python brings, the folders of the other DAG files
(the platform copies all of them into one folder), EXTENSIONS.
"""

import contextlib
import io
import json
import logging
import os
import sys
import traceback
import warnings
from pathlib import Path

import third_party

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)


def import_roots(path: Path, tree: Path) -> list[str]:
    """Folders from which the file's own modules are imported: its folder (above its packages) and the tree."""
    folder = path.parent
    while folder != tree and (folder / "__init__.py").exists():
        folder = folder.parent
    return [str(folder), str(tree)]


def forget(folders: list[str]) -> None:
    """Drop the modules that were loaded from the folders."""
    for name, module in list(sys.modules.items()):
        origin = getattr(module, "__file__", None)
        places = [origin] if origin else list(getattr(module, "__path__", []))
        if any(str(p).startswith(folder + os.sep) for p in places for folder in folders):
            del sys.modules[name]


def own_files(tree: Path) -> list[str]:
    """Files of the tree that are loaded at the moment, relative to it."""
    files = set()
    for module in list(sys.modules.values()):
        origin = getattr(module, "__file__", None)
        if origin and origin.startswith(str(tree) + os.sep):
            files.add(os.path.relpath(origin, tree))
    return sorted(files)


def describe(dag) -> dict:
    """Tasks and edges of a DAG."""
    tasks = {}
    for task in dag.tasks:
        tasks[task.task_id] = {
            "class": type(task).__name__,
            "out_dir": getattr(task, "operator_out_dir", None),
            "in_dir": getattr(task, "operator_in_dir", None),
            "batch_name": getattr(task, "batch_name", None),
            "trigger_rule": str(getattr(task.trigger_rule, "value", task.trigger_rule)),
        }
    edges = sorted((t.task_id, d) for t in dag.tasks for d in t.downstream_task_ids)
    return {"tasks": tasks, "edges": [list(e) for e in edges]}


def load(path: Path, tree: Path, extensions: str) -> dict:
    """The file's DAGs, or its error."""
    from airflow.models import DagBag
    from airflow.serialization.serialized_objects import SerializedDAG

    before = list(sys.path)
    sys.path[:0] = import_roots(path, tree)
    errors = {}
    try:
        bag = DagBag(dag_folder=os.devnull, include_examples=False, safe_mode=False, collect_dags=False)
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            bag.process_file(str(path), only_if_updated=False, safe_mode=False)
        errors = bag.import_errors
        if not errors:
            for dag in bag.dags.values():
                SerializedDAG.to_dict(dag)
            return {"dags": {d.dag_id: describe(d) for d in bag.dags.values()}}
        text = next(iter(errors.values()))
    except Exception:
        text = traceback.format_exc()
    finally:
        sys.path[:] = before
        loaded = own_files(tree)
        forget([str(tree), extensions])
    return {"error": text.strip().splitlines()[-1], "traceback": text, "loaded": loaded}


def main() -> int:
    tree, files, out, platform, extensions = sys.argv[1:]
    tree = Path(tree).resolve()
    names = json.loads(Path(files).read_text())
    third_party.install()
    sys.path.insert(0, platform)
    if plugin := os.environ.get("DAGFIX_ORACLE_PLUGIN"):
        sys.path.insert(0, plugin)
    sys.path += sorted({str((tree / name).parent) for name in names})
    sys.path.append(extensions)
    result = {name: load(tree / name, tree, extensions) for name in names}
    Path(out).write_text(json.dumps(result, indent=1, sort_keys=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
