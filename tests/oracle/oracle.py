#!/usr/bin/env python3
"""Import every DAG of a tree before and after dagfix, with real Airflow and a stub of Kaapana.

Usage:  oracle.py TREE FROM TO [DAGFIX_BINARY]      (run.sh calls this inside the virtual environment)

FROM and TO are versions that rules/api/history.tsv knows. Without DAGFIX_BINARY the DAGs are only imported on both versions.

  KAAPANA_PLUGIN        folder that holds the package `kaapana` of a checkout of version TO; goes before the stub
  KAAPANA_PLUGIN_FROM   the same for version FROM
  DAGFIX_ORACLE_OUT     folder that receives the stubs, the rewritten tree and summary.json (default: a temporary one)
  DAGFIX_ORACLE_ARGS    further arguments of `dagfix --apply`, for example --unsafe-fixes

Verdict of a DAG file:
  ok       imports on TO after dagfix; its tasks, edges and directories are those it had on FROM (but for the task id of
           a trigger, which repeats the id of the DAG it starts)
  left     fails on TO after dagfix, which still reports an error there: a person has to go on
  source   does not import on FROM: says nothing about dagfix, but a DAG that names FROM in its first line must import
  broken   imports on TO untouched, but not after dagfix
  fail     imports on FROM, fails on TO after dagfix, and dagfix reports no error that explains it
  missed   fails on TO untouched, and dagfix reports no error that explains it: one in the statement that fails, or at
           the import of a name that this statement uses, also by way of functools.partial
  changed  tasks, edges or directories differ
All but ok and left (and source, where FROM is not promised) are failures: exit code 1.

Then tasks and edges that Airflow sees are compared with the graphs that dagfix reads (graphs.py), before on FROM and after
dagfix on TO, DAG by DAG:
  equal      the same tasks and edges
  unknown    dagfix says itself that it does not know all of them, and what it does say is true
  different  dagfix says something that is not true: a failure
"""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import behaviour
import graphs

HERE = Path(__file__).resolve().parent
SKIPPED_FOLDERS = {".git", ".venv", "__pycache__", "build", "docs", "node_modules", "tests", "venv"}
HEADER = re.compile(rb"^#\s*dagfix:\s*from=(\S+)")
ERROR_LINE = re.compile(r"^[A-Za-z_][\w.]*(Error|Exception|Interrupt|Exit|Timeout|NotFound)\b.*", re.MULTILINE)
FAILURES = ("broken", "fail", "missed", "changed")
# Read by Kaapana's own code while it is imported; the platform sets them.
PLATFORM_ENVIRONMENT = {
    name: f"http://{name.lower().replace('_', '-')}.invalid"
    for name in (
        "AII_URL DICOM_WEB_FILTER_URL KAAPANA_BACKEND_URL KEYCLOAK_URL KUBE_HELM_URL MINIO_URL NOTIFICATION_URL "
        "OPENSEARCH_URL"
    ).split()
} | {
    name: f"stub-{name.lower().replace('_', '-')}"
    for name in (
        "ADMIN_NAMESPACE DEFAULT_REGISTRY EXTENSIONS_NAMESPACE INSTANCE_NAME JOBS_NAMESPACE KAAPANA_BUILD_VERSION "
        "KAAPANA_CLIENT_SECRET OIDC_CLIENT_SECRET PLATFORM_VERSION SERVICES_NAMESPACE SYSTEM_USER_PASSWORD"
    ).split()
} | {"TIMEZONE": "Europe/Berlin", "AIRFLOW_VAR_ENABLE_JOB_SCHEDULER": "True"}


def builds_a_dag(path: Path) -> bool:
    """Whether Airflow would find a DAG here: named like one, or DAG(...) is called outside of functions."""
    if re.fullmatch(r"dag_.*\.py|.*_dag\.py", path.name):
        return True
    data = path.read_bytes()
    if b"DAG" not in data or (path.parent / "__init__.py").exists():
        return False
    try:
        pending: list[ast.AST] = list(ast.parse(data).body)
    except (SyntaxError, ValueError):
        return False
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "DAG":
            return True
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            pending += ast.iter_child_nodes(node)
    return False


