"""MiniLM as sentence-transformers runs it: what `benchmarks.encoder` starts in .venv-bench.

Its argument is the folder of the weights. A line in is the JSON of one text's tokens and a number of calls;
a line out is the JSON of the embedding and the ms that a call took.
"""

import json
import sys
import time

import torch
from sentence_transformers import SentenceTransformer


def main() -> None:
    """Answer until the lines end."""
    torch.set_num_threads(1)
    model = SentenceTransformer(sys.argv[1], device="cpu").eval()
    with torch.no_grad():
        for line in sys.stdin:
            ids, calls = json.loads(line)
            print(json.dumps(run(model, torch.tensor([ids]), calls)), flush=True)


def run(model: SentenceTransformer, ids: torch.Tensor, calls: int) -> tuple[list[float], float]:
    """Embed the tokens (1, tokens), normalisation included, and say how many ms a call took."""
    features = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    begin = time.perf_counter()
    for _ in range(calls):
        embedding = model(dict(features))["sentence_embedding"][0]
    return embedding.tolist(), (time.perf_counter() - begin) / calls * 1e3


if __name__ == "__main__":
    main()
