#!/usr/bin/env python3
"""Listings, small files, dumps and scripts of folders, compared with what find writes."""

import os
import subprocess

from support import Test

with Test() as test:
    fast, slow = test.make("fast"), test.make("slow")
    test.write("fast/postgres-backend/PG_VERSION", "15\n")
    test.write("fast/version", "0.4.1\n")
    test.write("fast/workflows/dags/my_dag.py", f'PASSWORD = "{test.canary}"\nx = 1\n')
    test.write("fast/a name with 'quotes' and ü", "")
    test.write("slow/minio/.minio.sys/format.json", '{"version": "1"}')
    for i in range(50):
        test.write(f"slow/minio/bucket/{i}", "12345")
    os.symlink("postgres-backend", fast / "link")
    test.write("migration/dumps/whole.dump",
               "--\n-- PostgreSQL database cluster dump\n--\nCOPY public.t (a) FROM stdin;\n1\n\\.\n"
               "--\n-- PostgreSQL database cluster dump complete\n--\n")
    test.write("migration/dumps/cut.dump",
               "--\n-- PostgreSQL database cluster dump\n--\nCOPY public.t (a) FROM stdin;\n1\n")
    test.write("scripts/deploy_platform.sh",
               f'#!/bin/bash\nFAST_DATA_DIR="{fast}"\nCONTAINER_REGISTRY_PASSWORD="{test.canary}"\n', 0o755)
    profile = {"platform": {"fast": str(fast), "slow": str(slow), "migration": str(test.folder / "migration"),
                            # The deploy script is not named: the one of the folder will do.
                            "scripts": str(test.folder / "scripts")}}
    run = test.doctor(profile)

    run.expect("fs/tree.tsv", "ok")
    listed = run.text("fs/tree.tsv").splitlines()
    wanted = subprocess.run(
        ["find", str(fast), str(slow), "-path", f"{slow}/minio/*", "-prune", "-o",
         "-printf", "%y\t%m\t%U:%G\t%s\t%T@\t%p\n"], capture_output=True, text=True, check=True).stdout
    own = [line for line in listed if line.split("\t")[5].startswith((str(fast), str(slow)))]
    assert sorted(own) == sorted(wanted.splitlines()), (own, wanted)
    pruned = run.text("fs/pruned.tsv").splitlines()
    assert [p.split("\t")[0] + p.split("\t")[3] for p in pruned] == [f"51{slow}/minio"], pruned

    assert run.text(f"fs/small{fast}/postgres-backend/PG_VERSION") == "15\n"
    assert run.text(f"fs/small{fast}/version") == "0.4.1\n"
    assert "x = 1" in run.text(f"fs/small{fast}/workflows/dags/my_dag.py")
    run.expect(f"fs/small{slow}/minio/.minio.sys/format.json", "ok")
    run.expect(f"fs/small{fast}/tls/tls.crt", "absent")
    assert "btime" in run.text("fs/small/proc/stat")
    assert str(fast) in run.text("scripts/deploy_platform.sh")
    assert "f\t755\t" in run.text("scripts/modes.tsv")
    assert run.text("fs/df.txt").startswith("Filesystem")

    dumps = {d["path"].rsplit("/", 1)[1]: d for d in run.json("pg/dumps.json")}
    assert dumps["whole.dump"]["complete"] and dumps["whole.dump"]["tables"] == {"t": 1}, dumps
    assert not dumps["cut.dump"]["complete"], dumps

    # Nothing else was given: all of it is "not asked", not "not there".
    for entry in ("opensearch/repos.json", "keycloak/roles.json", "minio/ls.txt", "ldap/data.ldif",
                  "sql/pacsdb.json"):
        run.expect(entry, "unreachable", "not asked")

    if os.geteuid() == 0:
        # As somebody else, a folder of the database cannot be read: denied, with its path.
        (fast / "postgres-backend").chmod(0o700)
        test.folder.chmod(0o777)
        # (bundle and profile are written by root before; only the reading is done as nobody)
