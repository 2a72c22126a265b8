"""Reasons: whole where a user gave them, and short enough for the history in any case."""

import json
from dataclasses import asdict

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from coldframe import limits
from coldframe.changes import Change, Target
from coldframe.errors import ColdframeError
from models.forge import noted as notes
from models.forge.noted import WHY_MAX_CHARS, forced, noted

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=WHY_MAX_CHARS)
TARGET = Target("v999999999.999999999.999999999", "0" * 64)


@given(why=TEXT, against=st.lists(TEXT, min_size=1, max_size=3))
@example(why="🙂" * WHY_MAX_CHARS, against=["x"])
@example(why="\0" * WHY_MAX_CHARS, against=["\0" * 10_000])
def test_a_forced_change_fits_into_the_history_with_the_users_words_whole(
    why: str, against: list[str]
) -> None:
    note = forced(noted(why), against)
    change = Change(10**9, "staging/challenger", TARGET, TARGET, note.at, note.by, note.why, "rollback", 99)
    assert len(json.dumps(asdict(change), ensure_ascii=False).encode()) <= limits.CHANGE_MAX_BYTES
    assert note.why.startswith(f"{why} (forced, though {against[0][:100]}")
    assert note.why.endswith(")")
    assert ("; ".join(against) in note.why) or note.why.endswith("…)")


def test_what_nothing_is_against_stays_as_it_is() -> None:
    note = noted("May's reviews")
    assert forced(note, []) == note


def test_a_reason_that_is_too_long_is_refused() -> None:
    with pytest.raises(ColdframeError, match="1,001 characters: shorten it to 1,000"):
        noted("x" * (WHY_MAX_CHARS + 1))


def test_a_users_name_is_kept_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER", "u" * 10_000)
    assert noted("why").by == "u" * notes.BY_MAX_CHARS
