# SPDX-License-Identifier: Apache-2.0
"""mosquitto, and as much of MQTT 3.1.1 as the load needs."""
import os
import socket
import struct
import subprocess
import time

from soak.settings import ARGS


class Broker:
    def __init__(self, work, queued=100_000):
        self.work = work
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.configuration = os.path.join(work, "mosquitto.conf")
        with open(self.configuration, "w") as file:
            file.write(f"listener {self.port} 127.0.0.1\nallow_anonymous true\n"
                       f"max_inflight_messages 1000\nmax_queued_messages {queued}\nsys_interval 1\n")
        self.start()

    def dropped(self):
        """Messages that the broker itself says it dropped because a client's queue was full."""
        client = MQTT(self.port, "ledger", "$SYS/broker/publish/messages/dropped")
        client.socket.settimeout(3)
        dropped = 0
        try:
            # The kept value first, then one a second while it changes.
            while True:
                dropped = int(client.message())
        except TimeoutError:
            return dropped
        finally:
            client.socket.close()

    def start(self):
        self.process = subprocess.Popen([ARGS.mosquitto, "-c", self.configuration],
                                        stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        for _ in range(500):
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                time.sleep(0.01)
        raise SystemExit("mosquitto does not listen")

    def kill(self):
        self.process.kill()
        self.process.wait()


class MQTT:
    """As much of MQTT 3.1.1 as the load needs."""

    def __init__(self, port, name, topic=None):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.settimeout(20)
        self.rest = b""
        identity = name.encode()
        body = struct.pack("!H4sBBHH", 4, b"MQTT", 4, 2, 60, len(identity)) + identity
        self.socket.sendall(bytes([0x10, len(body)]) + body)
        assert self.packet()[0] >> 4 == 2
        if topic:
            text = topic.encode()
            body = struct.pack("!HH", 1, len(text)) + text + b"\x01"
            self.socket.sendall(bytes([0x82, len(body)]) + body)
            assert self.packet()[0] >> 4 == 9

    @staticmethod
    def publication(topic, payload, identity):
        topic = topic.encode()
        body = struct.pack("!H", len(topic)) + topic + struct.pack("!H", identity) + payload
        head = b"\x32"
        size = len(body)
        while True:
            head += bytes([size % 128 | (0x80 if size > 127 else 0)])
            size //= 128
            if not size:
                return head + body

    def packet(self):
        """The next packet's first byte and body."""
        while True:
            size, shift, at = 0, 0, 1
            while at < len(self.rest):
                byte = self.rest[at]
                size |= (byte & 127) << shift
                shift += 7
                at += 1
                if byte < 128:
                    if len(self.rest) >= at + size:
                        result = self.rest[0], self.rest[at:at + size]
                        self.rest = self.rest[at + size:]
                        return result
                    break
            got = self.socket.recv(1 << 18)
            if not got:
                raise ConnectionError
            self.rest += got

    def message(self):
        """The next message's payload; it is acknowledged."""
        while True:
            kind, body = self.packet()
            if kind >> 4 == 3:
                length = struct.unpack_from("!H", body)[0]
                if kind & 6:
                    self.socket.sendall(b"\x40\x02" + body[2 + length:4 + length])
                    return body[4 + length:]
                return body[2 + length:]


def has_mqtt():
    check = subprocess.run([ARGS.nnqd, "--mqtt", "127.0.0.1:1", "--mqtt-topic", "a", "--model", "/dev/null"],
                           capture_output=True, timeout=30)
    return b"lacks the package trait" not in check.stderr
