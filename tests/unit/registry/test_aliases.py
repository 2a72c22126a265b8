"""What an alias document says after any changes: against a plain model that keeps everything in lists."""

import json
from datetime import UTC, datetime, timedelta
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
from coldframe.aliases import Aliases
from coldframe.changes import CHALLENGER, CHAMPION, ENVIRONMENTS, Note, Target, alias_name, champions, live_at
from coldframe.errors import ChangeRefused, ObjectNotFound
from coldframe.registry import change, read_aliases, read_history
from coldframe.store import Store
from tests import made

NAME = "sentiment"
LINE_MAX_COUNT = 4
START = datetime(2026, 1, 1, tzinfo=UTC)
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
        after = change(self.store, NAME, edit)
        now = read(self.store)
        assert (now.aliases, now.percents, now.revision) == (after.aliases, after.percents, after.revision)
        self.seen.append(after)

    def note(self, late: int = 0) -> Note:
        self.time += 1
        at = START + timedelta(seconds=self.time - late)
        return Note(at.isoformat(timespec="milliseconds"), "a test", f"reason {self.time}")

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
            line = document.line(environment)
            assert line == list(dict.fromkeys(reversed(paper.pile)))[: len(line)]
            assert bool(line) == bool(paper.pile)
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
    monkeypatch.setattr(limits, "ALIAS_LINE_MAX_COUNT", LINE_MAX_COUNT)
    Registry.steps = 0
    run_state_machine_as_test(Registry, settings=settings(max_examples=80, stateful_step_count=50))
    assert Registry.steps >= 2_000


def noted(at: datetime) -> Note:
    return Note(at.isoformat(timespec="milliseconds"), "a test", "to see")


def test_a_clock_that_is_far_ahead_is_not_followed() -> None:
    ahead = Aliases().promoted("production", target(1), noted(START + timedelta(days=365)))
    after = ahead.promoted("production", target(2), noted(START)).promoted(
        "production", target(3), noted(START - timedelta(seconds=30))
    )
    assert [one.at[:19] for one in after.history[1:]] == ["2026-01-01T00:00:00"] * 2


def test_what_is_live_and_on_trial_outlives_the_history() -> None:
    """As when hundreds of changes elsewhere have moved it out of the document."""
    before = Aliases()
    for number in (1, 2, 3):
        before = before.promoted("production", target(number), noted(START))
    before = before.tried("production", target(4), 5, noted(START))
    after = Aliases.parse(before.without_history_to(before.revision).to_bytes())
    assert after.line() == [target(3), target(2), target(1)]
    assert after.trial() == before.trial()


def test_what_a_later_release_adds_to_a_change_is_passed_over() -> None:
    document = Aliases().promoted("production", target(1), noted(START))
    later = json.loads(document.to_bytes())
    later["history"][0]["colour"] = "green"
    assert Aliases.parse(json.dumps(later | {"colours": {}}).encode()) == document
