#!/usr/bin/env python3
"""What dagfix asks the host itself: systemd's units over a bus, docker over its socket, and folders that settings name.

There is no systemd in a container. A stand-in on a bus of its own answers as systemd's interface does."""

import contextlib
import http.server
import json
import os
import pty
import socketserver
import subprocess
import threading

from components import need_program, skip
from recorder import Recorder
from selftest import caught
from services import wait_until
from support import Test

UNITS = r'''
import sys, dbus, dbus.mainloop.glib, dbus.service
from gi.repository import GLib
dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
SYSTEMD, STATES = "org.freedesktop.systemd1", {"openrem-gunicorn.service": "active", "openrem-flower.service": "failed"}
class Unit(dbus.service.Object):
    def __init__(self, bus, path, name):
        super().__init__(bus, path)
        self.name = name
    @dbus.service.method("org.freedesktop.DBus.Properties", in_signature="ss", out_signature="v")
    def Get(self, interface, key):
        known = self.name in STATES
        return {"LoadState": "loaded" if known else "not-found", "ActiveState": STATES.get(self.name, "inactive"),
                "SubState": "running" if known else "dead", "ActiveEnterTimestamp": dbus.UInt64(1700000000000000 if known else 0),
                "MainPID": dbus.UInt32(77 if known else 0), "WorkingDirectory": "/srv/openrem" if known else ""}[key]
class Manager(dbus.service.Object):
    units = {}
    @dbus.service.method(SYSTEMD + ".Manager", in_signature="s", out_signature="o")
    def LoadUnit(self, name):
        path = "/org/freedesktop/systemd1/unit/" + "".join(c if c.isalnum() else "_%02x" % ord(c) for c in name)
        if path not in self.units: self.units[path] = Unit(self.connection, path, str(name))
        return dbus.ObjectPath(path)
    @dbus.service.method(SYSTEMD + ".Manager", in_signature="ss", out_signature="o")
    def StartUnit(self, name, mode):
        return self.LoadUnit(name)
bus = dbus.bus.BusConnection(sys.argv[1])
name = dbus.service.BusName(SYSTEMD, bus)
manager = Manager(bus, "/org/freedesktop/systemd1")
GLib.MainLoop().run()
'''
START = r'''
import sys, dbus
bus = dbus.bus.BusConnection(sys.argv[1])
manager = dbus.Interface(bus.get_object("org.freedesktop.systemd1", "/org/freedesktop/systemd1", introspect=False), "org.freedesktop.systemd1.Manager")
manager.StartUnit("a.service", "replace")
'''