def find_dags(tree: Path, version: str) -> tuple[list[str], set[str]]:
    """DAG files of the tree, and those of them whose first line promises the version."""
    names, promised = [], set()
    for folder, folders, files in os.walk(tree):
        folders[:] = sorted(f for f in folders if f not in SKIPPED_FOLDERS)
        for file in sorted(f for f in files if f.endswith(".py")):
            path = Path(folder, file)
            if path.is_symlink() or not builds_a_dag(path):
                continue
            name = str(path.relative_to(tree))
            header = HEADER.match(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
            if header and header.group(1).decode() != version:
                continue
            names.append(name)
            if header:
                promised.add(name)
    return names, promised


class Oracle:
    """One run: where things lie, and what was seen."""

    def __init__(self, tree: Path, source: str, target: str, dagfix: str | None, out: Path):
        self.tree, self.source, self.target, self.dagfix, self.out = tree, source, target, dagfix, out
        self.files, self.promised = find_dags(tree, source)
        self.files_json = out / "files.json"
        self.files_json.write_text(json.dumps(self.files))
        self.tags_json = out / "dicom_tags.json"
        self.tags_json.write_text("{}")

    def make_stub(self, version: str) -> Path:
        folder = self.out / f"stub-{version}"
        subprocess.run([sys.executable, str(HERE / "make_stub.py"), version, str(folder)], check=True)
        return folder

    def load(self, tree: Path, version: str, plugin: str | None, name: str) -> dict:
        """What Airflow sees of the DAG files of a tree on a version."""
        stub, result = self.out / f"stub-{version}", self.out / f"{name}.json"
        environment = os.environ | PLATFORM_ENVIRONMENT
        environment |= {
            "AIRFLOW_HOME": str(self.out / "airflow"),
            "DCMDICTPATH": str(self.tags_json),
            "DICT_PATH": str(self.tags_json),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            # Those that Kaapana 0.6.0 has. Airflow refuses a DAG with a task for any other one.
            "AIRFLOW__CORE__EXECUTOR": "SequentialExecutor,LocalExecutor,KubernetesExecutor",
            "AIRFLOW__CORE__DAGBAG_IMPORT_ERROR_TRACEBACK_DEPTH": "1000",
            "AIRFLOW__OPERATORS__ALLOW_ILLEGAL_ARGUMENTS": "False",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        command = [sys.executable, str(HERE / "load_dags.py"), str(tree), str(self.files_json), str(result)]
        command += [str(stub / "platform"), str(stub / "extensions")]
        if plugin:
            environment["DAGFIX_ORACLE_PLUGIN"] = plugin
        subprocess.run(command, check=True, env=environment)
        return json.loads(result.read_text())

    def rewrite(self) -> Path:
        """A copy of the tree to which dagfix was applied."""
        copy = self.out / "fixed"
        ignored = shutil.ignore_patterns(".git", "node_modules", "__pycache__")
        shutil.copytree(self.tree, copy, symlinks=True, ignore=ignored)
        extra = shlex.split(os.environ.get("DAGFIX_ORACLE_ARGS", ""))
        self.run_dagfix(copy, "--apply", *extra)
        return copy

    def run_dagfix(self, folder: Path, *arguments: str) -> str:
        command = [self.dagfix, *arguments, "--no-config", "--from", self.source, "--to", self.target, "."]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1):
            print(f"oracle: dagfix {' '.join(arguments)} ended with {done.returncode}: {done.stderr[-2000:]}")
        return done.stdout

    def graphs(self, folder: Path, version: str) -> dict[str, list[dict]]:
        """File -> the DAGs that dagfix reads from it, with the classes of the version."""
        command = [self.dagfix, "graph", "--format", "json", "--no-config", "--from", version, "--to", version, "."]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 2) or not done.stdout:
            print(f"oracle: dagfix graph ended with {done.returncode}: {done.stderr[-2000:]}")
            return {}
        return graphs.static_graphs(json.loads(done.stdout))

    def errors(self, folder: Path) -> dict[str, list[dict]]:
        """File -> its findings of severity error."""
        report = json.loads(self.run_dagfix(folder, "--check", "--format", "json"))
        result: dict[str, list[dict]] = {}
        for file in report["files"]:
            result[os.path.normpath(file["path"])] = [f for f in file["findings"] if f["severity"] == "error"]
        return result


def first_line(error: str) -> str:
    """The exception of a traceback, on one line."""
    hits = list(ERROR_LINE.finditer(error))
    text = error[hits[-1].start() :] if hits else error.strip().splitlines()[-1]
    return " ".join(text.split())[:200]


def bound_names(node: ast.stmt) -> set[str]:
    """Names that an import statement binds."""
    if not isinstance(node, (ast.Import, ast.ImportFrom)):
        return set()
    return {(alias.asname or alias.name).split(".")[0] for alias in node.names}


