"""Two versions' figures on held-out data, side by side."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from coldframe.manifest import Manifest

LOWER_IS_BETTER = re.compile(r"\b(ece|rmse|mae|brier)", re.IGNORECASE)


class Pair(NamedTuple):
    """One figure of two versions; None where one does not state it."""

    dataset: str
    metric: str
    before: float | None
    after: float | None


def figures(manifest: Manifest) -> dict[tuple[str, str], float]:
    """Return a version's figures by dataset and metric."""
    return {(one["dataset"], one["metric"]): one["value"] for one in manifest.metrics.get("figures", [])}


def pairs(before: Manifest, after: Manifest) -> list[Pair]:
    """Return every figure that either states."""
    old, new = figures(before), figures(after)
    return [Pair(*key, old.get(key), new.get(key)) for key in dict.fromkeys([*old, *new])]


def worse_figures(candidate: Manifest, live: Manifest, margin: float) -> Iterator[str]:
    """Say which figures of a candidate are worse than the live version's by more than `margin`.

    Compared is what both state: the same metric on the same data.
    """
    for pair in pairs(live, candidate):
        if loss(pair) > margin:
            yield (
                f"{pair.metric} on {pair.dataset} is {pair.after:.3f}, and {pair.before:.3f} of "
                f"{live.version}, which is live: more than {margin:g} worse"
            )


def loss(pair: Pair) -> float:
    """Return by how much the second version is worse; below 0 it is better. 0 where one does not say."""
    if pair.before is None or pair.after is None:
        return 0.0
    lost = pair.before - pair.after
    return -lost if LOWER_IS_BETTER.search(pair.metric) else lost
