#!/usr/bin/env python3
"""Runs dagfix and the tools next to it in turns and prints what they took.

measure.py --dagfix FILE --ast-grep FILE --ruff FILE --python FILE [OPTIONS] TREE

The Python files of TREE are copied, once and then --copies times; every tool gets the same copies.
Then every tool gets TREE itself, with the charts, Dockerfiles and scripts that only dagfix reads.
One round runs every tool once, so that a change of the machine's mood meets them all. Each run is a new
process with a warm file cache (a first round is not counted); its output goes to a file. Standard
library only.
"""

import argparse
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
GNU_TIME = "/usr/bin/time"


class Tool:
    def __init__(self, name: str, command: list[str], runs: str = "all"):
        self.name = name
        self.command = command
        self.runs = runs  # all, once: a single round on the single tree
        self.walls: list[float] = []
        self.cpus: list[float] = []
        self.peak_kib = 0

    def run(self, tree: pathlib.Path, output, keep: bool = True) -> None:
        command = [part.replace("TREE", str(tree)) for part in self.command]
        output.seek(0)
        output.truncate()
        begin = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 1):
            output.seek(0)
            sys.exit(f"{self.name}: exit code {process.returncode}\n{output.read(4000).decode()}")
        if keep:
            self.walls.append(wall)
            self.cpus.append(usage.ru_utime + usage.ru_stime)

    def measure_peak(self, tree: pathlib.Path, output) -> None:
        """Through a small process: a child of ours would be charged with our own memory."""
        if not os.access(GNU_TIME, os.X_OK):
            return
        with tempfile.NamedTemporaryFile("r") as peak:
            command = [part.replace("TREE", str(tree)) for part in self.command]
            subprocess.run([GNU_TIME, "-f", "%M", "-o", peak.name, *command], stdout=output,
                           stderr=output, check=False)
            self.peak_kib = int(peak.read().split()[-1])


def tools_of(options: argparse.Namespace) -> list[Tool]:
    check = ["--check", "--no-config", "--from", options.from_version, "--to", options.to_version]
    config = str(HERE / "ast-grep" / "sgconfig.yml")
    ruff = ["check", "--select", "AIR", "--no-cache", "--isolated", "--exit-zero", "TREE"]
    tools = [
        Tool("dagfix", [options.dagfix, *check, "TREE"]),
        Tool("ast-grep", [options.ast_grep, "scan", "-c", config, "TREE"]),
        Tool("ruff --select AIR", [options.ruff, *ruff]),
        Tool("reading (cat)", ["find", "TREE", "-name", "*.py", "-exec", "cat", "{}", "+"]),
    ]
    if not options.no_libcst:
        rename = str(HERE / "libcst_rename.py")
        tools.append(Tool("LibCST", [options.python, rename, "TREE"], runs="once"))
    return tools


def copy_python_files(source: pathlib.Path, target: pathlib.Path) -> tuple[int, int]:
    files = size = 0
    for path in sorted(source.rglob("*.py")):
        if not path.is_file() or ".git" in path.parts:
            continue
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
        files += 1
        size += copy.stat().st_size
    return files, size


def spread(values: list[float]) -> str:
    """Minimum, median, maximum in milliseconds."""
    parts = (min(values), statistics.median(values), max(values))
    return " / ".join(f"{1000 * part:.0f}" for part in parts)


def ratio(values: list[float], base: list[float]) -> str:
    return f"{statistics.median(values) / statistics.median(base):.2f}"


def measure(tools: list[Tool], tree: pathlib.Path, rounds: int, output) -> list[Tool]:
    taking_part = [tool for tool in tools if tool.runs == "all" or rounds == 0]
    for tool in taking_part:
        tool.run(tree, output, keep=False)
    for _ in range(rounds):
        for tool in taking_part:
            tool.run(tree, output)
    for tool in taking_part:
        tool.measure_peak(tree, output)
    return taking_part


def print_table(tools: list[Tool]) -> None:
    base = tools[0]
    print("| tool | wall ms, min / median / max | CPU ms, min / median / max | wall, dagfix = 1 "
          "| CPU, dagfix = 1 | peak MB |")
    print("|---|---|---|---|---|---|")
    for tool in tools:
        peak = f"{tool.peak_kib / 1024:.0f}" if tool.peak_kib else "-"
        print(f"| {tool.name} | {spread(tool.walls)} | {spread(tool.cpus)} "
              f"| {ratio(tool.walls, base.walls)} | {ratio(tool.cpus, base.cpus)} | {peak} |")
    print()


def processor() -> str:
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "unknown processor"


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("tree", type=pathlib.Path)
    for name in ("dagfix", "ast-grep", "ruff", "python"):
        parser.add_argument(f"--{name}", required=True, help=f"the executable of {name}")
    parser.add_argument("--from", dest="from_version", default="0.3.5", help="for dagfix")
    parser.add_argument("--to", dest="to_version", default="0.5.3", help="for dagfix")
    parser.add_argument("--runs", type=int, default=21, help="rounds on the tree")
    parser.add_argument("--copies", type=int, default=100, help="of the tree; 0: do without")
    parser.add_argument("--copies-runs", type=int, default=5, help="rounds on the copies")
    parser.add_argument("--no-libcst", action="store_true", help="LibCST takes minutes")
    return parser.parse_args()


def main() -> int:
    options = parse_arguments()
    print(f"{processor()}, {len(os.sched_getaffinity(0))} processors, {platform.system()} "
          f"{platform.release()}, load {os.getloadavg()[0]:.1f}\n")
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as output:
        single = pathlib.Path(folder) / "single"
        files, size = copy_python_files(options.tree, single)
        if files == 0:
            sys.exit(f"there is no Python file in {options.tree}")
        print(f"## {files} files, {size / 1e6:.1f} MB, {options.runs} rounds\n")
        tools = tools_of(options)
        measured = measure(tools, single, options.runs, output)
        for tool in tools:
            if tool.runs == "once":
                tool.run(single, output)
                measured.append(tool)
        print_table(measured)
        print(f"## The same tree with all of its files, {options.runs} rounds\n")
        print_table(measure(tools_of(options)[:3], options.tree, options.runs, output))
        if options.copies == 0:
            return 0

        many = pathlib.Path(folder) / "many"
        for number in range(options.copies):
            copy_python_files(single, many / f"copy{number:03}")
        print(f"## {files * options.copies} files, {size * options.copies / 1e6:.0f} MB, "
              f"{options.copies_runs} rounds\n")
        many_tools = measure(tools_of(options), many, options.copies_runs, output)
        print_table(many_tools)
        print("## Growth from the tree to its copies, per file; 1 is linear\n")
        for one, hundred in zip(measured, many_tools):
            cpu = statistics.median(hundred.cpus) / statistics.median(one.cpus) / options.copies
            wall = statistics.median(hundred.walls) / statistics.median(one.walls) / options.copies
            print(f"- {one.name}: wall {wall:.2f}, CPU {cpu:.2f}, peak "
                  f"{one.peak_kib / 1024:.0f} -> {hundred.peak_kib / 1024:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
