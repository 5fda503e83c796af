# SPDX-License-Identifier: Apache-2.0
"""A table of `nnq simulate motor` as arrays; features.txt and the names of the classes for nnq import."""
import csv

import numpy as np


def read(path, write_names=False):
    with open(path, newline="") as file:
        header, *lines = csv.reader(file)
    names = [name for name in header if name != "label"]
    column = header.index("label")
    labels = np.array([line[column] for line in lines])
    readings = [[float(cell) for place, cell in enumerate(line) if place != column] for line in lines]
    if write_names:
        with open("features.txt", "w") as file:
            file.write("\n".join(names) + "\n")
    classes, truths = np.unique(labels, return_inverse=True)
    return np.array(readings, np.float32), truths, list(classes)
