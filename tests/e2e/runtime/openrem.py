#!/usr/bin/env python3
"""OpenREM's folder, processes and web interface; not its units: without systemd nobody can be asked."""

import http.server
import pathlib
import subprocess
import threading

from support import Test


class Web(http.server.BaseHTTPRequestHandler):
    methods = []

    def log_message(self, *_):
        pass

    def do_any(self):
        Web.methods.append(self.command)
        self.send_response(302)
        self.send_header("Location", "/accounts/login/?next=/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_any


with Test() as test:
    packages = "venv/lib/python2.7/site-packages"
    test.write(f"{packages}/OpenREM-0.10.0.dist-info/METADATA", "Name: OpenREM\nVersion: 0.10.0\n\nName: no\n")
    test.write(f"{packages}/celery-4.2.2-py2.7.egg-info/PKG-INFO", "Name: celery\nVersion: 4.2.2\n")
    test.write(f"{packages}/openrem/remapp/version.py", "__version__ = '0.10.0'\n")
    test.write(f"{packages}/openrem/openremproject/local_settings.py",
               f"DATABASES = {{'default': {{'PASSWORD': '{test.canary}'}}}}\nSTATIC_ROOT = '/var/static'\n"
               f"BROKER_URL = 'amqp://guest:{test.canary}@localhost//'\n")
    worker = subprocess.Popen(["bash", "-c", "exec -a 'celery worker' sleep 100"])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Web)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        run = test.doctor({"openrem": {"folder": str(test.folder / packages / "openrem"),
                                       "url": f"http://127.0.0.1:{server.server_port}"}})
    finally:
        worker.kill()
        worker.wait()
    assert run.text("pip-freeze.txt") == "OpenREM==0.10.0\ncelery==4.2.2\n", run.text("pip-freeze.txt")
    assert "STATIC_ROOT = '/var/static'" in run.text("local_settings.py")
    assert "0.10.0" in run.text("version.py")
    assert f"{worker.pid} celery worker 100" in run.text("processes.txt"), run.text("processes.txt")
    web = run.json("http_openrem.json")
    assert web["status"] == 302 and web["location"].endswith("/accounts/login/?next=/"), web
    assert Web.methods == ["GET"]
    if not pathlib.Path("/run/dbus/system_bus_socket").exists():
        run.expect("units.txt", "unreachable")
