#!/usr/bin/env python3
"""Keep rules/api/history.tsv: which modules, names, classes and parameters each Kaapana version has.

Usage:  kaapana_api.py add VERSION TREE     add a version, newer than those in the file, from its source tree
        kaapana_api.py make FOLDER          write the file anew from FOLDER/<version>/, one tree for each version
        kaapana_api.py check FOLDER         the same, but compare; exit code 1 if the file says something else

The file states facts only: names, parameters, literal defaults. A line without a tab in front is a module or a class and
begins a block; blocks are sorted. The lines below it are what it has, in their order:

  module   path      import NAME=ORIGIN, star MODULE, name NAME=VALUE, function NAME(PARAMETERS)
  class    path      base PATH, init (it has a constructor), param NAME=DEFAULT, passes (**kwargs go on to the base),
                     super NAME=VALUE (the constructor itself gives it to the base), image, env, field, method

The last two columns are the first and the last version that has it; a member without them has those of its block. A
default that is no literal reads `?`. Modules are those that a DAG or a container can import: kaapana, kaapanapy, and the
folders with operators that extensions put beside the DAGs.
"""

from __future__ import annotations

import ast
import difflib
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

HISTORY = Path(__file__).resolve().parent.parent / "rules" / "api" / "history.tsv"
SKIP = {".git", "node_modules", "docs", "build-scripts", "ci", "tests", "__pycache__"}
OPERATOR = re.compile(r"(airflow\..*|.*\.Kaapana\w*)Operator$")
ENVIRONMENT = re.compile(r"[A-Z][A-Z0-9_]+")
LONGEST_VALUE = 120
# What Airflow's own operators take in any of 2.2 to 2.10, the versions that Kaapana has had since 0.1.2. What else reaches them
# is refused: every Kaapana since 0.1.2 is configured with allow_illegal_arguments = False.
AIRFLOW = """task_id owner email email_on_retry email_on_failure retries retry_delay retry_exponential_backoff max_retry_delay
    start_date end_date depends_on_past ignore_first_depends_on_past wait_for_past_depends_before_skipping wait_for_downstream
    dag params default_args priority_weight weight_rule queue pool pool_slots sla execution_timeout on_execute_callback
    on_failure_callback on_success_callback on_retry_callback on_skipped_callback pre_execute post_execute trigger_rule
    resources run_as_user task_concurrency map_index_template max_active_tis_per_dag max_active_tis_per_dagrun executor
    executor_config do_xcom_push multiple_outputs inlets outlets task_group doc doc_md doc_json doc_yaml doc_rst logger_name
    allow_nested_operators task_display_name""".split()
AIRFLOW_PYTHON = """python_callable op_args op_kwargs templates_dict templates_exts show_return_value_in_logs
    provide_context""".split()
AIRFLOW_SENSOR = "poke_interval timeout soft_fail mode exponential_backoff max_wait silent_fail never_fail".split()

Facts = dict[str, list[str]]  # "class\tpath" -> its members, "kind\ttext"


def module_path(file: Path) -> str | None:
    """The dotted path under which a DAG or a container imports a file."""
    parts = list(file.with_suffix("").parts)
    for root, below in (("kaapanapy", 0), ("plugin", 1), ("plugins", 1)):
        if root in parts and (not below or "kaapana" in parts[parts.index(root):]):
            parts = parts[parts.index(root) + below:]
            break
    else:
        # Extensions: files/, until 0.1.2 airflow-components/dags/
        if "airflow-components" in parts:
            parts = parts[parts.index("airflow-components") + 1:]
        elif "files" in parts and "docker" in parts:
            parts = parts[parts.index("files") + 1:]
        else:
            return None
        if parts[0] == "dags":
            parts = parts[1:]
    if parts[-1] == "__init__":
        parts = parts[:-1]
    return ".".join(parts).replace("-", "_") or None


def parse(text: str) -> ast.Module:
    """ast.parse; the quotes of f"{d["k"]}", which Python 3.12 takes, are changed for older ones."""
    lines = text.split("\n")
    changed: set[int] = set()
    while True:
        try:
            return ast.parse("\n".join(lines))
        except SyntaxError as error:
            number = (error.lineno or 0) - 1
            if number in changed or not 0 <= number < len(lines):
                raise
            changed.add(number)
            lines[number] = re.sub(r'([\[(])"([^"\\{}]*)"([\]),])', r"\1'\2'\3", lines[number])


