"""Certificates for the tests, made with openssl: good ones, and those that must not be accepted."""

import datetime
import subprocess

from components import need_program

# What a server may show, and what dagfix must find wrong with it.
BAD = {"self-signed": "self-signed", "other-host": "", "expired": "expired", "other-ca": "issuer"}


def make_certificates(folder, names, bad=False):
    """ca.pem and, for each name, NAME.pem and NAME.key, valid for localhost and 127.0.0.1; with `bad` those of BAD, too."""
    openssl = need_program("openssl", "openssl")

    def run(*arguments):
        done = subprocess.run([openssl, *arguments], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, (arguments, done.stderr)

    def key(name):
        run("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", f"{name}.key")

    def authority(name):
        key(name)
        run("req", "-x509", "-new", "-key", f"{name}.key", "-days", "2", "-subj", f"/CN=dagfix {name}", "-out", f"{name}.pem",
            "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign")

    def sign(name, ca="ca", host="DNS:localhost,IP:127.0.0.1", end=datetime.timedelta(days=2)):
        key(name)
        run("req", "-new", "-key", f"{name}.key", "-subj", f"/CN={name}", "-out", f"{name}.csr")
        (folder / f"{name}.cnf").write_text(
            f"[ca]\ndefault_ca=d\n[d]\ndatabase={name}.index\nserial={name}.serial\nnew_certs_dir=.\ndefault_md=sha256\n"
            f"policy=p\nunique_subject=no\nx509_extensions=x\n[p]\ncommonName=supplied\n[x]\nsubjectAltName={host}\n")
        (folder / f"{name}.index").write_text("")
        now = datetime.datetime.now(datetime.timezone.utc)
        form = "%Y%m%d%H%M%SZ"
        run("ca", "-batch", "-config", f"{name}.cnf", "-create_serial", "-cert", f"{ca}.pem", "-keyfile", f"{ca}.key",
            "-in", f"{name}.csr", "-out", f"{name}.pem", "-notext",
            "-startdate", (now - datetime.timedelta(days=3)).strftime(form), "-enddate", (now + end).strftime(form))

    authority("ca")
    for name in names:
        sign(name)
    if bad:
        key("self-signed")
        run("req", "-x509", "-new", "-key", "self-signed.key", "-days", "2", "-subj", "/CN=localhost", "-out",
            "self-signed.pem", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
        sign("other-host", host="DNS:elsewhere.example")
        sign("expired", end=-datetime.timedelta(days=1))
        authority("unknown")
        sign("other-ca", ca="unknown")
    return folder
