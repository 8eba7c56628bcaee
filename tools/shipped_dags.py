#!/usr/bin/env python3
"""Writes rules/runtime/shipped_dags.json: the Python files that Kaapana itself puts into its DAG folder.

usage: tools/shipped_dags.py VERSION=TREE... > rules/runtime/shipped_dags.json

Each TREE is a checkout of Kaapana at that version. Read are the COPY lines of its Dockerfiles.
"""
import json
import pathlib
import re
import sys

COPY = re.compile(r"^\s*COPY\s+(?:--\S+\s+)*(\S+)\s+(?:/kaapana)?/tmp/dags(/\S*)?\s*$", re.MULTILINE)


def files_of(tree):
    for dockerfile in pathlib.Path(tree).rglob("Dockerfile"):
        text = dockerfile.read_text(encoding="utf-8", errors="replace")
        for source, target in COPY.findall(text):
            folder = (target or "").strip("/")
            path = dockerfile.parent / source
            if path.is_dir():
                for file in path.rglob("*.py"):
                    yield "/".join(filter(None, [folder, file.relative_to(path).as_posix()]))
            elif path.suffix == ".py":
                is_name = folder.endswith(".py")
                yield folder if is_name else "/".join(filter(None, [folder, path.name]))


def main():
    spans = {}
    for argument in sys.argv[1:]:
        version, _, tree = argument.partition("=")
        for name in files_of(tree):
            spans.setdefault(name, [version, version])[1] = version
    lines = [f"    {json.dumps(name)}: {json.dumps(span)}" for name, span in sorted(spans.items())]
    print('{\n  "files": {\n' + ",\n".join(lines) + "\n  }\n}")


main()
