# SPDX-License-Identifier: Apache-2.0
"""A load over the broker, and where its messages went."""
import json
import threading
import time

from soak.broker import MQTT
from soak.daemon import Daemon, rows


class Load:
    """Publishes at a steady rate with QoS 1 and counts what comes back."""

    def __init__(self, broker, keeps_times=True):
        self.listener = MQTT(broker.port, "listener", "a/#")
        self.listener.socket.settimeout(0.5)
        self.sender = MQTT(broker.port, "sender")
        self.sender.socket.settimeout(120)
        self.times = {} if keeps_times else None
        self.delays = []
        self.answers = 0
        self.duplicates = 0
        self.answered = set()
        self.is_over = False
        self.rows = list(rows())
        self.sent = 0
        self.threads = [threading.Thread(target=self.drain, daemon=True),
                        threading.Thread(target=self.listen, daemon=True)]
        for thread in self.threads:
            thread.start()

    def drain(self):
        try:
            while True:
                self.sender.packet()
        except (OSError, ConnectionError):
            pass

    def listen(self):
        while not self.is_over:
            try:
                payload = self.listener.message()
            except TimeoutError:
                continue
            except (OSError, ConnectionError):
                return
            self.answers += 1
            if self.times is None:
                continue
            answer = json.loads(payload)
            name = answer["device"], answer["seq"]
            self.delays.append(time.monotonic() - self.times[name])
            self.answered.add(name)
            self.duplicates += 1 if answer.get("duplicate") else 0

    def publish(self, numbers):
        batch = b""
        for number in numbers:
            device, sequence = f"m{number % 1000}", number // 1000 + 1
            payload = '{"seq":%d,"x":%s}' % (sequence, self.rows[number % len(self.rows)])
            if self.times is not None:
                self.times[device, sequence] = time.monotonic()
            batch += MQTT.publication(f"d/{device}/x", payload.encode(), number % 65_535 + 1)
            self.sent += 1
        self.sender.socket.sendall(batch)

    def run(self, rate, total, each_step=lambda number: None):
        start, first = time.monotonic(), self.sent
        step = max(rate // 100, 1)
        for number in range(first, first + total, step):
            self.publish(range(number, min(number + step, first + total)))
            each_step(number)
            time.sleep(max(start + (number - first + step) / rate - time.monotonic(), 0))

    def settle(self):
        """Waits until all is answered, or until nothing more has come for ten seconds."""
        last, since = -1, time.monotonic()
        while self.answers < self.sent and time.monotonic() - since < 10:
            if self.answers != last:
                last, since = self.answers, time.monotonic()
            time.sleep(0.1)

    def close(self):
        self.is_over = True
        self.threads[1].join()
        self.sender.socket.close()
        self.listener.socket.close()


def ledger(daemon):
    """Where the daemon says that messages and answers have gone."""
    text = daemon.ask(b"metrics").splitlines()

    def sum_of(name):
        return int(sum(float(line.split()[-1]) for line in text
                       if line.startswith((f"nnqd_{name} ", f"nnqd_{name}{{"))))

    return {"received": sum_of("mqtt_received_total"), "published": sum_of("mqtt_published_total"),
            "daemon_dropped": sum_of("mqtt_lost_total"), "in_flight": sum_of("mqtt_in_flight"),
            "waiting": sum_of("mqtt_waiting"), "refused": sum_of("refused_total"), "spool_bytes": sum_of("spool_bytes")}


def unexplained(load, daemon, broker):
    """Messages and answers that no counter explains, after the load has settled, and the counters.

    On the way in and on the way out only the broker's own queues may drop, which it counts; between them
    every message that came is an answer that was published or one that the daemon counts as dropped.
    """
    load.settle()
    figures = ledger(daemon)
    dropped = broker.dropped()
    inside = figures["received"] - figures["published"] - figures["daemon_dropped"]
    outside = load.sent - figures["received"] + figures["published"] - load.answers - dropped
    return abs(inside) + abs(outside), {**figures, "broker_dropped": dropped}


def connected(work, broker, *options):
    daemon = Daemon(work, "--mqtt", f"127.0.0.1:{broker.port}", "--mqtt-topic", "d/+/x",
                    "--mqtt-answers", "a/%d", *options)
    while not daemon.metric("mqtt_connected"):
        time.sleep(0.05)
    time.sleep(0.5)
    return daemon
