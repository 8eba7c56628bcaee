"""Profiles for `dagfix doctor`, as TOML."""

import json


def defaults(test):
    """A platform without anything, so that each test names what it has. It has a cluster, which cannot be seen: without
    one, what runs in it is known not to be there."""
    return {"kubernetes": {"kubeconfig": str(test.folder / "no-kubeconfig")},
            "platform": {"fast": str(test.make("fast")), "slow": str(test.make("slow")),
                         "scripts": str(test.make("scripts")),
                         "deploy-script": str(test.folder / "scripts/deploy_platform.sh")}}


def to_toml(tables, prefix=""):
    text = ""
    for name, value in tables.items():
        simple = {k: v for k, v in value.items() if not is_table(v)}
        if simple:
            text += f"[{prefix}{name}]\n" + "".join(f"{k} = {to_value(v)}\n" for k, v in simple.items())
        nested = {k: v for k, v in value.items() if is_table(v)}
        text += to_toml(nested, f"{prefix}{name}.")
    return text


def is_table(value):
    return isinstance(value, dict) and not set(value) <= {"file", "env"}


def to_value(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k} = {json.dumps(v)}" for k, v in value.items()) + "}"
    return json.dumps(value)
