"""The five steps, and the tickets that they are made with."""

import csv
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import numpy as np

from coldframe.errors import ColdframeError, ManifestError
from coldframe.manifest import KNOWLEDGE as KIND
from coldframe.triage.document import Document
from coldframe.triage.opening import KNOWLEDGE
from coldframe.triage.vectors import EMBEDDINGS
from models.forge.crossfit import Progress
from models.forge.knowledge.safety import rule
from models.forge.knowledge.safety.assets import missing, stale
from models.forge.knowledge.safety.damage import corrupt
from models.forge.knowledge.safety.measure import measure
from models.forge.knowledge.safety.rule import Safety
from models.forge.knowledge.safety.shelf import faults
from models.forge.knowledge.safety.slot import broken_versions, gone
from models.forge.version import Version

SAMPLE_MAX_COUNT = 200
_SEED = 0


def safety(version: Version, tickets: Sequence[str], progress: Progress) -> Safety:
    """Make the safety run of a version, on at least one ticket.

    Raises `ManifestError` where it is no knowledge base or has no stored embeddings, `ArtifactError` where it
    cannot be opened as it is, FileNotFoundError where the encoder's graphs were not built.
    """
    manifest = version.manifest
    _check(version)
    lacking, outdated, damaged = (list(make(version)) for make in (missing, stale, corrupt))
    broken = broken_versions(version)
    measured = measure(version, tickets, progress)
    steps = (
        rule.same_answers(measured),
        rule.timings(measured),
        rule.missing_assets(list(faults(lacking, "Leaving files out", progress)), len(lacking), measured),
        rule.stale_assets(list(faults(outdated, "Exchanging files", progress)), len(outdated)),
        rule.corrupt_assets(
            list(faults(damaged, "Damaging files", progress)),
            len(damaged),
            list(gone(version, broken, tickets[0], progress)),
            len(broken),
        ),
    )
    return Safety(f"{manifest.name} {manifest.version}", steps)


def tickets_of(version: Version, home: Path) -> list[str]:
    """The texts of held_out.csv in the model's folder; without it a sample of the document's phrasings."""
    held_out = home / "held_out.csv"
    if held_out.exists():
        return _texts(held_out)
    _check(version)
    problems = Document.parse(version.files[KNOWLEDGE]).problems
    phrasings = list(chain.from_iterable(problem.phrasings for problem in problems))
    places = np.random.default_rng(_SEED).permutation(len(phrasings))[:SAMPLE_MAX_COUNT]
    return [phrasings[place] for place in places]


def _texts(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        texts = [row.get("text") or "" for row in csv.DictReader(file)]
    if not any(texts):
        raise ColdframeError(f"{path} has no texts: name their column text, or remove the file.")
    return [text for text in texts if text]


def _check(version: Version) -> None:
    manifest = version.manifest
    if manifest.kind != KIND:
        raise ManifestError(f"{manifest.name} is of kind {manifest.kind}, and the safety run of {KIND}.")
    if EMBEDDINGS not in version.files:
        raise ManifestError(
            f"{manifest.name} has no {EMBEDDINGS}, which the run compares with computing them: "
            "coldframe kb build makes it."
        )
