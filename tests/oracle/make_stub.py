#!/usr/bin/env python3
"""Generate the packages `kaapana` and `kaapanapy` of one Kaapana version as stubs.

Usage:  make_stub.py VERSION OUT_DIR

OUT_DIR/platform holds the two packages with the modules, names, classes and signatures of rules/api/history.tsv. An operator can be
constructed, and fails where Kaapana's own would: unknown keyword, keyword that the class hands to its base itself,
missing argument, refused value. Nothing can be executed. OUT_DIR/extensions holds the operators of Kaapana's own
extensions (`nnunet`, `radiomics` ...), which a project finds beside its DAGs when the extension is installed.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import behaviour

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "tools"))

from kaapana_api import History, table  # noqa: E402

FOREIGN_BASES = {
    "AdminIndexView": "flask_admin",
    "BaseView": "flask_admin",
    "DataProfilingMixin": "flask_admin",  # of Airflow 1
    "BaseOperator": "airflow.models",
    "BaseSensorOperator": "airflow.sensors.base",
    "BranchPythonOperator": "airflow.operators.python",
    "LoggingMixin": "airflow.utils.log.logging_mixin",
    "Minio": "minio",
    "PythonOperator": "airflow.operators.python",
    "SkipMixin": "airflow.models.skipmixin",
}
STAND_INS = {"BaseModel": "object", "BaseSettings": "object"}
BUILTINS = {"Exception", "object"}
PROJECT_BASES = ("KaapanaBaseOperator", "KaapanaPythonBaseOperator", "KaapanaBranchPythonBaseOperator")
# Methods that Airflow calls; their signatures must be the ones it expects.
AIRFLOW_METHODS = {"execute": "self, context", "post_execute": "self, context, result=None", "on_kill": "self"}
PREAMBLE = """\
import logging
from datetime import timedelta

import kaapana_stub_runtime as runtime
from airflow.utils.dates import days_ago
"""


def computed(name: str) -> str:
    """Source text that stands for a value which the table does not know."""
    return behaviour.COMPUTED_VALUES.get(name, repr(f"<{name}>"))


def parameter(entry: list) -> str:
    """`name` or `name=default` of a constructor's parameter."""
    if len(entry) == 1:
        return entry[0]
    return f"{entry[0]}={computed(entry[0]) if entry[1] is None else entry[1]}"


def signature(compact: list[str]) -> str:
    """Parameters of a function; a default that the table does not know becomes None."""
    return ", ".join(p[:-1] + "None" if p.endswith("=?") else p for p in compact)


