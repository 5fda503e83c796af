#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares nnq's quantizer with its peers on the same float networks, calibration rows and test rows.

    benchmarks/quantizers.py NNQ [--only NAME,...] [--peers] [--times] [-- FLAGS]

The networks are the eight on real data, MLPerf Tiny's autoencoder (`mlperf_tiny`) and one with ten
batch-normalized layers that is trained here (`deep_batch_norm`); FLAGS go to `nnq quantize`. For each:
the change of the task's metric, the decisions flipped, the SQNR on all test rows and on those that the
calibration rows cover, and the worst error in units of the last layer, on all test rows and on those
outside of what the calibration rows cover. --times compares instead how long quantizing takes. Python
packages go into .build/quantizers-venv where this Python lacks them.
"""
import argparse
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NEEDED = {"numpy": "numpy", "onnx": "onnx", "sklearn": "scikit-learn"}
PEERS = {"onnxruntime": "onnxruntime", "sympy": "sympy", "torch": "torch",
         "ai_edge_quantizer": "ai-edge-quantizer"}


def with_packages(needed):
    """Runs this script again in a Python that has the packages, made where there is none."""
    if all(importlib.util.find_spec(name) for name in needed):
        return
    venv = ROOT / ".build" / "quantizers-venv"
    python = venv / "bin" / "python"
    if Path(sys.executable) != python:
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *needed.values()], check=True)
        os.execv(python, [str(python), *sys.argv])
    missing = [name for name in needed if not importlib.util.find_spec(name)]
    raise SystemExit(f"{python} cannot import {', '.join(missing)}")


def show(net, title, result):
    def text(value, form):
        return "-" if value is None else format(value, form)

    flips = result["flips"] if result["flips"] is None else 100 * result["flips"]
    print(f"{net:15} {title:24} {text(result['change'], '+.4f'):>8} {text(flips, '.3f'):>8} "
          f"{result['sqnr']:6.1f} {result['covered']:7.1f} {result['worst']:8.3g} "
          f"{text(result['outside'], '8.3g'):>8}", flush=True)


def compare(own, names, nets, data, peers):
    from quantizing import networks
    from quantizing import peers as others
    import numpy as np
    results = {}
    print(f"{'net':15} {'recipe':24} {'change':>8} {'flips %':>8} {'SQNR':>6} {'covered':>7} {'worst':>8} "
          f"{'outside':>8}")
    for name in names:
        if name == "mlperf_tiny":
            net = networks.recording_network(nets.parent)
        elif name == "deep_batch_norm":
            net = networks.deep_network(own)
        else:
            net = networks.dataset_network(name, nets, data)
        for title, result in own.recipes(net):
            results.setdefault(title, {})[name] = result
            show(name, title, result)
        for title, result in others.recipes(net, own) if peers else ():
            if isinstance(result, str):
                print(f"{name:15} {title:24} did not run: {result}")
                continue
            results.setdefault(title, {})[name] = result
            show(name, title, result)
    # Means are over the networks on real data, of recipes that ran on all of them.
    for title, found in results.items():
        found = [result for name, result in found.items() if name in networks.TASKS]
        flips = [result["flips"] for result in found if result["flips"] is not None]
        if found and len(found) == sum(name in networks.TASKS for name in names):
            print(f"{'mean':15} {title:24} {'':8} {100 * np.mean(flips) if flips else 0:8.3f} "
                  f"{np.mean([r['sqnr'] for r in found]):6.1f} "
                  f"{np.mean([r['covered'] for r in found]):7.1f}")


def main():
    words = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("nnq")
    words.add_argument("--nets", type=Path, default=ROOT / "../shared/models/dataset_nets")
    words.add_argument("--data", type=Path, default=ROOT / "../shared/data")
    words.add_argument("--only", default="")
    words.add_argument("--peers", action="store_true")
    words.add_argument("--times", action="store_true")
    words.add_argument("flags", nargs="*")
    words = words.parse_args()
    with_packages({**NEEDED, **(PEERS if words.peers or words.times else {})})
    from quantizing import networks
    from quantizing.own import Own
    own = Own(words.nnq, words.flags)
    if words.times:
        from quantizing.times import compare_times
        return compare_times(own, words.nets.parent)
    names = [*networks.TASKS, "mlperf_tiny", "deep_batch_norm"]
    compare(own, words.only.split(",") if words.only else names, words.nets, words.data, words.peers)


main()
