"""What the gate measures of the encoder: which texts, which sizes, and the classifier's accuracy."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from coldframe.encoder import Encoder
from coldframe.errors import ColdframeError
from models.encoder.gated import FOLDS, HEADS, SIZES_TOKENS, Texts, read_texts, subject
from models.encoder.recipe import FLOAT, FOLDER, INT8, TOKENIZER

TEXTS = Texts(
    [f"The till number {number} does not open." for number in range(20)],
    dict.fromkeys(HEADS, ["one", "other"] * 10),
)


def knowledge(path: Path, counts: dict[str, int]) -> Path:
    problems = [
        {
            "problem": name,
            "category": name,
            "automation": name,
            "phrasings": [f"{name} {number}" for number in range(count)],
        }
        for name, count in counts.items()
    ]
    path.write_text(yaml.safe_dump({"problems": problems}), "utf-8")
    return path


def test_some_of_the_phrasings_are_read_with_what_heads_tell(tmp_path: Path) -> None:
    path = knowledge(tmp_path / "k.yaml", {"tills": 11, "mail": 10})
    read = read_texts(path, 2)
    assert read.texts[:2] == ["tills 0", "tills 2"]
    assert read.texts[-1] == "mail 9"
    assert read.targets == dict.fromkeys(HEADS, ["tills"] * 6 + ["mail"] * 5)


@pytest.mark.parametrize("counts", [{}, {"tills": 20}, {"tills": 20, "mail": FOLDS - 1}])
def test_too_few_texts_of_a_category_are_refused(counts: dict[str, int], tmp_path: Path) -> None:
    with pytest.raises(ColdframeError, match="two are needed, and 5 phrasings of each"):
        read_texts(knowledge(tmp_path / "k.yaml", counts), 1)


def test_inputs_are_the_tokens_that_the_runtime_reads() -> None:
    made = subject(FOLDER, TEXTS)
    encoder = Encoder.open(str(FOLDER / INT8), (FOLDER / TOKENIZER).read_bytes(), 1)
    vector = made.quantized.open(1)(made.inputs[0])
    np.testing.assert_allclose(vector, encoder.embed(TEXTS.texts[0]).vector, atol=1 / 4096)
    assert (made.parent.file, made.quantized.file) == (FLOAT, INT8)


def test_there_is_an_input_of_each_size() -> None:
    sized = subject(FOLDER, TEXTS).sized
    assert {size: one.shape for size, one in sized.items()} == {
        f"{tokens} tokens": (1, tokens) for tokens in SIZES_TOKENS
    }


def test_accuracy_is_of_each_ones_own_vectors() -> None:
    told_apart = np.array([[1, 0], [0, 1]] * 10, np.float32)
    alike = np.ones((20, 2), np.float32)
    assert subject(FOLDER, TEXTS).tasks(told_apart, alike) == dict.fromkeys(HEADS.values(), (1.0, 0.5))
