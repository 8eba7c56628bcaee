"""Looks at a process from outside while it runs."""

import glob
import pathlib
import threading


class Watch:
    """Looks, while dagfix runs, for children (there are none), for the secret in command lines and temporary files, and
    whether a core file could be written once a secret was read."""

    def __init__(self, pid, needles, work):
        self.pid, self.needles, self.work, self.problems, self.looks = pid, needles, work, set(), 0
        self.may_dump = False
        self.end = threading.Event()
        self.thread = threading.Thread(target=self._look)
        self.thread.start()

    def stop(self):
        self.end.set()
        self.thread.join()

    def _has_secret(self, text):
        return any(needle in text for needle in self.needles)

    def _look(self):
        while not self.end.wait(0.02):
            self.looks += 1
            for task in glob.glob(f"/proc/{self.pid}/task/*/children"):
                for child in _read(task).split():
                    self.problems.add(f"dagfix started a process: {_read(f'/proc/{int(child)}/cmdline')!r}")
            if self._has_secret(_read(f"/proc/{self.pid}/cmdline")):
                self.problems.add("the secret is in the command line")
            for file in glob.glob(f"{self.work}/**", recursive=True):
                if self._has_secret(_read(file)):
                    self.problems.add("the secret is in a temporary file")
            limits = _read(f"/proc/{self.pid}/limits").decode()
            # The last look at a process that lives counts: the limit is lowered before the first secret is read.
            core = next((line.split()[4:6] for line in limits.splitlines() if line.startswith("Max core")), None)
            if core:
                self.may_dump = core != ["0", "0"]


def _read(path):
    try:
        return pathlib.Path(path).read_bytes()
    except OSError:
        return b""
