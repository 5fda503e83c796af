# SPDX-License-Identifier: Apache-2.0
"""What a call stands for: what its theorem shows of the function that is called, and no more.

Each contract demands what its theorem assumes, as an obligation of the caller, and gives a result that is an
unknown function of its arguments, of which only a range is known where the demands are met. The definitions
that theorems compare with speak of the same function, so that it does not matter which numbers it gives. For
a wrong source the number itself is computed, that what shows it is an input, not a choice of the function.
"""
import z3

INT_16 = (-32768, 32767)
LARGEST_SUM = 1 << 62  # of a product

# Each call, and the theorem behind it.
BEHIND = {
    "nnq_asr64": "shift_right", "nnq_product": "product (product_halves)", "nnq_requantize": "requantize", "nnq_scaled_code": "scaled_code",
    "nnq_table16": "table_index", "nnq_finish": "finish", "dot8": "dense_8x8", "dot16": "dense_8x16",
    "dot4": "dense_4x8 and dense_4x16", "scaled_by": "norm_scaled", "measure": "norm_sums and norm_spread",
    "square_root": "norm_root", "normalized": "norm_distance", "finish": "norm_finish",
}  # fmt: skip


def at(address):
    return z3.BitVecVal(address, 64)


def sym(name, bits=32):
    return z3.BitVec(name, bits)


def wide(x, bits=128):
    return z3.SignExt(bits - x.size(), x)


def between(x, low, high):
    return z3.And(x >= low, x <= high)


def clamped(x, low, high):
    return z3.If(x < low, low, z3.If(x > high, high, x))


def bits_of(x, count):
    return z3.Extract(count - 1, 0, x)


def rounded(product, s):
    """The definition of requantization, in 128 bits, where nothing wraps."""
    s = z3.ZeroExt(128 - s.size(), s)
    return (product + (z3.BitVecVal(1, 128) << (s - 1))) >> s


def is_factor(m, s):
    return z3.And(m >= 1 << 30, z3.UGE(s, 1), z3.ULE(s, 62))


def entries(machine, start, code):
    """The entries of a 16-bit table on both sides of a code, and how far it lies between them."""
    place = wide(code) + 32768
    entry = start + bits_of((place >> 7) * 2, 64)
    # 32,768 is a multiple of 128: the rest is that of the code.
    return *(wide(machine.load(a, 16)) for a in (entry, entry + 2)), z3.ZeroExt(121, bits_of(code, 7))


class Contracts:
    """exact: whether results are computed; used: the functions that were called."""

    def __init__(self, exact):
        self.exact, self.used = exact, set()
        self.unknown = {}

    def __contains__(self, name):
        return name in BEHIND

    def __getitem__(self, name):
        self.used.add(name)
        return getattr(self, "call_" + name, None) or (lambda machine, path, *given: self.result(name, *given))

    def result(self, name, *given, bits=32):
        """An unknown function of what is given."""
        key = (name, bits)
        if key not in self.unknown:
            self.unknown[key] = z3.Function(name, *[x.sort() for x in given], z3.BitVecSort(bits))
        return self.unknown[key](*given)

    def demanded(self, machine, path, demands, *facts, is_computed=True):
        path.duties += demands
        if not (self.exact and is_computed):
            path.facts.append(z3.Implies(z3.And(*demands), z3.And(*facts)))

    # ---- what each means ----

    def product(self, x, m):
        return wide(x, 64) * wide(m, 64) if self.exact else self.result("nnq_product", x, m, bits=64)

    def requantized(self, x, m, s):
        if self.exact:
            return bits_of(rounded(wide(wide(x, 64) * wide(m, 64)), s), 64)
        return self.result("nnq_requantize", x, m, s, bits=64)

    def scaled_code(self, product, s, zero, low, high):
        if self.exact:
            return bits_of(clamped(wide(zero) + rounded(wide(product), s), wide(low), wide(high)), 32)
        return self.result("nnq_scaled_code", product, s, zero, low, high)

    def table16(self, table, code):
        """Never computed: there is a table that gives any value."""
        return self.result("nnq_table16", table, code)

    # ---- calls ----

    def call_nnq_asr64(self, machine, path, x, s):
        path.duties.append(z3.ULT(s, 64))
        return x >> z3.ZeroExt(32, s)

    def call_nnq_product(self, machine, path, x, m):
        value = self.product(x, m)
        # A Cortex-M0 multiplies by what is not negative.
        self.demanded(machine, path, [m >= 0], between(value, -LARGEST_SUM, LARGEST_SUM))
        return value

    def call_nnq_requantize(self, machine, path, x, m, s):
        value = self.requantized(x, m, s)
        self.demanded(machine, path, [is_factor(m, s)], between(value, -LARGEST_SUM, LARGEST_SUM))
        return value

    def call_nnq_scaled_code(self, machine, path, product, s, zero, low, high):
        value = self.scaled_code(product, s, zero, low, high)
        demands = [
            between(product, -LARGEST_SUM, LARGEST_SUM), z3.UGE(s, 1), z3.ULE(s, 62), low <= high,
            *[between(x, *INT_16) for x in (zero, low, high)],
        ]  # fmt: skip
        self.demanded(machine, path, demands, between(value, low, high))
        return value

    def call_nnq_table16(self, machine, path, table, code):
        value = self.table16(table, code)
        self.demanded(machine, path, [between(code, *INT_16)], between(value, *INT_16), is_computed=False)
        path.loads.append((table, 1026))
        return value

    def call_nnq_finish(self, machine, path, node, y, index, total, multiplier, s):
        path.loads.append((multiplier, 4))
        self.demanded(machine, path, [is_factor(machine.load(multiplier, 32), s)], z3.BoolVal(True))

    def call_finish(self, machine, path, node, y, index, z):
        self.demanded(machine, path, [between(z, 1 - (1 << 23), (1 << 23) - 1)], z3.BoolVal(True))

    def call_measure(self, machine, path, node, x, place):
        """What it leaves in memory is what is loaded from there afterwards."""

    def call_scaled_by(self, machine, path, n, x):
        self.demanded(machine, path, [z3.ULT(n, 1 << 16), z3.ULT(x, 1 << 46)], z3.BoolVal(True))
        return self.result("scaled_by", n, x, bits=64)

    def call_square_root(self, machine, path, x):
        value = self.result("square_root", x)
        self.demanded(machine, path, [x >= 0], z3.Implies(x >= 1 << 60, z3.UGE(value, 1 << 30)))
        return value

    def call_normalized(self, machine, path, place, n, code):
        value = self.result("normalized", place, n, code)
        self.demanded(
            machine, path, [z3.ULE(n, 65535), z3.UGE(n, 2), between(code, *INT_16)],
            between(value, 1 - (1 << 23), (1 << 23) - 1),
        )  # fmt: skip
        return value
