"""A version of a knowledge base from its document: `build` writes its files into a folder."""

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from coldframe.encoder import GRAPH, TOKENIZER, Encoder
from coldframe.triage.document import Document
from coldframe.triage.heads import HEADS
from coldframe.triage.vectors import EMBEDDINGS, encoder_digest
from models.forge.crossfit import Progress
from models.forge.figures import Figure
from models.forge.folder import make_writable
from models.forge.knowledge.card import write_card
from models.forge.knowledge.examples import Examples, about, embed, texts
from models.forge.knowledge.fitting import PHRASINGS_MIN_COUNT, Fitted, fit
from models.forge.knowledge.mix import KEPT_SHARE
from models.forge.knowledge.store import embeddings_npz, heads_npz
from models.forge.knowledge.thresholds import RIGHT_SHARE
from models.forge.version import read_version

USUAL_CHOICE = "as usual: there are too few phrasings to choose it"
_MADE_WITH = ("numpy", "scipy", "scikit-learn", "onnxruntime", "tokenizers")


@dataclass(frozen=True)
class Built:
    """What came of it; the size of its files is in bytes."""

    figures: list[Figure]
    warnings: list[str]
    bytes: int


def build(document: Document, folder: Path, progress: Progress, terms: str) -> Built:
    """Write heads.npz, embeddings.npz, metrics.json and card.md of a knowledge base into `folder`.

    The same document and encoder give the same bytes; `terms` are those of its texts. Raises
    `UnusableFolder`, and `FileNotFoundError` where the encoder was not built.
    """
    make_writable(folder)
    encoder, made_by = open_encoder()
    given = texts(document)
    vectors = embed([*given, *about(document)], encoder, progress)
    given_vectors, described = vectors[: len(given)], vectors[len(given) :]
    examples = Examples.of(document, given_vectors)
    fitted = fit(document, examples, described, progress)
    known = np.concatenate([given_vectors[examples.inside], described])
    stored = {
        HEADS: heads_npz(fitted.heads, fitted.mix, document, made_by),
        EMBEDDINGS: embeddings_npz(known, document, made_by),
    }
    for name, data in stored.items():
        (folder / name).write_bytes(data)
    phrasings = int(examples.inside.sum())
    (folder / "metrics.json").write_text(_metrics(document, fitted, phrasings, terms), encoding="utf-8")
    size = sum(map(len, stored.values()))
    write_card(folder, document, terms, fitted.figures, size)
    return Built(fitted.figures, _warnings(document, fitted), size)


def open_encoder() -> tuple[Encoder, bytes]:
    """Open the encoder that is published, and return its digest."""
    made = read_version("encoder")
    return Encoder.open(made.files[GRAPH], made.files[TOKENIZER]), encoder_digest(made.manifest.files)


def _metrics(document: Document, fitted: Fitted, phrasings: int, terms: str) -> str:
    measured = (
        f"keeps {KEPT_SHARE:.1%} of the tickets, out of fold",
        f"below it, fewer than {RIGHT_SHARE:.0%} are right",
    )
    chosen = measured if fitted.figures else (USUAL_CHOICE, USUAL_CHOICE)
    in_scope = {"value": fitted.in_scope, "chosen": chosen[0]}
    certain = {"value": fitted.certain, "chosen": chosen[1]}
    content: Mapping[str, Any] = {
        "labels": document.labels,
        "rows": phrasings,
        "terms": terms,
        "figures": [one._asdict() for one in fitted.figures],
        "thresholds": {"in_scope": in_scope, "certain": certain},
        "mix": asdict(fitted.mix),
        "made_with": {"python": platform.python_version(), **{name: version(name) for name in _MADE_WITH}},
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _warnings(document: Document, fitted: Fitted) -> list[str]:
    found = []
    if not fitted.figures:
        found.append(
            f"A mix of evidence is fitted to {PHRASINGS_MIN_COUNT} phrasings, of problems with several;"
            " here it is that of the ticket triage, and nothing was measured."
        )
    if not document.out_of_scope:
        found.append("out_of_scope has no texts: what is out of scope is told by similarity alone.")
    return found