def explains(tree: ast.Module, line: int, finding: dict) -> bool:
    """Whether the finding is in the statement that failed, or at the import of a name that is behind the statement."""
    statements = [n for n in ast.walk(tree) if isinstance(n, ast.stmt)]

    def around(number: int) -> ast.stmt | None:
        hits = [n for n in statements if n.lineno <= number <= (n.end_lineno or n.lineno)]
        return min(hits, key=lambda n: (n.end_lineno or n.lineno) - n.lineno, default=None)

    failed, found = around(line), around(finding["begin"]["line"])
    if failed is None or found is None:
        return False
    if (found.lineno <= failed.lineno and failed.end_lineno <= found.end_lineno) or (
        failed.lineno <= found.lineno and found.end_lineno <= failed.end_lineno
    ):
        return True
    return bool(bound_names(found) & names_behind(tree, failed))


def names_behind(module: ast.Module, statement: ast.stmt) -> set[str]:
    """Names that a statement uses, and those in what its called names were assigned: Put = partial(Minio); Put()."""
    used = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name)}
    called = {n.func.id for n in ast.walk(statement) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    for node in ast.walk(module):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id in called for t in node.targets):
            used |= {n.id for n in ast.walk(node.value) if isinstance(n, ast.Name)}
    return used


def explanations(name: str, entry: dict, tree: Path, errors: dict[str, list[dict]]) -> list[str]:
    """Findings of severity error that explain why a DAG file does not import."""
    frames = [(p, int(n)) for p, n in re.findall(r'File "([^"]+)", line (\d+)', entry["traceback"])]
    out = set()
    for path, line in frames:
        if not path.startswith(str(tree) + os.sep):
            continue
        file = os.path.relpath(path, tree)
        try:
            module = ast.parse(Path(path).read_bytes())
        except SyntaxError:
            continue
        out |= {f"{f['rule']}:{f['begin']['line']}" for f in errors.get(file, []) if explains(module, line, f)}
    return sorted(out)


def with_new_dag_ids(dags: dict, version: str) -> dict:
    """The DAGs with the task ids they must have on a version: a trigger's task is called after the DAG it starts."""
    new = {f"trigger_{old}": f"trigger_{name}" for old, name in behaviour.renamed_dags(version).items()}
    for dag in dags.values():
        dag["tasks"] = {new.get(t, t): facts for t, facts in dag["tasks"].items()}
        dag["edges"] = [[new.get(t, t) for t in edge] for edge in dag["edges"]]
        for facts in dag["tasks"].values():
            facts["out_dir"], facts["in_dir"] = (new.get(facts[k], facts[k]) for k in ("out_dir", "in_dir"))
    return dags


def differences(before: dict, after: dict) -> list[str]:
    """How the DAGs of a file differ in what a run depends on."""
    out = []
    for dag_id in sorted(before.keys() | after.keys()):
        if dag_id not in before or dag_id not in after:
            out.append(f"DAG {dag_id} {'appears' if dag_id in after else 'is gone'}")
            continue
        old, new = before[dag_id], after[dag_id]
        for sign, one, other in (("-", old, new), ("+", new, old)):
            out += [f"{dag_id}: {sign} task {t}" for t in sorted(one["tasks"].keys() - other["tasks"].keys())]
            known = {tuple(e) for e in other["edges"]}
            out += [f"{dag_id}: {sign} edge {a} >> {b}" for a, b in one["edges"] if (a, b) not in known]
        for task in sorted(old["tasks"].keys() & new["tasks"].keys()):
            for key in ("out_dir", "in_dir", "batch_name", "trigger_rule"):
                a, b = old["tasks"][task][key], new["tasks"][task][key]
                if a != b:
                    out.append(f"{dag_id}: task {task}: {key} {a!r} becomes {b!r}")
    return out


def replaced(before: dict, after: dict) -> dict[str, str]:
    """Task -> `Old -> New` where the operator class changed."""
    out = {}
    for dag_id in before.keys() & after.keys():
        for task, facts in before[dag_id]["tasks"].items():
            new = after[dag_id]["tasks"].get(task)
            if new and new["class"] != facts["class"]:
                out[f"{dag_id}.{task}"] = f"{facts['class']} -> {new['class']}"
    return out


