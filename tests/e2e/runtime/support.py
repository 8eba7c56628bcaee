"""What the tests of `dagfix doctor` with real services share: starting a service, one run of dagfix that collects or
judges, and a secret that must be seen nowhere. selftest.py shows that what must not be is found."""

import base64
import ctypes
import fnmatch
import glob
import json
import os
import pathlib
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

from components import HERE

GUIDES = HERE.parents[2] / "rules/runtime"
UNPRIVILEGED = 65534
UNSEEN = ("denied", "unreachable", "malformed")


def as_nobody():
    """For servers that refuse to run as root."""
    return {"user": UNPRIVILEGED, "group": UNPRIVILEGED, "extra_groups": []} if os.geteuid() == 0 else {}


def give_to_nobody(folder):
    if os.geteuid() != 0:
        return
    for path in [pathlib.Path(folder), *pathlib.Path(folder).rglob("*")]:
        os.chown(path, UNPRIVILEGED, UNPRIVILEGED, follow_symlinks=False)


def die_with_parent():
    """A test that is killed, for example by its time limit, leaves no server behind."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_until(check, seconds, what, process=None):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert not process or process.poll() is None, f"{what}: has ended, with {process.poll()}"
        try:
            if check():
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"{what}: not within {seconds} seconds")


def is_open(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def http(method, url, body=None, headers=None, context=None):
    """(status, body) of a request of the test itself."""
    data = json.dumps(body).encode() if isinstance(body, (dict, list)) else body
    all_headers = {"Content-Type": "application/json", **(headers or {})}
    request = urllib.request.Request(url, data=data, method=method, headers=all_headers)
    try:
        with urllib.request.urlopen(request, timeout=60, context=context) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


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


class Watch:
    """Looks, while dagfix runs, for children (there are none), for the secret in command lines and temporary files, and
    whether a core file could be written once a secret was read."""

    def __init__(self, pid, needles, work):
        self.pid, self.needles, self.work, self.problems, self.looks = pid, needles, work, set(), 0
        self.may_dump = False
        self.end = threading.Event()
        self.thread = threading.Thread(target=self._look)
        self.thread.start()

    def stop(self):
        self.end.set()
        self.thread.join()

    def _has_secret(self, text):
        return any(needle in text for needle in self.needles)

    def _look(self):
        while not self.end.wait(0.02):
            self.looks += 1
            for task in glob.glob(f"/proc/{self.pid}/task/*/children"):
                for child in _read(task).split():
                    self.problems.add(f"dagfix started a process: {_read(f'/proc/{int(child)}/cmdline')!r}")
            if self._has_secret(_read(f"/proc/{self.pid}/cmdline")):
                self.problems.add("the secret is in the command line")
            for file in glob.glob(f"{self.work}/**", recursive=True):
                if self._has_secret(_read(file)):
                    self.problems.add("the secret is in a temporary file")
            limits = _read(f"/proc/{self.pid}/limits").decode()
            # The last look at a process that lives counts: the limit is lowered before the first secret is read.
            core = next((line.split()[4:6] for line in limits.splitlines() if line.startswith("Max core")), None)
            if core:
                self.may_dump = core != ["0", "0"]


def _read(path):
    try:
        return pathlib.Path(path).read_bytes()
    except OSError:
        return b""


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
