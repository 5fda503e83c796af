# SPDX-License-Identifier: Apache-2.0
"""Runs functions of LLVM IR on symbols: integers are Z3 bit-vectors, memory is bytes at addresses.

A function is run from its entry, or from the head of a loop with a symbol for each of the loop's
variables, along every path to the function's end or back to a loop's head. Each path has a condition, the
values that it ends with, the stores and loads that it made, and the obligations that keep it defined: no
overflow where the IR promises none, no shift by the width or more, no division by 0. Opcodes that are not
known stop the run.

A product stands for a symbol of its own, known only by its sign and by the size that its operands allow:
what is proved then holds for any such number, and for the product. A call stands for what was proved about
the function that is called: see contracts.py.
"""
import re

import z3

POINTER_BITS = 64
STACK = 15 << 32  # where the one variable lies that a function may have in memory


def width(kind):
    return POINTER_BITS if kind == "ptr" else int(kind[1:])


class Module:
    """The functions of a file of IR, each as blocks of instructions, and its tables of constants."""

    def __init__(self, text):
        self.functions, self.tables = {}, {}
        for match in re.finditer(r"^define [^\n@]*@(\w+)\(([^\n]*)\) [^\n]*\{\n(.*?)^\}", text, re.S | re.M):
            self.functions[match[1]] = self.parse(match[2], match[3])
        for match in re.finditer(r"^@(\w+) = [^\n]*constant \[\d+ x (i\d+)\] \[(.*?)\]", text, re.M):
            self.tables[match[1]] = (width(match[2]), [int(n) for n in re.findall(r"i\d+ (-?\d+)", match[3])])

    @staticmethod
    def parse(parameters, body):
        while "(" in parameters:
            parameters = re.sub(r"\([^()]*\)", "", parameters)
        words = [parameter.split() for parameter in parameters.split(", ") if parameter]
        names = [word[-1] for word in words]
        blocks, label = {}, str(len(names))
        for line in re.sub(r"\[\n\s+(.*?)\n\s+\]", lambda m: "[" + " ".join(m[1].split()) + "]", body, flags=re.S).split("\n"):
            line = re.sub(r",? ![\w.]+(?: !\d+)?", "", line.split(";")[0]).strip()
            if match := re.match(r"(\d+):$", line):
                label = match[1]
            elif line:
                blocks.setdefault(label, []).append(line)
        return names, blocks


class Path:
    def __init__(self, other=None):
        self.values = dict(other.values) if other else {}
        self.condition = list(other.condition) if other else []
        self.facts = list(other.facts) if other else []  # of what symbols stand for
        self.duties = list(other.duties) if other else []
        self.loads = list(other.loads) if other else []
        self.stores = list(other.stores) if other else []
        self.factors = list(other.factors) if other else []  # of each product, and the product
        self.calls = list(other.calls) if other else []  # name, arguments, result
        self.end, self.result, self.next = None, None, {}


