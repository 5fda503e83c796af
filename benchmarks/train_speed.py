#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Training speed of nnq against PyTorch: train_speed.py NNQ [--rounds 7] [--threads 1,2]

Both train the same network on the same rows with fused AdamW and batches of 128 drawn from a new
order in each pass; passes of both alternate. Prints samples a second (median and best pass), the
ratio of the medians and the peak memory of each process. OPENBLAS_CORETYPE is as the caller set it.
Needs the Python packages torch and numpy.
"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

NETS = {
    "64-128-64-10": dict(rows=25600, widths=[64, 128, 64, 10], epochs=12),
    "640-128x4-8-128x4-640": dict(rows=6400, widths=[640] + [128] * 4 + [8] + [128] * 4 + [640], epochs=6),
}
BATCH = 128


def write(folder, name):
    """The rows as a table that nnq reads; the large network learns its own inputs."""
    net, random = NETS[name], np.random.default_rng(1)
    x = random.standard_normal((net["rows"], net["widths"][0]), dtype=np.float32)
    if net["widths"][-1] == net["widths"][0]:
        path = f"{folder}/{name}.npy"
        np.save(path, x)
        return path
    y = (x @ random.standard_normal((x.shape[1], net["widths"][-1]))).argmax(1)
    path = f"{folder}/{name}.csv"
    with open(path, "w") as file:
        file.write(",".join(f"x{i}" for i in range(x.shape[1])) + ",label\n")
        for row, label in zip(x, y):
            file.write(",".join(f"{v:.7g}" for v in row) + f",{label}\n")
    return path


def run_nnq(program, name, table, folder, threads):
    net = NETS[name]
    hidden = ",".join(str(w) for w in net["widths"][1:-1])
    log = f"{folder}/log.jsonl"
    words = [program, "train", table, "-o", f"{folder}/model-{threads}.bin", "--hidden", hidden, "--activation", "relu",
             "--batch", str(BATCH), "--epochs", str(net["epochs"]), "--validation", "0", "--learning-rate", "0.0001",
             "--threads", str(threads), "--log", log, "--quiet"]
    if table.endswith(".npy"):
        words += ["--task", "anomaly"]
    child = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"nnq failed: {' '.join(words)}")
    speeds = [json.loads(line)["rows_per_second"] for line in open(log)]
    return speeds[1:], usage.ru_maxrss / 1024


def run_torch(name, threads):
    """In a process of its own: samples a second of each pass and the peak memory in MiB."""
    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(0)
    net = NETS[name]
    layers = []
    for a, b in zip(net["widths"], net["widths"][1:]):
        layers += [torch.nn.Linear(a, b), torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    x = torch.randn(net["rows"], net["widths"][0])
    is_auto = net["widths"][-1] == net["widths"][0]
    y = x if is_auto else torch.randint(0, net["widths"][-1], (net["rows"],))
    loss = torch.nn.MSELoss() if is_auto else torch.nn.CrossEntropyLoss()
    move = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0.1, fused=True)
    speeds = []
    for _ in range(net["epochs"]):
        start = time.perf_counter()
        order = torch.randperm(net["rows"])
        for first in range(0, net["rows"], BATCH):
            rows = order[first : first + BATCH]
            move.zero_grad(set_to_none=True)
            loss(model(x[rows]), y[rows]).backward()
            move.step()
        speeds.append(net["rows"] / (time.perf_counter() - start))
    print(json.dumps([speeds[1:], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("nnq")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--torch", nargs=2)
    arguments = parser.parse_args()
    if arguments.torch:
        return run_torch(arguments.torch[0], int(arguments.torch[1]))
    with tempfile.TemporaryDirectory() as folder:
        for name in NETS:
            table = write(folder, name)
            for threads in [int(t) for t in arguments.threads.split(",")]:
                speeds, memory = {"nnq": [], "torch": []}, {"nnq": 0.0, "torch": 0.0}
                for _ in range(arguments.rounds):
                    found, peak = run_nnq(arguments.nnq, name, table, folder, threads)
                    speeds["nnq"] += found
                    memory["nnq"] = max(memory["nnq"], peak)
                    answer = subprocess.run([sys.executable, __file__, arguments.nnq, "--torch", name, str(threads)],
                                            check=True, capture_output=True, text=True).stdout
                    found, peak = json.loads(answer)
                    speeds["torch"] += found
                    memory["torch"] = max(memory["torch"], peak)
                middle = {who: statistics.median(found) for who, found in speeds.items()}
                print(f"{name}, {threads} thread(s): " + ", ".join(
                    f"{who} {middle[who]:.0f}/s (best {max(speeds[who]):.0f}), {memory[who]:.0f} MiB"
                    for who in speeds) + f"; ratio {middle['nnq'] / middle['torch']:.2f},"
                    f" of the best {max(speeds['nnq']) / max(speeds['torch']):.2f}", flush=True)


main()
