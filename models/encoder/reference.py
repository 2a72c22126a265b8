"""What the original says: embeddings by torch, which the float graph is held to.

`PYTHONPATH=layers/runtime .venv-bench/bin/python -m models.encoder.reference` writes reference.npz again.
`make .venv-bench/.ready` makes that environment; beside this, only benchmarks need torch.
"""

import csv
from pathlib import Path

import numpy as np

MODELS = Path(__file__).parents[1]
REFERENCE = Path(__file__).parent / "reference.npz"
TEXTS_COUNT = 200
_ODD = (
    "",
    " ",
    ".",
    "?!?!",
    "a",
    "Ünïcödé àccénts, ß and ﬁ",
    "E-mail: someone@example.com, https://example.com/a?b=c",
    "line one\nline two\ttabbed\r\n",
    "日本語のテキストです。",
    "Привет, как дела",
    "مرحبا بالعالم",
    "😀😀 emoji 🚀",
    "supercalifragilisticexpialidocious" * 4,
    "0123456789 " * 20,
    "one two three four five six seven eight nine ten " * 40,
    "The printer on the second floor is out of toner. " * 8,
)


def texts() -> list[str]:
    """Return texts of many kinds and lengths, some of them longer than what is read."""
    with (MODELS / "tickets" / "held_out.csv").open(encoding="utf-8", newline="") as file:
        tickets = [row["text"] for row in csv.DictReader(file)]
    return [*_ODD, *tickets[:: len(tickets) // (TEXTS_COUNT - len(_ODD))], *tickets][:TEXTS_COUNT]


def main() -> None:
    """Embed the texts as the model's authors do, and write float16 vectors (texts, size)."""
    from sentence_transformers import SentenceTransformer

    from models.encoder.tensors import folder

    model = SentenceTransformer(str(folder()), device="cpu")
    vectors = np.stack([model.encode(text, normalize_embeddings=True) for text in texts()])
    np.savez(REFERENCE, vectors=vectors.astype(np.float16))


if __name__ == "__main__":
    main()
