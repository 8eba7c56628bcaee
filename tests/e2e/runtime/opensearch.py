#!/usr/bin/env python3
"""Indices, repositories and snapshots of a real OpenSearch, with the guide's wrong repository path and TLS."""

import http.server
import os
import ssl
import threading

from certificates import make_certificates
from support import (Recorder, Test, as_nobody, fetch_maven, free_port, give_to_nobody, http as ask, need_program,
                     unpack, wait_until)

with Test() as test:
    need_program("java", "openjdk-17-jre-headless")
    home = unpack(fetch_maven("opensearch"), test.folder)
    port = free_port()
    snapshots = test.make("snapshots")
    (home / "config/opensearch.yml").write_text(
        f"cluster.name: test\ndiscovery.type: single-node\nnetwork.host: 127.0.0.1\nhttp.port: {port}\n"
        f"transport.port: {free_port()}\npath.repo: {snapshots}\npath.data: {home}/data\npath.logs: {home}/logs\n")
    for program in (home / "bin").iterdir():
        program.chmod(0o755)
    give_to_nobody(home)
    give_to_nobody(snapshots)
    url = f"http://127.0.0.1:{port}"
    java = os.path.realpath(need_program("java", "openjdk-17-jre-headless")).removesuffix("/bin/java")
    server = test.start("opensearch", [str(home / "bin/opensearch")], cwd=home, env={
        "PATH": "/usr/bin:/bin", "OPENSEARCH_JAVA_HOME": java, "HOME": str(home),
        "OPENSEARCH_JAVA_OPTS": "-Xms512m -Xmx512m -XX:TieredStopAtLevel=1"}, **as_nobody())
    wait_until(lambda: ask("GET", url)[0] == 200, 300, "opensearch")

    def put(path, body, status=(200, 201)):
        answer = ask("PUT", url + path, body)
        assert answer[0] in status, answer
        return answer[1].decode()

    for i in range(7):
        put(f"/meta-index/_doc/{i}?refresh=true", {"i": i})
    recorder = Recorder(port)
    target = {"opensearch": {"url": f"http://127.0.0.1:{recorder.port}"}}

    # The guide's path is outside of path.repo: it cannot be created, and the bundle shows none.
    assert "path.repo" in put("/_snapshot/wrong", {"type": "fs", "settings": {"location": "/usr/share/snapshots"}}, [500, 400])
    run = test.doctor(target)
    assert run.json("opensearch/repos.json") == {}, run.json("opensearch/repos.json")
    assert str(snapshots) in run.text("opensearch/nodes_settings.json")
    assert run.json("opensearch/count_meta-index.json")["count"] == 7
    run.expect("opensearch/count_project_admin.json", "absent", "404")
    assert [i["index"] for i in run.json("opensearch/cat_indices.json") if not i["index"].startswith(".")] == ["meta-index"]

    put("/_snapshot/backup", {"type": "fs", "settings": {"location": str(snapshots)}})
    put("/_snapshot/backup/first?wait_for_completion=true", {"indices": "meta-index", "include_global_state": False})
    status, _ = ask("POST", url + "/_snapshot/backup/first/_restore?wait_for_completion=true",
                    {"indices": "meta-index", "rename_pattern": "(.+)", "rename_replacement": "restored_$1"})
    assert status == 200
    run = test.doctor(target)
    assert run.json("opensearch/repos.json")["backup"]["settings"]["location"] == str(snapshots)
    assert [s["state"] for s in run.json("opensearch/snapshots_backup.json")["snapshots"]] == ["SUCCESS"]
    assert run.json("opensearch/count_restored_meta-index.json")["count"] == 7
    shard = run.json("opensearch/recovery_restored_meta-index.json")["restored_meta-index"]["shards"][0]
    assert (shard["type"], shard["stage"]) == ("SNAPSHOT", "DONE"), shard
    ids = [h["_id"] for h in run.json("opensearch/ids_restored_meta-index.json")["hits"]["hits"]]
    assert ids == [str(i) for i in range(7)], ids
    run.expect("opensearch/tasks.json", "ok")
    assert {method for method, _ in recorder.http_requests()} == {"GET"}, recorder.http_requests()

    # The same behind TLS with a client certificate and a password, as 0.4 and newer have it.
    certificates = test.make("certificates")
    make_certificates(certificates, ["server", "admin"])

    class Front(http.server.BaseHTTPRequestHandler):
        seen = []

        def log_message(self, *_):
            pass

        def do_GET(self):
            Front.seen.append((self.connection.getpeercert() or {}).get("subject"))
            status, body = (403, b"Forbidden") if not Front.seen[-1] else ask("GET", url + self.path)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    front = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Front)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificates / "server.pem", certificates / "server.key")
    tls.load_verify_locations(certificates / "ca.pem")
    tls.verify_mode = ssl.CERT_OPTIONAL
    front.socket = tls.wrap_socket(front.socket, server_side=True)
    threading.Thread(target=front.serve_forever, daemon=True).start()
    secure = {"url": f"https://localhost:{front.server_port}", "ca": str(certificates / "ca.pem")}

    run = test.doctor({"opensearch": {**secure, "client-cert": str(certificates / "admin.pem"),
                                      "client-key": str(certificates / "admin.key"), "user": "admin",
                                      "password": test.secret_file()}})
    run.expect("opensearch/repos.json", "ok")
    assert (("commonName", "admin"),) in Front.seen[-1], Front.seen[-1]
    run = test.doctor({"opensearch": secure})
    run.expect("opensearch/repos.json", "denied", "403")
    run = test.doctor({"opensearch": {"url": secure["url"]}})
    run.expect("opensearch/repos.json", "unreachable", "certificate")

    test.stop(server)
    run = test.doctor(target)
    assert run.state("opensearch/repos.json") == "unreachable", run.entries["opensearch/repos.json"]