def literal(node: ast.expr | None) -> str:
    """The source text of a literal that fits a line, else `?`."""
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError):
        return "?"
    text = ast.unparse(node)
    return text if len(text) <= LONGEST_VALUE and text.isprintable() else "?"


def parameters(function: ast.FunctionDef, is_method: bool) -> list[str]:
    """`name`, `name=default`, `*`, `*args`, `**kwargs`, without self."""
    given = function.args
    names = [a.arg for a in given.posonlyargs + given.args]
    first_default = len(names) - len(given.defaults)
    out = [n if i < first_default else f"{n}={literal(given.defaults[i - first_default])}" for i, n in enumerate(names)]
    static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in function.decorator_list)
    if is_method and not static:
        out = out[1:]
    if given.vararg:
        out.append("*" + given.vararg.arg)
    elif given.kwonlyargs:
        out.append("*")
    out += [a.arg if d is None else f"{a.arg}={literal(d)}" for a, d in zip(given.kwonlyargs, given.kw_defaults)]
    return out + (["**" + given.kwarg.arg] if given.kwarg else [])


def signature(function: ast.FunctionDef, is_method: bool) -> str:
    return f"{function.name}({', '.join(parameters(function, is_method))})"


def statements(body: list[ast.stmt]):
    """Those that run when a module is imported, also in branches."""
    for node in body:
        if isinstance(node, (ast.If, ast.Try, ast.With, ast.For)):
            yield from statements(node.body)
            yield from statements(getattr(node, "orelse", []))
            for handler in getattr(node, "handlers", []):
                yield from statements(handler.body)
        else:
            yield node


def targets(node: ast.stmt) -> list[str]:
    """Names that an assignment binds."""
    found = node.targets if isinstance(node, ast.Assign) else [node.target]
    names = [n for t in found for n in (t.elts if isinstance(t, ast.Tuple) else [t])]
    return [n.id for n in names if isinstance(n, ast.Name)]


