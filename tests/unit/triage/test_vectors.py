import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from coldframe import limits
from coldframe.encoder import TOKENIZER
from coldframe.errors import MalformedArtifact
from coldframe.manifest import FileEntry
from coldframe.triage.vectors import WHOLE_MAX, Vectors, encoder_digest, texts_digest
from tests import made_knowledge
from tests.made_knowledge import document, embeddings, encoder, made_by, vectors

SIZE, COUNT = 384, 40
OTHER_DIGEST = np.zeros(32, np.uint8)


def random_vectors(seed: int = 0) -> NDArray[np.float32]:
    made = np.random.default_rng(seed).normal(size=(COUNT, SIZE))
    unit: NDArray[np.float32] = (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)
    return unit


def rounded(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """As an embedding is."""
    steps = np.float32(limits.ENCODER_STEPS_PER_ONE)
    made: NDArray[np.float32] = np.rint(vector * steps) / steps
    return made


VECTORS = Vectors.of(random_vectors())


def test_a_similarity_is_the_cosine_but_for_rounding() -> None:
    embedding = rounded(random_vectors(1)[0])
    exact = random_vectors().astype(np.float64) @ embedding
    assert np.abs(VECTORS.similarities(slice(None), embedding) - exact).max() < 0.01


@given(st.lists(st.integers(0, COUNT - 1), min_size=1, max_size=2 * COUNT), st.integers(0, 2**32))
def test_a_similarity_has_the_same_bits_in_any_company_and_order(places: list[int], seed: int) -> None:
    embedding = rounded(random_vectors(seed)[0])
    whole = VECTORS.similarities(slice(None), embedding)
    assert VECTORS.similarities(np.array(places), embedding).tolist() == whole[places].tolist()


@given(st.permutations(range(SIZE)), st.integers(0, 2**32))
def test_it_has_them_whatever_order_it_is_summed_in(order: list[int], seed: int) -> None:
    embedding = rounded(random_vectors(seed)[0])
    shuffled = Vectors(VECTORS.whole[:, order], VECTORS.scale)
    whole = VECTORS.similarities(slice(None), embedding)
    assert shuffled.similarities(slice(None), embedding[order]).tolist() == whole.tolist()


def test_an_embedding_is_of_whole_steps_and_of_length_one() -> None:
    for text in document().texts:
        vector = encoder().embed(text).vector
        assert (vector * limits.ENCODER_STEPS_PER_ONE % 1 == 0).all()
        assert abs(np.linalg.norm(vector) - 1) < 0.005


def test_rows_of_a_byte_are_short_enough_for_exact_sums() -> None:
    assert np.linalg.norm(VECTORS.whole.astype(np.float64), axis=1).max() <= WHOLE_MAX
    assert VECTORS.whole.dtype == np.int8
    assert np.abs(VECTORS.whole.astype(int)).max() == 127


def test_a_vector_of_zeros_is_similar_to_nothing() -> None:
    zeros = Vectors.of(np.zeros((1, SIZE), np.float32))
    assert zeros.similarities(slice(None), rounded(random_vectors()[0])).tolist() == [0.0]


def test_stored_and_embedded_are_the_same() -> None:
    opened = Vectors.open(embeddings(), document().texts, made_by())
    embedding = encoder().embed(made_knowledge.IN_SCOPE).vector
    there, here = (one.similarities(slice(None), embedding).tolist() for one in (opened, vectors()))
    assert there == here


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (embeddings(made_by=OTHER_DIGEST), "made by another encoder"),
        (embeddings(made_of=OTHER_DIGEST), "of other texts"),
        (embeddings(whole=vectors().whole[1:]), "whole"),
        (embeddings(whole=vectors().whole.astype(np.int16)), "whole"),
        (embeddings(scale=vectors().scale.astype(np.float32)), "scale"),
        (embeddings(scale=vectors().scale * np.nan), "finite"),
        (embeddings(scale=vectors().scale * np.inf), "finite"),
        (embeddings(more=OTHER_DIGEST), "more"),
        (embeddings()[:-1], "npz"),
        (b"", "npz"),
    ],
)
def test_what_is_not_of_these_texts_by_this_encoder_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(MalformedArtifact, match=why):
        Vectors.open(data, document().texts, made_by())


def test_texts_in_another_order_or_other_texts_are_refused() -> None:
    texts = document().texts
    for other in ([*texts[1:], texts[0]], [*texts[:-1], "another"], texts[:-1]):
        with pytest.raises(MalformedArtifact):
            Vectors.open(embeddings(), other, made_by())
    assert texts_digest(["a", "b"]) != texts_digest(["b", "a"])


def test_an_encoder_is_its_two_files_and_nothing_else() -> None:
    files = made_knowledge.manifest(made_knowledge.own_files()).files
    assert encoder_digest(files) == encoder_digest(reversed(files)) == made_by()
    other = [entry for entry in files if entry.name != TOKENIZER] + [FileEntry.of(TOKENIZER, b"other")]
    assert encoder_digest(other) != made_by()
