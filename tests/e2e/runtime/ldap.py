#!/usr/bin/env python3
"""The archive's directory in a real slapd, before, in the middle of and after an update of its schema and data."""

import shutil
import subprocess

from certificates import make_certificates
from components import need_program
from faults import check_faults
from recorder import Recorder
from services import as_nobody, free_port, give_to_nobody, is_open, wait_until
from support import Test

TEXT = "EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15"
ATTRIBUTES = ["dicomDeviceName", "dcmDeleteStudyInterval", "dcmKeyStorePin", "dcmEntity", "dcmTag", "dcmStorageID",
              "hl7PSUStudyTemplateURI", "dicomTransferSyntax"]
NEW = "dcmCheckMountFilePath"  # 5.31

CONFIG = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include {folder}/dcm.schema
modulepath /usr/lib/ldap
moduleload back_mdb
sizelimit 5
database mdb
dbnosync
suffix "dc=dcm4che,dc=org"
rootdn "cn=admin,dc=dcm4che,dc=org"
rootpw {password}
directory {folder}/data
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="cn=reader,dc=dcm4che,dc=org" read by anonymous auth
"""

DEVICE = "dicomDeviceName=kaapana,cn=Devices,cn=DICOM Configuration,dc=dcm4che,dc=org"
TREE = """
dn: dc=dcm4che,dc=org
objectClass: dcObject
objectClass: organization
o: dcm4che
dc: dcm4che

dn: cn=reader,dc=dcm4che,dc=org
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reader
userPassword: {password}

dn: ou=users,dc=dcm4che,dc=org
objectClass: organizationalUnit
ou: users

dn: uid=root,ou=users,dc=dcm4che,dc=org
objectClass: account
objectClass: simpleSecurityObject
uid: root
userPassword: {password}

dn: cn=auth,ou=users,dc=dcm4che,dc=org
objectClass: groupOfNames
cn: auth
member: uid=root,ou=users,dc=dcm4che,dc=org

dn: cn=DICOM Configuration,dc=dcm4che,dc=org
objectClass: organizationalRole
cn: DICOM Configuration

dn: cn=Devices,cn=DICOM Configuration,dc=dcm4che,dc=org
objectClass: organizationalRole
cn: Devices

dn: {device}
objectClass: dicomDevice
dicomDeviceName: kaapana
dcmKeyStorePin: {password}

"""
PARTS = ["dcmEntity=series", "dcmEntity=mwl", "dcmEntity=instance", "dcmEntity=study", "dcmStorageID=fs1"]


def change(entry, attribute, value):
    name = f"{entry},{DEVICE}" if entry else DEVICE
    return f"dn: {name}\nchangetype: modify\nadd: {attribute}\n{attribute}: {value}\n\n"


# What update-data leaves, by version.
FIRST = change("", "hl7PSUStudyTemplateURI", "x") + change("dcmEntity=series", "dcmTag", "0008103F") + "".join(
    change("dcmEntity=instance", "dcmTag", tag) for tag in ("0040A360", "00082228", "00620002"))
LATER = (change("dcmEntity=mwl", "dcmTag", "00741202") + change("", "dcmDeleteStudyInterval", "PT5M") +
         change("dcmStorageID=fs1", NEW, "NO_MOUNT") + change("dcmEntity=instance", "dcmTag", "0040E001"))
LAST = change("dcmEntity=study", "dcmTag", "00401012") + "".join(
    change("dcmEntity=series", "dcmTag", tag) for tag in ("00081070", "00081072"))
ROLES = "".join(
    f"dn: uid={user},ou=users,dc=dcm4che,dc=org\nobjectClass: account\nuid: {user}\n\n" for user in ("user", "admin")) + """
dn: cn=auth,ou=users,dc=dcm4che,dc=org
changetype: modify
add: member
member: uid=admin,ou=users,dc=dcm4che,dc=org
member: uid=user,ou=users,dc=dcm4che,dc=org

