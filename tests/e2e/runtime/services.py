"""What every test that starts a service needs: users, ports, waiting, and requests of its own."""

import ctypes
import json
import os
import pathlib
import signal
import socket
import time
import urllib.error
import urllib.request

UNPRIVILEGED = 65534


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
