"""Facts, conditions and background knowledge as formulas of z3, in three values: what a fact is, and whether it is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import z3

from conflicts.policy.background import ALL_FACTS, Axiom, NotMore, background, finds, ordinary
from conflicts.policy.catalogue import BOOL, MONEY, REGION, TEXT, FactType
from conflicts.policy.conditions import FALSE, TRUE, Condition, Group, Test, Value, state_of
from conflicts.policy.document import Policy
from conflicts.policy.rules import Rule, tests_of

Formula = Any  # z3 comes without types
CENTS = 100  # money has two decimals, and whole numbers are what a solver is quick with
PATIENCE = 5_000  # milliseconds for one question; they take one or two
# Values that no condition names, each told as a value that an account could have.
ELSEWHERE = {
    "account_region": ("DE", "FR", "BR", "JP", "CA", "IN"),
    "account_segment": ("enterprise", "mid_market", "small"),
    "account_industry": ("retail", "chemicals", "logistics"),
    "top_tier": ("silver", "gold", "registered"),
}


class TooHardError(RuntimeError):
    """The solver gave up: the conditions are larger than any that people write."""


@dataclass(frozen=True, slots=True)
class Truth:
    """When a condition is true and when it is false; neither is unknown."""

    true: Formula
    false: Formula


class Space:
    """All cases that can be under some policies: a variable a fact, and a solver that knows what facts say of one another.

    Each has a context of its own, since z3's common one must not be used by two threads.
    """

    def __init__(self, *policies: Policy) -> None:
        self.context = z3.Context()
        self.policies = policies
        self.axioms = tuple(dict.fromkeys(axiom for policy in policies for axiom in background(policy)))
        self.words: dict[str, tuple[str, ...]] = {}
        self.numbers: dict[str, tuple[int, ...]] = {}
        self._read_constants()
        self.value = {name: self._variable(fact) for name, fact in ALL_FACTS.items()}
        self.known = {name: z3.Bool(f"{name}?", self.context) for name in ALL_FACTS}
        self._named = 0
        self.solver = self._solver(self._ranges(), map(self.never_false, self.axioms))

    # --- asking ---

    def can(self, *names: Formula) -> bool:
        """There is a case in which all these named formulas hold.

        This is what `solver.check(*names)` does; its conversions cost more than its answer.
        """
        given = (z3.Ast * len(names))(*(item.ast for item in names))
        answer = z3.Z3_solver_check_assumptions(self.context.ref(), self.solver.solver, len(names), given)
        if answer == z3.Z3_L_UNDEF:
            raise TooHardError(self.solver.reason_unknown())
        return bool(answer == z3.Z3_L_TRUE)

    def core(self) -> set[int]:
        """Of the names that were last asked for in vain, some that cannot hold together: their ids."""
        return {item.get_id() for item in self.solver.unsat_core()}

    def model(self) -> Any:
        """The case that was last found."""
        return self.solver.model()

    def name(self, formula: Formula) -> Formula:
        """A short name for a formula, which the solver can assume or give back in a core."""
        self._named += 1
        short = z3.Bool(f"_{self._named}", self.context)
        self.solver.add(short == formula)
        return short

    def flag(self, name: str) -> Formula:
        """Something that is no fact, and holds or does not."""
        return z3.Bool(name, self.context)

    def is_true(self, model: Any, name: Formula) -> bool:
        """A named formula holds in the case of this model."""
        return bool(z3.is_true(model.eval(name, model_completion=True)))

    def why_never(self, formula: Formula) -> tuple[str, ...]:
        """Of a formula (no name) that never holds: the background knowledge that makes it impossible, each reason once."""
        solver = self._solver(self._ranges(), [formula])
        tracked = {f"axiom_{number}": axiom for number, axiom in enumerate(self.axioms)}
        for short, axiom in tracked.items():
            solver.assert_and_track(self.never_false(axiom), z3.Bool(short, self.context))
        solver.set("core.minimize", True)
        if solver.check() != z3.unsat:
            return ()
        found = (tracked[str(item)] for item in solver.unsat_core())
        return tuple(dict.fromkeys(axiom.reason for axiom in found))

    def _solver(self, *formulas: Iterable[Formula]) -> Any:
        solver = z3.SimpleSolver(ctx=self.context)
        solver.set("timeout", PATIENCE)
        solver.set("random_seed", 0)
        for group in formulas:
            solver.add(*group)
        return solver

    # --- variables ---

    def _read_constants(self) -> None:
        """The values that each fact is compared with: they are where something can change."""
        found: dict[str, set[Any]] = {name: set() for name in ALL_FACTS}
        for condition, numbers in self._conditions():
            for test in tests_of(condition):
                wanted = numbers[test.parameter] if test.parameter else test.value
                if test.op != "is_known":
                    found[test.fact].update(wanted if isinstance(wanted, list | tuple) else [wanted])
        for name, fact in ALL_FACTS.items():
            if fact.type in (TEXT, REGION):
                self.words[name] = self._vocabulary(fact, found[name])
            elif fact.type != BOOL:
                self.numbers[name] = tuple(sorted(found[name]))

    def _conditions(self) -> Iterator[tuple[Condition, Mapping[str, int]]]:
        for policy in self.policies:
            yield from ((rule.when, policy.numbers) for rule in policy.rules)
        yield from ((axiom.says, {}) for axiom in self.axioms if not isinstance(axiom.says, NotMore))

    def _vocabulary(self, fact: FactType, mentioned: set[str]) -> tuple[str, ...]:
        if fact.choices:
            return fact.choices
        if fact.type == REGION:  # of a subdivision the country alone may be known
            mentioned = {"-".join(code.split("-")[:end]) for code in mentioned for end in range(1, code.count("-") + 2)}
        usual = (word for word in ELSEWHERE.get(fact.name, ()) if not _named_by(word, mentioned))
        return (next(usual, "ZZ" if fact.type == REGION else "another"), *sorted(mentioned))

    def _variable(self, fact: FactType) -> Formula:
        return z3.Bool(fact.name, self.context) if fact.type == BOOL else z3.Int(fact.name, self.context)

    def _ranges(self) -> Iterator[Formula]:
        for name, fact in ALL_FACTS.items():
            value, known = self.value[name], self.known[name]
            if not fact.optional:
                yield known
            if fact.type == BOOL:
                continue
            yield value >= (fact.least or 0) * self._unit(name)
            if name in self.words:
                yield value < len(self.words[name])

    def _unit(self, name: str) -> int:
        return CENTS if ALL_FACTS[name].type == MONEY else 1

    # --- formulas ---

    def never_false(self, axiom: Axiom) -> Formula:
        """The axiom as a formula."""
        says = axiom.says
        if not isinstance(says, NotMore):
            return z3.Not(self.truth(says, {}).false)
        lesser, greater = says.lesser, says.greater
        both = z3.And(self.known[lesser], self.known[greater])
        return z3.Implies(both, self.value[lesser] <= self.value[greater])

    def truth(self, condition: Condition, numbers: Mapping[str, int]) -> Truth:
        """When the condition is true, and when it is false."""
        if isinstance(condition, Test):
            return self._test(condition, numbers)
        return self._combined(condition, [self.truth(part, numbers) for part in condition.parts])

    def _combined(self, group: Group, parts: list[Truth]) -> Truth:
        if group.how == "not":
            return Truth(parts[0].false, parts[0].true)
        true, false = [part.true for part in parts], [part.false for part in parts]
        if group.how == "all":
            return Truth(self.both(true), self.either(false))
        return Truth(self.either(true), self.both(false))

    def both(self, formulas: Iterable[Formula]) -> Formula:
        """All of them; of none, true."""
        return self._joined(z3.Z3_mk_and, formulas)

    def either(self, formulas: Iterable[Formula]) -> Formula:
        """One of them; of none, false."""
        return self._joined(z3.Z3_mk_or, formulas)

    def _joined(self, make: Any, formulas: Iterable[Formula]) -> Formula:
        """What z3.And and z3.Or do, without their conversions."""
        parts = list(formulas)
        given = (z3.Ast * len(parts))(*(item.ast for item in parts))
        return z3.BoolRef(make(self.context.ref(), len(parts), given), self.context)

    def no(self, formula: Formula) -> Formula:
        """It does not hold."""
        return z3.Not(formula)

    def _test(self, test: Test, numbers: Mapping[str, int]) -> Truth:
        known = self.known[test.fact]
        wanted: Any = numbers[test.parameter] if test.parameter else test.value
        if test.op == "is_known":
            return Truth(known, z3.Not(known)) if wanted else Truth(z3.Not(known), known)
        if test.op == "covers_region":
            return self._region(test.fact, wanted)
        holds = self._compared(test, wanted)
        return Truth(self.both((known, holds)), self.both((known, z3.Not(holds))))

    def _region(self, fact: str, codes: Iterable[str]) -> Truth:
        """Which regions are covered is asked of the evaluation itself: here they are few, each one that can be told apart."""
        test, value, known = Test(fact, "covers_region", tuple(codes)), self.value[fact], self.known[fact]
        states = [state_of(test, {fact: word}, {}) for word in self.words[fact]]
        true, false = (
            self.either(value == i for i, state in enumerate(states) if state == wanted) for wanted in (TRUE, FALSE)
        )
        return Truth(self.both((known, true)), self.both((known, false)))

    def _compared(self, test: Test, wanted: Any) -> Formula:
        value = self.value[test.fact]
        if test.op == "in":
            return self.either(value == self.coded(test.fact, item) for item in wanted)
        if test.op == "between":
            low, high = (self.coded(test.fact, item) for item in wanted)
            return z3.And(value >= low, value <= high)
        against = self.coded(test.fact, wanted)
        return {
            "=": lambda: value == against,
            "!=": lambda: value != against,
            "<": lambda: value < against,
            "<=": lambda: value <= against,
            ">": lambda: value > against,
            ">=": lambda: value >= against,
            "within_days": lambda: z3.And(value >= 0, value <= against),
        }[test.op]()

    # --- values ---

    def coded(self, fact: str, value: Any) -> Any:
        """A value as the solver has it."""
        if fact in self.words:
            return self.words[fact].index(value)
        if ALL_FACTS[fact].type == BOOL:
            return z3.BoolVal(bool(value), self.context)
        return int(value * self._unit(fact))

    def is_value(self, fact: str, value: Value | None) -> Formula:
        """The fact has this value; None: it is unknown."""
        if value is None:
            return z3.Not(self.known[fact])
        return self.both((self.known[fact], self.value[fact] == self.coded(fact, value)))

    def read(self, model: Any, fact: str) -> Value | None:
        """The value of a fact in a model."""
        if not z3.is_true(model.eval(self.known[fact], model_completion=True)):
            return None
        found = model.eval(self.value[fact], model_completion=True)
        if ALL_FACTS[fact].type == BOOL:
            return bool(z3.is_true(found))
        number: int = found.as_long()
        if fact in self.words:
            return self.words[fact][number]
        if ALL_FACTS[fact].type != MONEY:
            return number
        return Decimal(number) / CENTS

    def usual(self) -> dict[str, Value]:
        """The values of an ordinary case, as far as this space has them."""
        found = ordinary(self.policies[-1])
        return {
            name: value if name not in self.words or value in self.words[name] else self.words[name][0]
            for name, value in found.items()
        }


class Order:
    """The rules of one policy in a space: when each holds, and when it decides because no earlier one does."""

    def __init__(self, space: Space, policy: Policy) -> None:
        self.space, self.policy, self.rules = space, policy, policy.rules
        self.conditions = [space.truth(rule.when, policy.numbers).true for rule in self.rules]
        found = [space.truth(finds(rule.then), {}).true for rule in self.rules]
        self.wholes = [space.both(parts) for parts in zip(self.conditions, found, strict=True)]  # somebody is found too
        self.when, self.holds = (
            [space.name(item) for item in self.conditions],
            [space.name(item) for item in self.wholes],
        )
        self.decides: list[Formula] = []
        before: list[Formula] = []
        for holds in self.holds:
            self.decides.append(space.name(space.both((holds, *before))))
            before.append(z3.Not(holds))
        self.nobody = space.name(space.both(before))  # no rule decides

    def outcomes(self) -> list[tuple[Rule | None, Formula]]:
        """Which rule decides, none among them, and when; exactly one of them happens."""
        return [*zip(self.rules, self.decides, strict=True), (None, self.nobody)]


def _named_by(word: str, mentioned: set[str]) -> bool:
    """A condition names the word, or covers it as a region, or lies within it."""
    return word in mentioned or any(item.startswith(f"{word}-") or word.startswith(f"{item}-") for item in mentioned)