class Docker(http.server.BaseHTTPRequestHandler):
    status = 200
    requests = []

    def log_message(self, *_):
        pass

    def address_string(self):
        return "docker"

    def do_any(self):
        Docker.requests.append((self.command, self.path))
        body = json.dumps([{"Names": ["/postgres15-backend"], "Command": "x"}, {"Names": ["/db15"]}]).encode()
        self.send_response(Docker.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_any


class UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


def check_docker(test):
    path = test.folder / "docker.sock"
    server = UnixServer(str(path), Docker)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    docker = {"DOCKER_HOST": f"unix://{path}"}
    host = test.doctor({}, environment=docker).json("host.json")
    assert host["docker"] is True and host["containers"] == ["postgres15-backend", "db15"], host
    assert Docker.requests == [("GET", "/containers/json?all=1")], Docker.requests
    for status in (403, 500):  # refused is not "no containers"
        Docker.status = status
        host = test.doctor({}, environment=docker).json("host.json")
        assert host["docker"] is True and "containers" not in host, host
    server.shutdown()
    host = test.doctor({}).json("host.json")
    assert host["docker"] is False and "containers" not in host, host


def check_progress(test):
    """What is being asked for is shown on a terminal, and nowhere else."""
    quiet = test.doctor({})
    assert "asking" not in quiet.err and "\r" not in quiet.err, quiet.err
    main, end = pty.openpty()
    process = subprocess.Popen([test.dagfix, "doctor", "--profile", str(test.folder / "profile.toml"), "--collect",
                                str(test.folder / "shown")], stdin=end, stdout=subprocess.DEVNULL, stderr=end,
                               env=test.environment(TERM="xterm", TMPDIR=str(test.make("shown-work"))))
    os.close(end)
    shown = b""
    with contextlib.suppress(OSError):  # the other end is closed
        while part := os.read(main, 4096):
            shown += part
    assert process.wait(60) in (0, 4) and b"asking: " in shown, shown
    # Its last line is the result: what was asked is wiped out.
    assert shown.rsplit(b"\x1b[K", 1)[1].strip().endswith(b"could not be had"), shown


def check_folders(test):
    """Folders that no key of the profile names."""
    root = test.write("static/js/django_reverse/reverse.js", "x").parents[2]
    settings = test.write("openrem/openremproject/local_settings.py", f"STATIC_ROOT = '{root}'\n")
    test.write("fast_0.1.3/minio/bucket/object", "x")
    test.write("fast_0.1.3/postgres-airflow/PG_VERSION", "9.5\n")
    run = test.doctor({"openrem": {"folder": str(settings.parents[1])}})
    listed = run.text("fs/tree.tsv")
    assert str(root / "js/django_reverse/reverse.js") in listed, listed
    assert str(test.folder / "fast_0.1.3/postgres-airflow/PG_VERSION") in listed, listed
    run.expect(f"fs/small{test.folder}/fast_0.1.3/postgres-airflow/PG_VERSION", "ok")
    assert f"No such file" in run.text("fs/errors.txt"), run.text("fs/errors.txt")


def check_units(test):
    """Asks a bus that has systemd's interface; False if there is nothing to make one with."""
    daemon = need_program("dbus-daemon", "dbus-daemon")
    python = "/usr/bin/python3"
    if os.system(f"{python} -c 'import dbus, gi' 2>/dev/null") != 0:
        skip("systemd's stand-in", "Debian's python3-dbus and python3-gi are not installed: tools/setup.sh runtime")
    bus = test.folder / "bus"
    config = test.write("bus.conf", f"""<busconfig><type>session</type><listen>unix:path={bus}</listen>
<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy></busconfig>""")
    test.start("dbus", [daemon, "--nofork", "--nopidfile", f"--config-file={config}"])
    wait_until(bus.exists, 20, "dbus-daemon")
    recorded = test.folder / "recorded-bus"
    recorder = Recorder(bus, recorded)
    environment = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={recorded}"}
    openrem = {"openrem": {"folder": str(test.make("openrem"))}}
    # A bus without systemd.
    run = test.doctor(openrem, environment=environment)
    run.expect("units.txt", "unreachable")
    test.judge(run, "openrem-0.9.1-to-0.10.0").expect(OR_4="unknown")
    units = test.start("units", [python, str(test.write("units.py", UNITS)), f"unix:path={bus}"])
    recorder.streams.clear()
    wait_until(lambda: test.doctor(openrem, environment=environment).state("units.txt") == "ok", 20, "units", units)
    recorder.streams.clear()
    run = test.doctor(openrem, environment=environment)
    blocks = {block.split("\n")[0]: block for block in run.text("units.txt").strip().split("\n\n")}
    active = blocks["Id=openrem-gunicorn.service"]
    assert "LoadState=loaded\nActiveState=active\n" in active and "MainPID=77\nWorkingDirectory=/srv/openrem" in active, active
    assert "ActiveEnterTimestamp=2023-11-14T22:13:20Z" in active, active
    assert "ActiveState=failed" in blocks["Id=openrem-flower.service"]
    assert "LoadState=not-found" in blocks["Id=orthanc.service"]
    recorder.assert_dbus_reads()
    test.judge(run, "openrem-0.9.1-to-0.10.0").expect(OR_3="done/stopped", OR_4="not-applicable/none")
    # The recorder sees somebody who starts a unit.
    os.system(f"{python} {test.write('start.py', START)} unix:path={recorded} 2>/dev/null")
    assert "StartUnit" in (caught(recorder.assert_dbus_reads) or ""), recorder.dbus_members()


if __name__ == "__main__":
    with Test() as test:
        check_docker(test)
        check_folders(test)
        check_progress(test)
        check_units(test)
