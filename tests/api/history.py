#!/usr/bin/env python3
"""tools/kaapana_api.py: trees become history.tsv, version by version or all at once.

With DAGFIX_KAAPANA_TREES=FOLDER (FOLDER/<version>/ for every release) the file that is committed is compared with them, too.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent.parent / "tools"
sys.path.insert(0, str(TOOLS))

import kaapana_api  # noqa: E402

OPERATORS = "data-processing/kaapana-plugin/extension/docker/files/plugin/kaapana/operators"
OLD = '''
import os
from airflow.models import BaseOperator

LIMIT = 5


class GetOperator(BaseOperator):
    def __init__(self, dag, host="a, b", port=9000, *, level, **kwargs):
        self.image = f"{os.environ['R']}/getter:{LIMIT}"
        super().__init__(dag=dag, task_id="get", **kwargs)
'''
NEW = OLD.replace('host="a, b", ', "").replace("port=9000", "path, port=9000").replace("LIMIT = 5", "LIMITS = [5]")
EXPECTED = """versions\t0.1.0\t0.2.0\t0.3.0
class\tkaapana.operators.GetOperator.GetOperator\t0.1.0\t0.3.0
\tbase\tairflow.models.BaseOperator
\tinit\t
\tparam\tdag
\tparam\thost='a, b'\t0.1.0\t0.1.0
\tparam\tpath\t0.2.0\t0.2.0
\tparam\thost='a, b'\t0.3.0\t0.3.0
\tparam\tport=9000
\tparam\t*
\tparam\tlevel
\tparam\t**kwargs
\tpasses\t
\tsuper\tdag=?
\tsuper\ttask_id='get'
\timage\tgetter
"""


def write_trees(folder: Path) -> None:
    for version, text in (("0.1.0", OLD), ("0.2.0", NEW), ("0.3.0", OLD)):
        module = folder / version / OPERATORS / "GetOperator.py"
        module.parent.mkdir(parents=True)
        module.write_text(text, encoding="utf-8")


def check(condition: bool, what: str) -> None:
    if not condition:
        sys.exit(f"FAILED: {what}")


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_trees(folder)
        kaapana_api.HISTORY = folder / "history.tsv"
        check(kaapana_api.main(["make", name]) == 0, "make")
        made = kaapana_api.HISTORY.read_text(encoding="utf-8")
        lines = made.splitlines(keepends=True)
        begin = lines.index("class\tkaapana.operators.GetOperator.GetOperator\t0.1.0\t0.3.0\n")
        check("".join([lines[0], *lines[begin:]]) == EXPECTED, f"history:\n{made}")
        check("\tname\tLIMIT=5\t0.1.0\t0.1.0\n" in made, "a name that is gone")
        check("class\tairflow.models.BaseOperator\t0.1.0\t0.3.0\n" in made, "what Airflow takes")

        kaapana_api.HISTORY.unlink()
        for version in ("0.1.0", "0.2.0", "0.3.0"):
            check(kaapana_api.main(["add", version, str(folder / version)]) == 0, f"add {version}")
        check(kaapana_api.HISTORY.read_text(encoding="utf-8") == made, "added one by one it is the same")
        check(kaapana_api.main(["check", name]) == 0, "check finds the same")
        check(kaapana_api.main(["add", "0.2.0", str(folder / "0.2.0")]) == 2, "an old version is refused")
        kaapana_api.HISTORY.write_text(made.replace("port=9000", "port=9001"), encoding="utf-8")
        check(kaapana_api.main(["check", name]) == 1, "check finds a difference")

    tool = TOOLS / "kaapana_api.py"
    check(subprocess.run([tool, "add"], capture_output=True).returncode == 2, "wrong arguments")
    if trees := os.environ.get("DAGFIX_KAAPANA_TREES"):
        return subprocess.run([tool, "check", trees]).returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
