#!/usr/bin/env python3
"""Lists of the Kubernetes API from a stand-in with paging, 401, 403, 410, slow answers and TLS.

The stand-in answers as the API server does (Kubernetes 1.26 to 1.33): limit and continue, Status objects, 410 with
reason Expired."""

import base64
import http.server
import json
import time
import urllib.parse

from certificates import BAD, make_certificates
from faults import FAST, serve, silent, tls_of
from services import free_port
from support import Test

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
        if Cluster.mode == "certificate":
            names = dict(pair for (pair,) in (self.connection.getpeercert() or {}).get("subject", ()))
            if self.headers.get("Authorization") or names.get("commonName") != "client":
                return self.refuse(401, "Unauthorized", "Unauthorized")
        elif Cluster.mode == "401" or self.headers.get("Authorization") != "Bearer " + Cluster.token:
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


def named(name, **more):
    return {"metadata": {"name": name, "namespace": "services", "managedFields": [{"manager": "x"}]}, **more}


with Test() as test:
    certificates = make_certificates(test.make("certificates"), ["server", "client"], bad=True)
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
    port = serve(Cluster, tls_of(certificates, "server", clients=True))

    def collect(mode="", cluster=None, user=None, **profile):
        Cluster.mode, Cluster.requests = mode, []
        authority = base64.b64encode((certificates / "ca.pem").read_bytes()).decode()
        config = {"kind": "Config", "apiVersion": "v1", "current-context": "c",
                  "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
                  "clusters": [{"name": "c", "cluster": {"server": f"https://127.0.0.1:{port}",
                                                         "certificate-authority-data": authority, **(cluster or {})}}],
                  "users": [{"name": "u", "user": {"token": test.canary, "client-certificate": "certificates/client.pem",
                                                   "client-key": "certificates/client.key", **(user or {})}}]}
        test.write("kubeconfig", json.dumps(config))
        return test.doctor({"kubernetes": {"kubeconfig": str(test.folder / "kubeconfig")}, **profile})

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

    # A client certificate instead of a token, from files and from the kubeconfig itself.
    collect("certificate", user={"token": ""}).expect("k8s/pods.json", "ok")
    data = {f"client-{part}-data": base64.b64encode((certificates / f"client.{end}").read_bytes()).decode()
            for part, end in (("certificate", "pem"), ("key", "key"))}
    collect("certificate", user={"token": "", **data}).expect("k8s/pods.json", "ok")
    run = collect("certificate", user={"token": "", "client-certificate": "", "client-key": ""})
    run.expect("k8s/pods.json", "denied", "401")

    run = collect("410")
    assert len(run.json("k8s/pods.json")["items"]) == 1201

    run = collect("403")
    run.expect("k8s/pods.json", "denied", "pods is forbidden")
    run.expect("k8s/nodes.json", "ok")
    assert run.code == 4
    test.judge(run, "kaapana-0.3-to-0.4", "after").expect(K04_7b="unknown")

    run = collect("401")
    run.expect("k8s/pods.json", "denied", "401")
    run.expect("k8s/helm-secrets.json", "denied", "401")
    lists = [*(f"k8s/{plural}.json" for plural in PLURALS), "k8s/helm-secrets.json"]
    print("unknown without the cluster:", ", ".join(sorted(test.assert_unknown(run, lists))))

    run = collect("404")
    run.expect("k8s/ingresses.json", "absent")

    run = collect("slow", **FAST)
    run.expect("k8s/pods.json", "unreachable", "time")
    run = collect(cluster={"server": f"https://127.0.0.1:{silent()}"}, **FAST)
    run.expect("k8s/pods.json", "unreachable", "time")
    test.assert_unknown(run, lists)

    for name, words in BAD.items():
        other = serve(Cluster, tls_of(certificates, name))
        run = collect(cluster={"server": f"https://127.0.0.1:{other}"})
        run.expect("k8s/pods.json", "unreachable", words or "certificate")
        assert Cluster.requests == [], name
        test.assert_unknown(run, lists)

    run = collect(cluster={"insecure-skip-tls-verify": True})
    run.expect("k8s/pods.json", "unreachable", "verifies always")
    assert Cluster.requests == []

    run = collect(user={"exec": {"command": "/bin/true", "apiVersion": "v1"}})
    run.expect("k8s/pods.json", "unreachable", "runs none")

    run = collect(cluster={"server": f"https://127.0.0.1:{free_port()}"})
    run.expect("k8s/pods.json", "unreachable", "connect")
    run.expect("k8s/helm-secrets.json", "unreachable", "connect")
