#!/usr/bin/env python3
"""A dagfix that was built without the libraries of its probes: they are unknown, and say why."""

from support import Test

with Test() as test:
    secret = test.secret_file()
    kubeconfig = test.write("kubeconfig", "kind: Config\n")
    run = test.doctor({
        "kubernetes": {"kubeconfig": str(kubeconfig)},
        "opensearch": {"url": "http://127.0.0.1:9"},
        "keycloak": {"url": "http://127.0.0.1:9/auth", "user": "admin", "password": secret},
        "minio": {"url": "http://127.0.0.1:9", "user": "u", "password": secret},
        "ldap": {"url": "ldap://127.0.0.1:9", "password": secret},
        "sql": {"pacsdb": {"host": "127.0.0.1", "password": secret}},
        "openrem": {"folder": str(test.make("openrem")), "url": "http://127.0.0.1:9"},
    })
    entries = ["k8s/pods.json", "k8s/helm-secrets.json", "opensearch/repos.json", "keycloak/roles.json",
               "minio/buckets.json", "minio/ls.txt", "ldap/data.ldif", "ldap/schema.ldif", "sql/pacsdb.json", "units.txt",
               "http_openrem.json"]
    for entry in entries:
        run.expect(entry, "unreachable", "not built in")
    run.expect("fs/tree.tsv", "ok")
    assert run.code == 4
    steps = test.assert_unknown(run, entries)
    assert steps >= {"K04-3a", "K04-12a", "K04-11.3a", "K03-14b", "K03-09"}, steps
