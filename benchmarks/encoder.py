"""The INT8 encoder against the float one and sentence-transformers: one text a call, one thread each."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from subprocess import PIPE, Popen

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.harness import on_one_core
from coldframe.encoder import Encoder
from models.encoder.recipe import FLOAT, FOLDER, INT8, TOKENIZER
from models.encoder.tensors import folder

ROOT = Path(__file__).parent.parent
TORCH = ROOT / ".venv-bench/bin/python"
ROUNDS, CALLS = 15, 30
INT8_MAX_MB = 25
WANTED = {16: ("2.0", "3.0"), 64: ("", ""), 128: ("1.5", "2.0")}  # at least, by tokens: to float, to torch
COSINE_MIN = {INT8: 0.95, FLOAT: 0.999}  # to torch's embedding: below it the three do not run one model
HEADINGS = (
    "tokens",
    "INT8\nms",
    "float\nms",
    "torch\nms",
    "float /\nINT8",
    "\nwanted",
    "torch /\nINT8",
    "\nwanted",
)
FIRST, LAST, WORDS = 101, 102, (1_000, 30_000)  # [CLS], [SEP] and the whole words of the vocabulary

Run = Callable[[list[int]], tuple[list[float], float]]  # tokens → embedding, ms a call


def main() -> None:
    """Print sizes, medians and ratios."""
    console = Console()
    on_one_core()
    with torch() as run_torch:
        runs = {INT8: opened(INT8), FLOAT: opened(FLOAT), "torch": run_torch}
        check(runs)
        spent = measure(runs)
    int8_mb, float_mb = (Path(FOLDER, name).stat().st_size / 1e6 for name in (INT8, FLOAT))
    console.print(summary(spent))
    console.print(f"INT8: {int8_mb:.1f} MB (at most {INT8_MAX_MB} wanted); float: {float_mb:.1f} MB")


@contextmanager
def torch() -> Iterator[Run]:
    """Start sentence-transformers in its own environment; yields what runs it."""
    if not TORCH.exists():
        raise FileNotFoundError(f"{TORCH} does not exist: run `make .venv-bench/.ready`")
    command = [str(TORCH), "-P", str(ROOT / "benchmarks/torch_encoder.py"), str(folder())]
    env = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    with Popen(command, env=env, stdin=PIPE, stdout=PIPE, text=True) as process:
        yield partial(_ask, process)


def _ask(process: "Popen[str]", ids: list[int]) -> tuple[list[float], float]:
    assert process.stdin
    assert process.stdout
    print(json.dumps([ids, CALLS]), file=process.stdin, flush=True)
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"sentence-transformers ended with status {process.wait()}; it says why above")
    embedding, spent_ms = json.loads(line)
    return embedding, spent_ms


def opened(name: str) -> Run:
    """Open one of our graphs."""
    encoder = Encoder.open(str(FOLDER / name), (FOLDER / TOKENIZER).read_bytes(), threads=1)

    def run(ids: list[int]) -> tuple[list[float], float]:
        tokens = np.array([ids])
        begin = time.perf_counter()
        for _ in range(CALLS):
            embedding = encoder.run(tokens)
        return embedding.tolist(), (time.perf_counter() - begin) / CALLS * 1e3

    return run


def generated(tokens: int) -> list[int]:
    """Tokens of one text of random words."""
    words = np.random.default_rng(1).integers(*WORDS, size=tokens - 2)
    return [FIRST, *words.tolist(), LAST]


def check(runs: dict[str, Run]) -> None:
    """Raise RuntimeError unless all give nearly the same embedding. These first calls are not measured."""
    for tokens in WANTED:
        theirs, _ = runs["torch"](generated(tokens))
        for name, least in COSINE_MIN.items():
            cosine = float(np.dot(runs[name](generated(tokens))[0], theirs))
            if cosine < least:
                raise RuntimeError(f"{name}: cosine {cosine:.3f} to torch at {tokens} tokens, below {least}")


def measure(runs: dict[str, Run]) -> dict[int, dict[str, float]]:
    """Measure in turns, so that a noisy moment falls on all: median ms a call, by tokens and name."""
    spent: dict[int, dict[str, list[float]]] = {tokens: {name: [] for name in runs} for tokens in WANTED}
    for _ in track(range(ROUNDS), "rounds", console=Console(file=sys.stderr)):
        for tokens, by_name in spent.items():
            for name, run in runs.items():
                by_name[name].append(run(generated(tokens))[1])
    return {tokens: {name: median(ms) for name, ms in by_name.items()} for tokens, by_name in spent.items()}


def summary(spent: dict[int, dict[str, float]]) -> Table:
    """Milliseconds, and how many times faster INT8 is."""
    table = Table(title=f"Encoder, one text a call, one thread, median of {ROUNDS} rounds of {CALLS}")
    for heading in HEADINGS:
        table.add_column(heading, justify="right")
    for tokens, ms in spent.items():
        float_wanted, torch_wanted = WANTED[tokens]
        table.add_row(
            str(tokens),
            *(f"{value:.1f}" for value in ms.values()),
            f"{ms[FLOAT] / ms[INT8]:.1f}",
            float_wanted,
            f"{ms['torch'] / ms[INT8]:.1f}",
            torch_wanted,
        )
    return table


if __name__ == "__main__":
    main()
