#!/usr/bin/env python3
"""The test of the tests: clients that write, and programs that tell the secret, must be caught."""

import http.client
import pathlib
import socket
import subprocess
import sys
import threading

from components import HERE
from faults import refusing
from recorder import Recorder, TOKEN_ENDPOINT
from support import Test

# Stands for dagfix: writes a good bundle, and does what its name is beside that.
FAKE = r'''#!{python}
import base64, json, os, resource, subprocess, sys, tempfile, time, urllib.parse
mode, canary = open("{folder}/mode").read(), open("{folder}/canary.txt").read().strip()
bundle = sys.argv[sys.argv.index("--collect") + 1]
if mode != "core": resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
entry, name = "nothing", "x.json"
if mode == "stdout": print(canary)
if mode == "stderr": print("login with " + canary, file=sys.stderr)
if mode == "bundle": entry = canary
if mode == "hex": entry = canary.encode().hex()
if mode == "base64": entry = base64.b64encode(b"admin:" + canary.encode()).decode()
if mode == "name": name = canary
if mode == "left": open(os.environ["TMPDIR"] + "/left", "w").write("x")
if mode == "temporary":
    with open(os.environ["TMPDIR"] + "/tmp", "w") as file: file.write(canary)
    time.sleep(0.3); os.unlink(os.environ["TMPDIR"] + "/tmp")
if mode == "child": subprocess.run(["sleep", "0.3"])
if mode == "core": time.sleep(1.5)
open(bundle + "/" + name, "w").write(entry)
with open(bundle + "/MANIFEST.json", "w") as file: json.dump({{"entries": {{}}}}, file)
if mode == "argument": os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(0.4)", canary])
'''


def caught(check, *arguments):
    try:
        check(*arguments)
    except AssertionError as error:
        return str(error) or "caught"
    return None


def answering(*parts):
    """The port of a server that answers everything with these bytes."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept():
        while True:
            client, _ = listener.accept()
            for part in parts:
                client.recv(65536)
                client.sendall(part)
            client.close()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


def send_http(port, *requests):
    for method, target in requests:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request(method, target, body=b"x" if method in ("POST", "PUT", "PATCH") else None)
        connection.getresponse().read()
        connection.close()


def send(port, *messages):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        for message in messages:
            client.sendall(message)
            client.recv(100)


def check_http():
    token = "/auth" + TOKEN_ENDPOINT
    good = [("GET", "/a"), ("HEAD", "/b"), ("POST", token)]
    bad = {"PUT": ("PUT", "/a"), "DELETE": ("DELETE", "/a"), "PATCH": ("PATCH", "/a"), "POST elsewhere": ("POST", "/a"),
           "POST to the admin API": ("POST", "/auth/admin/realms/kaapana/roles"), "second login": ("POST", token),
           "OPTIONS": ("OPTIONS", "/a")}
    recorder = Recorder(refusing(200))
    send_http(recorder.port, *good)
    recorder.assert_http_reads(logins=1)
    for name, request in bad.items():
        recorder = Recorder(refusing(200))
        send_http(recorder.port, *good, request)
        assert caught(recorder.assert_http_reads, 1), name
    assert caught(Recorder(1).assert_http_reads), "no request at all"


def message(kind, body):
    return kind.encode() + (len(body) + 4).to_bytes(4, "big") + body


def check_sql():
    def session(options, *messages):
        recorder = Recorder(answering(*[b"ok"] * (len(messages) + 1)))
        text = b"\0\3\0\0user\0pacs\0options\0" + options.encode() + b"\0\0"
        send(recorder.port, (len(text) + 4).to_bytes(4, "big") + text, *messages)
        return recorder

    good = "-c default_transaction_read_only=on -c statement_timeout=3000 -c lock_timeout=3000"
    select = message("P", b"\0SELECT 1\0\0\0")
    session(good, select, message("X", b"")).assert_sql_reads(3000)
    for name, options, *messages in [
            ("INSERT", good, message("P", b"\0INSERT INTO t VALUES (1)\0\0\0")),
            ("two statements", good, message("P", b"\0SELECT 1; DROP TABLE t\0\0\0")),
            ("simple protocol", good, message("Q", b"SELECT 1\0")),
            ("COPY", good, select, message("d", b"x")),
            ("may write", "-c statement_timeout=3000 -c lock_timeout=3000", select),
            ("no time-out", "-c default_transaction_read_only=on -c lock_timeout=3000", select),
            ("no statement", good, message("X", b""))]:
        assert caught(session(options, *messages).assert_sql_reads, 3000), name


def check_ldap():
    def operation(tag):
        return bytes([0x30, 5, 2, 1, 1, tag, 0])

    for tags, is_good in [((0x60, 0x63, 0x42), True), ((0x60, 0x63, 0x66), False), ((0x63, 0x68), False),
                          ((0x63, 0x4A), False), ((0x63, 0x6C), False), ((0x63, 0x77), False), ((0x60,), False)]:
        recorder = Recorder(answering(*[b"ok"] * len(tags)))
        send(recorder.port, *[operation(tag) for tag in tags])
        assert bool(caught(recorder.assert_ldap_reads)) != is_good, tags


def check_canary(test):
    test.secret_file()
    text = FAKE.format(python=sys.executable, folder=test.folder)
    test.dagfix = str(test.write("fake-dagfix", text, 0o755))
    modes = {"good": None, "stdout": "standard output", "stderr": "standard error", "bundle": "secret is in /",
             "hex": "secret is in /", "base64": "secret is in /", "name": "the name of", "left": "left behind",
             "temporary": "temporary file", "child": "started a process", "argument": "command line", "core": "core file"}
    for mode, words in modes.items():
        test.write("mode", mode)
        problem = caught(test.doctor, {})
        assert problem is None if words is None else problem and words in problem, f"{mode}: {problem}"


def check_fetching(test):
    """A registry that hangs, or has nothing, skips by name; it neither hangs nor fails the run."""
    for name, script, call, words in [
            ("mvn", "sleep 60 & sleep 60", "fetch_maven('opensearch')", "SKIPPED: opensearch: "),
            ("mvn", "echo '[ERROR] no such artifact'; exit 1", "fetch_maven('keycloak-26')", "no such artifact"),
            ("mvn", "exit 0", "fetch_maven('keycloak-26')", "another hash"),
            ("npm", "echo 'npm ERR! 503'; exit 1", "fetch_npm()", "SKIPPED: npm packages: npm ERR! 503")]:
        test.write(f"bin/{name}", f"#!/bin/sh\n{script}\n", 0o755)
        environment = {"PATH": f"{test.folder}/bin:/usr/bin:/bin", "XDG_CACHE_HOME": str(test.make("cache")),
                       "DAGFIX_RUNTIME_PATIENCE": "2"}
        for required, code in (("", 77), ("1", 1)) if name == "npm" else (("", 77),):
            run = subprocess.run([sys.executable, "-c", f"from components import *; {call}"], capture_output=True, text=True,
                                 cwd=HERE, env={**environment, "DAGFIX_RUNTIME_REQUIRED": required}, timeout=30)
            assert run.returncode == code and words in run.stdout and "SKIPPED: " in run.stdout, (name, run)


if __name__ == "__main__":
    with Test() as test:
        check_http()
        check_sql()
        check_ldap()
        check_fetching(test)
        check_canary(test)