class Machine:
    """exact: whether products are computed, which is slow, instead of being symbols."""

    def __init__(self, module, assumptions, contracts, exact=False):
        self.module, self.assumptions, self.contracts, self.exact = module, assumptions, contracts, exact
        self.memory = z3.Function("byte", z3.BitVecSort(POINTER_BITS), z3.BitVecSort(8))
        self.products, self.quotients, self.bounds = {}, [], {}
        self.known = {}

    def set(self, address, value, count):
        """Puts a number at an address; what is not set may be anything."""
        self.known.update({(address + i,): value >> 8 * i & 255 for i in range(count)})

    def load(self, address, bits):
        """Little-endian, from memory as it was before the function ran."""
        address = z3.simplify(address) if z3.is_bv(address) else z3.BitVecVal(address, POINTER_BITS)
        if z3.is_bv_value(address) and (address.as_long(),) in self.known:
            bytes_ = [self.known[address.as_long() + i,] for i in range(bits // 8)]
            return z3.BitVecVal(sum(byte << 8 * i for i, byte in enumerate(bytes_)), bits)
        parts = [self.memory(z3.simplify(address + i)) for i in range(bits // 8)]
        return z3.Concat(*reversed(parts)) if len(parts) > 1 else parts[0]

    def size_of(self, x, path):
        """The fewest bits, of a few choices, that hold x as a signed number."""
        if x.decl().kind() == z3.Z3_OP_SIGN_EXT:
            return self.size_of(x.arg(0), path)
        if x.decl().kind() == z3.Z3_OP_ZERO_EXT:
            return min(x.arg(0).size() + 1, x.size())
        if x.size() <= 16 or self.exact:
            return x.size()
        key = (x.get_id(), tuple(c.get_id() for c in path.condition))
        if key not in self.bounds:
            self.bounds[key] = (x, x.size())
            for bits in (8, 9, 10, 16, 17, 24):
                if bits >= x.size():
                    break
                solver = z3.Solver()
                solver.set("timeout", 5000)
                solver.add(*self.assumptions, *path.facts, *path.condition)
                solver.add(z3.Not(z3.SignExt(x.size() - bits, z3.Extract(bits - 1, 0, x)) == x))
                if solver.check() == z3.unsat:
                    self.bounds[key] = (x, bits)
                    break
        return self.bounds[key][1]

    def product(self, a, b, path):
        """a * b as a signed number of as many bits as hold it for any a and b of their sizes."""
        sizes = [self.size_of(a, path), self.size_of(b, path)]
        bits = sum(sizes)
        narrow = [z3.simplify(z3.Extract(s - 1, 0, x)) for x, s in zip((a, b), sizes)]
        first, second = (z3.SignExt(bits - x.size(), x) for x in narrow)
        if self.exact:
            return first * second
        key = tuple(sorted(x.get_id() for x in narrow))
        if key not in self.products:
            self.products[key] = (z3.BitVec(f"product{len(self.products)}", bits), narrow)
        symbol = self.products[key][0]
        size = [z3.If(x < 0, -x, x) for x in (symbol, first, second)]
        path.facts += [
            z3.If((first < 0) == (second < 0), symbol >= 0, symbol <= 0),
            z3.ULE(size[0], size[1] << (sizes[1] - 1)), z3.ULE(size[0], size[2] << (sizes[0] - 1)),
        ]  # fmt: skip
        return symbol

    # ---- running ----

    def value(self, path, text, kind):
        text = text.strip()
        if text.startswith("%"):
            return path.values[text]
        if text in ("true", "false"):
            return z3.BitVecVal(int(text == "true"), 1)
        return z3.BitVecVal({"null": 0, "poison": 0}.get(text) if text in ("null", "poison") else int(text), width(kind))

    def heads(self, blocks):
        """The blocks that a path comes back to."""
        heads, state = set(), {}

        def visit(label):
            state[label] = 1
            for target in re.findall(r"label %(\d+)", blocks[label][-1]):
                if state.get(target) == 1:
                    heads.add(target)
                elif target not in state:
                    visit(target)
            state[label] = 2

        visit(next(iter(blocks)))
        return heads

    def phis(self, blocks, label):
        for line in blocks[label]:
            if match := re.match(r"(%\d+) = phi (\w+) (.*)$", line):
                yield match[1], match[2], dict((b, v) for v, b in re.findall(r"\[ ([^,]+), %(\d+) \]", match[3]))

    def run(self, name, arguments, start=None, symbols=None, known=None, given=(), through=False):
        """All paths of a function from its entry to a head or the end, or from one head to the next.

        symbols: the head's variables; known: what was computed before the loop, from an earlier path;
        given: what holds when it starts; through: whether to go on at the head, for a loop that numbers alone end.
        """
        parameters, blocks = self.module.functions[name]
        heads = self.heads(blocks)
        first = Path(known)
        first.condition, first.duties, first.loads, first.stores, first.factors, first.calls = list(given), [], [], [], [], []
        for parameter, argument in zip(parameters, arguments, strict=True):
            first.values[parameter] = argument
        if symbols:
            first.values.update(symbols)
        ends, waiting = [], [(first, start or next(iter(blocks)), None)]
        while waiting:
            path, label, previous = waiting.pop()
            if label in heads and not (label == start and (through or previous is None)):
                path.end = label
                path.next = {n: self.value(path, v[previous], k) for n, k, v in self.phis(blocks, label)}
                ends.append(path)
                continue
            if previous is not None:
                path.values.update({n: self.value(path, v[previous], k) for n, k, v in self.phis(blocks, label)})
            for line in blocks[label]:
                if " = phi " in line:
                    continue
                if match := re.match(r"ret (?:void|(\w+) (\S+))$", line):
                    path.end, path.result = "ret", match[2] and self.value(path, match[2], match[1])
                    ends.append(path)
                elif line.startswith("br ") or line.startswith("switch "):
                    for condition, target in self.branches(path, line):
                        condition = z3.simplify(condition)
                        if z3.is_false(condition) or any(z3.simplify(z3.Not(condition)).eq(c) for c in path.condition):
                            continue
                        other = Path(path)
                        other.condition.append(condition)
                        waiting.append((other, target, label))
                elif line.startswith("store "):
                    kind, what, address = re.match(r"store (\w+) (\S+), ptr (\S+?),? ", line + " ").groups()
                    path.stores.append((self.value(path, address, "ptr"), self.value(path, what, kind)))
                elif match := re.match(r"(?:(%\d+) = )?(?:tail )?call [^@]*@(\w[\w.]*)\((.*)\)", line):
                    self.call(path, *match.groups())
                else:
                    self.step(path, line)
        return ends

    def branches(self, path, line):
        if match := re.match(r"br label %(\d+)$", line):
            return [(z3.BoolVal(True), match[1])]
        if match := re.match(r"br i1 (\S+), label %(\d+), label %(\d+)", line):
            is_true = self.value(path, match[1], "i1") == 1
            return [(is_true, match[2]), (z3.Not(is_true), match[3])]
        match = re.match(r"switch (\w+) (\S+), label %(\d+) \[(.*)\]", line)
        value = self.value(path, match[2], match[1])
        cases = [(value == int(c), t) for c, t in re.findall(r"\w+ (-?\d+), label %(\d+)", match[4])]
        return cases + [(z3.And(*[z3.Not(c) for c, _ in cases]), match[3])]

    def step(self, path, line):
        match = re.match(r"(%\d+) = (\w+) ?(.*)$", line)
        if not match:
            raise SystemExit(f"prove: not understood: {line}")
        name, opcode, rest = match.groups()
        action = getattr(self, "on_" + opcode, None)
        if action is None:
            raise SystemExit(f"prove: not understood: {line}")
        path.values[name] = action(path, rest)

    def binary(self, path, rest):
        flags, kind, a, b = re.match(r"((?:nuw |nsw |exact |disjoint )*)(i\d+) (\S+), (\S+)$", rest).groups()
        return flags.split(), self.value(path, a, kind), self.value(path, b, kind)

    def on_add(self, path, rest):
        flags, a, b = self.binary(path, rest)
        if "nsw" in flags:
            path.duties += [z3.BVAddNoOverflow(a, b, True), z3.BVAddNoUnderflow(a, b)]
        if "nuw" in flags:
            path.duties.append(z3.BVAddNoOverflow(a, b, False))
        return a + b

    def on_sub(self, path, rest):
        flags, a, b = self.binary(path, rest)
        if "nsw" in flags:
            path.duties += [z3.BVSubNoOverflow(a, b), z3.BVSubNoUnderflow(a, b, True)]
        if "nuw" in flags:
            path.duties.append(z3.BVSubNoUnderflow(a, b, False))
        return a - b

    def on_mul(self, path, rest):
        flags, a, b = self.binary(path, rest)
        exact = self.product(a, b, path)
        path.factors.append((a, b, exact))
        if exact.size() > a.size():
            result = z3.Extract(a.size() - 1, 0, exact)
            if "nsw" in flags:
                path.duties.append(z3.SignExt(exact.size() - a.size(), result) == exact)
        else:
            result = z3.SignExt(a.size() - exact.size(), exact)
        if "nuw" in flags:
            # Of numbers below half their range: stricter than need be.
            room = max(exact.size(), a.size()) + 1
            fits = z3.SignExt(room - exact.size(), exact) == z3.ZeroExt(room - a.size(), result)
            path.duties.append(z3.And(a >= 0, b >= 0, fits))
        return result

    def on_udiv(self, path, rest):
        """A quotient is a symbol: what it may be is for the theorem to assume."""
        _, a, b = self.binary(path, rest)
        path.duties.append(b != 0)
        symbol = z3.BitVec(f"quotient{len(self.quotients)}", a.size())
        self.quotients.append((symbol, a, b))
        return symbol

    def shifted(self, path, rest):
        flags, a, b = self.binary(path, rest)
        path.duties.append(z3.ULT(b, a.size()))
        return flags, a, b

    def on_shl(self, path, rest):
        flags, a, b = self.shifted(path, rest)
        if "nsw" in flags:
            path.duties.append(((a << b) >> b) == a)
        if "nuw" in flags:
            path.duties.append(z3.LShR(a << b, b) == a)
        return a << b

    def on_lshr(self, path, rest):
        _, a, b = self.shifted(path, rest)
        return z3.LShR(a, b)

    def on_ashr(self, path, rest):
        _, a, b = self.shifted(path, rest)
        return a >> b

    def on_and(self, path, rest):
        _, a, b = self.binary(path, rest)
        return a & b

    def on_or(self, path, rest):
        flags, a, b = self.binary(path, rest)
        if "disjoint" in flags:
            path.duties.append(a & b == 0)
        return a | b

    def on_xor(self, path, rest):
        _, a, b = self.binary(path, rest)
        return a ^ b

    def cast(self, path, rest):
        flags, kind, a, to = re.match(r"((?:nuw |nsw |nneg )*)(\w+) (\S+) to (\w+)$", rest).groups()
        return flags.split(), self.value(path, a, kind), width(to)

    def on_sext(self, path, rest):
        _, a, to = self.cast(path, rest)
        return z3.SignExt(to - a.size(), a)

    def on_zext(self, path, rest):
        flags, a, to = self.cast(path, rest)
        if "nneg" in flags:
            path.duties.append(a >= 0)
        return z3.ZeroExt(to - a.size(), a)

    def on_trunc(self, path, rest):
        flags, a, to = self.cast(path, rest)
        result = z3.Extract(to - 1, 0, a)
        if "nsw" in flags:
            path.duties.append(z3.SignExt(a.size() - to, result) == a)
        if "nuw" in flags:
            path.duties.append(z3.ZeroExt(a.size() - to, result) == a)
        return result

    def on_icmp(self, path, rest):
        sign, test, kind, a, b = re.match(r"(samesign )?(\w+) (\w+) (\S+), (\S+)$", rest).groups()
        a, b = self.value(path, a, kind), self.value(path, b, kind)
        if sign:
            path.duties.append((a < 0) == (b < 0))
        tests = {
            "eq": lambda: a == b, "ne": lambda: a != b, "slt": lambda: a < b, "sle": lambda: a <= b,
            "sgt": lambda: a > b, "sge": lambda: a >= b, "ult": lambda: z3.ULT(a, b),
            "ule": lambda: z3.ULE(a, b), "ugt": lambda: z3.UGT(a, b), "uge": lambda: z3.UGE(a, b),
        }  # fmt: skip
        return z3.If(tests[test](), z3.BitVecVal(1, 1), z3.BitVecVal(0, 1))

    def on_select(self, path, rest):
        condition, kind, a, b = re.match(r"i1 (\S+), (\w+) (\S+), \w+ (\S+)$", rest).groups()
        return z3.If(self.value(path, condition, "i1") == 1, self.value(path, a, kind), self.value(path, b, kind))

    def on_load(self, path, rest):
        kind, address = re.match(r"(\w+), ptr (\S+?)(?:,|$)", rest).groups()
        place = self.value(path, address, "ptr")
        if isinstance(place, tuple):
            bits, numbers, index = place
            path.duties.append(z3.ULT(index, len(numbers)))
            result = z3.BitVecVal(numbers[-1], bits)
            for number, constant in enumerate(numbers[:-1]):
                result = z3.If(index == number, z3.BitVecVal(constant, bits), result)
            return result
        count = width(kind) // 8
        # What a load gives is what lay there before: nothing that was stored may lie there now.
        for address, value in path.stores:
            path.duties.append(z3.Or(z3.ULE(place + count, address), z3.ULE(address + value.size() // 8, place)))
        path.loads.append((place, count))
        return self.load(place, width(kind))

    def on_getelementptr(self, path, rest):
        if match := re.match(r".*\[\d+ x i\d+\], ptr @(\w+), i64 0, i64 (\S+)$", rest):
            return (*self.module.tables[match[1]], self.value(path, match[2], "i64"))
        if match := re.match(r"(?:inbounds |nuw |nusw )*i8, ptr @(\w+), i64 (\S+)$", rest):
            raise SystemExit(f"prove: a table by bytes: {rest}")
        kind, base, index = re.match(r"(?:inbounds |nuw |nusw )*(\w+), ptr (\S+), i64 (\S+)$", rest).groups()
        return self.value(path, base, "ptr") + self.value(path, index, "i64") * (width(kind) // 8)

    def on_freeze(self, path, rest):
        kind, a = rest.split()
        return self.value(path, a, kind)

    def on_alloca(self, path, rest):
        return z3.BitVecVal(STACK, POINTER_BITS)

    def call(self, path, target, name, given):
        """An operation of LLVM, or a function that has a contract."""
        if name.startswith("llvm.lifetime."):
            return
        # What the compiler found out of an argument is a claim of its own, which nothing here needs.
        given = re.sub(r"range\([^)]*\) ", "", given)
        values = [self.value(path, a.split()[-1], a.split()[0]) for a in given.split(", ")]
        if name.startswith("llvm."):
            path.values[target] = self.intrinsic(path, name, *values[:2])
            return
        if name not in self.contracts:
            raise SystemExit(f"prove: a call without a contract: {name}")
        result = self.contracts[name](self, path, *values)
        path.calls.append((name, values, result))
        if target:
            path.values[target] = result

    def intrinsic(self, path, name, a, b):
        kind = name.split(".")[1]
        if kind == "abs":
            path.duties.append(z3.Or(b == 0, a != 1 << (a.size() - 1)))
            return z3.If(a < 0, -a, a)
        better = {"smax": a > b, "smin": a < b, "umax": z3.UGT(a, b), "umin": z3.ULT(a, b)}[kind]
        return z3.If(better, a, b)
