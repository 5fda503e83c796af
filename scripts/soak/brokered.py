# SPDX-License-Identifier: Apache-2.0
"""The parts over a broker: a steady rate, a daemon that stands still, half an hour, kill -9 of the broker."""
import json
import os
import random
import signal
import sys
import threading
import time

from soak.broker import Broker, MQTT
from soak.daemon import Daemon, cpu_seconds, journalled, resident_mebibytes, rows
from soak.load import Load, connected, unexplained
from soak.report import report
from soak.settings import ARGS


def broker_load(work):
    """A steady rate over a broker with QoS 1, shadow and statistics on; no message goes uncounted."""
    shadow = os.path.join(ARGS.root, "models/motor-fault/model.bin")
    for rate, limit in ((1000, 5), (10_000, 30)):
        broker = Broker(work)
        daemon = connected(work, broker, "--statistics", *(["--shadow", shadow] if rate == 1000 else []))
        load = Load(broker)
        total = rate * ARGS.seconds
        start, cpu = time.monotonic(), cpu_seconds(daemon.process.pid)
        load.run(rate, total)
        missing, figures = unexplained(load, daemon, broker)
        elapsed = time.monotonic() - start
        spent = cpu_seconds(daemon.process.pid) - cpu
        share = 100 * spent / max(figures["received"], 1) * rate
        load.close()
        delays = sorted(load.delays)
        report("broker", missing == 0 and (ARGS.short or (share < limit and load.answers == total)), rate=rate,
               sent=total, answered=load.answers, unexplained=missing, **figures,
               sent_per_s=round(total / elapsed), core_percent=round(share, 1), limit_percent=limit,
               cpu_us_per_message=round(spent / max(figures["received"], 1) * 1e6, 1),
               p50_ms=round(1e3 * delays[len(delays) // 2], 2) if delays else None,
               p99_ms=round(1e3 * delays[int(len(delays) * 0.99)], 2) if delays else None,
               rss_mib=round(resident_mebibytes(daemon.process.pid), 1))
        daemon.stop()
        broker.kill()


def broker_stall(work):
    """The daemon stands still for seconds while messages come: what is dropped is counted, what is sent
    again is answered, and each message is in the journal once."""
    broker = Broker(work, queued=5000)
    state = os.path.join(work, "stall-state")
    daemon = connected(work, broker, "--state", state, "--journal-files", "10000")
    load = Load(broker)
    rate, total = 5000, 5000 * max(ARGS.seconds // 2, 4)

    def stall(number):
        if number % (2 * rate) == rate // 2:
            daemon.process.send_signal(signal.SIGSTOP)
            threading.Timer(1.5, daemon.process.send_signal, (signal.SIGCONT,)).start()

    load.run(rate, total, stall)
    time.sleep(2)
    missing, figures = unexplained(load, daemon, broker)
    first_answers = load.answers
    for _ in range(20):
        waiting = [n for n in range(total) if (f"m{n % 1000}", n // 1000 + 1) not in load.answered]
        if not waiting:
            break
        for at in range(0, len(waiting), 1000):
            load.publish(waiting[at:at + 1000])
            time.sleep(0.3)
        load.settle()
    load.close()
    daemon.stop()
    broker.kill()
    kept = journalled(state)
    lost = [n for n in load.answered if kept[n] == 0]
    twice = [n for n, count in kept.items() if count > 1]
    report("broker-stall", missing == 0 and not waiting and not lost and not twice, sent=total,
           answered_at_first=first_answers, unexplained=missing, **figures, unanswered=len(waiting),
           lost=len(lost), kept_twice=len(twice), duplicates=load.duplicates)


def steady(work):
    """Half an hour at 10,000 messages a second, or at what the machine gives: memory must stay flat."""
    broker = Broker(work)
    daemon = connected(work, broker, "--statistics", "--state", os.path.join(work, "steady-state"))
    load = Load(broker, keeps_times=False)
    start, samples = time.monotonic(), []
    cpu = cpu_seconds(daemon.process.pid)

    def sample(_):
        # No more on the way than the queues hold: the rate falls to what the machine gives.
        while load.sent - load.answers > 10_000 and time.monotonic() < start + 60 * ARGS.minutes:
            time.sleep(0.005)
        if time.monotonic() > start + 10 * len(samples):
            samples.append(resident_mebibytes(daemon.process.pid))
            print(f"{10 * len(samples)} s {samples[-1]:.1f} MiB, {load.answers} answers",
                  file=sys.stderr, flush=True)

    while time.monotonic() < start + 60 * ARGS.minutes:
        load.run(10_000, 100_000 if ARGS.minutes >= 1 else 10_000, sample)
    elapsed = time.monotonic() - start
    spent = cpu_seconds(daemon.process.pid) - cpu
    missing, figures = unexplained(load, daemon, broker)
    load.close()
    # The first tenth fills the tables of devices and the library's queues; the short form ends within it.
    settled = samples[len(samples) // 10:]
    is_flat = ARGS.short or max(settled) - settled[0] <= 2
    report("steady", missing == 0 and max(samples) < 64 and is_flat,
           minutes=round(elapsed / 60, 1), answered=load.answers, answered_per_s=round(load.answers / elapsed),
           unexplained=missing, **figures, cpu_us_per_message=round(spent / load.answers * 1e6, 1),
           rss_mib_start=round(samples[0], 1), rss_mib_settled=round(settled[0], 1),
           rss_mib_middle=round(samples[len(samples) // 2], 1), rss_mib_end=round(samples[-1], 1),
           rss_mib_highest=round(max(samples), 1))
    daemon.stop()
    broker.kill()


def broker_kills(work):
    """kill -9 of the broker; senders send again until nnqd itself has answered."""
    broker = Broker(work)
    state = os.path.join(work, "broker-state")
    daemon = Daemon(work, "--mqtt", f"127.0.0.1:{broker.port}", "--mqtt-topic", "d/+/x",
                    "--mqtt-answers", "a/%d", "--state", state, "--journal-files", "10000")
    lines = list(rows())
    answered = set()
    waiting = list(range(1, 201))
    number = 200
    duplicates = 0
    draw = random.Random(2)
    for turn in range(ARGS.broker_kills + 1):
        is_last = turn == ARGS.broker_kills
        timer = threading.Timer(draw.uniform(1.0, 2.5), broker.kill)
        if not is_last:
            timer.start()
        try:
            client = MQTT(broker.port, "device", "a/#")
            client.socket.settimeout(0.3)
            deadline = time.monotonic() + 60
            while (not is_last) or (waiting and time.monotonic() < deadline):
                for n in waiting[:50]:
                    payload = '{"seq":%d,"x":%s}' % (n, lines[n % len(lines)])
                    client.socket.sendall(MQTT.publication("d/b/x", payload.encode(), n % 65_535 + 1))
                try:
                    for _answer in range(min(50, len(waiting))):
                        answer = json.loads(client.message())
                        if "error" not in answer:
                            answered.add(answer["seq"])
                            duplicates += 1 if answer.get("duplicate") else 0
                except TimeoutError:
                    pass
                waiting = [n for n in waiting if n not in answered]
                while len(waiting) < 200 and not is_last:
                    number += 1
                    waiting.append(number)
        except (OSError, ConnectionError, AssertionError):
            pass
        if not is_last:
            timer.join()
            broker.start()
    daemon.stop()
    broker.kill()
    kept = journalled(state)
    lost = [n for n in answered if kept["b", n] == 0]
    twice = [n for n, count in kept.items() if count > 1]
    report("broker-kills", not lost and not twice and not waiting, kills=ARGS.broker_kills,
           answered=len(answered), lost=len(lost), kept_twice=len(twice), unanswered=len(waiting),
           duplicates=duplicates)
