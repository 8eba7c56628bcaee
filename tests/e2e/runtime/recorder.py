"""A proxy that writes down what dagfix sends, and what may be in it. selftest.py shows that it sees what may not."""

import socket
import struct
import threading

TOKEN_ENDPOINT = "/realms/master/protocol/openid-connect/token"


def copy(source, sink, kept=None):
    """Hands on what comes from one socket to another until one of them ends, and keeps it in a bytearray."""
    try:
        while data := source.recv(65536):
            if kept is not None:
                kept += data
            sink.sendall(data)
    except OSError:
        pass
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class Recorder:
    """Stands before a service, a TCP port or the path of a Unix socket, and keeps all bytes that clients send to it."""

    def __init__(self, target, socket_path=None):
        self.target = target
        self.streams = []
        if socket_path:
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(str(socket_path))
            self.listener.listen()
        else:
            self.listener = socket.create_server(("127.0.0.1", 0))
            self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _connect(self):
        if isinstance(self.target, int):
            return socket.create_connection(("127.0.0.1", self.target))
        server = socket.socket(socket.AF_UNIX)
        server.connect(str(self.target))
        return server

    def _accept(self):
        while True:
            client, _ = self.listener.accept()
            try:
                server = self._connect()
            except OSError:
                client.close()
                continue
            stream = bytearray()
            self.streams.append(stream)
            threading.Thread(target=copy, args=(client, server, stream), daemon=True).start()
            threading.Thread(target=copy, args=(server, client), daemon=True).start()

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
        """(type, text) of all messages of PostgreSQL's protocol; text of 'P' and 'Q' is the statement."""
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
                part = {"P": 1, "Q": 0}.get(kind)
                found.append((kind, body.split(b"\0")[part].decode() if part is not None else ""))
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

    def dbus_members(self):
        """Names of the methods that were called. Behind the login come messages whose header field 3 is that."""
        found = []
        for stream in self.streams:
            _, _, data = bytes(stream).partition(b"BEGIN\r\n")
            while data:
                order = "<" if data[0:1] == b"l" else ">"
                body, _, fields = struct.unpack(order + "III", data[4:16])
                header = data[16:16 + fields]
                at = header.find(b"\x03\x01s\0")
                while at >= 0 and at % 8:  # each field begins at a multiple of 8
                    at = header.find(b"\x03\x01s\0", at + 1)
                if data[1] == 1 and at >= 0:
                    size = struct.unpack(order + "I", header[at + 4:at + 8])[0]
                    found.append(header[at + 8:at + 8 + size].decode())
                data = data[16 + (fields + 7) // 8 * 8 + body:]
        return found

    def assert_http_reads(self, logins=0, since=0):
        """Nothing but GET and HEAD, and so many POSTs to Keycloak's token endpoint."""
        requests = self.http_requests()[since:]
        assert requests, "nothing was recorded"
        posts = [target for method, target in requests if method == "POST"]
        assert {method for method, _ in requests} <= {"GET", "HEAD", "POST"}, requests
        assert all(target.endswith(TOKEN_ENDPOINT) for target in posts) and len(posts) == logins, requests

    def assert_sql_reads(self, timeout):
        """One SELECT or SHOW at a time, in sessions that only read and end statements after `timeout` ms."""
        messages = self.sql_messages()
        statements = [text for kind, text in messages if kind in "PQ"]
        assert statements and all(s.startswith(("SELECT ", "SHOW ")) and ";" not in s for s in statements), statements
        assert {kind for kind, _ in messages} <= {"startup", "p", "P", "B", "D", "E", "S", "X"}, messages
        startups = [text for kind, text in messages if kind == "startup"]
        for wanted in ("default_transaction_read_only=on", f"statement_timeout={timeout}", f"lock_timeout={timeout}"):
            assert all(wanted in text for text in startups), startups

    def assert_ldap_reads(self):
        operations = self.ldap_operations()
        assert 0x63 in operations and set(operations) <= {0x60, 0x63, 0x42, 0x50}, [hex(o) for o in operations]

    def assert_dbus_reads(self):
        members = self.dbus_members()
        assert "Get" in members and set(members) <= {"Hello", "LoadUnit", "Get"}, members


def _ber_length(data):
    if data[1] < 0x80:
        return data[1], 2
    count = data[1] & 0x7F
    return int.from_bytes(data[2:2 + count], "big"), 2 + count
