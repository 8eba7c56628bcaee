#!/usr/bin/env python3
"""Write the compact API table that make_stub.py reads.

Usage:  compact_api.py TABLE.json > api/VERSION.json

TABLE.json is the table of one Kaapana version as the extraction tool writes it. What a stub has no use for is left out
(places in files, DAGs, environment variables of containers); one operator or module per line, sorted.
"""

import json
import sys
from pathlib import Path

OPERATOR_KEYS = ("module", "class", "bases", "init", "kwargs", "kwargs_to_super", "super", "image", "methods")
MODULE_KEYS = ("module", "names", "functions", "classes", "reexports")


def rows(entries: list[dict], keys: tuple[str, ...]) -> str:
    """One JSON object per line, only with the given keys."""
    picked = [{k: e[k] for k in keys if k in e} for e in entries]
    for entry in picked:
        for facts in entry.get("classes", {}).values():
            facts.pop("at", None)
    return ",\n".join("  " + json.dumps(e, ensure_ascii=False) for e in picked)


def main() -> int:
    if len(sys.argv) != 2:
        sys.stderr.write(__doc__)
        return 2
    table = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    operators = sorted(table["operators"], key=lambda e: (e["module"], e["class"]))
    modules = sorted(table["helpers"], key=lambda e: e["module"])
    sys.stdout.write(
        "{\n"
        f'"version": {json.dumps(table["version"])},\n'
        f'"operators": [\n{rows(operators, OPERATOR_KEYS)}\n],\n'
        f'"helpers": [\n{rows(modules, MODULE_KEYS)}\n]\n'
        "}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
