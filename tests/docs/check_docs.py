#!/usr/bin/env python3
"""Checks the documents: links lead somewhere, and shown output is what dagfix prints.

    tests/docs/check_docs.py DAGFIX

Blocks of ```console and ```diff that begin with a command ("$ ...") hold commands and what they
print. The blocks of one document run one after the other in a copy of docs/example. The pictures must be those of today's output.
With DAGFIX_UPDATE_FIXTURES=1, blocks and pictures are written anew: read `git diff`.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PICTURE = ROOT / "docs/images/check.svg"
GRAPH = ROOT / "docs/images/graph.svg"
CONSOLE = re.compile(r"^(```(?:console|diff)\n)(\$ .*?)(?=^```$)", re.MULTILINE | re.DOTALL)
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
UPDATE = "DAGFIX_UPDATE_FIXTURES" in os.environ


def documents():
    return sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


class Example:
    """A copy of docs/example in which commands run; dagfix is the one under test."""

    def __init__(self, dagfix, folder):
        self.home = pathlib.Path(folder)
        (self.home / "bin").mkdir()
        (self.home / "bin/dagfix").symlink_to(dagfix)
        self.work = self.home / "example"
        subprocess.run(["cp", "-r", ROOT / "docs/example", self.work], check=True)
        self.environment = os.environ | {
            "HOME": folder, "PATH": f"{folder}/bin:{os.environ['PATH']}", "LC_ALL": "C.UTF-8",
        }
        self.environment.pop("XDG_STATE_HOME", None)

    def run(self, block):
        shown = ""
        for line in block.splitlines():
            if not line.startswith("$ "):
                continue
            done = subprocess.run(
                ["sh", "-c", line[2:]], cwd=self.work, env=self.environment,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )
            shown += line + "\n" + done.stdout.decode().replace(str(self.home), "~")
        return shown


def check_console(path, dagfix):
    text = path.read_text(encoding="utf-8")
    if not CONSOLE.search(text):
        return
    with tempfile.TemporaryDirectory() as folder:
        example = Example(dagfix, os.path.realpath(folder))
        fresh = CONSOLE.sub(lambda block: block[1] + example.run(block[2]), text)
    if fresh != text and UPDATE:
        path.write_text(fresh, encoding="utf-8")
    elif fresh != text:
        yield f"{path.relative_to(ROOT)}: a console block does not show today's output"


def check_pictures(dagfix):
    command = [dagfix, "graph", "--from", "0.3.5", "--format", "svg", "dags/"]
    graph = subprocess.run(command, cwd=ROOT / "docs/example", check=True, stdout=subprocess.PIPE).stdout
    yield from check_picture(GRAPH, graph)
    arguments = ["--from", "0.3.5", "dags/"]
    command = [ROOT / "tools/terminal_svg.py", "--folder", ROOT / "docs/example",
               "--as", " ".join(["dagfix", *arguments]), dagfix, *arguments]
    yield from check_picture(PICTURE, subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def check_picture(path, fresh):
    if UPDATE:
        path.write_bytes(fresh)
    elif path.read_bytes() != fresh:
        yield f"{path.relative_to(ROOT)}: does not show today's output"


def anchors(path):
    """The anchors that GitHub and GitLab make of the headings."""
    text = FENCED.sub("", path.read_text(encoding="utf-8"))
    for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def check_links(path):
    text = re.sub(r"`[^`\n]*`", "", FENCED.sub("", path.read_text(encoding="utf-8")))
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        target, _, anchor = link.partition("#")
        if ":" in target:
            continue
        file = path.parent / target if target else path
        if not file.exists():
            yield f"{path.relative_to(ROOT)}: nothing at {link}"
        elif anchor and file.suffix == ".md" and anchor not in anchors(file):
            yield f"{path.relative_to(ROOT)}: no heading for {link}"


def main():
    dagfix = os.path.realpath(sys.argv[1])
    problems = list(check_pictures(dagfix))
    for path in documents():
        problems += check_links(path)
        problems += check_console(path, dagfix)
    print("\n".join(problems) or "docs: all links and all shown output hold")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
