# SPDX-License-Identifier: Apache-2.0
"""Times an int8 network of PyTorch (x86 engine, one thread, traced): torch_time.py WIDTHS BATCH ROUNDS

Its weights are random: speed does not depend on them. Prints "torch MINIMUM MEDIAN", nanoseconds.
"""
import statistics
import sys
import time

import torch
from torch.ao.quantization import get_default_qconfig_mapping
from torch.ao.quantization.quantize_fx import convert_fx, prepare_fx

widths = [int(width) for width in sys.argv[1].split(",")]
batch, rounds = int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(1)
torch.manual_seed(0)
torch.backends.quantized.engine = "x86"
parts = []
for inputs, outputs in zip(widths, widths[1:]):
    parts += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
x = torch.randn(batch, widths[0])
with torch.no_grad():
    ready = prepare_fx(torch.nn.Sequential(*parts[:-1]).eval(), get_default_qconfig_mapping("x86"), (x,))
    ready(x)
    model = torch.jit.freeze(torch.jit.trace(convert_fx(ready), x))
    for _ in range(50):
        model(x)
    start = time.perf_counter()
    model(x)
    calls = int(2e-4 / (time.perf_counter() - start)) + 1
    found = []
    for _ in range(rounds):
        start = time.perf_counter_ns()
        for _ in range(calls):
            model(x)
        found.append((time.perf_counter_ns() - start) / calls)
print("torch", min(found), statistics.median(found))
