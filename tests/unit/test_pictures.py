"""Pictures of a threshold: small, labelled, always the same bytes, no matplotlib before they are drawn."""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from models.forge.pictures import draw, write
from models.forge.threshold.choose import choose
from models.forge.threshold.objectives import BestF1, LeastCost, Objective, PrecisionAtRecall
from tests.scored_rows import scored_rows

WORDS = {
    "precision-recall.svg": "recall: share of actual",
    "scores.svg": "share of the rows of that kind",
    "objective.svg": "in 95% of resamples",
    "reliability.svg": "right as often as the score says",
}
MAX_BYTES = 100_000


@pytest.mark.parametrize(
    ("name", "count", "objective"),
    [
        ("abusive", 50_000, BestF1()),
        ("攻撃的 $x^2$ <&>", 100, LeastCost(5.0, 1.0)),
        ("hate", 5_000, PrecisionAtRecall(0.99)),
    ],
)
def test_pictures_are_small_and_always_the_same(
    name: str, count: int, objective: Objective, tmp_path: Path
) -> None:
    labels, scores = scored_rows(count)
    threshold = choose(name, labels, scores, objective)
    drawn = draw(threshold, labels, scores)
    assert drawn.keys() == WORDS.keys()
    assert drawn == draw(threshold, labels, scores)
    for path in write(tmp_path / "new", "rows.x", drawn):
        assert path.stat().st_size <= MAX_BYTES
        words = " ".join(ElementTree.parse(path).getroot().itertext())
        assert name in words
        assert WORDS[path.name.removeprefix("rows.x.")] in words


def test_the_command_does_without_matplotlib() -> None:
    code = "import sys, infra.cli.main; sys.exit('matplotlib' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
