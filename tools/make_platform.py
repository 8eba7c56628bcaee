#!/usr/bin/env python3
"""Writes rules/platform.json: what is known of Kaapana's releases.

usage: tools/make_platform.py [FOLDER]

FOLDER holds one API table per Kaapana version, <version>.json with the keys "operators" and
"helpers" (default: ../shared/kaapana-api next to the checkout). The tables do not cover every
release; the first and last version of a module are therefore the widest span that they allow.
"""

import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

RELEASES = (
    [f"0.1.{patch}" for patch in range(4)]
    + [f"0.2.{patch}" for patch in range(7)]
    + [f"0.3.{patch}" for patch in range(6)]
    + [f"0.4.{patch}" for patch in range(3)]
    + [f"0.5.{patch}" for patch in range(4)]
    + ["0.6.0"]
)

# Where the Local operators are at home, and where their successors are.
OLD, NEW = "0.3.5", "0.4.2"
SUCCESSORS = {
    "LocalDeleteFromMetaOperator": "DeleteFromMetaOperator",
    "LocalDeleteFromPacsOperator": "DeleteFromPacsOperator",
    "LocalGetInputDataOperator": "GetInputOperator",
    "LocalGetRefSeriesOperator": "GetRefSeriesOperator",
    "LocalJson2MetaOperator": "Json2MetaOperator",
    "LocalMinioOperator": "MinioOperator",
}


def read_tables(folder):
    tables = {}
    for version in RELEASES:
        path = folder / f"{version}.json"
        if path.is_file():
            tables[version] = json.loads(path.read_text())
    for needed in (OLD, NEW):
        if needed not in tables:
            sys.exit(f"{folder}: there is no table of {needed}")
    return tables


def operator(table, name):
    wanted = f"kaapana.operators.{name}"
    for entry in table["operators"]:
        if entry["module"] == wanted and entry["class"] == name:
            return entry
    sys.exit(f"{table['version']}: there is no operator {name}")


def parameters(table, name):
    return [parameter[0] for parameter in operator(table, name)["init"]]


def fatal_keywords(table, name):
    """Keywords that a constructor passes on by itself: given again, they are a TypeError."""
    entry = operator(table, name)
    return set(entry["super"]) - set(parameters(table, name))


def common_arguments(tables):
    """Keywords that mean the same on every Local operator and on its successor."""
    old, new = tables[OLD], tables[NEW]
    python_base = set(parameters(old, "KaapanaPythonBaseOperator"))
    common = [name for name in parameters(new, "KaapanaBaseOperator") if name in python_base]
    fatal = set().union(*(fatal_keywords(new, name) for name in SUCCESSORS.values()))
    # A limit below the memory that a successor asks for by itself keeps its pod from starting.
    asks_by_itself = any("ram_mem_mb" in fatal_keywords(new, x) for x in SUCCESSORS.values())
    if asks_by_itself:
        fatal.add("ram_mem_mb_lmt")
    return [name for name in common if name not in fatal]


def modules(tables):
    known = list(tables)
    seen = {}
    for version, table in tables.items():
        for entry in table["operators"] + table["helpers"]:
            module = entry["module"]
            if module.split(".")[0] in ("kaapana", "kaapanapy"):
                seen.setdefault(module, set()).add(version)
    spans = []
    for module, versions in sorted(seen.items()):
        inside = [known.index(version) for version in versions]
        first, last = min(inside), max(inside)
        before = RELEASES.index(known[first - 1]) + 1 if first > 0 else 0
        after = RELEASES.index(known[last + 1]) - 1 if last + 1 < len(known) else -1
        spans.append({"module": module, "first": RELEASES[before], "last": RELEASES[after]})
    return spans


def write_list(entries):
    return "[\n" + ",\n".join("    " + json.dumps(entry) for entry in entries) + "\n  ]"


def main():
    folder = ROOT.parent / "shared" / "kaapana-api"
    if len(sys.argv) > 1:
        folder = pathlib.Path(sys.argv[1])
    tables = read_tables(folder)
    parts = {
        "versions": "[\n    " + ", ".join(json.dumps(version) for version in RELEASES) + "\n  ]",
        "common_arguments": write_list(common_arguments(tables)),
        "modules": write_list(modules(tables)),
    }
    text = ",\n".join(f'  "{key}": {value}' for key, value in parts.items())
    (ROOT / "rules" / "platform.json").write_text("{\n" + text + "\n}\n")


if __name__ == "__main__":
    main()
