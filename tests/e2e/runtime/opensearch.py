#!/usr/bin/env python3
"""Indices, repositories and snapshots of a real OpenSearch on the way from 0.3 to 0.4: with the guide's wrong repository
path, with a snapshot that is restored, merged and copied, and behind TLS with a client certificate."""

import http.server
import os
import subprocess

from certificates import make_certificates
from components import fetch_maven, need_program, unpack
from faults import check_faults, serve, tls_of
from recorder import Recorder
from services import as_nobody, free_port, give_to_nobody, http as ask, wait_until
from support import Test

GUIDE = "kaapana-0.3-to-0.4"
# Where Kaapana's containers have their snapshots: before in the folder of the logs, after in one of their own.
BEFORE, AFTER, WRONG = "/usr/share/opensearch/logs/snapshots", "/usr/share/opensearch/snapshots", "/usr/share/snapshots"


def in_own_folders(command):
    """The command as nobody, with /usr/share of its own, in which there are Kaapana's folders. None: not possible here."""
    folders = f"mount -t tmpfs none /usr/share && mkdir -m 777 -p {BEFORE} {AFTER} {WRONG}"
    prefix = ["unshare", "--mount", "sh", "-c", folders + ' && exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"', "sh"]
    is_possible = os.geteuid() == 0 and subprocess.run([*prefix, "true"], capture_output=True).returncode == 0
    return [*prefix, *command] if is_possible else None


class Front(http.server.BaseHTTPRequestHandler):
    """Lets those through who show the client certificate, as the security plug-in does."""
    seen = []
    url = ""

    def log_message(self, *_):
        pass

    def do_GET(self):
        Front.seen.append((self.connection.getpeercert() or {}).get("subject"))
        status, body = (403, b"Forbidden") if not Front.seen[-1] else ask("GET", Front.url + self.path)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def check_client_certificates(test, certificates, url):
    Front.url = url
    port = serve(Front, tls_of(certificates, "server", clients=True))
    secure = {"url": f"https://localhost:{port}", "ca": str(certificates / "ca.pem")}
    run = test.doctor({"opensearch": {**secure, "client-cert": str(certificates / "admin.pem"),
                                      "client-key": str(certificates / "admin.key"), "user": "admin",
                                      "password": test.secret_file()}})
    run.expect("opensearch/repos.json", "ok")
    assert (("commonName", "admin"),) in Front.seen[-1], Front.seen[-1]
    run = test.doctor({"opensearch": secure})
    run.expect("opensearch/repos.json", "denied", "403")
    run = test.doctor({"opensearch": {"url": secure["url"]}})
    run.expect("opensearch/repos.json", "unreachable", "certificate")


