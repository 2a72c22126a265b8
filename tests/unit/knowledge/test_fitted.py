"""What is fitted of many texts at once is what the runtime weighs of one, but for rounding."""

from dataclasses import replace

import numpy as np
import pytest

from coldframe.encoder import Embedding
from coldframe.linear import FEATURES
from coldframe.triage.document import Document
from coldframe.triage.evidence import Weighing
from coldframe.triage.heads import Learned, Mix
from coldframe.triage.vectors import Vectors
from models.forge.knowledge import heads as heads_module
from models.forge.knowledge.evidence import Known, signals, weigh
from models.forge.knowledge.examples import BUCKETS, NOWHERE, Examples, embed, texts
from models.forge.knowledge.heads import ABSENT, FittedHeads, fit_heads
from models.forge.knowledge.store import embeddings_npz, heads_npz
from models.forge.softmax import count_windows
from tests import made_knowledge

MADE_BY = bytes(range(32))
MIX = Mix((20.0, 0.5, 0.7), (0.3, 0.9, 0.7, 1.5), (0.2, 0.5, 1.0, 0.9), (0.4, 0.8, 1.2, -7.0))
GIVEN = ["The printer jams all day, please reset it", "I cannot get in any more", "It is cold", "xqzw 77 %%"]


def nothing(*_: object) -> None:
    """Tell nobody of the progress."""


@pytest.fixture(scope="module")
def document() -> Document:
    outside = ["The recipe takes two eggs.", "Dear Anna,"]
    return Document.of(made_knowledge.CONTENT | {"out_of_scope": outside})


@pytest.fixture(scope="module")
def examples(document: Document) -> Examples:
    return Examples.of(document, embed(texts(document), made_knowledge.encoder(), nothing))


@pytest.fixture(scope="module")
def heads(document: Document, examples: Examples) -> FittedHeads:
    return fit_heads(examples, len(document.problems), len(document.categories), judges=True)


def test_the_runtime_weighs_as_was_fitted(document: Document, examples: Examples, heads: FittedHeads) -> None:
    encoder = made_knowledge.encoder()
    vectors = embed(document.texts, encoder, nothing)
    described = vectors[-2 * len(document.categories) :]
    stored = embeddings_npz(vectors, document, MADE_BY)
    learned = Learned.open(heads_npz(heads, MIX, document, MADE_BY), document, MADE_BY)
    weighing = Weighing(document, Vectors.open(stored, document.texts, MADE_BY), learned)
    seen = examples.take(examples.inside)
    nowhere = np.full(len(GIVEN), NOWHERE)
    windows = count_windows(GIVEN, FEATURES["words"], BUCKETS)
    given = Examples(embed(GIVEN, encoder, nothing), windows, nowhere, nowhere, nowhere)
    many = weigh(Known(document, seen, described), heads, given, signals(document, GIVEN))
    for row, text in enumerate(GIVEN):
        (one,) = weighing.weigh([text], [Embedding(given.vectors[row], truncated=False)])
        # The logits of a softmax may all be larger by the same number.
        for ours, fitted in (
            (one.categories, many.categories[row] @ MIX.category),
            (one.verdicts, many.verdicts[row] @ MIX.verdict),
        ):
            np.testing.assert_allclose(np.array(ours) - np.mean(ours), fitted - fitted.mean(), atol=0.02)
        alike = many.logits[row] + MIX.problem[0] * many.similarities[row]
        scope = (alike.max(), *many.scope[row], 1.0)
        assert one.scope == pytest.approx(np.dot(MIX.scope, scope), abs=0.05)
        similar = dict(zip(many.nearest[row].tolist(), many.similarities[row].tolist(), strict=True))
        for candidate in one.candidates:
            assert candidate.similarity == pytest.approx(similar[candidate.place], abs=0.003)


def test_the_same_heads_give_the_same_bytes(heads: FittedHeads, document: Document) -> None:
    vectors = embed(document.texts, made_knowledge.encoder(), nothing)
    assert heads_npz(heads, MIX, document, MADE_BY) == heads_npz(heads, MIX, document, MADE_BY)
    assert embeddings_npz(vectors, document, MADE_BY) == embeddings_npz(vectors, document, MADE_BY)


def test_what_has_no_example_is_not_answered(document: Document, examples: Examples) -> None:
    without = examples.take(examples.problems != 2)
    heads = fit_heads(without, len(document.problems), len(document.categories), judges=True)
    assert heads.problems.bias[2] == ABSENT
    assert not heads.problems.weights[:, 2].any()
    assert (heads.problems.logits(examples.vectors).argmax(axis=1) != 2).all()


def test_what_is_out_of_scope_belongs_to_nothing(examples: Examples) -> None:
    outside = examples.take(~examples.inside)
    assert set(outside.problems) == set(outside.categories) == set(outside.verdicts) == {NOWHERE}


def test_without_texts_out_of_scope_its_heads_say_nothing(document: Document, examples: Examples) -> None:
    inside = replace(examples.take(examples.inside), verdicts=np.full(examples.inside.sum(), NOWHERE))
    heads = fit_heads(inside, len(document.problems), len(document.categories), judges=False)
    assert not heads.scope.weights.any()
    assert not heads.word_scope.weights.any()
    assert heads.scope.bias.tolist() == heads.word_scope.bias.tolist() == [0.0]
    assert heads.verdicts.weights.shape[1] == 0


def test_problems_of_one_phrasing_each_are_fitted_without_a_warning() -> None:
    """scikit-learn takes many classes for a number that is to be foretold; a warning fails a test."""
    vectors = np.eye(30, dtype=np.float32)
    head = heads_module._fit(vectors, np.arange(30), 30, freedom=30.0)
    assert (head.logits(vectors).argmax(axis=1) == np.arange(30)).all()
