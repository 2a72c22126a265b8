import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.filter_pattern import FilterPattern, PatternNotServed

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,5}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_characters='"*\\', exclude_categories=["Cs"]), max_size=8)
TERMS = st.lists(st.tuples(NAMES, st.none() | TEXTS), min_size=1, max_size=4)
SPACE = st.sampled_from(["", " ", "  "])
DOCUMENTS = st.dictionaries(NAMES, st.none() | TEXTS | st.integers() | st.lists(TEXTS, max_size=2))


@st.composite
def written(draw: st.DrawFn, terms: list[tuple[str, str | None]]) -> str:
    """A pattern as somebody may write it."""
    parts = []
    for name, text in terms:
        value = draw(st.sampled_from(["*", '"*"'])) if text is None else f'"{text}"'
        term = f"$.{name}{draw(SPACE)}={draw(SPACE)}{value}"
        parts.append(f"({draw(SPACE)}{term}{draw(SPACE)})" if draw(st.booleans()) else term)
    both = f"{draw(SPACE)}&&{draw(SPACE)}"
    return f"{draw(SPACE)}{{{draw(SPACE)}{both.join(parts)}{draw(SPACE)}}}{draw(SPACE)}"


@given(TERMS.flatmap(lambda terms: st.tuples(st.just(terms), written(terms))))
def test_a_pattern_is_read_however_it_is_written(
    case: tuple[list[tuple[str, str | None]], str],
) -> None:
    terms, text = case
    assert FilterPattern.parse(text) == FilterPattern(tuple(terms))


@given(TERMS, DOCUMENTS)
def test_a_line_matches_when_every_field_does(
    terms: list[tuple[str, str | None]], document: dict[str, Any]
) -> None:
    held = document | {name: "any" if text is None else text for name, text in terms}
    consistent = all(text is None or held[name] == text for name, text in terms)
    pattern = FilterPattern(tuple(terms))
    assert pattern.matches(json.dumps(held, ensure_ascii=False)) == consistent
    for name, _ in terms:
        assert not pattern.matches(json.dumps({key: value for key, value in held.items() if key != name}))
        assert not pattern.matches(json.dumps(held | {name: None}))


@pytest.mark.parametrize("text", ["", "  "])
@pytest.mark.parametrize("line", ["", "no JSON", "[]", "[" * 100_000])
def test_an_empty_pattern_takes_every_line(text: str, line: str) -> None:
    assert FilterPattern.parse(text).matches(line)


@pytest.mark.parametrize("line", ["", "decision", "[]", "null", '"decision"', "[" * 100_000, "9" * 5000])
def test_what_is_no_object_has_no_fields(line: str) -> None:
    assert not FilterPattern.parse("{ $.message = * }").matches(line)


@pytest.mark.parametrize(
    "text",
    [
        "ERROR",
        '"ERROR"',
        "{}",
        "{ $.message }",
        "{ $.message = decision }",
        "{ $.count = 3 }",
        '{ $.message != "decision" }',
        '{ $.message = "decision*" }',
        '{ $.message = "a" || $.message = "b" }',
        '{ $.record.message = "decision" }',
        "{ $.tags[0] = * }",
        "{ $.message IS NULL }",
        "{ $.message = %decision% }",
        '{ (($.a = "b")) }',
        '{ ($.a = "b" }',
        '{ $.a = "b" && }',
        '{ $.a = "b" } { $.c = "d" }',
        "[a, b]",
        '{ $.a = "' + "b" * 10_000 + " }",
        "{" + " " * 10_000,
    ],
)
def test_other_patterns_are_refused(text: str) -> None:
    with pytest.raises(PatternNotServed):
        FilterPattern.parse(text)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(PatternNotServed):
        assert isinstance(FilterPattern.parse(text).matches(text), bool)
