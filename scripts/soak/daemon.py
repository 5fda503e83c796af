# SPDX-License-Identifier: Apache-2.0
"""The nnqd under test: how it is started, asked, measured and killed."""
import collections
import json
import os
import socket
import subprocess
import time

from soak.settings import ARGS

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_mebibytes(pid):
    for line in open(f"/proc/{pid}/status"):
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024


class Daemon:
    def __init__(self, work, *options, model=None):
        self.path = os.path.join(work, "nnqd.sock")
        words = [ARGS.nnqd, "--allow-unsigned", "--socket", self.path]
        words += ["--model", model or ARGS.model, *options]
        self.log = open(os.path.join(work, "nnqd.log"), "ab")
        self.process = subprocess.Popen(words, stderr=self.log)

    def connect(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                client = socket.socket(socket.AF_UNIX)
                client.connect(self.path)
                return client
            except OSError:
                client.close()
                if self.process.poll() is not None:
                    raise SystemExit(f"nnqd ended with {self.process.returncode}")
                time.sleep(0.002)
        raise SystemExit("nnqd does not listen")

    def ask(self, word):
        client = self.connect()
        client.sendall(word + b"\n")
        data = b""
        while not (data.endswith(b"# EOF\n") or (word == b"health" and data.endswith(b"\n"))):
            data += client.recv(1 << 16)
        client.close()
        return data.decode()

    def metric(self, name):
        for line in self.ask(b"metrics").splitlines():
            if line.startswith(f"nnqd_{name} "):
                return float(line.split()[-1])

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        return self.process.wait()


def rows():
    """The golden rows as JSON members: readings by name."""
    lines = open(os.path.join(ARGS.root, "models/motor-fault/golden.csv")).read().split()
    names = lines[0].split(",")[:22]
    for line in lines[1:]:
        yield "{%s}" % ",".join(f'"{n}":{v}' for n, v in zip(names, line.split(",")))


def exchange(client, batch, count):
    client.sendall(batch)
    data = b""
    while data.count(b"\n") < count:
        got = client.recv(1 << 18)
        if not got:
            raise ConnectionError
        data += got
    return data


def journalled(state):
    """How often each device's sequence number stands in the journal."""
    kept = collections.Counter()
    for name in sorted(os.listdir(state)):
        if name.startswith("journal-"):
            listing = subprocess.run([ARGS.nnqd, "replay", "--list", os.path.join(state, name)],
                                     capture_output=True)
            for line in listing.stdout.splitlines():
                decision = json.loads(line)
                kept[decision["device"], decision["seq"]] += 1
    return kept
