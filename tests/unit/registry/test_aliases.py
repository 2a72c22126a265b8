"""What an alias document says after any changes: against a plain model that keeps everything in lists."""

from itertools import pairwise
from typing import Any, ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from coldframe import limits
from coldframe.aliases import (
    CHALLENGER,
    CHAMPION,
    ENVIRONMENTS,
    Aliases,
    Note,
    Target,
    alias_name,
    champions,
    live_at,
)
from coldframe.errors import ChangeRefused, ObjectNotFound
from coldframe.registry import change, read_aliases, read_history
from coldframe.store import Store
from tests import made

NAME = "sentiment"
ENVIRONMENT = st.sampled_from(ENVIRONMENTS)
NUMBER = st.integers(1, 6)
PERCENT = st.integers(0, 99)


def target(number: int) -> Target:
    return Target(f"v{number}.0.0", f"{number:064x}")


class Plain:
    """One environment, as a person would keep it on paper: a pile of champions, and a challenger."""

    def __init__(self) -> None:
        self.pile: list[Target] = []
        self.challenger: tuple[Target, int] | None = None

    def promote(self, one: Target) -> None:
        if self.pile[-1:] != [one]:
            self.pile.append(one)
        if self.challenger and self.challenger[0] == one:
            self.challenger = None

    def roll_back(self, one: Target) -> None:
        if one in self.pile:
            while self.pile[-1] != one:
                self.pile.pop()
        else:
            self.pile = [one]
        if self.challenger and self.challenger[0] == one:
            self.challenger = None


class Registry(RuleBasedStateMachine):
    """The registry over a real store, and the same on paper; few changes fit into a document here."""

    store: Store
    steps: ClassVar[int] = 0

    @initialize()
    def begin(self) -> None:
        self.store = made.memory_store()
        self.papers = {environment: Plain() for environment in ENVIRONMENTS}
        self.seen: list[Aliases] = [Aliases()]
        self.time = 0

    def changed(self, edit: Any) -> None:
        before = self.seen[-1]
        after = change(self.store, NAME, edit)
        now = read(self.store)
        assert (now.aliases, now.percents, now.revision) == (after.aliases, after.percents, after.revision)
        assert (after == before) == (after.revision == before.revision)
        self.seen.append(after)

    def note(self, late: int = 0) -> Note:
        self.time += 1
        return Note(f"2026-01-01T00:00:{self.time - late:012d}", "a test", f"reason {self.time}")

    @rule(environment=ENVIRONMENT, number=NUMBER, late=st.integers(0, 3))
    def promote(self, environment: str, number: int, late: int) -> None:
        self.changed(lambda old: old.promoted(environment, target(number), self.note(late)))
        self.papers[environment].promote(target(number))

    @rule(environment=ENVIRONMENT, number=NUMBER)
    def roll_back(self, environment: str, number: int) -> None:
        if self.papers[environment].pile[-1:] == [target(number)]:
            return
        self.changed(lambda old: old.rolled_back(environment, target(number), self.note()))
        self.papers[environment].roll_back(target(number))

    @rule(environment=ENVIRONMENT, steps=st.integers(1, 4))
    def roll_back_in_line(self, environment: str, steps: int) -> None:
        line = self.seen[-1].line(environment)
        if steps < len(line):
            self.roll_back(environment, int(line[steps].version[1]))

    @rule(environment=ENVIRONMENT, number=NUMBER, percent=PERCENT)
    def try_one(self, environment: str, number: int, percent: int) -> None:
        paper = self.papers[environment]
        try:
            self.changed(lambda old: old.tried(environment, target(number), percent, self.note()))
        except ChangeRefused:
            assert not paper.pile or paper.pile[-1] == target(number)
        else:
            assert paper.pile[-1] != target(number)
            paper.challenger = (target(number), percent)

    @rule(environment=ENVIRONMENT)
    def withdraw(self, environment: str) -> None:
        self.changed(lambda old: old.withdrawn(environment, self.note()))
        self.papers[environment].challenger = None

    @precondition(lambda self: self.seen[-1].revision > 0)
    @rule()
    def change_nothing(self) -> None:
        etag = read_aliases(self.store, NAME)[1]
        self.changed(lambda old: old)
        assert read_aliases(self.store, NAME)[1] == etag

    @invariant()
    def says_what_the_paper_says(self) -> None:
        Registry.steps += 1
        document = self.seen[-1]
        assert Aliases.parse(document.to_bytes()) == document
        for environment, paper in self.papers.items():
            assert document.champion(environment) == (paper.pile[-1] if paper.pile else None)
            trial = document.trial(environment)
            assert (trial and (trial.target, trial.percent)) == paper.challenger

    @invariant()
    def nothing_is_forgotten(self) -> None:
        document = self.seen[-1]
        if not document.revision:
            return
        history = read_history(self.store, NAME)
        assert [one.revision for one in history] == list(range(1, document.revision + 1))
        assert len(document.history) < limits.ALIAS_HISTORY_MAX_COUNT + 2 * limits.ALIAS_HISTORY_STEP_COUNT
        assert all(one.at <= next_one.at for one, next_one in pairwise(history))
        for environment, paper in self.papers.items():
            assert champions(history, environment) == paper.pile
            for role, now in ((CHAMPION, document.champion(environment)), (CHALLENGER, paper.challenger)):
                last = live_at(history, alias_name(role, environment), "9")
                assert (last and last.after) == (now[0] if isinstance(now, tuple) else now)


def read(store: Store) -> Aliases:
    try:
        return read_aliases(store, NAME)[0]
    except ObjectNotFound:
        return Aliases()


def test_the_registry_says_what_the_paper_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ALIAS_HISTORY_MAX_COUNT", 5)
    monkeypatch.setattr(limits, "ALIAS_HISTORY_STEP_COUNT", 3)
    Registry.steps = 0
    run_state_machine_as_test(Registry, settings=settings(max_examples=80, stateful_step_count=50))
    assert Registry.steps >= 2_000