dn: cn=user,ou=users,dc=dcm4che,dc=org
changetype: add
objectClass: groupOfNames
cn: user
member: uid=user,ou=users,dc=dcm4che,dc=org
"""
GUIDE = "kaapana-0.2-to-0.3"
ENTRIES = ["ldap/data.ldif", "ldap/users.ldif", "ldap/schema.ldif"]


with Test() as test:
    need_program("slapd", "slapd", ["/usr/sbin"])
    certificates = make_certificates(test.make("certificates"), ["server"], bad=True)
    folder, port = test.make("slapd"), free_port()
    test.make("slapd/data")

    def configure(*more):
        names = [*ATTRIBUTES, *more]
        types = [f"attributetype ( 1.3.6.1.4.1.99999.1.{i} NAME '{name}' {TEXT} )" for i, name in enumerate(names)]
        classes = [f"objectclass ( 1.3.6.1.4.1.99999.2.{i} NAME '{name}' SUP top STRUCTURAL MAY ( {' $ '.join(names)} ) )"
                   for i, name in enumerate(["dicomDevice", "dcmPart"])]
        test.write("slapd/dcm.schema", "\n".join([*types, *classes]) + "\n")
        test.write("slapd/slapd.conf", CONFIG.format(folder=folder, password=test.canary))
        # The same configuration as a folder, which is what Kaapana keeps in FAST.
        shutil.rmtree(test.folder / "fast/slapd.d", ignore_errors=True)
        # It fails because there are no data yet, after it has written the configuration.
        run = subprocess.run(["/usr/sbin/slaptest", "-f", str(folder / "slapd.conf"), "-F", str(test.make("fast/slapd.d"))],
                             capture_output=True)
        assert (test.folder / "fast/slapd.d/cn=config/cn=schema").is_dir(), run.stderr
        give_to_nobody(folder)

    def start(name):
        server = test.start(name, ["/usr/sbin/slapd", "-d", "0", "-h", f"ldap://127.0.0.1:{port}",
                                   "-f", str(folder / "slapd.conf")], cwd=folder, **as_nobody())
        wait_until(lambda: is_open(port), 30, name)
        return server

    def modify(ldif):
        run = subprocess.run(["ldapmodify", "-a", "-x", "-H", f"ldap://127.0.0.1:{port}", "-D",
                              "cn=admin,dc=dcm4che,dc=org", "-y", str(test.write("password", test.canary))],
                             input=ldif, text=True, capture_output=True)
        assert run.returncode == 0, run.stderr

    configure()
    server = start("slapd-before")
    modify(TREE.format(password=test.canary, device=DEVICE))
    modify("".join(f"dn: {part},{DEVICE}\nobjectClass: dcmPart\n\n" for part in PARTS))
    # More entries than one page may have for a user who is not the administrator.
    modify("".join(f"dn: dicomDeviceName=d{i},cn=Devices,cn=DICOM Configuration,dc=dcm4che,dc=org\nobjectClass: dicomDevice\n\n"
                   for i in range(1200)))
    recorder = Recorder(port)

    def profile_of(url, **more):
        return {"ldap": {"url": url, "password": test.secret_file(), "ca": str(certificates / "ca.pem"), **more}}

    def collect(port=recorder.port, **more):
        return test.doctor(profile_of(f"ldap://127.0.0.1:{port}", **more))

    run = collect()
    data = run.text("ldap/data.ldif")
    assert data.count("\ndn: ") == 5 + len(PARTS) + 1200, data.count("\ndn: ")
    assert "ou=users" not in data and "modifyTimestamp:" in data
    assert "dcmDeleteStudyInterval" not in data and "KeyStorePin" not in data
    users = run.text("ldap/users.ldif")
    assert "member: uid=root,ou=users,dc=dcm4che,dc=org" in users and "userPassword" not in users, users
    schema = run.text("ldap/schema.ldif")
    assert "dcmDeleteStudyInterval" in schema and NEW not in schema
    recorder.assert_ldap_reads()
    test.judge(run, GUIDE, "after").expect(K03_14a="todo/old", K03_14b="todo/none", K03_14c="broken/no-user")

    modify(FIRST)
    test.judge(collect(), GUIDE, "after").expect(K03_14b="partial/part")
    test.stop(server)
    # Nobody answers: the tree is unknown, but the schema lies in slapd.d, without the rest of it.
    run = collect(port)
    run.expect("ldap/data.ldif", "unreachable", "contact")
    kept = [entry for entry in run.entries if entry.startswith("slapd.d/")]
    assert kept and all("/cn=schema/" in entry for entry in kept), kept
    test.judge(run, GUIDE, "after").expect(K03_14a="todo/old", K03_14b="unknown", K03_14c="unknown")
    configure(NEW)
    test.judge(collect(port), GUIDE, "after").expect(K03_14a="done/updated", K03_14b="unknown")

    server = start("slapd-after")
    modify(LAST)
    test.judge(collect(), GUIDE, "after").expect(K03_14a="done/updated", K03_14b="broken/gap")
    modify(LATER)
    modify(ROLES)
    run = collect()
    assert "dcmDeleteStudyInterval: PT5M" in run.text("ldap/data.ldif")
    assert NEW in run.text("ldap/schema.ldif")
    report = test.judge(run, GUIDE, "after")
    report.expect(K03_14a="done/updated", K03_14b="done/updated", K03_14c="done/assigned", K03_15="unknown")

    run = collect(port, password={"file": str(test.write("wrong.txt", "wrong"))})
    run.expect("ldap/data.ldif", "denied", "49")
    shutil.rmtree(test.folder / "fast/slapd.d")
    run = collect(port, password={"file": str(test.write("wrong.txt", "wrong"))})
    assert test.assert_unknown(run, ENTRIES) >= {"K03-14a", "K03-14b", "K03-14c"}
    # A limit of the server must not look like the end of the tree.
    run = collect(port, bind="cn=reader,dc=dcm4che,dc=org")
    run.expect("ldap/data.ldif", "malformed", "limit")
    test.judge(run, GUIDE, "after").expect(K03_14b="unknown")
    run = test.doctor({"ldap": {"url": f"ldap://127.0.0.1:{port}"}})
    run.expect("ldap/data.ldif", "unreachable", "ldap.password")

    check_faults(test, port, certificates, profile_of, ENTRIES, "ldap")
    recorder.assert_ldap_reads()
