"""One test of `dagfix doctor` with real services: its folder, its processes, runs that collect or judge, and a secret that
must be seen nowhere. selftest.py shows that what must not be is found."""

import base64
import fnmatch
import json
import os
import pathlib
import secrets
import shutil
import subprocess
import sys
import tempfile
import time

from components import HERE
from profiles import defaults, to_toml
from results import Report, Run
from services import die_with_parent
from watch import Watch

GUIDES = HERE.parents[2] / "rules/runtime"


class Test:
    """A folder, services and secrets of one script. `with Test(...) as test:`."""

    def __init__(self):
        self.dagfix = str(pathlib.Path(sys.argv[1]).resolve())
        self.canary = "canary-" + secrets.token_hex(12)
        self.processes = []

    def __enter__(self):
        # Not below /tmp's own mode bits only: servers that are nobody have to reach it.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dagfix-e2e-"))
        self.folder.chmod(0o755)
        self.started = time.monotonic()
        return self

    def __exit__(self, kind, error, _):
        for process in reversed(self.processes):
            self.stop(process)
        if kind not in (None, SystemExit):
            for log in sorted(self.folder.glob("*.log")):
                print(f"--- {log.name}\n{log.read_text(errors='replace')[-3000:]}", file=sys.stderr)
        shutil.rmtree(self.folder, ignore_errors=True)
        if kind is None:
            print(f"{pathlib.Path(sys.argv[0]).name}: {time.monotonic() - self.started:.1f} s")

    def start(self, name, command, **options):
        log = open(self.folder / f"{name}.log", "ab")
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                   start_new_session=True, preexec_fn=die_with_parent, **options)
        self.processes.append(process)
        return process

    def stop(self, process):
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                process.wait()
        if process in self.processes:
            self.processes.remove(process)

    def make(self, name):
        path = self.folder / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def write(self, name, text, mode=0o600):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def secret_file(self):
        """A file with the canary, for {file = ...}."""
        return {"file": str(self.write("canary.txt", self.canary + "\n"))}

    def judge(self, run, guide, phase=None, baseline=None, code=None):
        """The report about a bundle that was collected live."""
        command = [self.dagfix, "doctor", "--bundle", str(run.folder), "--guide", guide, "--format", "json"]
        command += ["--phase", phase] if phase else []
        command += ["--baseline", str(baseline.folder)] if baseline else []
        done = subprocess.run(command, capture_output=True, cwd=self.make("judge"), env=self.environment(), timeout=120)
        assert code is None or done.returncode == code, (done.returncode, done.stderr)
        assert done.returncode in (0, 1, 3, 4), (done.returncode, done.stderr)
        self.assert_no_canary(done.stdout, done.stderr, run.folder)
        return Report(done.stdout)

    def assert_unknown(self, run, entries):
        """Steps that could only be judged by these entries are unknown, each with how to get access, in every phase
        of theirs. What could not be seen never reads as not done. Returns the names of these steps."""
        steps = set()
        for guide in sorted(GUIDES.iterdir()) if GUIDES.is_dir() else []:
            for file in sorted(guide.glob("*.json")) if guide.is_dir() else []:
                step = json.loads(file.read_text())
                reads = step.get("reads") or []
                concerned = any(fnmatch.fnmatch(entry, pattern) for entry in entries for pattern in reads)
                if concerned and all(run.is_unseen(pattern) for pattern in reads):
                    steps |= {(guide.name, phase, step["id"]) for phase in step.get("phases") or [None]}
        for guide, phase in sorted({(guide, phase) for guide, phase, _ in steps}, key=str):
            report = self.judge(run, guide, phase)
            for id in sorted(id for *where, id in steps if tuple(where) == (guide, phase)):
                step = report.steps[id]
                assert step["verdict"] == "unknown", f"{guide}, phase {phase}: {json.dumps(step, indent=1)}"
                assert step["unseen"] and all(one["help"] for one in step["unseen"]), step
        return {id for *_, id in steps}

    def environment(self, **more):
        # Nothing of this machine is asked: no kubeconfig of the user, no proxy, no bus. LeakSanitizer would start a process.
        clean = {"PATH": os.environ["PATH"], "HOME": str(self.make("home")), "NO_PROXY": "*",
                 "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.folder}/no-bus", "DOCKER_HOST": f"unix://{self.folder}/no-docker",
                 "ASAN_OPTIONS": "detect_leaks=0:" + os.environ.get("ASAN_OPTIONS", ""),
                 "UBSAN_OPTIONS": os.environ.get("UBSAN_OPTIONS", "")}
        return {**clean, **more}

    def doctor(self, profile, *arguments, environment=None, seconds=120):
        """One run of `dagfix doctor --collect`. The canary is looked for in all that it leaves behind."""
        bundle = tempfile.mkdtemp(prefix="bundle-", dir=self.folder)
        work = tempfile.mkdtemp(prefix="work-", dir=self.folder)
        file = self.write("profile.toml", to_toml({"collect": {"timeout": "3"}, **defaults(self), **profile}))
        process = subprocess.Popen(
            [self.dagfix, "doctor", "--profile", str(file), "--collect", bundle, *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.folder,
            env=self.environment(TMPDIR=work, **(environment or {})))
        watch = Watch(process.pid, self.needles(), work)
        try:
            out, err = process.communicate(timeout=seconds)
        finally:
            process.kill()
            watch.stop()
        run = Run(process.returncode, out.decode(), err.decode(), bundle)
        assert process.returncode in (0, 4), (process.returncode, run.out, run.err)
        assert not watch.problems, watch.problems
        # A run that ends at once is not looked at; one that waits for a server is.
        assert watch.looks < 20 or not watch.may_dump, "a core file could be written"
        assert not os.listdir(work), f"left behind: {os.listdir(work)}"
        self.assert_no_canary(out, err, bundle)
        return run

    def needles(self):
        """The secret, in hexadecimal digits, and in base64 wherever in a longer text it begins."""
        secret = self.canary.encode()
        return [secret, secret.hex().encode(), *(base64.b64encode(b"x" * i + secret)[4:-4] for i in range(3))]

    def assert_no_canary(self, out, err, folder):
        texts = {"standard output": out, "standard error": err}
        for path in pathlib.Path(folder).rglob("*"):
            texts[f"the name of {path}"] = str(path).encode()
            if path.is_file():
                texts[str(path)] = path.read_bytes()
        for place, text in texts.items():
            assert not any(needle in text for needle in self.needles()), f"the secret is in {place}"