def judge(oracle: Oracle, seen: dict[str, dict], reported: dict[str, dict]) -> list[dict]:
    """One verdict per DAG file."""
    rows = []
    for name in oracle.files:
        source, unfixed = seen["source"][name], seen["unfixed"][name]
        fixed = seen.get("fixed", {}).get(name)
        row: dict = {"file": name, "verdict": "ok", "notes": []}
        rows.append(row)
        if "error" in source:
            row["verdict"] = "source"
            row["notes"].append(first_line(source["traceback"]))
            continue
        if "error" in unfixed:
            row["unfixed"] = first_line(unfixed["traceback"])
        if fixed is None:
            continue
        if "error" in unfixed and not explanations(name, unfixed, oracle.tree, reported["unfixed"]):
            row["verdict"] = "missed"
            row["notes"].append(f"no error is reported for: {row['unfixed']}")
        if "error" in fixed:
            message = first_line(fixed["traceback"])
            rules = explanations(name, fixed, oracle.out / "fixed", reported["fixed"])
            if "error" not in unfixed:
                row["verdict"] = "broken"
            elif rules and row["verdict"] == "ok":
                row["verdict"] = "left"
            elif row["verdict"] == "ok":
                row["verdict"] = "fail"
            row["notes"].append(f"{message} {' '.join(rules)}".rstrip())
            continue
        row["replaced"] = replaced(source["dags"], fixed["dags"])
        row["tasks"] = sum(len(d["tasks"]) for d in fixed["dags"].values())
        row["edges"] = sum(len(d["edges"]) for d in fixed["dags"].values())
        changes = differences(with_new_dag_ids(source["dags"], oracle.target), fixed["dags"])
        if changes:
            row["verdict"] = "changed"
            row["notes"] += changes
    return rows


def print_table(oracle: Oracle, rows: list[dict]) -> None:
    width = max([len(r["file"]) for r in rows] + [4])
    for row in rows:
        facts = f"{row['tasks']} tasks, {row['edges']} edges" if "tasks" in row else ""
        if "unfixed" in row:
            facts += f"{', ' if facts else ''}unfixed: {row['unfixed'][:110]}"
        print(f"{row['verdict']:8} {row['file']:{width}} {facts}".rstrip())
        for note in row["notes"]:
            print(f"{'':8}   {note}")


def main() -> int:
    if len(sys.argv) not in (4, 5):
        sys.stderr.write(__doc__)
        return 2
    tree, source, target = Path(sys.argv[1]).resolve(), sys.argv[2], sys.argv[3]
    dagfix = str(Path(sys.argv[4]).resolve()) if len(sys.argv) == 5 else None
    wanted = os.environ.get("DAGFIX_ORACLE_OUT")
    out = Path(wanted) if wanted else Path(tempfile.mkdtemp(prefix="dagfix-oracle-"))
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    out = out.resolve()
    begin = time.monotonic()
    try:
        oracle = Oracle(tree, source, target, dagfix, out)
        for version in {source, target}:
            oracle.make_stub(version)
        plugin, plugin_from = os.environ.get("KAAPANA_PLUGIN"), os.environ.get("KAAPANA_PLUGIN_FROM")
        seen = {
            "source": oracle.load(tree, source, plugin_from, "source"),
            "unfixed": oracle.load(tree, target, plugin, "unfixed"),
        }
        reported: dict[str, dict] = {}
        static: dict[str, tuple[dict[str, int], list[str]]] = {}
        if dagfix:
            fixed = oracle.rewrite()
            seen["fixed"] = oracle.load(fixed, target, plugin, "fixed")
            reported = {"unfixed": oracle.errors(tree), "fixed": oracle.errors(fixed)}
            static = {
                "source": graphs.compare(seen["source"], oracle.graphs(tree, source)),
                "fixed": graphs.compare(seen["fixed"], oracle.graphs(fixed, target)),
            }
        rows = judge(oracle, seen, reported)
        print_table(oracle, rows)
        counts = {v: sum(r["verdict"] == v for r in rows) for v in ("ok", "left", "source", *FAILURES)}
        promised = [r["file"] for r in rows if r["verdict"] == "source" and r["file"] in oracle.promised]
        misread = any(found["different"] for found, _ in static.values())
        failed = bool(promised) or misread or any(counts[v] for v in FAILURES)
        summary = {"tree": str(tree), "from": source, "to": target, "counts": counts, "failed": failed, "files": rows}
        summary["graphs"] = {name: {**found, "notes": notes} for name, (found, notes) in static.items()}
        (out / "summary.json").write_text(json.dumps(summary, indent=1))
        needed = sum("unfixed" in r for r in rows)
        print(
            f"\n{len(rows)} DAG files, {source} -> {target}: "
            + ", ".join(f"{n} {v}" for v, n in counts.items() if n)
            + f"; {needed} fail on {target} untouched; {time.monotonic() - begin:.1f} s"
            + (f"; {out}/summary.json" if wanted else "")
        )
        for name, (found, notes) in static.items():
            version = source if name == "source" else target
            print(f"graphs {'before' if name == 'source' else 'after'} ({version}): "
                  + ", ".join(f"{n} {v}" for v, n in found.items()))
            for note in notes:
                print(f"{'':8} {note}")
        for name in promised:
            print(f"oracle: {name} promises to import on {source}, and does not")
        return 1 if failed else 0
    finally:
        if not wanted:
            shutil.rmtree(out)


if __name__ == "__main__":
    sys.exit(main())
