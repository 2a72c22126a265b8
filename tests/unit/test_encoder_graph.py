"""The graph that is written without torch is the model that was published."""

from pathlib import Path

import numpy as np
import pytest

from coldframe.encoder import Encoder
from models.encoder.recipe import FLOAT, FOLDER, INT8, TOKENIZER, build
from models.encoder.reference import REFERENCE, TEXTS_COUNT, texts

COSINE_MIN = 0.99999
INT8_MAX_BYTES = 25_000_000


@pytest.fixture(scope="module")
def float_encoder() -> Encoder:
    return Encoder.open(str(FOLDER / FLOAT), (FOLDER / TOKENIZER).read_bytes())


def test_float_graph_has_the_embeddings_of_the_original(float_encoder: Encoder) -> None:
    expected = np.load(REFERENCE)["vectors"].astype(np.float64)
    got = np.array([float_encoder.embed(text).vector for text in texts()], np.float64)
    assert len(set(texts())) == len(expected) == TEXTS_COUNT
    cosines = (got * expected).sum(1) / np.linalg.norm(got, axis=1) / np.linalg.norm(expected, axis=1)
    assert cosines.min() >= COSINE_MIN


def test_a_second_build_gives_the_same_bytes(tmp_path: Path) -> None:
    build(tmp_path)
    for name in (FLOAT, INT8, TOKENIZER):
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes()


def test_int8_is_small_enough() -> None:
    assert (FOLDER / INT8).stat().st_size <= INT8_MAX_BYTES
