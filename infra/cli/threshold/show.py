"""A threshold as a person reads it: what it gives, beside 0.50 and what is live, and its matrices by name."""

from collections.abc import Iterator, Mapping

from rich.table import Table

from infra.cli.notes import printable
from infra.cli.threshold.chosen import Live
from models.forge.threshold.choose import Threshold
from models.forge.threshold.confusion import Confusion


def tables(chosen: Threshold, live: Live | None) -> Iterator[Table]:
    """Give the figures, then the matrices at the chosen threshold and at 0.50."""
    name = printable(chosen.name)
    columns = {f"chosen: {chosen.value:g}": chosen.at_value, "at 0.50": chosen.at_half}
    beside = {f"live: {live.value:g}": live.at} if live else {}
    yield _figures(f"{name}: {chosen.objective.words()}", columns | beside)
    for heading, at in columns.items():
        yield _matrix(f"{name}, {heading}", at.named(name))


def summary(chosen: Threshold, live: Live | None) -> str:
    """Say on what the threshold was chosen, how sure it is, and what it was."""
    low, high = chosen.interval
    at = chosen.at_value
    was = f"it was {live.value:g}" if live else "it had none before"
    return (
        f"{chosen.name}: {chosen.value:g}, {was}. Chosen on {at.rows:,} rows, {at.positives:,} of them"
        f" {chosen.name}; in 95% of resamples it lies between {low:.3f} and {high:.3f}."
    )


def _figures(title: str, columns: Mapping[str, Confusion]) -> Table:
    table = Table("", title=title)
    for heading in columns:
        table.add_column(heading, justify="right")
    for what, figures in {
        "precision": [_share(at.precision) for at in columns.values()],
        "recall": [_share(at.recall) for at in columns.values()],
        "F1": [_share(at.f1) for at in columns.values()],
        "alerts per 1,000": [f"{at.alerts_per_1000:,.1f}" for at in columns.values()],
        "misses": [f"{at.false_negative:,}" for at in columns.values()],
        "false alarms": [f"{at.false_positive:,}" for at in columns.values()],
    }.items():
        table.add_row(what, *figures)
    return table


def _matrix(title: str, named: Mapping[str, Mapping[str, int]]) -> Table:
    table = Table("", title=title)
    for heading in next(iter(named.values())):
        table.add_column(heading, justify="right")
    for actual, predicted in named.items():
        table.add_row(actual, *(f"{count:,}" for count in predicted.values()))
    return table


def _share(share: float | None) -> str:
    return "none flagged" if share is None else f"{share:.3f}"
