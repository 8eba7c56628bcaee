#!/usr/bin/env python3
"""Compares two copies of a tree with CPython's own eyes: before and after dagfix.

    tools/verify_ast.py BEFORE AFTER

Every Python file of BEFORE has to be in AFTER, has to compile if it compiled before (as far as a
module can be compiled: repeated keywords and misplaced statements count), and may not read a name
that nothing binds unless it did so before. Prints what is wrong; the exit code is 1 then.
"""

import ast
import builtins
import pathlib
import symtable
import sys
import warnings


def compiles(source: bytes, name: str) -> str:
    """Why the source does not compile; empty if it does."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, name, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return str(error) or type(error).__name__
    return ""


def unbound_names(source: bytes, name: str) -> set[str]:
    """Names that are read, but bound nowhere that the read can see, builtins left out."""
    module = symtable.symtable(source, name, "exec")
    bound = set(dir(builtins)) | {"__file__", "__path__", "__name__", "__builtins__"}
    read = set()

    def visit(table: symtable.SymbolTable) -> None:
        for symbol in table.get_symbols():
            is_bound = symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()
            if is_bound and (table is module or symbol.is_declared_global()):
                bound.add(symbol.get_name())
            is_of_module = table is module or symbol.is_global()
            if symbol.is_referenced() and is_of_module:
                read.add(symbol.get_name())
        for child in table.get_children():
            visit(child)

    visit(module)
    return read - bound


def has_star_import(source: bytes) -> bool:
    nodes = ast.walk(ast.parse(source))
    imports = (node for node in nodes if isinstance(node, ast.ImportFrom))
    return any(alias.name == "*" for node in imports for alias in node.names)


def complaints(before: bytes, after: bytes, name: str) -> list[str]:
    if before == after or compiles(before, name):
        return []
    if error := compiles(after, name):
        return [f"{name}: does not compile any more: {error}"]
    if has_star_import(after):  # may bind anything
        return []
    new = unbound_names(after, name) - unbound_names(before, name)
    return [f"{name}: nothing binds '{missing}' any more" for missing in sorted(new)]


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    before_root, after_root = map(pathlib.Path, sys.argv[1:])
    wrong: list[str] = []
    files = compiled = changed = 0
    for before_path in sorted(before_root.rglob("*.py")):
        if not before_path.is_file():
            continue
        name = str(before_path.relative_to(before_root))
        before = before_path.read_bytes()
        files += 1
        compiled += not compiles(before, name)
        after_path = after_root / name
        if not after_path.is_file():
            wrong.append(f"{name}: is gone")
            continue
        after = after_path.read_bytes()
        changed += before != after
        wrong += complaints(before, after, name)
    for line in wrong:
        print(line)
    print(f"{files} files, {compiled} of them compiled before, {changed} changed, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
