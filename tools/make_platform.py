#!/usr/bin/env python3
"""Writes rules/platform.json: what is known of Kaapana's releases.

usage: tools/make_platform.py

It is made from rules/api/history.tsv, which covers all releases.
"""

import json
import pathlib
import sys

from kaapana_api import History, table

ROOT = pathlib.Path(__file__).resolve().parent.parent

ANNOUNCED = ["0.7.0"]  # changes that Kaapana's documentation announces

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


def operator(facts, name):
    wanted = f"kaapana.operators.{name}"
    for entry in facts["operators"]:
        if entry["module"] == wanted and entry["class"] == name:
            return entry
    sys.exit(f"{facts['version']}: there is no operator {name}")


def parameters(facts, name):
    return [parameter[0] for parameter in operator(facts, name)["init"]]


def fatal_keywords(facts, name):
    """Keywords that a constructor passes on by itself: given again, they are a TypeError."""
    entry = operator(facts, name)
    return set(entry["super"]) - set(parameters(facts, name))


def common_arguments(history):
    """Keywords that mean the same on every Local operator and on its successor."""
    old, new = table(history, OLD), table(history, NEW)
    python_base = set(parameters(old, "KaapanaPythonBaseOperator"))
    common = [name for name in parameters(new, "KaapanaBaseOperator") if name in python_base]
    fatal = set().union(*(fatal_keywords(new, name) for name in SUCCESSORS.values()))
    # A limit below the memory that a successor asks for by itself keeps its pod from starting.
    asks_by_itself = any("ram_mem_mb" in fatal_keywords(new, x) for x in SUCCESSORS.values())
    if asks_by_itself:
        fatal.add("ram_mem_mb_lmt")
    return [name for name in common if name not in fatal]


def modules(history):
    """From when to when there is a module, or one below it."""
    spans = {}
    for block in history.blocks:
        kind, path = block.text.split("\t")
        if kind != "module" or path.split(".")[0] not in ("kaapana", "kaapanapy"):
            continue
        parts = path.split(".")
        for end in range(1, len(parts) + 1):
            span = spans.setdefault(".".join(parts[:end]), [])
            span += [history.versions.index(block.first), history.versions.index(block.last)]
    return [{"module": path, "first": history.versions[min(span)], "last": history.versions[max(span)]}
            for path, span in sorted(spans.items())]


def write_list(entries):
    return "[\n" + ",\n".join("    " + json.dumps(entry) for entry in entries) + "\n  ]"


def main():
    history = History.read()
    parts = {
        "versions": "[\n    " + ", ".join(json.dumps(version) for version in history.versions) + "\n  ]",
        "announced": json.dumps(ANNOUNCED),
        "common_arguments": write_list(common_arguments(history)),
        "modules": write_list(modules(history)),
    }
    text = ",\n".join(f'  "{key}": {value}' for key, value in parts.items())
    (ROOT / "rules" / "platform.json").write_text("{\n" + text + "\n}\n")


if __name__ == "__main__":
    main()
