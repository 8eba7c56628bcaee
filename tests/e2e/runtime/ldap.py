#!/usr/bin/env python3
"""The archive's LDAP tree in a real slapd, before and after an update of its schema and data."""

import subprocess

from support import Recorder, Test, as_nobody, free_port, give_to_nobody, is_open, need_program, wait_until

SCHEMA = """
attributetype ( 1.3.6.1.4.1.99999.1.1 NAME 'dicomDeviceName' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( 1.3.6.1.4.1.99999.1.2 NAME 'dcmDeleteStudyInterval' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( 1.3.6.1.4.1.99999.1.3 NAME 'dcmKeyStorePin' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
{more}
objectclass ( 1.3.6.1.4.1.99999.2.1 NAME 'dicomDevice' SUP top STRUCTURAL MUST dicomDeviceName
  MAY ( dcmDeleteStudyInterval $ dcmKeyStorePin {attribute} ) )
"""

CONFIG = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include {folder}/dcm.schema
modulepath /usr/lib/ldap
moduleload back_mdb
sizelimit 5
database mdb
suffix "dc=dcm4che,dc=org"
rootdn "cn=admin,dc=dcm4che,dc=org"
rootpw {password}
directory {folder}/data
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="cn=reader,dc=dcm4che,dc=org" read by anonymous auth
"""

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

dn: cn=Devices,dc=dcm4che,dc=org
objectClass: organizationalRole
cn: Devices

dn: dicomDeviceName=kaapana,cn=Devices,dc=dcm4che,dc=org
objectClass: dicomDevice
dicomDeviceName: kaapana
dcmKeyStorePin: {password}
"""

UPDATE = """
dn: dicomDeviceName=kaapana,cn=Devices,dc=dcm4che,dc=org
changetype: modify
add: dcmDeleteStudyInterval
dcmDeleteStudyInterval: PT5M
"""

NEW = "attributetype ( 1.3.6.1.4.1.99999.1.4 NAME 'dcmCheckMountFilePath' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )"


def start(test, folder, port, name):
    server = test.start(name, ["/usr/sbin/slapd", "-d", "0", "-h", f"ldap://127.0.0.1:{port}",
                               "-f", str(folder / "slapd.conf")], cwd=folder, **as_nobody())
    wait_until(lambda: is_open(port), 30, name)
    return server


with Test() as test:
    need_program("slapd", "slapd", ["/usr/sbin"])
    folder, port = test.make("slapd"), free_port()
    test.make("slapd/data")

    def configure(more, attribute):
        test.write("slapd/dcm.schema", SCHEMA.format(more=more, attribute=attribute))
        test.write("slapd/slapd.conf", CONFIG.format(folder=folder, password=test.canary))
        give_to_nobody(folder)

    def modify(program, ldif):
        run = subprocess.run([program, "-x", "-H", f"ldap://127.0.0.1:{port}", "-D", "cn=admin,dc=dcm4che,dc=org",
                              "-y", str(test.write("password", test.canary))],
                             input=ldif, text=True, capture_output=True)
        assert run.returncode == 0, run.stderr

    configure("", "")
    server = start(test, folder, port, "slapd-before")
    modify("ldapadd", TREE.format(password=test.canary))
    # More entries than one page may have for a user who is not the administrator.
    modify("ldapadd", "".join(f"\ndn: dicomDeviceName=d{i},cn=Devices,dc=dcm4che,dc=org\nobjectClass: dicomDevice\n"
                              f"dicomDeviceName: d{i}\n" for i in range(1200)))
    recorder = Recorder(port)

    def collect(port, **more):
        return test.doctor({"ldap": {"url": f"ldap://127.0.0.1:{port}", "password": test.secret_file(), **more}})

    run = collect(recorder.port)
    data = run.text("ldap/data.ldif")
    assert data.count("\ndn: ") == 1204, data.count("\ndn: ")
    assert "ou=users" not in data and "modifyTimestamp:" in data
    assert "dcmDeleteStudyInterval" not in data and "KeyStorePin" not in data
    users = run.text("ldap/users.ldif")
    assert "member: uid=root,ou=users,dc=dcm4che,dc=org" in users and "userPassword" not in users, users
    schema = run.text("ldap/schema.ldif")
    assert "dcmDeleteStudyInterval" in schema and "dcmCheckMountFilePath" not in schema
    operations = recorder.ldap_operations()
    assert set(operations) <= {0x60, 0x63, 0x42, 0x50} and 0x63 in operations, [hex(o) for o in operations]

    test.stop(server)
    run = collect(port)
    run.expect("ldap/data.ldif", "unreachable", "contact")

    configure(NEW, "$ dcmCheckMountFilePath")
    server = start(test, folder, port, "slapd-after")
    modify("ldapmodify", UPDATE)
    run = collect(port)
    assert "dcmDeleteStudyInterval: PT5M" in run.text("ldap/data.ldif")
    assert "dcmCheckMountFilePath" in run.text("ldap/schema.ldif")

    run = collect(port, password={"file": str(test.write("wrong.txt", "wrong"))})
    run.expect("ldap/data.ldif", "denied", "49")
    # A limit of the server must not look like the end of the tree.
    run = collect(port, bind="cn=reader,dc=dcm4che,dc=org")
    run.expect("ldap/data.ldif", "malformed", "limit")
    run = test.doctor({"ldap": {"url": f"ldap://127.0.0.1:{port}"}})
    run.expect("ldap/data.ldif", "unreachable", "ldap.password")
