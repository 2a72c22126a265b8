"""A CSV of tickets through the local cloud, against the bare encoder on the same texts."""

import asyncio
import csv
import io
import time
from random import Random
from statistics import median

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.batch import ENVIRONMENT_ENDS_SECONDS, Scored, score
from benchmarks.harness import ROOT
from coldframe.encoder import GRAPH, TOKENIZER, Encoder
from infra.cli.place import local_place
from infra.local.cloud import LocalCloud
from infra.local.settings import Settings
from models.forge.noted import noted
from models.forge.publish import publish
from models.forge.version import read_version

ROWS = 10_000
ROUNDS = 3
WORDS = (15, 25)  # of a ticket: 20 on average
WANTED = 0.90
HELD_OUT = ROOT / "models/tickets/held_out.csv"


async def measure(console: Console) -> None:
    """Print rates of both, in turns, and their ratio."""
    shipped, texts = read_version("tickets"), generated()
    encoder = Encoder.open(shipped.files[GRAPH], shipped.files[TOKENIZER], threads=1)
    ours: list[Scored] = []
    bare: list[float] = []
    settings = Settings(port=0, idle_seconds=ENVIRONMENT_ENDS_SECONDS)
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("files of tickets", total=2 * ROUNDS)
        async with LocalCloud(ROOT, settings) as cloud:
            place = local_place(cloud.aws_url)
            await asyncio.to_thread(
                publish, place.store(), shipped.manifest, shipped.files, noted("to measure")
            )
            for _ in range(ROUNDS):
                ours.append(await score(cloud, place, written(texts), ROWS, "tickets"))
                bar.advance(task)
                bare.append(await asyncio.to_thread(embed, encoder, texts))
                bar.advance(task)
    say(console, ours, bare)


def generated() -> list[str]:
    """Tickets of the words of two held-out ones, cut at a random length."""
    random = Random(1)
    with HELD_OUT.open(encoding="utf-8", newline="") as file:
        known = [row["text"] for row in csv.DictReader(file)]
    pairs = (random.sample(known, 2) for _ in range(ROWS))
    return [" ".join(" ".join(pair).split()[: random.randint(*WORDS)]) for pair in pairs]


def written(texts: list[str]) -> bytes:
    """A CSV of an id and the texts."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows([("id", "text"), *enumerate(texts)])
    return file.getvalue().encode()


def embed(encoder: Encoder, texts: list[str]) -> float:
    """Embed text by text; return texts a second."""
    begin = time.perf_counter()
    for text in texts:
        encoder.embed(text)
    return len(texts) / (time.perf_counter() - begin)


def say(console: Console, ours: list[Scored], bare: list[float]) -> None:
    """Print the table, and what was wanted."""
    rate, usual = median(one.rate for one in ours), median(bare)
    table = Table(title=f"A CSV of {ROWS:,} tickets of 20 words, median of {ROUNDS} cold starts")
    for heading in ("", "rows a second", "seconds"):
        table.add_column(heading, justify="right" if heading else "left")
    table.add_row("dropped → reported", f"{rate:,.0f}", f"{ROWS / rate:.1f}")
    table.add_row("bare encoder, a text a call", f"{usual:,.0f}", f"{ROWS / usual:.1f}")
    console.print(table)
    console.print(f"ratio: {rate / usual:.2f} (at least {WANTED:.2f} wanted)")
    peak = max(one.peak_bytes for one in ours) / 1e6
    console.print(f"largest peak RSS: {peak:.0f} MB; seconds {ours[-1].spent}")
