#!/usr/bin/env python3
"""Buckets and objects of an S3 server before, during and after the move of thumbnails and static results: MinIO if
~/.cache/dagfix/runtime/minio/minio is one, else s3rver."""

import datetime
import hashlib
import hmac
import http.client
import json
import os
import re
import urllib.parse

from certificates import make_certificates
from components import CACHE, fetch_npm, need_program
from faults import check_faults
from recorder import Recorder
from services import free_port, is_open, wait_until
from support import Test


def signature(method, path, query, headers, names, digest, password):
    """AWS signature, version 4, of a request; names are those of the signed headers."""
    lines = "".join(f"{name}:{headers[name]}\n" for name in names.split(";"))
    request = f"{method}\n{path}\n{query}\n{lines}\n{names}\n{digest}"
    now = headers["x-amz-date"]
    scope = f"{now[:8]}/us-east-1/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = b"AWS4" + password.encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return scope, hmac.digest(key, text.encode(), "sha256").hex()


class Client:
    """Writes buckets and objects over a connection that is kept."""

    def __init__(self, port, user, password):
        self.port, self.user, self.password = port, user, password
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, method, path, body=b""):
        digest = hashlib.sha256(body).hexdigest()
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        headers = {"host": f"127.0.0.1:{self.port}", "x-amz-content-sha256": digest, "x-amz-date": now}
        names = ";".join(headers)
        path = urllib.parse.quote(path)
        scope, value = signature(method, path, "", headers, names, digest, self.password)
        headers["Authorization"] = (f"AWS4-HMAC-SHA256 Credential={self.user}/{scope}, SignedHeaders={names}, "
                                    f"Signature={value}")
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        assert answer.status in (200, 204), (method, path, answer.status, text)

    def put(self, *keys):
        for key in keys:
            self.ask("PUT", "/" + key, b"" if "/" not in key else b"12345")

    def delete(self, *keys):
        for key in keys:
            self.ask("DELETE", "/" + key)


def check_signatures(recorder, password):
    """What dagfix signed, computed again: not every server looks at it."""
    count = 0
    for stream in recorder.streams:
        for head in bytes(stream).decode().split("\r\n\r\n")[:-1]:
            first, *lines = head.split("\r\n")
            method, target, _ = first.split(" ")
            headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
            path, _, query = target.partition("?")
            assert query == "&".join(sorted(query.split("&"))), query
            names, given = re.search(r"SignedHeaders=([^,]+), ?Signature=(\w+)", headers["authorization"]).groups()
            _, wanted = signature(method, path, query, headers, names, headers["x-amz-content-sha256"], password)
            assert given == wanted, (first, headers)
            count += 1
    assert count > 5, count


def start_minio(test, program, port):
    test.start("minio", [str(program), "server", "--quiet", "--address", f"127.0.0.1:{port}", str(test.make("minio"))],
               env={"PATH": "/usr/bin:/bin", "HOME": str(test.make("home")), "MINIO_ROOT_USER": "kaapanaminio",
                    "MINIO_ROOT_PASSWORD": test.canary, "MINIO_UPDATE": "off", "CI": "on"})
    return "kaapanaminio", test.canary


def start_s3rver(test, port):
    program = fetch_npm() / "s3rver/bin/s3rver.js"
    # It makes its continuation tokens with an algorithm that OpenSSL 3 calls old.
    test.start("s3rver", [need_program("node", "nodejs"), "--openssl-legacy-provider", str(program), "-d", str(test.make("s3rver")),
                          "-a", "127.0.0.1", "-p", str(port)])
    return "S3RVER", "S3RVER"


GUIDE = "kaapana-0.3-to-0.4"

with Test() as test:
    certificates = make_certificates(test.make("certificates"), ["server"], bad=True)
    port = free_port()
    program = CACHE / "minio/minio"
    is_minio = os.access(program, os.X_OK)
    print("with MinIO" if is_minio else "SKIPPED: MinIO: there is none in the cache; with s3rver, which looks at no signature")
    user, password = start_minio(test, program, port) if is_minio else start_s3rver(test, port)
    wait_until(lambda: is_open(port), 60, "S3 server")

    client = Client(port, user, password)
    client.put("empty", "thumbnails", "staticwebsiteresults", "project-admin")
    # More than one page, and keys that have to be encoded.
    old = [f"thumbnails/batch/{i}.png" for i in range(3)]
    results = ["staticwebsiteresults/a b/\u00fc+c=d&e.html"]
    objects = [*old, *results, *(f"project-admin/other/{i:04}.txt" for i in range(1001))]
    client.put(*objects)

    recorder = Recorder(port)
    secret = test.secret_file() if is_minio else {"file": str(test.write("password", password))}

    def profile_of(url, **more):
        return {"minio": {"url": url, "user": user, "password": secret, "ca": str(certificates / "ca.pem"), **more}}

    def collect(port=recorder.port, **more):
        return test.doctor(profile_of(f"http://127.0.0.1:{port}", **more))

    run = collect()
    assert sorted(run.json("minio/buckets.json")) == ["empty", "project-admin", "staticwebsiteresults", "thumbnails"]
    run.expect("minio/ls.txt", "ok")
    lines = [json.loads(line) for line in run.text("minio/ls.txt").splitlines()]
    assert sorted(line["key"] for line in lines) == sorted(objects), set(objects) ^ {line["key"] for line in lines}
    assert {line["size"] for line in lines} == {5} and {line["status"] for line in lines} == {"success"}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", line["lastModified"]) for line in lines)
    assert run.json("minio/truncated.json") == []
    recorder.assert_http_reads()
    assert any("continuation-token=" in target for _, target in recorder.http_requests())
    assert test.canary not in str(recorder.streams)
    check_signatures(recorder, password)
    test.judge(run, GUIDE, "after").expect(K04_11__3a="todo/old-place", K04_11__3b="todo/old-place")
    before = run

    # Half of the move, with the folder once too often; then all of it.
    client.put("project-admin/thumbnails/1.2.3.png", "project-admin/staticwebsiteresults/staticwebsiteresults/a.html")
    test.judge(collect(), GUIDE, "after").expect(K04_11__3a="partial/part", K04_11__3b="broken/doubled")
    client.delete("project-admin/staticwebsiteresults/staticwebsiteresults/a.html", *old, *results)
    client.put("project-admin/staticwebsiteresults/a.html")
    run = collect()
    test.judge(run, GUIDE, "after").expect(K04_11__3a="done/moved", K04_11__3b="done/moved")
    client.put("project-admin/thumbnails/batch/1.2.3.png")
    test.judge(collect(), GUIDE, "after").expect(K04_11__3a="broken/deep")
    test.judge(run, "kaapana-0.4-to-0.5", "after", before).expect(K05_O4="broken/lost")
    test.judge(run, "kaapana-0.4-to-0.5", "after", run).expect(K05_O4="done/kept")

    if is_minio:  # s3rver does not look at signatures
        run = collect(port, password={"file": str(test.write("wrong", "wrong-wrong"))})
        run.expect("minio/buckets.json", "denied", "SignatureDoesNotMatch")
        run.expect("minio/ls.txt", "denied", "403")
    run = test.doctor({"minio": {"url": f"http://127.0.0.1:{port}"}})
    run.expect("minio/ls.txt", "unreachable", "minio.password")
    check_faults(test, port, certificates, profile_of, ["minio/buckets.json", "minio/ls.txt"])
    recorder.assert_http_reads()