@dataclass
class Module:
    """One parsed file under its import path."""

    path: str
    tree: ast.Module
    is_package: bool
    imported: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for node in ast.walk(self.tree):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                for alias in node.names:
                    name = alias.asname or alias.name.split(".")[0]
                    self.imported[name] = self.origin(node, alias)

    def origin(self, node: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
        if isinstance(node, ast.Import):
            return alias.name if alias.asname else alias.name.split(".")[0]
        module = node.module or ""
        if node.level:
            parents = self.path.split(".")
            kept = len(parents) - node.level + (1 if self.is_package else 0)
            module = ".".join([*parents[:kept], *([module] if module else [])])
        return f"{module}.{alias.name}"

    def resolve(self, expression: ast.expr) -> str:
        """The full path of a base class."""
        text = ast.unparse(expression)
        head, _, rest = text.partition(".")
        origin = self.imported.get(head)
        if origin is None:
            own = any(isinstance(n, ast.ClassDef) and n.name == head for n in statements(self.tree.body))
            origin = f"{self.path}.{head}" if own else head
        return f"{origin}.{rest}" if rest else origin

    def classes(self) -> list[ast.ClassDef]:
        return [n for n in statements(self.tree.body) if isinstance(n, ast.ClassDef)]

    def members(self) -> list[str]:
        names: dict[str, str] = {}
        stars = []
        for node in statements(self.tree.body):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                for alias in node.names:
                    if alias.name == "*":
                        stars.append(f"star\t{self.origin(node, alias)[:-2]}")
                        continue
                    name = alias.asname or alias.name.split(".")[0]
                    names[name] = f"import\t{name}={self.origin(node, alias)}"
            elif isinstance(node, (ast.Assign, ast.AnnAssign)):
                for name in targets(node):
                    names[name] = f"name\t{name}={literal(node.value)}"
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                names[node.name] = f"function\t{signature(node, False)}"
        return sorted(stars) + sorted(names.values())


def super_call(init: ast.FunctionDef) -> ast.Call | None:
    for node in ast.walk(init):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("super(") \
                and isinstance(node.func, ast.Attribute) and node.func.attr == "__init__":
            return node
    return None


def image_names(init: ast.FunctionDef) -> set[str]:
    """NAME of every f"{REGISTRY}/NAME:{VERSION}"."""
    texts = ("".join(v.value if isinstance(v, ast.Constant) else "\0" for v in n.values)
             for n in ast.walk(init) if isinstance(n, ast.JoinedStr))
    return {m.group(1) for t in texts if (m := re.match(r"\0/([a-z0-9._-]+):", t))}


def environment(init: ast.FunctionDef) -> set[str]:
    """Upper-case keys of dictionaries and of subscripts of env*."""
    keys: list[ast.expr | None] = []
    for node in ast.walk(init):
        if isinstance(node, ast.Dict):
            keys += node.keys
        elif isinstance(node, ast.Subscript) and re.search(r"env(?!iron)", ast.unparse(node.value)):
            keys.append(node.slice)
    return {k.value for k in keys if isinstance(k, ast.Constant) and isinstance(k.value, str)
            and ENVIRONMENT.fullmatch(k.value)}


def constructor(init: ast.FunctionDef) -> list[str]:
    out = ["init\t"] + [f"param\t{p}" for p in parameters(init, True)]
    if call := super_call(init):
        own = init.args.kwarg.arg if init.args.kwarg else None
        if any(k.arg is None and isinstance(k.value, ast.Name) and k.value.id == own for k in call.keywords):
            out.append("passes\t")
        out += [f"super\t{k.arg}={literal(k.value)}" for k in call.keywords if k.arg]
    out += [f"image\t{name}" for name in sorted(image_names(init))]
    return out + [f"env\t{name}" for name in sorted(environment(init))]


def class_members(node: ast.ClassDef, module: Module) -> list[str]:
    out = [f"base\t{module.resolve(b)}" for b in node.bases]
    fields, methods = set(), {}
    for part in statements(node.body):
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if part.name == "__init__":
                out += constructor(part)
            else:
                methods[part.name] = f"method\t{signature(part, True)}"
        elif isinstance(part, (ast.Assign, ast.AnnAssign)):
            fields.update(targets(part))
    return out + [f"field\t{name}" for name in sorted(fields)] + sorted(methods.values())


def read_tree(root: Path) -> Facts:
    """All facts of one source tree."""
    modules: dict[str, Module] = {}
    for file in sorted(root.rglob("*.py"), key=lambda f: ("kaapana-plugin" not in f.parts, f)):
        relative = file.relative_to(root)
        path = None if SKIP.intersection(relative.parts) or file.is_symlink() else module_path(relative)
        if path is None or path in modules or path.split(".")[-1].startswith("dag_"):
            continue
        try:
            modules[path] = Module(path, parse(file.read_text(encoding="utf-8")), file.name == "__init__.py")
        except (SyntaxError, UnicodeDecodeError) as error:
            sys.stderr.write(f"kaapana_api.py: left out {relative}: {error}\n")

    bases = {f"{m.path}.{c.name}": [m.resolve(b) for b in c.bases] for m in modules.values() for c in m.classes()}

    def is_operator(path: str, seen: frozenset[str]) -> bool:
        if path in seen:
            return False
        return bool(OPERATOR.match(path)) or any(is_operator(b, seen | {path}) for b in bases.get(path, []))

    def is_platform(module: Module) -> bool:
        return module.path.split(".")[0] in ("kaapana", "kaapanapy")

    facts: Facts = {}
    for module in modules.values():
        paths = {c: f"{module.path}.{c.name}" for c in module.classes()}
        operators = [c for c, p in paths.items() if any(is_operator(b, frozenset()) for b in bases[p])]
        if not is_platform(module) and not operators:
            continue
        facts[f"module\t{module.path}"] = module.members() if is_platform(module) else []
        for node, path in paths.items():
            if is_platform(module) or node in operators:
                facts[f"class\t{path}"] = class_members(node, module)
    return facts | airflow_classes(facts)


def airflow_classes(facts: Facts) -> Facts:
    """Those that are bases, by the paths they are imported from."""
    paths = {m.split("\t")[1] for members in facts.values() for m in members if m.startswith("base\tairflow.")}
    out: Facts = {}
    for path in sorted(p for p in paths if p.endswith("Operator")):
        more = AIRFLOW_PYTHON if "Python" in path else AIRFLOW_SENSOR if "Sensor" in path else []
        out[f"class\t{path}"] = ["init\t", *(f"param\t{name}=?" for name in sorted([*AIRFLOW, *more]))]
    return out


@dataclass
class Span:
    """What there is from one version to another."""

    text: str
    first: str
    last: str
    members: list[Span] = field(default_factory=list)


class History:
    """The facts of all versions."""

    def __init__(self) -> None:
        self.versions: list[str] = []
        self.blocks: list[Span] = []

    def add(self, version: str, facts: Facts) -> None:
        newest = self.versions[-1] if self.versions else ""
        self.versions.append(version)
        current = {b.text: b for b in self.blocks if b.last == newest}
        for text, members in facts.items():
            block = current.get(text)
            if block is None:
                self.blocks.append(Span(text, version, version, [Span(m, version, version) for m in members]))
            else:
                merge(block.members, members, newest, version)
                block.last = version

    def at(self, version: str) -> Facts:
        """The facts of one version."""
        number = {v: i for i, v in enumerate(self.versions)}

        def holds(span: Span) -> bool:
            return number[span.first] <= number[version] <= number[span.last]

        return {b.text: [m.text for m in b.members if holds(m)] for b in self.blocks if holds(b)}

    def text(self) -> str:
        number = {v: i for i, v in enumerate(self.versions)}
        out = ["versions\t" + "\t".join(self.versions)]
        for block in sorted(self.blocks, key=lambda b: (b.text.split("\t")[1], b.text, number[b.first])):
            span = (block.first, block.last)
            out.append("\t".join([block.text, *span]))
            out += ["\t".join(["", m.text, *(() if (m.first, m.last) == span else (m.first, m.last))])
                    for m in block.members]
        return "\n".join(out) + "\n"

    @classmethod
    def read(cls) -> History:
        history = cls()
        if not HISTORY.is_file():
            return history
        head, *lines = HISTORY.read_text(encoding="utf-8").splitlines()
        history.versions = head.split("\t")[1:]
        for line in lines:
            kind, *columns = line.lstrip("\t").split("\t")
            if not line.startswith("\t"):
                history.blocks.append(Span(f"{kind}\t{columns[0]}", columns[1], columns[2]))
                continue
            block = history.blocks[-1]
            first, last = columns[1:] or (block.first, block.last)
            block.members.append(Span(f"{kind}\t{columns[0]}", first, last))
        return history


def merge(members: list[Span], new: list[str], newest: str, version: str) -> None:
    """Prolongs what is still there and puts what is new where it stands among it."""
    old = [m for m in members if m.last == newest]
    matcher = difflib.SequenceMatcher(None, [m.text for m in old], new, autojunk=False)
    for what, begin, end, new_begin, new_end in matcher.get_opcodes():
        if what == "equal":
            for member in old[begin:end]:
                member.last = version
        elif new_begin < new_end:
            # Identity, not equality: a member may have come, gone and come again.
            at = next((i for i, m in enumerate(members) if end < len(old) and m is old[end]), len(members))
            members[at:at] = [Span(text, version, version) for text in new[new_begin:new_end]]


def split_parameters(text: str) -> list[str]:
    """`a, b=[1, 2]` cut at the commas between parameters."""
    parts, depth, quote = [""], 0, ""
    for c in text:
        if quote:
            quote = "" if c == quote else quote
        elif c in "'\"":
            quote = c
        else:
            depth += (c in "([{") - (c in ")]}")
        if c == "," and not depth and not quote:
            parts.append("")
        else:
            parts[-1] += c
    return [p.strip() for p in parts if p.strip()]


def named(text: str) -> tuple[str, str | None]:
    """Name and value of `name=value`; no value for `?`."""
    name, _, value = text.partition("=")
    return name, None if value in ("", "?") else value


def called(text: str) -> tuple[str, list[str]]:
    """Name and parameters of `name(parameters)`."""
    name, _, rest = text.partition("(")
    return name, split_parameters(rest.removesuffix(")"))


class Block:
    """The members of one module or class."""

    def __init__(self, members: list[str]):
        self.members = [tuple(m.split("\t")) for m in members]

    def all(self, kind: str) -> list[str]:
        return [text for k, text in self.members if k == kind]

    def has(self, kind: str) -> bool:
        return any(k == kind for k, _ in self.members)


def operator_entry(path: str, block: Block) -> dict:
    params = block.all("param")
    module, _, name = path.rpartition(".")
    out: dict = {"module": module, "class": name, "bases": [b.split(".")[-1] for b in block.all("base")],
                 "init": None, "methods": [called(m)[0] for m in block.all("method")]}
    if block.has("init"):
        out["init"] = [[p] if "=" not in p else list(named(p)) for p in params if not p.startswith("**")]
        out["kwargs"] = any(p.startswith("**") for p in params)
        out["kwargs_to_super"] = block.has("passes")
        out["super"] = dict(named(text) for text in block.all("super"))
        out["image"] = block.all("image")
    return {k: v for k, v in out.items() if v or k in ("init", "bases")}


def class_entry(block: Block) -> dict:
    methods = dict(called(m) for m in block.all("method"))
    if block.has("init"):
        methods["__init__"] = block.all("param")
    return {"bases": [b.split(".")[-1] for b in block.all("base")], "fields": block.all("field"), "methods": methods}


def members(classes: dict[str, Block], module: str) -> list[tuple[str, Block]]:
    """The classes of a module by their own names."""
    return [(p.rpartition(".")[2], b) for p, b in classes.items() if p.rpartition(".")[0] == module]


def table(history: History, version: str) -> dict:
    """One version as a table: its operators, and the modules of helpers."""
    facts = {key: Block(members) for key, members in history.at(version).items()}
    classes = {key.split("\t")[1]: b for key, b in facts.items() if key.startswith("class")}

    def is_operator(path: str) -> bool:
        if OPERATOR.match(path):
            return not path.startswith("airflow.") or path in classes
        return any(is_operator(b) for b in (classes[path].all("base") if path in classes else []))

    modules = {key.split("\t")[1]: b for key, b in facts.items() if key.startswith("module")}
    operators = {p: b for p, b in classes.items() if not p.startswith("airflow.") and is_operator(p)}
    homes = {p.rpartition(".")[0] for p in operators} - {"kaapana.operators.KaapanaBaseOperator"}
    helpers = []
    for path, block in modules.items():
        if path.split(".")[0] not in ("kaapana", "kaapanapy"):
            continue
        is_package = any(other.startswith(path + ".") for other in modules)
        # Beside operators only what a DAG can take from there: functions and constants.
        own = {} if path in homes else dict(members(classes, path))
        helpers.append({
            "module": path,
            "names": dict(named(n) for n in block.all("name") if not n.startswith("_")),
            "functions": dict(called(f) for f in block.all("function")),
            "classes": {n: class_entry(b) for n, b in own.items()},
            "reexports": dict(named(i) for i in block.all("import")) if is_package else {},
        })
    return {"version": version, "helpers": helpers,
            "operators": [operator_entry(p, b) for p, b in operators.items()]}


def version_key(version: str) -> list[int]:
    return [int(number) for number in version.split(".")]


def main(arguments: list[str]) -> int:
    command, *rest = arguments or [""]
    folder = Path(rest[-1]) if rest else None
    if (command, len(rest)) not in (("add", 2), ("make", 1), ("check", 1)):
        sys.stderr.write(__doc__)
        return 2
    if not folder.is_dir():
        sys.stderr.write(f"kaapana_api.py: no such folder: {folder}\n")
        return 2
    history = History.read() if command == "add" else History()
    if command == "add":
        if history.versions and version_key(rest[0]) <= version_key(history.versions[-1]):
            sys.stderr.write(f"kaapana_api.py: {rest[0]} is not newer than {history.versions[-1]}\n")
            return 2
        history.add(rest[0], read_tree(folder))
    else:
        trees = [f for f in folder.iterdir() if re.fullmatch(r"\d+\.\d+\.\d+", f.name)]
        for tree in sorted(trees, key=lambda f: version_key(f.name)):
            history.add(tree.name, read_tree(tree))
    if command == "check":
        same = HISTORY.is_file() and HISTORY.read_text(encoding="utf-8") == history.text()
        print(f"{HISTORY}: {'what the trees say' if same else 'differs from what the trees say'}")
        return 0 if same else 1
    HISTORY.parent.mkdir(exist_ok=True)
    HISTORY.write_text(history.text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
