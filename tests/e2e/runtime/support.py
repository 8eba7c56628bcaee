"""What the tests of `dagfix doctor` with real services share: getting and starting a service, a proxy
that writes down what dagfix sends, one run of dagfix, and a secret that must be seen nowhere.

A service that cannot be had at the moment skips the test by name, with exit code 77. With
DAGFIX_RUNTIME_REQUIRED=1 that is an error."""

import contextlib
import ctypes
import fcntl
import hashlib
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
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "dagfix/runtime"
SKIPPED = 77
UNPRIVILEGED = 65534


def skip(component, why):
    print(f"SKIPPED: {component}: {why}", flush=True)
    sys.exit(1 if os.environ.get("DAGFIX_RUNTIME_REQUIRED") == "1" else SKIPPED)


def need_program(name, package, folders=()):
    path = next((f"{f}/{name}" for f in folders if os.access(f"{f}/{name}", os.X_OK)), shutil.which(name))
    return path or skip(name, f"is not installed: tools/setup.sh runtime, or Debian's {package}")


@contextlib.contextmanager
def alone_in(folder):
    """Two tests that run at once must not fetch into one folder at once."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def fetch_maven(component):
    """The zip of a component in components.json; it has the hash that is written there."""
    wanted = json.loads((HERE / "components.json").read_text())[component]
    _, artifact, version, kind = wanted["maven"].split(":")
    file = CACHE / "maven" / f"{artifact}-{version}.{kind}"
    with alone_in(file.parent):
        for attempt in range(3):
            if file.exists() and hashlib.sha256(file.read_bytes()).hexdigest() == wanted["sha256"]:
                return file
            file.unlink(missing_ok=True)
            done = subprocess.run(
                [need_program("mvn", "maven"), "-q", "-B", "dependency:copy", f"-Dartifact={wanted['maven']}",
                 f"-DoutputDirectory={file.parent}"],
                cwd=file.parent, capture_output=True, text=True)
            time.sleep(2 * attempt)
    why = (done.stdout + done.stderr).strip().splitlines() or ["the file has another hash than components.json"]
    return skip(component, f"{wanted['maven']} could not be had: {why[0]}")


def fetch_npm():
    """node_modules with what npm/package-lock.json pins; install scripts are off."""
    folder = CACHE / "npm"
    lock = (HERE / "npm/package-lock.json").read_bytes()
    done = folder / ".installed-lock.json"
    with alone_in(folder):
        if not done.exists() or done.read_bytes() != lock:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(HERE / "npm" / name, folder / name)
            run = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress"],
                                 cwd=folder, capture_output=True, text=True)
            if run.returncode != 0:
                skip("npm packages", run.stderr.strip()[-200:])
            done.write_bytes(lock)
    return folder / "node_modules"


def unpack(archive, folder):
    """Unpacks a zip with its mode bits; returns the folder in it."""
    with zipfile.ZipFile(archive) as content:
        for info in content.infolist():
            path = pathlib.Path(content.extract(info, folder))
            if info.external_attr >> 16 and path.is_file():
                path.chmod(info.external_attr >> 16 & 0o777)
        return pathlib.Path(folder) / content.namelist()[0].split("/")[0]


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


def wait_until(check, seconds, what):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
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


class Recorder:
    """Stands before a service and keeps all bytes that clients send to it."""

    def __init__(self, port):
        self.target = port
        self.streams = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            client, _ = self.listener.accept()
            try:
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                client.close()
                continue
            stream = bytearray()
            self.streams.append(stream)
            threading.Thread(target=self._copy, args=(client, server, stream), daemon=True).start()
            threading.Thread(target=self._copy, args=(server, client, None), daemon=True).start()

    @staticmethod
    def _copy(source, sink, stream):
        try:
            while data := source.recv(65536):
                if stream is not None:
                    stream += data
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def http_requests(self):
        """(method, target) of all requests."""
        found = []
        for stream in self.streams:
            rest = bytes(stream)
            while rest:
                head, _, rest = rest.partition(b"\r\n\r\n")
                lines = head.decode("latin-1").split("\r\n")
                method, target, _ = lines[0].split(" ")
                size = [int(l.split(":")[1]) for l in lines[1:] if l.lower().startswith("content-length:")]
                rest = rest[size[0]:] if size else rest
                found.append((method, target))
        return found

    def sql_messages(self):
        """(type, text) of all messages of PostgreSQL's protocol; text of 'P' is the statement."""
        found = []
        for stream in self.streams:
            data = bytes(stream)
            at = 0
            while at < len(data) and data[at] == 0:  # messages before login have no type
                size = int.from_bytes(data[at:at + 4], "big")
                found.append(("startup", data[at + 8:at + size].decode("latin-1")))
                at += size
            while at < len(data):
                kind = chr(data[at])
                size = int.from_bytes(data[at + 1:at + 5], "big")
                body = data[at + 5:at + 1 + size]
                found.append((kind, body.split(b"\0")[1].decode() if kind == "P" else ""))
                at += 1 + size
        return found

    def ldap_operations(self):
        """Tags of all requests: 0x60 bind, 0x63 search, 0x42 unbind, 0x50 abandon."""
        found = []
        for stream in self.streams:
            data = bytes(stream)
            while data:
                assert data[0] == 0x30, data[:20]
                size, head = _ber_length(data)
                body = data[head:head + size]
                found.append(body[2 + body[1]])  # behind the message id
                data = data[head + size:]
        return found


