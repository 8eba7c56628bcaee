#!/usr/bin/env python3
"""Checks that what dagfix writes for other programs is what they take.

    check_reports.py json SCHEMA FILE...    also for SARIF logs with SARIF's schema, rule files
    check_reports.py gitlab|junit|github FILE
"""

import json
import re
import sys
import xml.etree.ElementTree


def check_json(schema_path, *paths):
    import jsonschema

    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    validator = jsonschema.validators.validator_for(schema)
    validator.check_schema(schema)
    for path in paths:
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        errors = [f"{error.json_path}: {error.message}" for error in validator(schema).iter_errors(document)]
        assert not errors, "\n".join([path, *errors])


def check_gitlab(path):
    with open(path, encoding="utf-8") as file:
        issues = json.load(file)
    assert issues, "no issue"
    fingerprints = {issue["fingerprint"] for issue in issues}
    assert len(fingerprints) == len(issues), "fingerprints are not unique"
    for issue in issues:
        assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["description"] and issue["check_name"]
        assert issue["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert not issue["location"]["path"].startswith(("./", "/", "../"))
        assert issue["location"]["lines"]["begin"] >= 1


def check_junit(path):
    root = xml.etree.ElementTree.parse(path).getroot()
    assert root.tag == "testsuites"
    cases = root.findall("testsuite/testcase")
    assert cases, "no test case"
    assert int(root.get("tests")) == len(cases)
    for kind, tag in (("failures", "failure"), ("errors", "error")):
        assert int(root.get(kind)) == len(root.findall(f"testsuite/testcase/{tag}"))


def check_github(path):
    with open(path, encoding="utf-8", newline="\n") as file:
        lines = file.read().split("\n")
    assert lines.pop() == "" and lines, "no annotation"
    place = r"(,line=\d+,endLine=\d+,col=\d+,endColumn=\d+)?"
    annotation = re.compile(rf"::(error|warning|notice) file=[^,:\r]+{place},title=[^,:\r]+::[^\r]+")
    for line in lines:
        assert annotation.fullmatch(line), line


def main(kind, *arguments):
    checks = {"json": check_json, "gitlab": check_gitlab, "junit": check_junit, "github": check_github}
    checks[kind](*arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
