# SPDX-License-Identifier: Apache-2.0
"""How long quantizing takes: nnq's whole process against ONNX Runtime's quantize_static, alternating.

Elapsed time, and the time of all processors, which other work on the machine disturbs less.
"""
import resource
import statistics
import time
from pathlib import Path

import numpy as np

from quantizing import networks, peers

ROWS, ROUNDS = 1000, 7
OWN = {
    "nnq, one recipe, nearest": [
        "--input", "8", "--activations", "8", "--rounding", "nearest", "--input-scale", "tensor"],
    "nnq, one recipe, GPTQ": [
        "--input", "8", "--activations", "8", "--rounding", "gptq", "--input-scale", "tensor"],
    "nnq, the default's choice": []}


def compare_times(own, models):
    """Prints the seconds of each on MLPerf Tiny's network with 1,000 rows, and the ratio to the peer."""
    net = networks.recording_network(models)
    # The recording's windows with noise of a tenth of each reading's spread: time needs many rows only.
    draw = np.random.default_rng(1)
    chosen = draw.integers(0, len(net.test), ROWS)
    rows = (net.test[chosen] + draw.normal(
        0, 0.1 * net.test.std(0), (ROWS, net.test.shape[1]))).astype(np.float32)
    path, made = own.folder / "rows.npy", own.folder / "timed.bin"
    np.save(path, rows)
    model, core = own.imported(net), own.folder / "core.onnx"
    net.onnx(core, scaler=False)
    calls = {"onnxruntime quantize_static": lambda: peers.onnxruntime_quantize(
        core, Path(own.folder) / "timed.onnx", rows, "MinMax")}
    for title, flags in OWN.items():
        calls[title] = lambda flags=flags: own.call(
            "quantize", model, "-o", made, "--calibrate", path, *flags)
    elapsed, used = {title: [] for title in calls}, {title: [] for title in calls}
    for _ in range(ROUNDS):
        for title, call in calls.items():
            start, before = time.perf_counter(), processors()
            call()
            elapsed[title].append(time.perf_counter() - start)
            used[title].append(processors() - before)
    peer = next(iter(calls))
    print(f"{'seconds':30} {'elapsed: least':>14} {'median':>7} {'ratio':>6}   "
          f"{'processors: least':>17} {'median':>7} {'ratio':>6}")
    for title in calls:
        print(f"{title:30} {figures(elapsed[title], elapsed[peer], 14)}   "
              f"{figures(used[title], used[peer], 17)}")


def processors():
    """Seconds of all processors that this process and those it ran have used."""
    found = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in found)


def figures(seconds, peer, width):
    middle = statistics.median(seconds)
    return f"{min(seconds):{width}.3f} {middle:7.3f} {middle / statistics.median(peer):6.2f}"
