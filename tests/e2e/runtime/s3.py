#!/usr/bin/env python3
"""Buckets and objects of an S3 server: MinIO if ~/.cache/dagfix/runtime/minio/minio is one, else s3rver."""

import datetime
import hashlib
import hmac
import json
import os
import re
import urllib.parse

from support import CACHE, Recorder, Test, fetch_npm, free_port, http as ask, is_open, need_program, wait_until


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


def put(port, path, user, password, body=b""):
    digest = hashlib.sha256(body).hexdigest()
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    headers = {"host": f"127.0.0.1:{port}", "x-amz-content-sha256": digest, "x-amz-date": now}
    names = ";".join(headers)
    scope, value = signature("PUT", path, "", headers, names, digest, password)
    headers["Authorization"] = (f"AWS4-HMAC-SHA256 Credential={user}/{scope}, SignedHeaders={names}, "
                                f"Signature={value}")
    status, answer = ask("PUT", f"http://127.0.0.1:{port}{path}", body or None, headers)
    assert status == 200, (status, answer)


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


with Test() as test:
    port = free_port()
    program = CACHE / "minio/minio"
    is_minio = os.access(program, os.X_OK)
    print("with MinIO" if is_minio else "SKIPPED: MinIO: there is none in the cache; with s3rver, which does not look at signatures")
    user, password = start_minio(test, program, port) if is_minio else start_s3rver(test, port)
    wait_until(lambda: is_open(port), 60, "S3 server")

    for bucket in ("empty", "thumbnails", "project-admin"):
        put(port, f"/{bucket}", user, password)
    # More than one page, and keys that have to be encoded.
    objects = [f"thumbnails/batch/{i:04}.png" for i in range(1100)]
    objects += ["project-admin/thumbnails/1.2.3.png", "project-admin/staticwebsiteresults/a b/ü+c=d&e.html",
                "project-admin/other/file.txt"]
    for key in objects:
        put(port, "/" + urllib.parse.quote(key), user, password, b"12345")

    recorder = Recorder(port)
    secret = test.secret_file() if is_minio else {"file": str(test.write("password", password))}

    def collect(port, **more):
        return test.doctor({"minio": {"url": f"http://127.0.0.1:{port}", "user": user, "password": secret, **more}})

    run = collect(recorder.port)
    assert sorted(run.json("minio/buckets.json")) == ["empty", "project-admin", "thumbnails"]
    run.expect("minio/ls.txt", "ok")
    lines = [json.loads(line) for line in run.text("minio/ls.txt").splitlines()]
    assert sorted(line["key"] for line in lines) == sorted(objects), set(objects) ^ {line["key"] for line in lines}
    assert {line["size"] for line in lines} == {5} and {line["status"] for line in lines} == {"success"}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", line["lastModified"]) for line in lines)
    assert run.json("minio/truncated.json") == []
    requests = recorder.http_requests()
    assert {method for method, _ in requests} == {"GET"}, requests
    assert any("continuation-token=" in target for _, target in requests), requests
    assert test.canary not in str(recorder.streams)
    check_signatures(recorder, password)

    if is_minio:  # s3rver does not look at signatures
        run = collect(port, password={"file": str(test.write("wrong", "wrong-wrong"))})
        run.expect("minio/buckets.json", "denied", "SignatureDoesNotMatch")
        run.expect("minio/ls.txt", "denied", "403")
    run = collect(free_port())
    run.expect("minio/ls.txt", "unreachable", "connect")
    run = test.doctor({"minio": {"url": f"http://127.0.0.1:{port}"}})
    run.expect("minio/ls.txt", "unreachable", "minio.password")
