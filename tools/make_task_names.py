#!/usr/bin/env python3
"""Write rules/task_names.json: how the constructors of Kaapana's operators come to a task id.

Usage:  make_task_names.py > rules/task_names.json

It is made from rules/api/history.tsv. Kept are the classes with their bases, the order of parameters, and the values of the
few arguments that a task id depends on.
"""

from __future__ import annotations

import json
import sys
from string import Formatter

from kaapana_api import History, table, version_key

# What set_defaults() of Kaapana's base classes makes the task id of.
KEYS = ("name", "task_id", "parallel_id", "keep_parallel_id", "operator_out_dir", "input_operator")
# What a constructor computes; {parameter} is the argument's value. It gives way to the argument of the same name, if there
# is one. The tables do not have this; it is the same in all versions from 0.1.3 to 0.6.0 that have the class.
COMPUTED = {
    "Itk2DcmOperator": {"name": "itk2dcm-converter"},
    "LocalCASPutOperator": {"name": "put-to-cas"},
    "LocalCleanUpExpiredWorkflowDataOperator": {"name": "clean-up"},
    "LocalCtpQuarantineCheckOperator": {"name": "ctp-quarantine-check"},
    "LocalDagTriggerOperator": {"name": "trigger_{trigger_dag_id}"},
    "LocalDicomSendOperator": {"name": "local-dcm-send", "task_id": "local-dcm-send"},
    "LocalFedartedSetupFederatedTestOperator": {"name": "federated-setup-federated-test"},
    "LocalFederatedSetupFromPreviousTestOperator": {"name": "federated-setup-from-previous-test"},
    "LocalFederatedSetupSkipTestOperator": {"name": "federated-setup-skip-test"},
    "LocalMinioOperator": {"name": "minio-actions-{action}"},
    "LocalRadiomicsFederatedOperator": {"name": "radiomics-federated-operator"},
    "LocalRadiomicsPackagingOperator": {"name": "radiomics-packaging-operator"},
    "LocalServiceSyncDagsDbOperator": {"name": "remove-deleted-dags-from-db"},
    "LocalVolumeMountOperator": {"name": "{action}-mounted-files"},
    "ManageIsoInstanceOperator": {"name": "{taskName}"},
    "NnUnetOperator": {"parallel_id": "{mode}"},
    "OrganSegmentationOperator": {"parallel_id": "{mode}"},
    "WSIconvOperator": {"name": "PixelMed-converter"},
}
OLDEST = [0, 1, 3]
ROOTS = ("KaapanaBaseOperator", "KaapanaPythonBaseOperator", "KaapanaBranchPythonBaseOperator")


def parameter(entry: list, used: set[str]) -> str | list:
    """The name alone, or with its default where a task id may depend on it."""
    name = entry[0]
    if len(entry) == 1 or name not in used:
        return name
    return [name, entry[1] if entry[1] is not None else "?"]


def signature(operator: dict) -> dict:
    """What is kept of one class."""
    name = operator["class"]
    out: dict = {"class": f"{operator['module'].replace('-', '_')}.{name}", "bases": operator["bases"]}
    if operator["init"] is None:
        return out
    computed = COMPUTED.get(name, {})
    used = {*KEYS, *(field for text in computed.values() for _, field, _, _ in Formatter().parse(text) if field)}
    out["parameters"] = [parameter(p, used) for p in operator["init"]]
    if name in ROOTS:
        return out | {"is_base": True}
    own = {p[0] for p in operator["init"]}
    handed_on = operator.get("super") or {}
    given = {}
    for key in (k for k in KEYS if k in handed_on):
        if handed_on[key] is not None:
            given[key] = handed_on[key]
        elif key in computed:
            given[key] = "{" + computed[key] + "}"
        elif key not in own:
            given[key] = "?"
    if given:
        out["gives"] = given
    passed = [k for k in KEYS if k in handed_on and k in own and k not in given]
    if passed:
        out["passes"] = passed
    if operator.get("kwargs") and operator.get("kwargs_to_super"):
        out["passes_rest"] = True
    return out


def main() -> int:
    if len(sys.argv) != 1:
        sys.stderr.write(__doc__)
        return 2
    history = History.read()
    classes: dict[str, dict] = {}
    for version in (v for v in history.versions if version_key(v) >= OLDEST):
        for operator in table(history, version)["operators"]:
            facts = signature(operator)
            entry = classes.setdefault(json.dumps(facts, sort_keys=True), facts | {"versions": []})
            entry["versions"].append(version)
    entries = sorted(classes.values(), key=lambda e: (e["class"], version_key(e["versions"][0])))
    print('{\n  "classes": [')
    print(",\n".join("    " + json.dumps(e, ensure_ascii=False) for e in entries))
    print("  ]\n}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
