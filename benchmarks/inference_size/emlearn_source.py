# SPDX-License-Identifier: Apache-2.0
"""Writes a network of given widths as emlearn makes it: emlearn_source.py FILE.h WIDTH WIDTH ...

The weights are random, of He's spread: how many instructions software arithmetic takes depends on the
numbers, but little.
"""
import sys

import numpy as np
from emlearn.net import c_generate_net_loadable

path, widths = sys.argv[1], [int(word) for word in sys.argv[2:]]
random = np.random.default_rng(1)
weights = [
    random.standard_normal((inputs, outputs), dtype=np.float32) * (2 / inputs) ** 0.5
    for inputs, outputs in zip(widths, widths[1:])
]
biases = [np.zeros(outputs, dtype=np.float32) for outputs in widths[1:]]
activations = ["relu"] * (len(weights) - 1) + ["identity"]
# Constants in flash, as a device wants them.
code = c_generate_net_loadable(activations, weights, biases, "network")
with open(path, "w") as file:
    file.write(code.replace("static float network_layer", "static const float network_layer"))
    file.write(f"\n#define INPUTS {widths[0]}\n#define OUTPUTS {widths[-1]}\n")
