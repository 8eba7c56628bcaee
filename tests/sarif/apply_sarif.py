#!/usr/bin/env python3
"""Applies the safe fixes of a SARIF log to the files below a folder.

    apply_sarif.py LOG ROOT

Knows SARIF 2.1.0 and nothing of dagfix but the one property that its fixes carry: the result
must be what `dagfix --apply` writes. Prints how many fixes were applied and how many were left
out since they overlap an applied one.
"""

import json
import pathlib
import re
import sys
import urllib.parse

BOM = b"\xef\xbb\xbf"


class Artifact:
    """The text of a file and the way from SARIF's places to its bytes."""

    def __init__(self, data, encoding, newlines):
        self.data = data
        self.encoding = encoding
        self.bom = len(BOM) if data.startswith(BOM) else 0
        self.text = data[self.bom:].decode(encoding)
        newline = "|".join(re.escape(n) for n in sorted(newlines, key=len, reverse=True))
        self.starts = [0] + [match.end() for match in re.finditer(newline, self.text)]

    def byte_offset(self, line, column):
        index = self.starts[line - 1] + column - 1
        if index > len(self.text):
            raise ValueError(f"line {line}, column {column} is behind the end of the file")
        return self.bom + len(self.text[:index].encode(self.encoding))

    def edit(self, replacement):
        region = replacement["deletedRegion"]
        begin = self.byte_offset(region["startLine"], region["startColumn"])
        end_line = region.get("endLine", region["startLine"])
        end = self.byte_offset(end_line, region["endColumn"])
        text = replacement.get("insertedContent", {}).get("text", "")
        return begin, end, text.encode(self.encoding)


def conflict(a, b):
    """Whether the order of two edits would matter; equal edits are made once, touching is fine."""
    if a == b:
        return False
    if a[0] == b[0] and (a[0] == a[1] or b[0] == b[1]):
        return True
    return a[0] < b[1] and b[0] < a[1]


def apply_fixes(artifact, fixes):
    """The new bytes, and how many of the fixes are in them."""
    taken = set()
    count = 0
    for replacements in fixes:
        edits = [artifact.edit(replacement) for replacement in replacements]
        if edits != sorted(edits):
            raise ValueError("replacements are not sorted")
        if any(conflict(a, b) for i, a in enumerate(edits) for b in edits[:i]):
            raise ValueError("replacements of one fix overlap")
        if any(conflict(edit, other) for edit in edits for other in taken):
            continue
        taken.update(edits)
        count += 1
    result = []
    done = 0
    for begin, end, text in sorted(taken):
        result += [artifact.data[done:begin], text]
        done = end
    return b"".join(result) + artifact.data[done:], count


def safe_fixes(run):
    """For each file (its URI) the distinct safe fixes, in the order of the results."""
    files = {}
    for result in run.get("results", []):
        for fix in result.get("fixes", []):
            if fix["properties"]["applicability"] != "safe":
                continue
            (change,) = fix["artifactChanges"]
            location = change["artifactLocation"]
            fixes = files.setdefault(location["uri"], {"location": location, "fixes": {}})
            fixes["fixes"].setdefault(json.dumps(fix, sort_keys=True), change["replacements"])
    return files


def main(log_path, root):
    with open(log_path, encoding="utf-8") as log_file:
        log = json.load(log_file)
    applied = left = 0
    for run in log["runs"]:
        if run["columnKind"] != "unicodeCodePoints":
            raise ValueError("columns in units that this program does not count in")
        for uri, file in safe_fixes(run).items():
            location = file["location"]
            if location.get("uriBaseId") != "SRCROOT" or urllib.parse.urlsplit(uri).scheme:
                raise ValueError(f"{uri} is not relative to the root")
            described = run["artifacts"][location["index"]]
            if described["location"]["uri"] != uri:
                raise ValueError(f"{uri} is not the artifact that its index names")
            relative = urllib.parse.unquote_to_bytes(uri).decode("utf-8", "surrogateescape")
            path = pathlib.Path(root, relative)
            artifact = Artifact(path.read_bytes(), described["encoding"], run["newlineSequences"])
            data, count = apply_fixes(artifact, list(file["fixes"].values()))
            path.write_bytes(data)
            applied += count
            left += len(file["fixes"]) - count
    print(f"{applied} applied, {left} left out")


if __name__ == "__main__":
    main(*sys.argv[1:])