def _ber_length(data):
    if data[1] < 0x80:
        return data[1], 2
    count = data[1] & 0x7F
    return int.from_bytes(data[2:2 + count], "big"), 2 + count


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

    def expect(self, entry, state, evidence=""):
        assert self.state(entry) == state, f"{entry}: {self.state(entry)}, not {state}: {self.entries.get(entry)}"
        assert evidence.lower() in self.evidence(entry).lower(), f"{entry}: {self.evidence(entry)}"


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

    def doctor(self, profile, *arguments, environment=None, seconds=120):
        """One run of `dagfix doctor --collect`. The canary is looked for in all that it leaves behind."""
        bundle = tempfile.mkdtemp(prefix="bundle-", dir=self.folder)
        work = tempfile.mkdtemp(prefix="work-", dir=self.folder)
        file = self.write("profile.toml", to_toml({"collect": {"timeout": "3"}, **defaults(self), **profile}))
        # Nothing of this machine is asked: no kubeconfig of the user, no proxy.
        clean = {"PATH": os.environ["PATH"], "HOME": str(self.make("home")), "TMPDIR": work,
                 "NO_PROXY": "*", **(environment or {})}
        process = subprocess.Popen(
            [self.dagfix, "doctor", "--profile", str(file), "--collect", bundle, *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean, cwd=self.folder)
        watch = Watch(process.pid, self.canary)
        try:
            out, err = process.communicate(timeout=seconds)
        finally:
            process.kill()
            watch.stop()
        run = Run(process.returncode, out.decode(), err.decode(), bundle)
        assert process.returncode in (0, 4), (process.returncode, run.out, run.err)
        assert not watch.problems, watch.problems
        assert not os.listdir(work), f"left behind: {os.listdir(work)}"
        self.assert_no_canary(out, err, bundle)
        return run

    def assert_no_canary(self, out, err, folder):
        needles = [self.canary.encode(), self.canary.encode().hex().encode()]
        texts = {"standard output": out, "standard error": err}
        for path in pathlib.Path(folder).rglob("*"):
            if path.is_file():
                texts[str(path)] = path.read_bytes()
        for place, text in texts.items():
            assert not any(needle in text for needle in needles), f"the secret is in {place}"


class Watch:
    """Looks, while dagfix runs, for children (there are none) and for the secret in command lines."""

    def __init__(self, pid, canary):
        self.pid, self.canary, self.problems, self.looks = pid, canary.encode(), set(), 0
        self.end = threading.Event()
        self.thread = threading.Thread(target=self._look)
        self.thread.start()

    def stop(self):
        self.end.set()
        self.thread.join()

    def _look(self):
        while not self.end.wait(0.02):
            self.looks += 1
            for task in pathlib.Path(f"/proc/{self.pid}/task").glob("*/children"):
                children = _read(task)
                if children.strip():
                    self.problems.add(f"dagfix started a process: {children!r}")
            if self.canary in _read(pathlib.Path(f"/proc/{self.pid}/cmdline")):
                self.problems.add("the secret is in the command line")


def _read(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


def defaults(test):
    """A platform without anything, so that each test names what it has."""
    return {"platform": {"fast": str(test.make("fast")), "slow": str(test.make("slow")),
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
