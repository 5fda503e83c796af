#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the hostile files of foreign formats beside it: one wrong thing each. Run without arguments."""
import json
import os
import struct

HERE = os.path.dirname(os.path.abspath(__file__))


def write(name, content):
    with open(os.path.join(HERE, name), "wb") as file:
        file.write(content)


# ---- ONNX: protocol buffers ----


def varint(number):
    number &= (1 << 64) - 1
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def field(number, content):
    """A length-delimited field, or a number."""
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    content = content.encode() if isinstance(content, str) else content
    return varint(number << 3 | 2) + varint(len(content)) + content


def tensor(name, kind, shape, content, *more):
    return field(5, b"".join([field(1, size) for size in shape]) + field(2, kind) + field(8, name) + field(9, content) + b"".join(more))


def attribute(name, number):
    return field(5, field(1, name) + field(3, number) + field(20, 2))


def node(kind, inputs, output, *attributes):
    return field(1, b"".join(field(1, name) for name in inputs) + field(2, output) + field(3, output) + field(4, kind) + b"".join(attributes))


def onnx(*graph):
    def value(number, name, width):
        shape = b"".join(field(1, field(1, size)) for size in (1, width))
        return field(number, field(1, name) + field(2, field(1, field(1, 1) + field(2, shape))))

    body = b"".join(graph) + value(11, "x", 2) + value(12, "y", 2)
    return field(1, 8) + field(7, body) + field(8, field(2, 17))


FLOAT, LONG = 1, 7
weights = tensor("w", FLOAT, (2, 2), struct.pack("<4f", 1, 2, 3, 4))
product = node("MatMul", ["x", "w"], "p")
outside = field(13, field(1, "location") + field(2, "../../../etc/passwd")) + field(14, 1)
nested = node("Identity", ["x"], "y")
for _ in range(64):
    nested = field(1, field(1, "x") + field(2, "y") + field(3, "y") + field(4, "If") + field(5, field(1, "then_branch") + field(6, nested) + field(20, 5)))

write("external-data.onnx", onnx(tensor("w", FLOAT, (2, 2), b"", outside), node("MatMul", ["x", "w"], "y")))
write("cycle.onnx", onnx(weights, node("Add", ["x", "q"], "p"), node("Relu", ["p"], "q"), node("MatMul", ["q", "w"], "y")))
write("nested.onnx", onnx(nested))
write("negative-axis.onnx", onnx(weights, product, node("Softmax", ["p"], "y", attribute("axis", -9))))
write("rank-change.onnx", onnx(weights, product, tensor("s", LONG, (2,), struct.pack("<2q", 2, 1)), node("Reshape", ["p", "s"], "q"), node("MatMul", ["q", "w"], "y")))
write("rank-of-weights.onnx", onnx(tensor("w", FLOAT, (1, 2, 2), struct.pack("<4f", 1, 2, 3, 4)), node("MatMul", ["x", "w"], "y")))
write("size-overflow.onnx", onnx(tensor("w", FLOAT, (1 << 31, 1 << 33), b"\0" * 16), node("MatMul", ["x", "w"], "y")))
write("zero-dimension.onnx", onnx(tensor("w", FLOAT, (2, 0), b""), node("MatMul", ["x", "w"], "y")))
write("nan.onnx", onnx(tensor("w", FLOAT, (2, 2), struct.pack("<4f", 1, float("nan"), 3, 4)), node("MatMul", ["x", "w"], "y")))
write("endless-varint.onnx", b"\xff" * 64)

# ---- TFLite: flat buffers ----

write("root-past-end.tflite", struct.pack("<I", 0xFFFFFF00) + b"TFL3" + bytes(56))
write("root-of-itself.tflite", struct.pack("<I", 0) + b"TFL3" + bytes(56))
# A table at 16 whose list of fields lies before the file's start.
write("offset-wraps.tflite", struct.pack("<I4sQi", 16, b"TFL3", 0, 1 << 20) + bytes(44))
# A root at an odd place, where no table can lie that is aligned.
write("misaligned.tflite", struct.pack("<I", 9) + b"TFL3" + b"\x01\x04" + bytes(54))

# ---- safetensors ----


def safetensors(text, content=bytes(16)):
    return struct.pack("<Q", len(text)) + text.encode() + content


entry = {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}
good = json.dumps(entry)
write("duplicate-key.safetensors", safetensors('{"w":%s,"w":%s}' % (good, good)))
write("nan-in-header.safetensors", safetensors('{"w":{"dtype":"F32","shape":[NaN,2],"data_offsets":[0,16]}}'))
write("huge-number.safetensors", safetensors('{"w":{"dtype":"F32","shape":[99999999999999999999,2],"data_offsets":[0,16]}}'))
write("comma-decimal.safetensors", safetensors('{"w":{"dtype":"F32","shape":[2,5,2],"data_offsets":[0,16]}}'))
write("offset-past-end.safetensors", safetensors('{"w":{"dtype":"F32","shape":[2,2],"data_offsets":[8,24]}}'))
write("offset-wraps.safetensors", safetensors('{"w":{"dtype":"F32","shape":[2,2],"data_offsets":[9223372036854775800,24]}}'))
write("reversed.safetensors", safetensors('{"w":{"dtype":"F32","shape":[2,2],"data_offsets":[16,0]}}'))
write("deep.safetensors", safetensors('{"w":' * 64 + "1" + "}" * 64))

# ---- tables ----

write("comma-decimal.csv", b"a;b;label\n1,5;2,5;yes\n2,5;1,0;no\n")
write("huge-number.csv", b"a,b,label\n1e999,2,yes\n2,1,no\n")
write("column-twice.csv", b"a,a,label\n1,2,yes\n2,1,no\n")
header = "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 4), }"
write("size-overflow.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header) + 1) + header.encode() + b"\n")

# A cell of a gigabyte: 2^13 blocks that say one byte 2^17 times.
frame = b"\x28\xb5\x2f\xfd\x80" + bytes([13 << 3]) + struct.pack("<I", 1 << 30)
for block in range(1 << 13):
    frame += struct.pack("<I", (1 << 17) << 3 | 1 << 1 | (block == (1 << 13) - 1))[:3] + b"a"
write("bomb.csv.zst", frame)
