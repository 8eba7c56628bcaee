#!/usr/bin/env python3
"""Lists of the Kubernetes API from a stand-in with paging, 401, 403, 410, slow answers and TLS.

The stand-in answers as the API server does (Kubernetes 1.26 to 1.33): limit and continue, Status objects, 410 with
reason Expired. kubernetes_real.py asks the real one."""

import base64
import http.server
import json
import ssl
import threading
import time
import urllib.parse

from certificates import make_certificates
from support import Test, free_port

PLURALS = ["namespaces", "nodes", "pods", "deployments", "replicasets", "statefulsets", "jobs", "configmaps",
           "persistentvolumes", "persistentvolumeclaims", "services", "ingresses"]


class Cluster(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    requests = []
    objects = {}
    mode = ""

    def log_message(self, *_):
        pass

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def refuse(self, status, reason, message):
        self.answer(status, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason,
                             "message": message, "code": status})

    def do_any(self):
        url = urllib.parse.urlparse(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        plural = url.path.rsplit("/", 1)[1]
        Cluster.requests.append((self.command, self.path))
        if Cluster.mode == "slow":
            time.sleep(6)
        if Cluster.mode == "401" or self.headers.get("Authorization") != "Bearer " + Cluster.token:
            return self.refuse(401, "Unauthorized", "Unauthorized")
        if Cluster.mode == "403" and plural == "pods":
            return self.refuse(403, "Forbidden", 'pods is forbidden: User "u" cannot list resource "pods"')
        if plural == "ingresses" and Cluster.mode == "404":
            return self.refuse(404, "NotFound", "the server could not find the requested resource")
        items = Cluster.objects.get(plural, [])
        start = int(query.get("continue", "0"))
        if Cluster.mode == "410" and start > 0:
            return self.refuse(410, "Expired", "The provided continue parameter is too old")
        limit = int(query.get("limit", "0")) or len(items)
        metadata = {"resourceVersion": "1"}
        if start + limit < len(items):
            metadata["continue"] = str(start + limit)
        self.answer(200, {"kind": plural.capitalize()[:-1] + "List", "apiVersion": "v1", "metadata": metadata,
                          "items": items[start:start + limit]})

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_any


class Quiet(http.server.ThreadingHTTPServer):
    # Clients that give up, or do not trust the certificate, are part of the test.
    def handle_error(self, *_):
        pass


def named(name, **more):
    return {"metadata": {"name": name, "namespace": "services", "managedFields": [{"manager": "x"}]}, **more}


with Test() as test:
    certificates = test.make("certificates")
    make_certificates(certificates, ["server", "client"])
    Cluster.token = test.canary
    Cluster.objects = {
        "namespaces": [named("services")],
        "nodes": [named("node1")],
        "pods": [named(f"pod-{i}", status={"phase": "Running"}) for i in range(1201)],
        "configmaps": [named("os-config")],
        "services": [named("minio-service", spec={"clusterIP": "127.0.0.1", "ports": [{"port": 9}]})],
        # An old server sends all of the Secret.
        "secrets": [{"metadata": {"name": "sh.helm.release.v1.kaapana.v1", "namespace": "default",
                                  "labels": {"owner": "helm", "name": "kaapana", "status": "deployed", "version": "1"},
                                  "annotations": {"a": test.canary}},
                     "data": {"release": base64.b64encode(test.canary.encode()).decode()}}],
    }
    port = free_port()
    server = Quiet(("127.0.0.1", port), Cluster)
    server.daemon_threads = True
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificates / "server.pem", certificates / "server.key")
    tls.load_verify_locations(certificates / "ca.pem")
    tls.verify_mode = ssl.CERT_OPTIONAL
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def collect(mode="", cluster=None, user=None):
        Cluster.mode, Cluster.requests = mode, []
        authority = base64.b64encode((certificates / "ca.pem").read_bytes()).decode()
        config = {"kind": "Config", "apiVersion": "v1", "current-context": "c",
                  "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
                  "clusters": [{"name": "c", "cluster": {"server": f"https://127.0.0.1:{port}",
                                                         "certificate-authority-data": authority, **(cluster or {})}}],
                  "users": [{"name": "u", "user": {"token": test.canary, "client-certificate": "certificates/client.pem",
                                                   "client-key": "certificates/client.key", **(user or {})}}]}
        test.write("kubeconfig", json.dumps(config))
        return test.doctor({"kubernetes": {"kubeconfig": str(test.folder / "kubeconfig")}})

    run = collect()
    for plural in PLURALS:
        run.expect(f"k8s/{plural}.json", "ok")
    pods = run.json("k8s/pods.json")
    assert [p["metadata"]["name"] for p in pods["items"]] == [f"pod-{i}" for i in range(1201)]
    assert pods["kind"] == "PodList", pods["kind"]
    assert "managedFields" not in pods["items"][0]["metadata"]
    assert "managedFields" in run.json("k8s/configmaps.json")["items"][0]["metadata"]
    releases = run.json("k8s/helm-secrets.json")
    assert [r["metadata"]["labels"]["status"] for r in releases["items"]] == ["deployed"], releases
    assert "data" not in releases["items"][0]
    assert run.manifest["profile"]["minio.url"] == "http://minio-service.services.svc:9", run.manifest["profile"]
    assert {method for method, _ in Cluster.requests} == {"GET"}, Cluster.requests
    assert len([t for _, t in Cluster.requests if "/pods" in t]) == 3, Cluster.requests

    run = collect("410")
    assert len(run.json("k8s/pods.json")["items"]) == 1201

    run = collect("403")
    run.expect("k8s/pods.json", "denied", "pods is forbidden")
    run.expect("k8s/nodes.json", "ok")
    assert run.code == 4

    run = collect("401")
    run.expect("k8s/pods.json", "denied", "401")
    run.expect("k8s/helm-secrets.json", "denied", "401")

    run = collect("404")
    run.expect("k8s/ingresses.json", "absent")

    run = collect("slow")
    run.expect("k8s/pods.json", "unreachable", "time")

    make_certificates(test.make("others"), [])
    other = base64.b64encode((test.folder / "others/ca.pem").read_bytes()).decode()
    run = collect(cluster={"certificate-authority-data": other})
    run.expect("k8s/pods.json", "unreachable", "certificate")
    assert Cluster.requests == []

    run = collect(cluster={"insecure-skip-tls-verify": True})
    run.expect("k8s/pods.json", "unreachable", "verifies always")
    assert Cluster.requests == []

    run = collect(user={"exec": {"command": "/bin/true", "apiVersion": "v1"}})
    run.expect("k8s/pods.json", "unreachable", "runs none")

    run = collect(cluster={"server": f"https://127.0.0.1:{free_port()}"})
    run.expect("k8s/pods.json", "unreachable", "connect")
    run.expect("k8s/helm-secrets.json", "unreachable", "connect")
