#!/usr/bin/env python3
"""Draws what a command prints on a terminal as an SVG picture.

    tools/terminal_svg.py [--folder DIR] [--as TEXT] COMMAND [ARGUMENT ...] > picture.svg

Runs the command in DIR on a pseudo-terminal, so that it uses colours, and shows TEXT (default: the
command) behind a prompt. The same output gives the same picture. Control sequences other than
colours are an error.
"""

import argparse
import html
import os
import pty
import re
import subprocess
import sys

CELL, LINE, SIZE, MARGIN, BAR = 8.43, 19, 14, 18, 34  # pixels
INK, PAPER, FRAME, FAINT = "#d8dee9", "#1b1f27", "#2b313c", "#7b8496"
COLORS = {31: "#ff7b72", 32: "#7ee787", 33: "#e3b341", 36: "#76d9e6"}


def run(command, folder):
    """What the command prints on a terminal, standard error included."""
    parent, child = pty.openpty()
    environment = {k: v for k, v in os.environ.items() if k != "NO_COLOR"} | {"TERM": "xterm"}
    process = subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=child, stderr=child, env=environment
    )
    os.close(child)
    output = b""
    try:
        while part := os.read(parent, 65536):
            output += part
    except OSError:  # Linux says so when the other end is closed
        pass
    os.close(parent)
    process.wait()
    return output.decode().replace("\r\n", "\n").rstrip("\n")


def runs_of(line):
    """(column, text, codes) for each piece of a line that has one colour."""
    column, codes = 0, ()
    for piece in re.split(r"(\x1b\[[0-9;]*m)", line):
        if piece.startswith("\x1b["):
            codes = tuple(int(code) for code in piece[2:-1].split(";") if code)
            codes = () if codes == (0,) else codes
        elif "\x1b" in piece or "\t" in piece or "\r" in piece:
            sys.exit(f"terminal_svg: cannot draw {piece!r}")
        elif piece.strip():
            lead = len(piece) - len(piece.lstrip())
            yield column + lead, piece.strip(), codes
        column += 0 if piece.startswith("\x1b[") else len(piece)


def text_element(column, row, text, codes):
    color = next((COLORS[code] for code in codes if code in COLORS), FAINT if 2 in codes else INK)
    weight = ' font-weight="bold"' if 1 in codes else ""
    x, y = MARGIN + column * CELL, BAR + MARGIN + row * LINE + SIZE - 3
    return (
        f'<text x="{x:.1f}" y="{y}" textLength="{len(text) * CELL:.1f}" fill="{color}"{weight}>'
        f"{html.escape(text, quote=False)}</text>"
    )


def draw(title, output):
    lines = [f"\x1b[32m$\x1b[0m \x1b[1m{title}\x1b[0m", *output.split("\n")]
    widest = max(len(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in lines)
    width = round(2 * MARGIN + widest * CELL)
    height = BAR + 2 * MARGIN + len(lines) * LINE - 4
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" xml:space="preserve" font-size="{SIZE}" '
        'font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, \'DejaVu Sans Mono\', '
        'monospace">'
    )
    yield f"<title>{html.escape(title)}</title>"
    yield f'<rect width="{width}" height="{height}" rx="9" fill="{PAPER}"/>'
    yield f'<path d="M0 {BAR}V9a9 9 0 0 1 9-9H{width - 9}a9 9 0 0 1 9 9V{BAR}z" fill="{FRAME}"/>'
    for i in range(3):
        yield f'<circle cx="{20 + 18 * i}" cy="{BAR // 2}" r="5.5" fill="#596273"/>'
    for row, line in enumerate(lines):
        for piece in runs_of(line):
            yield text_element(piece[0], row, *piece[1:])
    yield "</svg>"


def main():
    parser = argparse.ArgumentParser(description="Draws what a command prints as an SVG picture.")
    parser.add_argument("--folder", default=".")
    parser.add_argument("--as", dest="title")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    if not options.command:
        parser.error("which command?")
    output = run(options.command, options.folder)
    print("\n".join(draw(options.title or " ".join(options.command), output)))


if __name__ == "__main__":
    main()
