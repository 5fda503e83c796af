#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the seeds of the targets model, csv, npy, zstd, onnx, tflite and safetensors: small files of each kind.

Models and networks are those of the tests; run it anew only when a format gains a new kind of file.
"""
import json
import os
import shutil
import struct
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CORPUS = os.path.join(HERE, "corpus")
GOLDEN = os.path.join(HERE, "../NNQFormatTests/Golden/good")
FIXTURES = os.path.join(HERE, "../NNQInteropTests/Fixtures")
LARGEST = 4096  # what the targets take
MOST = 64  # of one kind: a corpus is loaded on each start


def folder(name):
    path = os.path.join(CORPUS, name)
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    return path


def copy(name, source, ending):
    to = folder(name)
    files = [f for f in sorted(os.listdir(source)) if f.endswith(ending) and os.path.getsize(os.path.join(source, f)) <= LARGEST]
    for file in files[:: -(-len(files) // MOST)]:
        shutil.copy(os.path.join(source, file), os.path.join(to, file[: -len(ending)]))


def put(path, content):
    with open(path, "wb") as file:
        file.write(content)


copy("onnx", FIXTURES, ".onnx")
copy("tflite", FIXTURES, ".tflite")
copy("model", GOLDEN, ".bin")
# A packed model's sections behind 16 bytes, which the target puts into a frame.
for name in ("float-binary", "int8-multiclass", "int8-regression"):
    with open(os.path.join(GOLDEN, name + ".bin"), "rb") as file:
        frame = file.read()[20:]
    raw = subprocess.run(["zstd", "-dcq"], input=frame, stdout=subprocess.PIPE, check=True).stdout
    put(os.path.join(CORPUS, "model", name + "-sections"), bytes(16) + raw)

def packed(content, *options):
    """One frame; it states its size where the content is a file."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        return subprocess.run(["zstd", "-cq", *options, file.name], stdout=subprocess.PIPE, check=True).stdout


to = folder("csv")
text = b'a,b,label\n1,2.5,yes\n-3e4,nan,no\n"4","5 ",yes\n,6,"n,o"\n'
put(f"{to}/numbers", text)
put(f"{to}/windows", b"\xef\xbb\xbfa,b\r\n0.1,0x2\r\n1e-40,9\r\n\r\n")
put(f"{to}/words", b"a,b,kind\nred,1,x\nblue,2,y\n")
put(f"{to}/long", b"b,a\n+12345678901234567890.5e-7, -inf\n0.30000000000000004,9007199254740993\n1e400,1e-400\n")

to = folder("npy")
for kind, content in (("<f4", struct.pack("<4f", 1, 2, 3, 4)), ("|i1", bytes(4)), ("<i8", bytes(32)), ("<f8", bytes(32))):
    header = "{'descr': '%s', 'fortran_order': False, 'shape': (2, 2), }\n" % kind
    put(f"{to}/{kind[1:]}", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + content)

to = folder("zstd")
content = bytes(40) + text + text
skipped = b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc"
put(f"{to}/stream", packed(text))
put(f"{to}/frames", packed(text) + skipped + packed(content, "--no-check"))
put(f"{to}/window", packed(content, "--no-content-size", "--zstd=wlog=12"))
# A frame alone behind its size.
put(f"{to}/frame", bytes([len(content)]) + packed(content))
put(f"{to}/equal", bytes([200]) + packed(bytes(200)))

to = folder("safetensors")
for kind, size in (("F32", 4), ("F64", 8), ("F16", 2), ("BF16", 2)):
    shapes, at, header = {"w": [3, 2], "b": [3], "v": [2, 3]}, 0, {"__metadata__": {"format": "pt"}}
    for name, shape in shapes.items():
        count = size * (shape[0] * shape[1] if len(shape) > 1 else shape[0])
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [at, at + count]}
        at += count
    text = json.dumps(header).encode()
    put(f"{to}/{kind.lower()}", struct.pack("<Q", len(text)) + text + bytes(at))
