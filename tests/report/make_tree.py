#!/usr/bin/env python3
"""Makes a folder of DAGs to report on: copies of the fixtures, and files with hostile names,
encodings and line ends.

    make_tree.py FIXTURES FOLDER
"""

import os
import pathlib
import shutil
import sys

DAG = """\
import os
from kaapana.operators.LocalGetInputDataOperator import LocalGetInputDataOperator
from kaapana.operators.LocalMinioOperator import LocalMinioOperator

name = "\u00fcberpr\u00fcft"; get_input = LocalGetInputDataOperator(dag=dag)
put = LocalMinioOperator(dag=dag, name="x"); form = conf["form_data"]["x"]
"""

# Wide and astral characters before the places, for columns in code points.
ASTRAL = DAG.replace("\u00fcberpr\u00fcft", "\u6f22\u5b57 \U0001f680 e\u0301")


def write(folder, name, data):
    path = os.path.join(os.fsencode(folder), name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def main(fixtures, folder):
    for part in ("dags", "rules"):
        source = pathlib.Path(fixtures, part)
        if source.is_dir():
            shutil.copytree(source, pathlib.Path(folder, part), symlinks=True)
    utf8 = ASTRAL.encode()
    crlf = utf8.replace(b"\n", b"\r\n")
    write(folder, b"hostile/plain.py", utf8)
    write(folder, b"hostile/sp ace/per%20cent %41.py", utf8)
    write(folder, b"hostile/semi;colon: comma, hash# question?.py", utf8)
    write(folder, b"hostile/quo\"te'apo&amp<lt>.py", utf8)
    write(folder, b"hostile/new\nline\ttab.py", utf8)
    write(folder, "hostile/\u00fcml\u00e4ut \u6f22 \U0001f680.py".encode(), utf8)
    write(folder, b"hostile/latin\xfc.py", utf8)
    write(folder, b"hostile/bom_crlf.py", b"\xef\xbb\xbf" + crlf)
    write(folder, b"hostile/mixed.py", utf8.replace(b"\n", b"\r\n", 3))
    write(folder, b"hostile/no_newline.py", crlf.rstrip())
    write(folder, b"hostile/latin1.py", b"# coding: latin-1\n" + DAG.encode("latin-1"))
    write(folder, b"hostile/latin1_crlf.py",
          (b"# -*- coding: iso-8859-15 -*-\n" + DAG.encode("iso-8859-15")).replace(b"\n", b"\r\n"))
    write(folder, b"hostile/long.py", b"x = '" + b"a" * 100_000 + b"'; " + utf8)
    write(folder, b"hostile/syntax_error.py", utf8 + b"def (:\n")
    write(folder, b"hostile/undecodable.py", b"x = '\xff'\n" + utf8)


if __name__ == "__main__":
    main(*sys.argv[1:])
