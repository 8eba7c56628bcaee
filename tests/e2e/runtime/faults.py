"""What goes wrong between dagfix and a service: nobody there, slow, refused, and TLS that must not be trusted.

Each fault must read as "could not be seen", with how to get access, and never as a step that is not done."""

import http.server
import socket
import ssl
import threading

from certificates import BAD
from recorder import copy
from services import free_port


class Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = True

    # Clients that give up, or do not trust the certificate, are part of the test.
    def handle_error(self, *_):
        pass


def serve(handler, tls=None):
    """The port of an HTTP server with this handler."""
    server = Quiet(("127.0.0.1", 0), handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


def tls_of(folder, name, clients=False):
    """A context with a certificate of the folder; `clients`: asks them for theirs."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    if clients:
        context.load_verify_locations(folder / "ca.pem")
        context.verify_mode = ssl.CERT_OPTIONAL
    return context


def refusing(status, body=b'{"error": "no"}', kind="application/json"):
    """The port of a server that answers everything so."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def do_any(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_HEAD = do_POST = do_any

    return serve(Handler)


def silent():
    """The port of a server that takes connections and never says a word."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=200)
    kept = []

    def accept():
        while True:
            kept.append(listener.accept())

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


def tls_front(target, context):
    """The port of a proxy that ends TLS before a plain port: for any protocol."""
    listener = socket.create_server(("127.0.0.1", 0))

    def handle(raw):
        try:
            client = context.wrap_socket(raw, server_side=True)
            server = socket.create_connection(("127.0.0.1", target))
        except OSError:
            return raw.close()
        threading.Thread(target=copy, args=(client, server), daemon=True).start()
        copy(server, client)

    def accept():
        while True:
            threading.Thread(target=handle, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


FAST = {"collect": {"timeout": "1"}}


def check_faults(test, plain, certificates, profile_of, entries, scheme="http", path="", good=("ok", "absent")):
    """All faults of a service that speaks HTTP or LDAP. `profile_of(url)` is the profile's tables with ca.pem as the
    authority, `plain` the service's own port, `certificates` a folder with those of BAD and "server"."""
    faults = [("down", f"{scheme}://127.0.0.1:{free_port()}", "unreachable", ""),
              ("slow", f"{scheme}://127.0.0.1:{silent()}", "unreachable", "time")]
    if scheme == "http":
        page = b"<html><title>Login</title></html>"
        faults += [("401", f"http://127.0.0.1:{refusing(401)}", "denied", "401"),
                   ("403", f"http://127.0.0.1:{refusing(403)}", "denied", "403"),
                   ("503", f"http://127.0.0.1:{refusing(503)}", "unreachable", "503"),
                   ("404 page", f"http://127.0.0.1:{refusing(404, page, 'text/html')}", None, "404"),
                   ("login page", f"http://127.0.0.1:{refusing(200, page, 'text/html')}", "malformed", "")]
    for name, words in BAD.items():
        port = tls_front(plain, tls_of(certificates, name))
        # libldap does not say what is wrong with a certificate.
        faults.append((name, f"{scheme}s://127.0.0.1:{port}", "unreachable", words if scheme == "http" else "certificate"))
    steps = {}
    for name, url, state, words in faults:
        run = test.doctor({**profile_of(url + path), **FAST})
        for entry in entries:
            if state:
                run.expect(entry, state, words)
            else:
                assert run.state(entry) in ("unreachable", "malformed"), (name, entry, run.entries[entry])
        assert run.code == 4, (name, run.code)
        # The verdict depends on the states alone.
        states = tuple(run.state(entry) for entry in entries)
        if states not in steps:
            steps[states] = test.assert_unknown(run, entries)
            assert steps[states], f"{name}: no step depends on {entries}"
    run = test.doctor(profile_of(f"{scheme}s://127.0.0.1:{tls_front(plain, tls_of(certificates, 'server'))}{path}"))
    for entry in entries:
        assert run.state(entry) in good, (entry, run.entries[entry])
    print(f"faults: {', '.join(name for name, *_ in faults)}; unknown then: {', '.join(sorted(set.union(*steps.values())))}")
