"""Servers of the tests of `dagfix doctor`: from Debian, Maven Central and npm.

What cannot be had at the moment skips the test by name, with exit code 77; no download waits for ever. With
DAGFIX_RUNTIME_REQUIRED=1 it is an error."""

import concurrent.futures
import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "dagfix/runtime"
SKIPPED = 77
# Of all attempts to fetch one component, and of waiting for another test that does.
PATIENCE = int(os.environ.get("DAGFIX_RUNTIME_PATIENCE", "240"))


def skip(component, why):
    print(f"SKIPPED: {component}: {why}", flush=True)
    sys.exit(1 if os.environ.get("DAGFIX_RUNTIME_REQUIRED") == "1" else SKIPPED)


def need_program(name, package, folders=()):
    path = next((f"{f}/{name}" for f in folders if os.access(f"{f}/{name}", os.X_OK)), shutil.which(name))
    return path or skip(name, f"is not installed: tools/setup.sh runtime, or Debian's {package}")


@contextlib.contextmanager
def alone_with(file, end):
    """Two tests that run at once must not fetch the same at once."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{file}.lock", "w") as lock:
        while True:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            if time.monotonic() > end:
                skip(file.name, f"another test has been fetching it for {PATIENCE} s")
            time.sleep(0.2)
        yield


def run_until(command, end, folder):
    """(exit code, output); the command and its children are ended when the time is over."""
    process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, start_new_session=True)
    try:
        out, _ = process.communicate(timeout=max(1, end - time.monotonic()))
        return process.returncode, out
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return -1, f"no answer within {PATIENCE} s"


def first_line(text):
    return next((line for line in text.splitlines() if line.strip()), "no word why")[:200]


def fetch_maven(component):
    """The zip of a component in components.json; it has the hash that is written there."""
    wanted = json.loads((HERE / "components.json").read_text())[component]
    _, artifact, version, kind = wanted["maven"].split(":")
    file = CACHE / "maven" / f"{artifact}-{version}.{kind}"
    end = time.monotonic() + PATIENCE
    why = "the file has another hash than components.json"
    with alone_with(file, end):
        for attempt in range(3):
            if file.exists() and hashlib.sha256(file.read_bytes()).hexdigest() == wanted["sha256"]:
                return file
            file.unlink(missing_ok=True)
            if time.monotonic() > end:
                break
            time.sleep(2 * attempt)
            # A repository for each: two Mavens that fill one disturb each other.
            code, out = run_until(
                [need_program("mvn", "maven"), "-q", "-B", "dependency:copy", f"-Dartifact={wanted['maven']}",
                 f"-Dmaven.repo.local={CACHE}/m2/{component}", f"-DoutputDirectory={file.parent}"], end, file.parent)
            why = first_line(out) if code != 0 else why
    return skip(component, f"{wanted['maven']} could not be had: {why}")


def fetch_npm():
    """node_modules with what npm/package-lock.json pins; install scripts are off."""
    folder = CACHE / "npm"
    lock = (HERE / "npm/package-lock.json").read_bytes()
    done = folder / ".installed-lock.json"
    end = time.monotonic() + PATIENCE
    with alone_with(done, end):
        if not done.exists() or done.read_bytes() != lock:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(HERE / "npm" / name, folder / name)
            code, out = run_until([need_program("npm", "npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund",
                                   "--no-progress"], end, folder)
            if code != 0:
                skip("npm packages", first_line(out))
            done.write_bytes(lock)
    return folder / "node_modules"


def meanwhile(function, *arguments):
    """Begins it; result() of what is returned waits for it, and skips if it did."""
    return concurrent.futures.ThreadPoolExecutor(1).submit(function, *arguments)


def unpack(archive, folder):
    """Unpacks a zip with its mode bits; returns the folder in it."""
    with zipfile.ZipFile(archive) as content:
        for info in content.infolist():
            path = pathlib.Path(content.extract(info, folder))
            if info.external_attr >> 16 and path.is_file():
                path.chmod(info.external_attr >> 16 & 0o777)
        return pathlib.Path(folder) / content.namelist()[0].split("/")[0]
