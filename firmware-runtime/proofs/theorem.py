# SPDX-License-Identifier: Apache-2.0
"""A theorem: what is assumed, what is claimed, and the answer of Z3."""
import z3

from contracts import Contracts, at, between, bits_of, clamped, is_factor, wide
from ir import Machine

TIMEOUT_MS = 60_000

# Where things lie; far enough apart that no two overlap.
NODE, RECORD, DATA, X, Y, KEPT, KEPT_CODES, MODEL, COUNTS, MULTIPLIER, ROW, STATISTICS = (k << 32 for k in range(1, 13))
RECORD_BYTES, NODE_BYTES, COUNT_BYTES = 24, 24, 20


def occurs(part, whole):
    seen, left = set(), [whole]
    while left:
        expression = left.pop()
        if expression.get_id() == part.get_id():
            return True
        if expression.get_id() not in seen:
            seen.add(expression.get_id())
            left += expression.children()
    return False


class Theorem:
    """What one source is asked: functions of a module, under assumptions, and claims about each path."""

    def __init__(self, module, exact):
        self.assumptions = []
        self.contracts = Contracts(exact)
        self.machine = Machine(module, self.assumptions, self.contracts, exact)
        self.questions, self.lemmas, self.impossible = [], {}, set()
        self.split, self.simple = None, {}
        self.fixed = []

    def assume(self, *facts):
        self.assumptions += facts

    def claim(self, path, what, *claims):
        """On this path, what keeps it defined holds, and so do the claims."""
        self.questions.append((what, path.condition + path.facts, list(path.duties) + list(claims)))

    def never(self, path, what):
        """The assumptions allow no input that takes this path."""
        self.impossible.add(what)
        self.claim(path, what, z3.BoolVal(False))

    def counted_loop(self, entry, start):
        """The index of 64 bits of a loop, which starts at 0, and its other value, which starts as given."""
        index = next(k for k, v in entry.next.items() if v.size() == 64)
        other = next(k for k in entry.next if k != index)
        self.claim(entry, "the start", entry.next[index] == 0, entry.next[other] == start)
        return index, other

    def lemma(self, what, given, *claims):
        """Of whole or real numbers, without end, for all of them."""
        self.lemmas[what] = (given, claims)

    def inside(self, path, *regions):
        """Every load lies within one of the regions (address, bytes)."""
        fits = [
            z3.Or(*[z3.And(z3.UGE(place, start), z3.ULE(place + count, start + size)) for start, size in regions])
            for place, count in path.loads
        ]  # fmt: skip
        self.questions.append(("reads only what is there", path.condition + path.facts, fits))

    def node(self, operation):
        """An open layer whose record says what the loader lets it say: the record's, and the input's bits."""
        m = self.machine
        m.set(NODE, RECORD, 8)
        m.set(NODE + 8, DATA, 8)
        bits, kind, input_bits = m.load(at(RECORD + 2), 8), m.load(at(RECORD + 4), 8), m.load(at(NODE + 20), 32)
        zero, low, high = (wide(m.load(at(RECORD + k), 16), 32) for k in (12, 14, 16))
        m.set(RECORD, operation, 1)
        is_gate = operation == 4
        codes = bits if is_gate else z3.If(kind == 2, z3.BitVecVal(16, 8), bits)
        least = z3.If(codes == 8, z3.BitVecVal(-128, 32), z3.BitVecVal(-32768, 32))
        looked_up = bits_of(input_bits, 8) if is_gate else bits
        self.assume(
            z3.Or(bits == 8, bits == 16), z3.Or(input_bits == 8, input_bits == 16),
            z3.ULE(kind, 2), z3.Implies(kind == 1, looked_up == 8),
            between(low, least, -least - 1), between(high, low, -least - 1),
            z3.If(codes == 8, between(zero, -128, 127), zero == 0),
        )  # fmt: skip
        if is_gate:
            self.assume(z3.Implies(kind == 2, looked_up == 16))
        return bits, kind, zero, low, high

    def factor(self, m, s):
        if self.machine.exact:
            # Whoever looks for one wrong input may look where products are shifts, by a number that rounds.
            self.split = (s, (31,))
            self.fixed = [(m, z3.BitVecVal(1 << 30, 32))]
        self.assume(is_factor(m, s))

    def code_at(self, base, bits, index):
        """The code at an index of 64 bits in a buffer of codes of 8 or 16 bits."""
        narrow, other = (wide(self.machine.load(base + index * k, 8 * k), 32) for k in (1, 2))
        return z3.If(bits == 8, narrow, other)

    def multiplied(self, path, which, a, b):
        """The product that the path computes as its `which`th; its factors are claimed to be a and b."""
        first, second, product = path.factors[which]
        pairs = ((first, second), (second, first))
        self.claim(path, "the factors", z3.Or(*[z3.And(wide(x) == wide(a), wide(y) == wide(b)) for x, y in pairs]))
        return wide(product)

    def finished(self, total, m, s, node, table):
        """What nnq_finish() stores, before it is cut to its bits."""
        bits, kind, zero, low, high = node
        code = self.contracts.scaled_code(self.contracts.product(total, m), s, zero, low, high)
        first = wide(self.machine.load(table + wide(code, 64) + 128, 8), 32)
        second = self.contracts.table16(table, code)
        narrow = clamped((second + 128) >> 8, z3.BitVecVal(-128, 32), z3.BitVecVal(127, 32))
        return z3.If(kind == 1, first, z3.If(kind == 2, z3.If(bits == 8, narrow, second), code))

    def stores(self, path, base, index, bits, wanted):
        """The one store of a path is of these bits, at this index, and its code fits them."""
        (address, value), = path.stores
        place = base + index * (value.size() // 8)
        return [address == place, bits == value.size(), wide(value) == wide(wanted)]

    def call(self, path, name):
        """The one call of a function on a path: its arguments and its result."""
        (given, result), = [(given, result) for called, given, result in path.calls if called == name]
        return given, result

    def calls(self, path, name, *wanted):
        """The one call of a function on a path is with these arguments."""
        given, _ = self.call(path, name)
        return [a == b for a, b in zip(given, wanted, strict=True)]

    def verdict(self):
        """unsat when all holds, and None; else Z3's answer, and to what.

        What is assumed must not contradict itself, or else anything would hold: of the questions of a
        name, one must be about something that there is, and so must each lemma.
        """
        # Whoever looks for one wrong input asks everything for a short time first.
        for effort in (200_000, 2_000_000, 0) if self.machine.exact else (0,):
            result, what = self.answer(effort)
            if result in (z3.sat, z3.unsat):
                break
        if result == z3.unsat and not self.machine.exact:
            for name in {what: None for what, *_ in self.asked()}:
                if name not in self.impossible and not self.is_about_something(name):
                    return z3.unknown, f"{name}: of nothing"
        return result, what

    def is_about_something(self, name):
        for _, facts, _ in (question for question in self.asked() if question[0] == name):
            solver = self.solver(name)
            solver.add(*facts)
            if solver.check() == z3.sat:
                return True
        return False

    def solver(self, what, effort=0):
        """effort: in steps of Z3, some five million a second; 0 for as many as it takes."""
        solver = z3.Solver() if what in self.lemmas else z3.SolverFor("QF_UFBV")
        solver.set("timeout", TIMEOUT_MS)
        solver.set("rlimit", effort)
        return solver

    def answer(self, effort):
        open_ = z3.unsat, None
        for what, facts, claims in self.asked():
            solver = self.solver(what, effort)
            solver.add(*facts, z3.Not(z3.And(*claims)))
            result = solver.check()
            if result == z3.sat or result == z3.unknown and not self.machine.exact:
                return result, what
            if result == z3.unknown:
                open_ = result, what
        return open_

    def asked(self):
        """Each question, what is given, and the claims."""
        yield from ((what, given, claims) for what, (given, claims) in self.lemmas.items())
        for what, conditions, claims in self.questions:
            facts = [*self.assumptions, *conditions]
            for case in self.cases(conditions + claims):
                yield what, [self.simplified(fact, case) for fact in facts], [self.simplified(c, case) for c in claims]

    def simplified(self, fact, case):
        key = fact.get_id(), str(case)
        if key not in self.simple:
            # The fact is kept, so that no other gets its number.
            self.simple[key] = fact, z3.simplify(z3.substitute(fact, *self.fixed, *case))
        return self.simple[key][1]

    def cases(self, expressions):
        """Each shift is a case of its own: with a number in its place, shifting is mere wiring."""
        part, numbers = self.split or (None, ())
        if part is None or not any(occurs(part, e) for e in expressions):
            return [()]
        return [((part, z3.BitVecVal(n, part.size())),) for n in numbers]
