#!/usr/bin/env python3
"""The server as a process: how it starts and ends, and what no client should send.

    tests/lsp/process.py DAGFIX
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

DAGFIX = os.path.abspath(sys.argv[1])
DAG = "from kaapana.operators.DcmSendOperator import DcmSendOperator\nDcmSendOperator(ram_mem_mb=1)\n"


def framed(message):
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


def request(number, method, params):
    return framed({"jsonrpc": "2.0", "id": number, "method": method, "params": params})


def notification(method, params):
    return framed({"jsonrpc": "2.0", "method": method, "params": params})


def opened(uri, text):
    return notification("textDocument/didOpen", {"textDocument": {
        "uri": uri, "languageId": "python", "version": 1, "text": text}})


INITIALIZE = request(1, "initialize", {"processId": None, "capabilities": {}})
SHUTDOWN = request(9, "shutdown", None)
EXIT = notification("exit", None)


def start(**options):
    return subprocess.Popen([DAGFIX, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            **options)


def session(data, seconds=60):
    """Exit code and messages for a client that sends all of it and closes its end."""
    server = start()
    out, _ = server.communicate(data, timeout=seconds)
    messages = []
    while out:
        header, _, rest = out.partition(b"\r\n\r\n")
        length = int(header.split(b":")[1])
        messages.append(json.loads(rest[:length]))
        out = rest[length:]
    return server.returncode, messages


def expect(what, condition):
    if not condition:
        sys.exit(f"process.py: {what}")


def error_codes(messages):
    return [it["error"]["code"] for it in messages if "error" in it]


def exit_codes():
    expect("0 after shutdown", session(INITIALIZE + SHUTDOWN + EXIT)[0] == 0)
    expect("1 without shutdown", session(INITIALIZE + EXIT)[0] == 1)
    expect("1 when the client closes its end", session(INITIALIZE)[0] == 1)
    expect("0 when it closes its end after shutdown", session(INITIALIZE + SHUTDOWN)[0] == 0)
    expect("1 without a word", session(b"")[0] == 1)


def malformed():
    rubbish = b"GET / HTTP/1.1\r\n\r\n" + framed(b"{") + framed(b"[1") + framed(b"\xff\xfe") + framed(b"")
    code, messages = session(rubbish + INITIALIZE + SHUTDOWN + EXIT)
    expect("it goes on after rubbish", code == 0)
    expect("rubbish is told", error_codes(messages) == [-32700] * 5)
    deep = b"[" * 1000000
    code, messages = session(framed(deep) + framed(deep + b"]" * 1000000) + INITIALIZE + SHUTDOWN + EXIT)
    expect("deep nesting is an error", code == 0 and error_codes(messages) == [-32700, -32600])
    code, _ = session(b"Content-Length: 99999999999\r\n\r\n" + b"x" * 1000)
    expect("a message without an end", code == 1)


def large_document():
    text = "x = '" + "y" * 50_000_000 + "'\n"
    change = notification("textDocument/didChange", {
        "textDocument": {"uri": "file:///large.py", "version": 2},
        "contentChanges": [{"range": {"start": {"line": 0, "character": 5},
                                      "end": {"line": 0, "character": 6}}, "text": "z"}]})
    code, messages = session(INITIALIZE + notification("initialized", {})
                             + opened("file:///large.py", text) + change + SHUTDOWN + EXIT)
    expect("a document of 50 MB", code == 0 and not error_codes(messages))


def client_vanishes():
    with tempfile.TemporaryDirectory() as folder:
        # The server's parent is a shell that is killed while others keep the pipes open.
        script = f"exec 3>&1; {DAGFIX} lsp <&0 & echo $! >{folder}/pid; wait"
        shell = subprocess.Popen(["bash", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        while not os.path.exists(f"{folder}/pid") or not open(f"{folder}/pid").read().strip():
            time.sleep(0.02)
        server = int(open(f"{folder}/pid").read())
        shell.stdin.write(request(1, "initialize", {"processId": shell.pid, "capabilities": {}}))
        shell.stdin.flush()
        shell.stdout.readline()
        shell.kill()
        shell.wait()
        until = time.time() + 30
        while time.time() < until:
            try:
                os.kill(server, 0)
            except ProcessLookupError:
                return
            time.sleep(0.05)
        os.kill(server, signal.SIGKILL)
        expect("it ends when its client is gone", False)


def nobody_reads():
    server = start()
    server.stdout.close()
    server.stdin.write(INITIALIZE + notification("initialized", {}) + opened("file:///a.py", DAG))
    try:
        server.stdin.close()
    except BrokenPipeError:
        pass
    expect("1 when nobody reads what it says", server.wait(30) == 1)


def main():
    for check in (exit_codes, malformed, large_document, client_vanishes, nobody_reads):
        check()
    print("process.py: all right")


main()
