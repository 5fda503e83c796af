# SPDX-License-Identifier: Apache-2.0
"""The parts over the socket: what a request costs, changes of the model, kill -9."""
import collections
import json
import os
import random
import shutil
import subprocess
import threading
import time

from soak.daemon import Daemon, cpu_seconds, exchange, journalled, resident_mebibytes, rows
from soak.report import report
from soak.settings import ARGS


def socket_cost(work):
    """CPU per request at depth 1 and 64, without and with a journal."""
    arrays = [r.split("{")[1].rstrip("}") for r in rows()]
    arrays = ["[" + ",".join(v.split(":")[1] for v in a.split(",")) + "]" for a in arrays]
    for options in ([], ["--state", os.path.join(work, "cost-state"), "--statistics"]):
        daemon = Daemon(work, *options)
        client = daemon.connect()
        for depth, requests in ((1, ARGS.requests // 8), (64, ARGS.requests)):
            number = 0
            best = 1e9
            for _ in range(3):
                start = cpu_seconds(daemon.process.pid)
                for _ in range(max(requests // depth, 1)):
                    batch = "".join(
                        '{"device":"m%d","seq":%d,"x":%s}\n'
                        % ((number + i) % 50, depth * 10**8 + (number + i) // 50, arrays[(number + i) % len(arrays)])
                        for i in range(depth)
                    )
                    exchange(client, batch.encode(), depth)
                    number += depth
                spent = cpu_seconds(daemon.process.pid) - start
                best = min(best, spent / max(requests // depth, 1) / depth * 1e6)
            target = None if options else (12 if depth == 1 else 1.5)
            report("socket", ARGS.short or target is None or best <= target, depth=depth, journal=bool(options),
                   cpu_us_per_request=round(best, 2), target_us=target, bytes=len(batch) // depth,
                   rss_mib=round(resident_mebibytes(daemon.process.pid), 1))
        client.close()
        daemon.stop()


def second_model(work):
    path = os.path.join(work, "second.bin")
    source = os.path.join(ARGS.root, "models/motor-fault/model.bin")
    subprocess.run([ARGS.nnq, "quantize", source, "-o", path, "--output", "8"], check=True,
                   stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return path


# Exchanges of a window: its 99th percentile is its second largest time.
WINDOW = 100


def windows(times):
    """The 99th percentile of each window in milliseconds, ascending."""
    whole = [times[at:at + WINDOW] for at in range(0, len(times) - WINDOW + 1, WINDOW)]
    return sorted(1e3 * sorted(window)[int(WINDOW * 0.99) - 1] for window in whole)


def swaps(work):
    """Model changes under load: every reply is what the model that it names says, none is missing.

    Latency is told by the median of many short windows' 99th percentiles, so that what else the machine
    does now and then, before, during and after the changes, does not decide it.
    """
    other = second_model(work)
    lines = list(rows())
    expected = {}
    for model in (ARGS.model, other):
        run = subprocess.run([ARGS.nnqd, "--stdin", "--allow-unsigned", "--model", model],
                             input="".join('{"x":%s}\n' % r for r in lines).encode(),
                             capture_output=True, check=True)
        for index, line in enumerate(run.stdout.splitlines()):
            answer = json.loads(line)
            expected[answer["model"], index] = (answer["verdict"], answer["margin"], answer["score"])
    folder = os.path.join(work, "folder")
    os.mkdir(folder)
    daemon = Daemon(work, "--models", folder, "--state", os.path.join(work, "swap-state"),
                    "--trial-messages", "5", "--probation-messages", "5")
    client = daemon.connect()
    client.settimeout(60)
    sent = wrong = lost = 0
    seen = collections.Counter()
    last = None
    changes = 0
    latencies = {"quiet": [], "swapping": []}

    def send(kind):
        """Eight messages and their answers."""
        nonlocal sent, wrong, lost, last, changes
        batch = "".join('{"device":"m","seq":%d,"x":%s}\n' % (sent + i + 1, lines[(sent + i) % len(lines)])
                        for i in range(8))
        start = time.monotonic()
        answers = exchange(client, batch.encode(), 8).splitlines()
        latencies[kind].append(time.monotonic() - start)
        before = changes
        for i, line in enumerate(answers):
            answer = json.loads(line)
            if answer.get("seq") != sent + i + 1 or answer.get("duplicate"):
                lost += 1
                continue
            stated = expected.get((answer["model"], (sent + i) % len(lines)))
            if stated != (answer["verdict"], answer["margin"], answer["score"]):
                wrong += 1
            seen[answer["model"]] += 1
            if last and answer["model"] != last:
                changes += 1
            last = answer["model"]
        sent += 8
        return changes > before

    files = [other, ARGS.model]
    for _ in range((1 if ARGS.short else 10) * WINDOW):
        send("quiet")
    waits_for_change = False
    deadline = time.monotonic() + ARGS.swaps * 1.0 + 60
    while changes < ARGS.swaps and time.monotonic() < deadline:
        if not waits_for_change:
            # Hardly a copy at all, and always under a new name: what counts is the rename.
            hidden = os.path.join(folder, ".new")
            shutil.copy(files[changes % 2], hidden)
            os.rename(hidden, os.path.join(folder, "model.bin"))
            waits_for_change = True
        if send("swapping"):
            waits_for_change = False
    for _ in range((1 if ARGS.short else 10) * WINDOW):
        send("quiet")
    quiet, swapping = windows(latencies["quiet"]), windows(latencies["swapping"])
    middle = [p99[len(p99) // 2] if p99 else None for p99 in (quiet, swapping)]
    step = round(middle[1] / middle[0], 2) if swapping else None
    report("swaps", changes >= ARGS.swaps and wrong == 0 and lost == 0 and (ARGS.short or step <= 2),
           swaps=changes, replies=sent, lost_or_duplicated=lost, other_model=wrong, models=len(seen),
           p99_ms_quiet=round(middle[0], 2), p99_ms_swapping=round(middle[1], 2) if swapping else None,
           step=step, limit_step=2, windows_quiet=len(quiet), windows_swapping=len(swapping),
           rss_mib=round(resident_mebibytes(daemon.process.pid), 1))
    client.close()
    daemon.stop()


def kills(work):
    """kill -9 at random moments; what was answered must be in the journal, once."""
    state = os.path.join(work, "kill-state")
    options = ["--state", state, "--journal-files", "10000", "--journal-bytes", "1048576"]
    lines = list(rows())
    draw = random.Random(1)
    answered = set()
    duplicates = 0
    waiting = []
    number = 0
    for _ in range(ARGS.kills):
        daemon = Daemon(work, *options)
        client = daemon.connect()
        client.settimeout(30)
        stop_at = time.monotonic() + draw.uniform(0.0, 0.06)
        timer = threading.Timer(max(stop_at - time.monotonic(), 0), daemon.process.kill)
        timer.start()
        try:
            while True:
                while len(waiting) < 32:
                    number += 1
                    waiting.append(number)
                batch = "".join('{"device":"k","seq":%d,"x":%s}\n' % (n, lines[n % len(lines)])
                                for n in waiting)
                client.sendall(batch.encode())
                data = b""
                # Answers that come before the end count, even when the rest does not come.
                while data.count(b"\n") < len(waiting):
                    got = client.recv(1 << 18)
                    if not got:
                        raise ConnectionError
                    data += got
                    whole, _, rest = data.rpartition(b"\n")
                    for line in whole.splitlines():
                        answer = json.loads(line)
                        if "error" not in answer and answer["seq"] in waiting:
                            answered.add(answer["seq"])
                            duplicates += 1 if answer.get("duplicate") else 0
                    if whole:
                        waiting = [n for n in waiting if n not in answered]
                        data = rest
                        if not waiting:
                            break
        except OSError:
            pass
        timer.join()
        client.close()
        daemon.process.wait()
    kept = journalled(state)
    damaged = different = 0
    for name in sorted(os.listdir(state)):
        if not name.startswith("journal-"):
            continue
        path = os.path.join(state, name)
        summary = json.loads(subprocess.run([ARGS.nnqd, "replay", path], capture_output=True).stdout)
        different += summary["different"] + summary["without_model"]
        damaged += 1 if summary["damaged_bytes"] else 0
    lost = [n for n in answered if kept["k", n] == 0]
    twice = [n for n, count in kept.items() if count > 1]
    report("kills", not lost and not twice and different == 0, kills=ARGS.kills,
           answered=len(answered), lost=len(lost), kept_twice=len(twice), duplicates=duplicates,
           torn_files=damaged, replayed_otherwise=different)
