from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldframe.errors import MalformedArtifact
from coldframe.triage.document import Document
from coldframe.triage.heads import SIZES, Heads, Learned, head_counts, word_columns
from coldframe.triage.vectors import WHOLE_MAX
from tests.made_knowledge import CONTENT, MIX, document, encoder, heads, made_by

JUDGES_NOT: dict[str, Any] = {
    "problems": [{k: v for k, v in one.items() if k != "automation"} for one in CONTENT["problems"]]
}
COUNT = sum(head_counts(document()))
SIZE = encoder().size


def test_there_is_a_head_for_each_answer() -> None:
    assert (head_counts(document()), word_columns(document())) == ((6, 3, 3, 1), 2 + 2 + 1)
    assert (head_counts(document(**JUDGES_NOT)), word_columns(document(**JUDGES_NOT))) == ((6, 3, 0, 1), 3)


@pytest.mark.parametrize("known", [document(), document(**JUDGES_NOT)], ids=["verdicts", "no verdicts"])
def test_scores_are_split_by_what_they_are_of(known: Document) -> None:
    learned = Learned.open(heads(known), known, made_by())
    scores = learned.heads.scores(encoder().embed("please reset my password").vector)
    words = learned.words.scores(["please reset my password"])[0]
    verdicts = 3 if known.judges else 0
    assert (len(scores.problems), len(scores.categories), len(scores.verdicts)) == (6, 3, verdicts)
    assert (len(words.problems), len(words.categories), len(words.verdicts)) == (0, 3, verdicts)
    assert scores.problems.index(max(scores.problems)) == 2
    assert scores.problems[2] > 15  # sharpness times the cosine
    assert (scores.categories, scores.scope) == ([0.0] * 3, 0.0)
    assert learned.mix.__dict__ == MIX


def test_words_have_a_reference_whose_logit_is_0() -> None:
    columns = word_columns(document())
    offset = np.arange(1.0, columns + 1)
    words = Learned.open(heads(offset=offset), document(), made_by()).words.scores(["a"])[0]
    assert (words.categories, words.verdicts, words.scope) == ([1.0, 2.0, 0.0], [3.0, 4.0, 0.0], 5.0)


@given(st.permutations(range(6)), st.integers(0, 2**32))
def test_a_score_has_the_same_bits_in_any_company(order: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.integers(-200, 200, size=(COUNT, SIZE)).astype(np.int16)
    scale, bias = rng.random(COUNT), rng.random(COUNT)
    vector = np.rint(rng.normal(size=SIZE) / np.sqrt(SIZE) * 4096).astype(np.float32) / np.float32(4096)
    before = Heads(document(), rows, scale, bias).scores(vector).problems
    moved = [*order, *range(6, COUNT)]
    after = Heads(document(), rows[moved], scale[moved], bias[moved]).scores(vector).problems
    assert after == [before[place] for place in order]


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"made_by": np.zeros(32, np.uint8)}, "another encoder"),
        ({"made_of": np.zeros(32, np.uint8)}, "another knowledge base"),
        ({"rows": np.zeros((COUNT - 1, SIZE), np.int16)}, "rows"),
        ({"rows": np.zeros((COUNT, SIZE), np.int8)}, "rows"),
        ({"rows": np.full((COUNT, SIZE), WHOLE_MAX, np.int16)}, "longer than"),
        ({"scale": np.full(COUNT, np.nan)}, "finite"),
        ({"bias": np.full(COUNT, np.inf)}, "finite"),
        ({"slope": np.full(5, np.nan)}, "finite"),
        ({"scope": np.ones(3)}, "scope"),
        *(({name: np.full(size, np.nan)}, "finite") for name, size in SIZES.items()),
    ],
)
def test_what_was_not_learned_of_this_document_by_this_encoder_is_refused(
    other: dict[str, Any], why: str
) -> None:
    with pytest.raises(MalformedArtifact, match=why):
        Learned.open(heads(**other), document(), made_by())


def test_another_document_or_bytes_that_are_none_are_refused() -> None:
    fewer = document(problems=CONTENT["problems"][:5])
    for data, known in ((heads(), fewer), (heads()[:-1], document()), (b"", document())):
        with pytest.raises(MalformedArtifact):
            Learned.open(data, known, made_by())


def _other(place: int, **fields: Any) -> dict[str, Any]:
    """The problems, with other fields of one."""
    problems = [dict(one) for one in CONTENT["problems"]]
    problems[place] |= fields
    return {"problems": problems}


@pytest.mark.parametrize(
    "other",
    [
        {"problems": CONTENT["problems"][::-1]},
        _other(0, phrasings=["paper is stuck", "the printer has a paper jam again"]),
        _other(0, category="General"),
        _other(0, automation="FULLY_AUTOMATABLE"),
        {"categories": CONTENT["categories"][::-1]},
        {"out_of_scope": ["hello"]},
    ],
    ids=["order", "phrasing", "category", "verdict", "categories", "out of scope"],
)
def test_a_document_of_the_same_size_that_teaches_another_thing_is_refused(other: dict[str, Any]) -> None:
    with pytest.raises(MalformedArtifact, match="another knowledge base"):
        Learned.open(heads(), document(**other), made_by())


def test_what_teaches_nothing_may_change_without_learning_again() -> None:
    categories = [one | {"sla_hours": 1, "routing_team": "all"} for one in CONTENT["categories"]]
    known = document(title="another", categories=categories, **_other(0, percentage=1, problem="Jam"))
    assert Learned.open(heads(), known, made_by()).mix.__dict__ == MIX
