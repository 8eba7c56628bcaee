#!/usr/bin/env python3
"""A realm in a real Keycloak: the role missing, then there, then mapped.

    keycloak.py DAGFIX [keycloak-26] [keycloak-23]     by default only the first"""

import json
import os
import sys

from certificates import make_certificates
from components import fetch_maven, need_program, unpack
from faults import check_faults
from recorder import Recorder
from services import free_port, http as ask, wait_until
from support import Test

REALM = {
    "realm": "kaapana", "enabled": True, "roles": {"realm": [{"name": "admin"}]},
    "groups": [{"name": "kaapana_admin", "realmRoles": ["admin"]}, {"name": "kaapana_project_manager"}],
    "users": [{"username": "system", "enabled": True}],
}

BEFORE, AFTER = ("kaapana-0.3-to-0.4", "before"), ("kaapana-0.3-to-0.4", "after")

# On a small machine a Keycloak that has just started needs its time.
SLOW = {"timeout": "30"}


class Server:
    """A Keycloak with the realm."""

    def __init__(self, test, component, java):
        home = unpack(fetch_maven(component), test.folder / component)
        (home / "bin/kc.sh").chmod(0o755)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/auth"
        self.canary = test.canary
        (home / "data/import").mkdir(parents=True)
        (home / "data/import/kaapana-realm.json").write_text(json.dumps(REALM))
        # kc.sh's own options choose a collector for many processors. The names of both variables changed with 26.
        opens = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in ("java.util", "java.util.concurrent", "java.security")]
        self.process = test.start(component, [
            str(home / "bin/kc.sh"), "start-dev", "--import-realm", "--http-relative-path=/auth",
            f"--http-port={self.port}", "--http-host=127.0.0.1"], cwd=home, env={
            "PATH": os.environ["PATH"], "JAVA_HOME": java, "JAVA_OPTS": " ".join(["-Xmx700m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC", *opens]),
            "KEYCLOAK_ADMIN": "admin", "KEYCLOAK_ADMIN_PASSWORD": test.canary,
            "KC_BOOTSTRAP_ADMIN_USERNAME": "admin", "KC_BOOTSTRAP_ADMIN_PASSWORD": test.canary})
        wait_until(lambda: ask("GET", self.url + "/realms/kaapana")[0] == 200, 400, component, self.process)

    def token(self, url=None):
        form = f"grant_type=password&client_id=admin-cli&username=admin&password={self.canary}".encode()
        status, body = ask("POST", (url or self.url) + "/realms/master/protocol/openid-connect/token", form,
                           {"Content-Type": "application/x-www-form-urlencoded"})
        assert status == 200, body
        return json.loads(body)["access_token"]

    def admin(self, method, path, body=None):
        status, answer = ask(method, f"{self.url}/admin/realms/kaapana{path}", body,
                             {"Authorization": "Bearer " + self.token()})
        assert status < 300, (status, answer)
        return json.loads(answer) if answer else None


def check(test, component, java, certificates):
    server = Server(test, component, java)
    recorder = Recorder(server.port)
    server.token()  # the first login takes long
    target = {"collect": SLOW, "keycloak": {"url": f"http://127.0.0.1:{recorder.port}/auth", "user": "admin",
                           "password": test.secret_file()}}

    run = test.doctor(target)
    run.expect("keycloak/reachable.json", "ok")
    assert "project-manager" not in [r["name"] for r in run.json("keycloak/roles.json")]
    assert [g["name"] for g in run.json("keycloak/groups.json")] == ["kaapana_admin", "kaapana_project_manager"]
    assert [r["name"] for r in run.json("keycloak/group_roles_kaapana_admin.json")] == ["admin"]
    assert run.json("keycloak/user_groups_system.json") == []
    test.judge(run, *AFTER).expect(K04_12a="todo/none", K04_12b="todo/not-mapped", K04_1="todo/no-member")

    server.admin("POST", "/roles", {"name": "project-manager"})
    run = test.doctor(target)
    assert "project-manager" in [r["name"] for r in run.json("keycloak/roles.json")]
    assert run.json("keycloak/group_roles_kaapana_project_manager.json") == []
    test.judge(run, *AFTER).expect(K04_12a="done/there", K04_12b="todo/not-mapped")

    role = server.admin("GET", "/roles/project-manager")
    groups = {g["name"]: g["id"] for g in server.admin("GET", "/groups")}
    server.admin("POST", f"/groups/{groups['kaapana_project_manager']}/role-mappings/realm", [role])
    user = server.admin("GET", "/users?username=system&exact=true")[0]["id"]
    server.admin("PUT", f"/users/{user}/groups/{groups['kaapana_admin']}")
    run = test.doctor(target)
    assert [r["name"] for r in run.json("keycloak/group_roles_kaapana_project_manager.json")] == ["project-manager"]
    assert [g["name"] for g in run.json("keycloak/user_groups_system.json")] == ["kaapana_admin"]

    test.judge(run, *AFTER).expect(K04_12a="done/there", K04_12b="done/mapped", K04_1="done/member")
    server.admin("PUT", f"/users/{user}", {"enabled": False})
    server.admin("DELETE", f"/groups/{groups['kaapana_project_manager']}")
    run = test.doctor(target)
    test.judge(run, *BEFORE).expect(K04_1="broken/disabled")
    test.judge(run, *AFTER).expect(K04_12b="broken/groups")
    recorder.assert_http_reads(logins=4)

    # A ready token: no POST at all. A token is good for the address only at which it was given.
    token = test.write("token.txt", server.token(f"http://127.0.0.1:{recorder.port}/auth"))
    before = len(recorder.http_requests())
    run = test.doctor({"collect": SLOW, "keycloak": {"url": f"http://127.0.0.1:{recorder.port}/auth", "token": {"file": str(token)}}})
    run.expect("keycloak/roles.json", "ok")
    recorder.assert_http_reads(since=before)

    run = test.doctor({"collect": SLOW, "keycloak": {**target["keycloak"], "password": {"file": str(test.write("wrong", "wrong"))}}})
    run.expect("keycloak/roles.json", "denied", "401")
    run.expect("keycloak/reachable.json", "ok")
    run = test.doctor({"collect": SLOW, "keycloak": {**target["keycloak"], "realm": "missing"}})
    run.expect("keycloak/roles.json", "unreachable", "no such realm")

    def profile_of(url):
        return {"keycloak": {**target["keycloak"], "url": url, "ca": str(certificates / "ca.pem")}}

    check_faults(test, server.port, certificates, profile_of, ["keycloak/roles.json", "keycloak/groups.json"], path="/auth")
    test.stop(server.process)
    print(f"{component}: passed")


with Test() as test:
    java = os.path.realpath(need_program("java", "openjdk-17-jre-headless")).removesuffix("/bin/java")
    certificates = make_certificates(test.make("certificates"), ["server"], bad=True)
    for component in sys.argv[2:] or ["keycloak-26"]:
        check(test, component, java, certificates)
