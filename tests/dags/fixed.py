#!/usr/bin/env python3
"""Applies dagfix to fixtures/dags and compares the result with fixtures/dags_fixed, which holds the files that change.

Usage:  fixed.py DAGFIX      (DAGFIX_UPDATE_FIXTURES=1 rewrites fixtures/dags_fixed)

The folders of fixtures/dags are migrated in one run per pair of versions, as the first lines of their DAGs say.
"""

import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE, EXPECTED = ROOT / "fixtures" / "dags", ROOT / "fixtures" / "dags_fixed"
README = EXPECTED / "README.md"
HEADER = re.compile(rb"#\s*dagfix:\s*from=(\S+)\s+to=(\S+)")


def versions_of(folder):
    """The one pair of versions that the DAGs of a folder name."""
    found = {m.groups() for p in sorted(folder.rglob("*.py")) if (m := HEADER.match(p.read_bytes()))}
    if len(found) != 1:
        sys.exit(f"{folder}: its DAGs must name one pair of versions, not {sorted(found)}")
    return tuple(version.decode() for version in found.pop())


def groups():
    """Pair of versions -> folders."""
    result = {}
    for folder in sorted(p for p in SOURCE.iterdir() if p.is_dir() and p.name != "__pycache__"):
        result.setdefault(versions_of(folder), []).append(folder.name)
    return result


def apply(dagfix, tree):
    """Runs dagfix over a copy of the DAGs."""
    for (source, target), folders in sorted(groups().items()):
        command = [dagfix, "--apply", "--no-config", "--from", source, "--to", target, *folders]
        done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1):
            sys.exit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr}")


def contents(tree):
    """Path -> bytes of the files that are not as in fixtures/dags."""
    result = {}
    for folder in (p for names in groups().values() for p in names):
        for path in sorted((tree / folder).rglob("*")):
            name = path.relative_to(tree)
            if path.is_file() and "__pycache__" not in name.parts and path.read_bytes() != (SOURCE / name).read_bytes():
                result[str(name)] = path.read_bytes()
    return result


def show(name, expected, actual):
    old, new = (text.decode("latin-1").splitlines(keepends=True) for text in (expected, actual))
    sys.stdout.writelines(difflib.unified_diff(old, new, f"expected/{name}", f"actual/{name}"))


def update(actual):
    readme = README.read_bytes()
    shutil.rmtree(EXPECTED)
    EXPECTED.mkdir()
    README.write_bytes(readme)
    for name, data in actual.items():
        (EXPECTED / name).parent.mkdir(parents=True, exist_ok=True)
        (EXPECTED / name).write_bytes(data)
    print(f"wrote {len(actual)} files below {EXPECTED}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    dagfix = str(Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as temporary:
        tree = Path(temporary) / "dags"
        shutil.copytree(SOURCE, tree)
        apply(dagfix, tree)
        actual = contents(tree)
        if os.environ.get("DAGFIX_UPDATE_FIXTURES") == "1":
            update(actual)
            return 0
        apply(dagfix, tree)
        again = contents(tree)

    files = (p for p in EXPECTED.rglob("*") if p.is_file() and p != README)
    expected = {str(p.relative_to(EXPECTED)): p.read_bytes() for p in files}
    wrong = 0
    for name in sorted(expected.keys() | actual.keys() | again.keys()):
        original = (SOURCE / name).read_bytes()
        for what, wanted, got in (
            ("", expected.get(name, original), actual.get(name, original)),
            ("second run: ", actual.get(name, original), again.get(name, original)),
        ):
            if wanted != got:
                wrong += 1
                print(f"{what}{name} is not as expected")
                show(name, wanted, got)
    print(f"{len(actual)} files of fixtures/dags change, {wrong} not as expected")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