class Stub:
    """The modules of one version and where each class lives."""

    def __init__(self, table: dict):
        self.modules: dict[str, list[str]] = {}
        self.home: dict[str, str] = {}
        self.operators: list[dict] = []
        # A class of the plugin is the base of that name, not the copy in an extension.
        for entry in sorted(table["operators"], key=lambda e: not e["module"].startswith("kaapana.")):
            if not entry["module"].startswith("dag_"):
                entry["module"] = entry["module"].replace("-", "_")
                self.home.setdefault(entry["class"], entry["module"])
                self.operators.append(entry)
        self.helpers = {entry["module"]: entry for entry in table["helpers"]}
        self.version = behaviour.version_key(table["version"])

    def build(self) -> None:
        """Write the text of every module."""
        for module, facts in self.helpers.items():
            self.add_helper(module, facts)
        for module, since in behaviour.IMPORTED_NAMES.items():
            for name in (n for v, names in since.items() if behaviour.version_key(v) <= self.version for n in names):
                self.text(module).append(f"from {self.home[name]} import {name}\n")
        pending, written = list(self.operators), set()
        while pending:
            entry = pending.pop(0)
            if all(b in written or self.home.get(b) != entry["module"] for b in entry["bases"]):
                self.add_operator(entry)
                written.add(entry["class"])
            else:
                pending.append(entry)

    def text(self, module: str) -> list[str]:
        return self.modules.setdefault(module, [PREAMBLE])

    def import_base(self, base: str, module: str, own: set[str]) -> str:
        """Name of the base class in the module, imported if it lives elsewhere."""
        if base in BUILTINS or base in own:
            return base
        if base in STAND_INS:
            return STAND_INS[base]
        if base in self.home:
            if self.home[base] != module:
                self.text(module).append(f"from {self.home[base]} import {base}\n")
            return base
        self.text(module).append(f"from {FOREIGN_BASES[base]} import {base}\n")
        return base

    def add_helper(self, module: str, facts: dict) -> None:
        lines = self.text(module)
        for name, origin in facts["reexports"].items():
            home, _, last = origin.rpartition(".")
            lines.append(f"{f'from {home} ' if home else ''}import {last} as {name}\n")
        for name, value in facts["names"].items():
            value = value or behaviour.CONSTANTS.get(name, repr(name.lower()))
            lines.append(f"{name} = {value}\n")
        for name, params in facts["functions"].items():
            lines.append(self.function(module, name, params))
        classes = {name: entry for name, entry in facts["classes"].items() if name not in self.home}
        pending = list(classes)
        while pending:
            name = pending.pop(0)
            if any(base in pending for base in classes[name]["bases"]):
                pending.append(name)
                continue
            bases = [self.import_base(b, module, set(classes)) for b in classes[name]["bases"]]
            lines.append(self.helper_class(module, name, bases, classes[name]))

    def function(self, module: str, name: str, params: list[str]) -> str:
        result = behaviour.RETURNS.get(f"{module}.{name}", behaviour.RETURNS.get(module, "None"))
        if name in behaviour.DECORATORS:
            result = params[0].split("=")[0]
        return f"def {name}({signature(params)}):\n    return {result}\n\n"

    def helper_class(self, module: str, name: str, bases: list[str], entry: dict) -> str:
        """A class whose methods can be called on the class and on its objects alike."""
        out = [f"class {name}({', '.join(bases)}):"]
        out += [f"    {field} = {field!r}" for field in entry["fields"]]
        if entry["bases"] and entry["bases"][0] in ("BaseModel", "BaseSettings", "KaapanaSettings"):
            out += ["    def __init__(self, **values):", "        self.__dict__.update(values)"]
        for method, params in entry["methods"].items():
            if method == "__init__":
                out += [f"    def __init__({signature(['self', *params])}):", "        pass"]
            else:
                out += ["    @staticmethod", f"    def {method}({signature(params)}):",
                        f"        return {behaviour.RETURNS.get(f'{module}.{name}.{method}')}"]
        return "\n".join(out if len(out) > 1 else [*out, "    pass"]) + "\n\n"

    def add_operator(self, entry: dict) -> None:
        module, name = entry["module"], entry["class"]
        bases = [self.import_base(b, module, set()) for b in entry["bases"]]
        out = [f"class {name}({', '.join(bases)}):"]
        if entry["init"] is not None:
            out += self.constructor(entry)
        for method in entry.get("methods", []):
            if method == "set_defaults":
                out.append("    set_defaults = staticmethod(runtime.set_defaults)")
            else:
                params = AIRFLOW_METHODS.get(method, "self=None, *args, **kwargs")
                out += [f"    def {method}({params}):", f"        raise NotImplementedError({name + '.' + method!r})"]
        self.text(module).append("\n".join(out if len(out) > 1 else [*out, "    pass"]) + "\n\n")

    def constructor(self, entry: dict) -> list[str]:
        name = entry["class"]
        params = [parameter(p) for p in entry["init"]]
        if entry.get("kwargs"):
            params.append("**kwargs")
        out = [f"    def __init__({', '.join(['self', *params])}):"]
        for key, (since, error, allowed) in behaviour.ALLOWED_VALUES.get(name, {}).items():
            if any(p[0] == key for p in entry["init"]) and behaviour.version_key(since) <= self.version:
                out.append(f"        runtime.require({name!r}, {error}, {key!r}, {key}, {allowed!r})")
        if set(behaviour.ONE_OF.get(name, ["-"])) <= {p[0] for p in entry["init"]}:
            pairs = ", ".join(f"{p}={p}" for p in behaviour.ONE_OF[name])
            out.append(f"        runtime.require_one_of({name!r}, {pairs})")
        if "image" in entry:
            out.append("        runtime.read_directories(locals())")
        out.append("        runtime.keep(self, locals())")
        if name in PROJECT_BASES:
            derived = [p[0] for p in entry["init"] if p[0] not in ("dag", "python_callable", "*args")]
            out.append(f"        runtime.set_defaults(self, {', '.join(f'{p}={p}' for p in derived)})")
        keywords = [f"{k}={self.keyword(entry, k, v)}" for k, v in (entry.get("super") or {}).items()]
        if entry.get("kwargs_to_super"):
            keywords.append("**kwargs")
        return [*out, f"        super().__init__({', '.join(keywords)})"]

    def keyword(self, entry: dict, key: str, literal: str | None) -> str:
        """Source text of what the constructor hands to its base under the keyword."""
        name, own = entry["class"], {p[0] for p in entry["init"]}
        if literal is not None:
            return literal
        if key == "name" and name in behaviour.COMPUTED_NAMES:
            computed_name = "f" + repr(behaviour.COMPUTED_NAMES[name])
            return f"name or {computed_name}" if "name" in own else computed_name
        if name in PROJECT_BASES and key in ("task_id", "trigger_rule", "pool", "pool_slots"):
            return f"self.{key}"
        if key in own:
            return key
        if key == "image":
            image = (entry.get("image") or ["unknown"])[0]
            return repr(f"registry.example/kaapana/{image}:0.0.0")
        if key == "python_callable":
            callables = [m for m in entry.get("methods", []) if not m.startswith("_")]
            return f"self.{'start' if 'start' in callables else callables[0]}"
        if key in behaviour.PASSED_AS.get(name, {}):
            return behaviour.PASSED_AS[name][key]
        if key == "task_id":
            return repr(behaviour.COMPUTED_NAMES[name])
        return computed(key)


def write(stub: Stub, out: Path) -> None:
    shutil.rmtree(out, ignore_errors=True)
    for module, parts in stub.modules.items():
        root = out / ("platform" if module.split(".")[0] in ("kaapana", "kaapanapy") else "extensions")
        is_package = any(other.startswith(module + ".") for other in stub.modules)
        path = root.joinpath(*module.split("."))
        path = path / "__init__.py" if is_package else path.with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(parts), encoding="utf-8")
    for folder in {p.parent for p in (out / "platform").rglob("*.py")} - {out / "platform"}:
        (folder / "__init__.py").touch()
    shutil.copyfile(HERE / "stub_runtime.py", out / "platform" / "kaapana_stub_runtime.py")


def main() -> int:
    if len(sys.argv) != 3:
        sys.stderr.write(__doc__)
        return 2
    history = History.read()
    if sys.argv[1] not in history.versions:
        sys.exit(f"make_stub: no facts of {sys.argv[1]} (there are {', '.join(history.versions)})")
    stub = Stub(table(history, sys.argv[1]))
    stub.build()
    write(stub, Path(sys.argv[2]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
