#!/usr/bin/env python3
"""How fast the language server is: bench/lsp.py [DAGFIX [LINES [EDITS]]]

Types into a DAG of LINES lines (3000) as an editor does and prints, as a Markdown table, the time
from a change to the diagnostics of that version, from the start of the program to the first
diagnostics, and the memory before and after EDITS edits (10000).
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

HEAD = '''from airflow.models import DAG
from kaapana.operators.DcmConverterOperator import DcmConverterOperator
from kaapana.operators.DcmSendOperator import DcmSendOperator
from kaapana.operators.LocalGetInputDataOperator import LocalGetInputDataOperator
from kaapana.operators.LocalMinioOperator import LocalMinioOperator

dag = DAG(dag_id="large", schedule_interval=None)
get_input = LocalGetInputDataOperator(dag=dag)
'''

STEP = '''

def check_{n}(ds, **kwargs):
    """Looks at the output of step {n}."""
    conf = kwargs["dag_run"].conf
    threshold = conf["workflow_form"].get("threshold_{n}", 0.5)
    if threshold > 0.9 and "{n}" in str(ds):
        print(f"threshold {{threshold}} of step {n} is high")
    return {{"step": {n}, "threshold": threshold, "names": [name for name in ("a", "b")]}}


convert_{n} = DcmConverterOperator(
    dag=dag, input_operator=get_input, output_format="nii.gz", name="convert-{n}"
)
get_input >> convert_{n}
'''

OLD = '''send_{n} = DcmSendOperator(dag=dag, input_operator=convert_{n}, ram_mem_mb=2000)
put_{n} = LocalMinioOperator(dag=dag, action="put", action_operators=[convert_{n}])
convert_{n} >> send_{n} >> put_{n}
'''


def make_dag(lines):
    text, number = HEAD, 0
    while text.count("\n") < lines:
        text += STEP.format(n=number) + (OLD.format(n=number) if number % 12 == 0 else "")
        number += 1
    return text


class Client:
    def __init__(self, dagfix, folder):
        self.started = time.perf_counter()
        self.server = subprocess.Popen([dagfix, "lsp"], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, bufsize=0)
        self.reader = os.fdopen(os.dup(self.server.stdout.fileno()), "rb", 1 << 20)
        self.ids = 0
        uri = "file://" + folder
        capabilities = {"textDocument": {"publishDiagnostics": {
            "relatedInformation": True, "codeDescriptionSupport": True, "dataSupport": True}}}
        self.request("initialize", {"processId": os.getpid(), "capabilities": capabilities,
                                    "workspaceFolders": [{"uri": uri, "name": "bench"}]})
        self.notify("initialized", {})

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.server.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def notify(self, method, params):
        self.send({"method": method, "params": params})

    def request(self, method, params):
        self.ids += 1
        self.send({"id": self.ids, "method": method, "params": params})
        while (message := self.receive()).get("id") != self.ids:
            pass
        return message["result"]

    def receive(self):
        length = 0
        while line := self.reader.readline().strip():
            length = int(line.split(b":")[1])
        return json.loads(self.reader.read(length))

    def diagnostics(self, version):
        """Waits for those of a version."""
        while True:
            message = self.receive()
            if message.get("method") != "textDocument/publishDiagnostics":
                continue
            if message["params"].get("version") == version:
                return message["params"]["diagnostics"]

    def memory(self):
        with open(f"/proc/{self.server.pid}/status") as status:
            line = next(line for line in status if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def processor_time(self):
        """Milliseconds that the server has computed, its threads included."""
        with open(f"/proc/{self.server.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.request("shutdown", None)
        self.notify("exit", None)
        return self.server.wait(10)


def edit(line, start, end, text):
    return {"range": {"start": {"line": line, "character": start},
                      "end": {"line": line, "character": end}}, "text": text}


def typed(text, count):
    """Edits of someone who types a comment, a call and an argument here and there, and takes it
    back: most of the versions between do not parse."""
    lines = text.split("\n")
    words = ["# a remark", "x = print(", "y = [1, 2", 'z = "text']
    places = [index for index, line in enumerate(lines) if not line.strip()]
    step = max(1, len(places) // 17)
    done = 0
    for turn in range(count):
        line = places[turn * step % len(places)]
        word = words[turn % len(words)]
        for at in range(len(word)):
            yield edit(line, at, at, word[at])
            done += 1
        yield edit(line, 0, len(word), "")
        done += 1
        if done >= count:
            return


def first_diagnostics(dagfix, folder, uri, text):
    client = Client(dagfix, folder)
    client.notify("textDocument/didOpen", {"textDocument": {
        "uri": uri, "languageId": "python", "version": 1, "text": text}})
    found = client.diagnostics(1)
    taken = (time.perf_counter() - client.started) * 1000
    return client, found, taken


def main():
    dagfix = sys.argv[1] if len(sys.argv) > 1 else "build/release/dagfix"
    lines = int(sys.argv[2]) if len(sys.argv) > 2 else 3000
    edits = int(sys.argv[3]) if len(sys.argv) > 3 else 10000
    text = make_dag(lines)
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "dag_large.py"), "w") as file:
            file.write(text)
        with open(os.path.join(folder, "dagfix.toml"), "w") as file:
            file.write('from = "0.3.5"\n')
        uri = f"file://{folder}/dag_large.py"
        starts = []
        for _ in range(5):
            client, found, taken = first_diagnostics(dagfix, folder, uri, text)
            starts.append(taken)
            client.stop()
        client, found, taken = first_diagnostics(dagfix, folder, uri, text)
        times, version, memory = [], 1, {}
        computed = -client.processor_time()
        for change in typed(text, edits):
            version += 1
            begin = time.perf_counter()
            client.notify("textDocument/didChange", {
                "textDocument": {"uri": uri, "version": version}, "contentChanges": [change]})
            client.diagnostics(version)
            times.append((time.perf_counter() - begin) * 1000)
            if len(times) in (edits // 10, edits):
                memory[len(times)] = client.memory()
        computed += client.processor_time()
        code = client.stop()
    times.sort()
    at = lambda share: times[min(len(times) - 1, int(len(times) * share))]
    print(f"{lines} lines, {len(text) // 1000} kB, {len(found)} findings, {len(times)} edits\n")
    print("| what | measured | bound |\n|---|---|---|")
    print(f"| change to diagnostics, median | {statistics.median(times):.1f} ms | |")
    print(f"| change to diagnostics, p95 | {at(0.95):.1f} ms | 20 ms |")
    print(f"| change to diagnostics, p99 | {at(0.99):.1f} ms | |")
    print(f"| processor time for a change, mean | {computed / len(times):.1f} ms | |")
    print(f"| start to first diagnostics, median of 5 | {statistics.median(starts):.1f} ms "
          "| 100 ms |")
    for count, size in memory.items():
        print(f"| memory after {count} edits | {size:.1f} MiB | flat |")
    print(f"| exit code | {code} | 0 |")


if __name__ == "__main__":
    main()