with Test() as test:
    java = os.path.realpath(need_program("java", "openjdk-17-jre-headless")).removesuffix("/bin/java")
    home = unpack(fetch_maven("opensearch"), test.folder)
    port = free_port()
    command = in_own_folders([str(home / "bin/opensearch")])
    before, after, wrong = BEFORE, AFTER, WRONG
    if not command:
        print(f"SKIPPED: {AFTER}: no mounts of one's own here; K04-3a and K04-8b are not seen done")
        command = [str(home / "bin/opensearch")]
        before, after = str(test.make("snapshots/before")), str(test.make("snapshots/after"))
    (home / "config/opensearch.yml").write_text(
        f"cluster.name: test\ndiscovery.type: single-node\nnetwork.host: 127.0.0.1\nhttp.port: {port}\n"
        f"transport.port: {free_port()}\npath.repo: ['{before}', '{after}']\npath.data: {home}/data\npath.logs: {home}/logs\n")
    for program in (home / "bin").iterdir():
        program.chmod(0o755)
    give_to_nobody(home)
    if before != BEFORE:
        give_to_nobody(test.folder / "snapshots")
    url = f"http://127.0.0.1:{port}"
    options = {} if before == BEFORE else as_nobody()
    server = test.start("opensearch", command, cwd=home, env={
        "PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "OPENSEARCH_JAVA_HOME": java, "HOME": str(home), "OPENSEARCH_JAVA_OPTS":
        "-Xms256m -Xmx256m -XX:TieredStopAtLevel=1"}, **options)
    certificates = make_certificates(test.make("certificates"), ["server", "admin"], bad=True)
    wait_until(lambda: ask("GET", url)[0] == 200, 300, "opensearch", server)

    def put(path, body, status=(200, 201)):
        answer = ask("PUT", url + path, body)
        assert answer[0] in status, answer
        return answer[1].decode()

    def fill(index, count):
        for i in range(count):
            put(f"/{index}/_doc/{i}?refresh=true", {"i": i})

    fill("meta-index", 7)
    recorder = Recorder(port)

    def profile_of(url):
        return {"opensearch": {"url": url, "ca": str(certificates / "ca.pem")}}

    def collect():
        return test.doctor(profile_of(f"http://127.0.0.1:{recorder.port}"))

    def expect(run, phase="after", baseline=None, **verdicts):
        test.judge(run, GUIDE, phase, baseline).expect(**verdicts)

    # The guide's path is outside of path.repo: it cannot be created, and there is none.
    assert "path.repo" in put("/_snapshot/wrong", {"type": "fs", "settings": {"location": wrong}}, [500, 400])
    run = collect()
    assert run.json("opensearch/repos.json") == {}, run.json("opensearch/repos.json")
    assert after in run.text("opensearch/nodes_settings.json")
    assert run.json("opensearch/count_meta-index.json")["count"] == 7
    run.expect("opensearch/count_project_admin.json", "absent", "404")
    assert [i["index"] for i in run.json("opensearch/cat_indices.json") if not i["index"].startswith(".")] == ["meta-index"]
    expect(run, "before", K04_3a="todo/none", K04_3b="todo/none")
    expect(run, "after", K04_8b="todo/none", K04_9="todo/none", K04_10="todo/none")

    put("/_snapshot/backup", {"type": "fs", "settings": {"location": before}})
    put("/_snapshot/backup/first?wait_for_completion=true", {"indices": "meta-index", "include_global_state": False})
    taken = collect()
    assert [s["state"] for s in taken.json("opensearch/snapshots_backup.json")["snapshots"]] == ["SUCCESS"]
    if before == BEFORE:
        expect(taken, "before", K04_3a="done/there")
    # The same place is wrong for the new platform.
    expect(taken, "after", K04_8b="broken/outside")

    assert ask("DELETE", url + "/_snapshot/backup")[0] == 200
    put("/_snapshot/moved", {"type": "fs", "settings": {"location": after}})
    put("/_snapshot/moved/second?wait_for_completion=true", {"indices": "meta-index", "include_global_state": False})
    run = collect()
    expect(run, "before", K04_3a="broken/elsewhere")
    if after == AFTER:
        expect(run, "after", K04_8b="done/there")
    expect(run, "after", taken, K04_8c="broken/no-prefix")
    status, _ = ask("POST", url + "/_snapshot/moved/second/_restore?wait_for_completion=true",
                    {"indices": "meta-index", "rename_pattern": "(.+)", "rename_replacement": "restored_$1"})
    assert status == 200 and ask("DELETE", url + "/meta-index")[0] == 200
    run = collect()
    assert run.json("opensearch/repos.json")["moved"]["settings"]["location"] == after
    assert run.json("opensearch/count_restored_meta-index.json")["count"] == 7
    shard = run.json("opensearch/recovery_restored_meta-index.json")["restored_meta-index"]["shards"][0]
    assert (shard["type"], shard["stage"]) == ("SNAPSHOT", "DONE"), shard
    ids = [h["_id"] for h in run.json("opensearch/ids_restored_meta-index.json")["hits"]["hits"]]
    assert ids == [str(i) for i in range(7)], ids
    run.expect("opensearch/tasks.json", "ok")
    expect(run, "after", taken, K04_8c="done/restored", K04_9="todo/none", K04_10="todo/none")

    # Merged and copied, first with a document missing. The distribution for tests has no _reindex.
    fill("project_merged", 6)
    expect(collect(), "after", taken, K04_9="broken/less")
    fill("project_merged", 7)
    fill("project_admin", 6)
    expect(collect(), "after", taken, K04_9="done/merged", K04_10="broken/less")
    fill("project_admin", 7)
    expect(collect(), "after", taken, K04_9="done/merged", K04_10="done/copied")
    recorder.assert_http_reads()

    check_client_certificates(test, certificates, url)
    check_faults(test, port, certificates, profile_of, ["opensearch/repos.json", "opensearch/cat_indices.json"])
