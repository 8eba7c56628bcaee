"""What came out: a bundle that `dagfix doctor --collect` wrote, and a report about one."""

import fnmatch
import json
import pathlib

UNSEEN = ("denied", "unreachable", "malformed")


class Run:
    """What came out of one run of dagfix."""

    def __init__(self, code, out, err, bundle):
        self.code, self.out, self.err, self.folder = code, out, err, pathlib.Path(bundle)
        manifest = self.folder / "MANIFEST.json"
        assert manifest.exists(), f"no bundle: exit code {code}\n{out}\n{err}"
        self.manifest = json.loads(manifest.read_text())
        self.entries = self.manifest["entries"]

    def state(self, entry):
        return self.entries[entry].get("state", "ok") if entry in self.entries else "(no entry)"

    def evidence(self, entry):
        return self.entries[entry].get("evidence", "")

    def text(self, entry):
        return (self.folder / entry).read_text()

    def json(self, entry):
        self.expect(entry, "ok")
        return json.loads(self.text(entry))

    def is_unseen(self, pattern):
        """Whether there are such entries, and nothing is known from any."""
        states = [self.state(entry) for entry in fnmatch.filter(self.entries, pattern)]
        return all(state in UNSEEN for state in states)

    def expect(self, entry, state, evidence=""):
        assert self.state(entry) == state, f"{entry}: {self.state(entry)}, not {state}: {self.entries.get(entry)}"
        assert evidence.lower() in self.evidence(entry).lower(), f"{entry}: {self.evidence(entry)}"


class Report:
    """What `dagfix doctor --bundle --format json` says."""

    def __init__(self, text):
        self.json = json.loads(text)
        self.steps = {step["id"]: step for step in self.json["steps"]}

    def expect(self, **wanted):
        """Verdicts, or verdict and outcome with a slash, by step; in names of steps, '_' stands for '-' and '__' for '.'."""
        for name, verdict in wanted.items():
            step = self.steps[name.replace("__", ".").replace("_", "-")]
            got = step["verdict"] + ("/" + step["outcome"] if "/" in verdict else "")
            assert got == verdict, f"{step['id']}: {got}, not {verdict}: {json.dumps(step, indent=1)}"
