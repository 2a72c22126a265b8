"""What opens and would then fail at each request is refused before it is adopted."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import TensorProto

from coldframe import limits
from coldframe.encoder import TOKENIZER, Encoder
from coldframe.errors import MalformedArtifact
from coldframe.triage.heads import HEADS
from coldframe.triage.opening import open_triage
from coldframe.triage.vectors import EMBEDDINGS
from models.forge.opens import check_opens
from models.forge.verify import faults
from tests import made, made_knowledge
from tests.made_knowledge import encoder_files, own_files, vectors
from tests.unit.triage.hostile_onnx import SIZE, constant, outside

ONES = np.ones((1, SIZE), np.float32)


def tokenizer(change: Callable[[dict[str, Any]], Any]) -> bytes:
    """The encoder's, changed."""
    content = json.loads(encoder_files()[TOKENIZER])
    change(content)
    return json.dumps(content).encode()


def many_specials(content: dict[str, Any]) -> None:
    content["post_processor"]["single"][:1] *= limits.ENCODER_TOKENS_MAX_COUNT


@pytest.mark.parametrize(
    ("graph", "why"),
    [
        (constant(np.array(1, np.float32)), "takes and gives"),
        (constant(ONES[0]), "takes and gives"),
        (constant(ONES, "words"), "takes and gives"),
        (constant(ONES, kind=TensorProto.FLOAT), "takes and gives"),
        (constant(ONES * np.float32(np.nan)), "no 384 finite numbers"),
        (constant(ONES * np.float32(np.inf)), "no 384 finite numbers"),
    ],
)
def test_a_graph_that_is_no_encoder(graph: bytes, why: str) -> None:
    with pytest.raises(MalformedArtifact, match=why):
        Encoder.open(graph, encoder_files()[TOKENIZER], 1)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda content: content.update(post_processor=None), "makes 0 tokens of an empty text"),
        (many_specials, "tokens of an empty text"),
        (lambda content: content["model"]["vocab"].update(beyondall=30_522), "does not know"),
    ],
)
def test_a_tokenizer_of_another_graph(change: Callable[[dict[str, Any]], Any], why: str) -> None:
    graph = next(data for name, data in encoder_files().items() if name != TOKENIZER)
    with pytest.raises(MalformedArtifact, match=why):
        Encoder.open(graph, tokenizer(change), 1)


def test_tokens_with_a_gap_in_their_numbers() -> None:
    made_knowledge.encoder().check_numbers()
    graph = next(data for name, data in encoder_files().items() if name != TOKENIZER)
    gap = tokenizer(lambda content: content["model"]["vocab"].update(laptop=10**6))
    with pytest.raises(MalformedArtifact, match=r"30,522 tokens .* not numbered from 0 on"):
        Encoder.open(graph, gap, 1).check_numbers()


def test_before_a_knowledge_base_goes_live_its_encoder_is_opened_once_and_its_tokens_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store, opened = made.memory_store(), []
    open_encoder = Encoder.open

    def noted(graph: bytes, *others: Any) -> Encoder:
        opened.append(graph)
        return open_encoder(graph, *others)

    monkeypatch.setattr(Encoder, "open", noted)
    assert faults(store, "tickets", made_knowledge.published(store)) == []
    assert len(opened) == 1
    gap = tokenizer(lambda content: content["model"]["vocab"].update(volcano=10**6))
    files = own_files() | encoder_files() | {TOKENIZER: gap}
    with pytest.raises(MalformedArtifact, match="not numbered from 0 on"):
        check_opens(made_knowledge.manifest(own_files()), files)


@pytest.mark.parametrize("in_node", [False, True])
@pytest.mark.parametrize("location", ["weights.bin", "./weights.bin", "../{}/weights.bin", "{}/weights.bin"])
def test_weights_outside_the_graph_are_not_read(
    location: str, in_node: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "weights.bin").write_bytes(ONES.tobytes())
    named = location.format(tmp_path if location.startswith("{") else tmp_path.name)
    with pytest.raises(MalformedArtifact, match="cannot be opened"):
        Encoder.open(outside(named, in_node=in_node), encoder_files()[TOKENIZER], 1)


def of_heads(**other: NDArray[Any]) -> dict[str, bytes]:
    return {HEADS: made_knowledge.heads(None, **other)}


@pytest.mark.parametrize(
    ("files", "why"),
    [
        (of_heads(rows=np.zeros((13, 100), np.int16)), r"heads\.npz has rows of 100 numbers"),
        (of_heads(rows=np.zeros((13, 0), np.int16)), r"heads\.npz has rows of 0 numbers"),
        (of_heads(problem=np.full(3, 1e308)), "numbers that are none of a text"),
        (of_heads(scope=np.full(4, 1e308)), "numbers that are none of a text"),
        (
            {EMBEDDINGS: made_knowledge.embeddings(whole=vectors().whole[:, :100])},
            r"embeddings\.npz has rows of 100 numbers",
        ),
    ],
)
def test_what_does_not_fit_the_encoder(files: dict[str, bytes], why: str) -> None:
    changed = own_files() | files
    with pytest.raises(MalformedArtifact, match=why):
        open_triage(made_knowledge.manifest(changed), changed | encoder_files())
