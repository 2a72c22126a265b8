"""`coldframe versions` and `latest`: what is published of a model."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from coldframe.aliases import Aliases
from coldframe.changes import CHALLENGER, ENVIRONMENTS, PRODUCTION
from coldframe.manifest import Manifest
from infra.cli.options import Published, Stack
from infra.cli.place import place
from infra.cli.registry.words import minute, share
from models.forge.catalog import Entry, aliases_or_none, entries
from models.forge.catalog import latest as latest_version


def versions(name: Published, stack: Stack = None) -> None:
    """List the versions of a model, oldest first: state, size, gate, main figures.

    A version is incomplete, published, or it is the champion or the challenger, with its share of the
    traffic, of an environment. It was published when its manifest was last written.

    [bold]Examples[/]

    coldframe versions sentiment

    coldframe versions tickets --stack coldframe-dev
    """
    where = place(stack)
    store = where.store()
    table = Table(title=f"{name} in {where.stack}")
    for heading in ("version", "state", "published (UTC)", "size", "gate", "measured"):
        table.add_column(heading, justify="right" if heading == "size" else "left")
    table.columns[0].no_wrap = table.columns[3].no_wrap = True
    table.columns[-1].overflow = "fold"
    aliases = aliases_or_none(store, name)
    for entry in entries(store, name):
        table.add_row(*_row(entry, aliases))
    Console(highlight=False).print(table)


def latest(name: Published, stack: Stack = None) -> None:
    """Print the newest published version of a model, and nothing else.

    [bold]Examples[/]

    coldframe latest sentiment

    coldframe canary sentiment "$(coldframe latest sentiment)"
    """
    print(latest_version(place(stack).store(), name))  # noqa: T201 - for programs, not for the console


def state(entry: Entry, aliases: Aliases) -> str:
    """Return what a version is, a line for each environment that it is something in."""
    lines = []
    for environment in ENVIRONMENTS:
        prefix = "" if environment == PRODUCTION else f"{environment} "
        champion, trial = aliases.champion(environment), aliases.trial(environment)
        if champion and champion.version == entry.version:
            lines.append(f"{prefix}champion")
        if trial and trial.target.version == entry.version:
            lines.append(f"{prefix}{CHALLENGER} {share(trial.percent)}")
    if entry.manifest is None:
        lines.insert(0, entry.problem)
    return "\n".join(lines) or "published"


def gate(manifest: Manifest) -> str:
    """Return the gate's verdict; a version that was not quantized has none."""
    return str(manifest.parity.get("verdict", "none"))


def megabytes(manifest: Manifest) -> str:
    """Return the size of a version's files, those of other versions too."""
    return f"{sum(entry.size for entry in manifest.files) / 1e6:.2f} MB"


def main_figures(manifest: Manifest) -> str:
    """Return the first figure on each set of data, a line each, as rich prints it; show has them all."""
    first: dict[str, str] = {}
    for figure in manifest.metrics.get("figures", []):
        first.setdefault(figure["dataset"], f"{figure['metric']} {figure['value']:.3f}")
    return escape("\n".join(f"{figure} ({dataset})" for dataset, figure in first.items()))


def _row(entry: Entry, aliases: Aliases) -> tuple[str, ...]:
    published = minute(entry.published) if entry.published else ""
    facts = _facts(entry.manifest) if entry.manifest else ("", "", "")
    return (entry.version, escape(state(entry, aliases)), published, *facts)


def _facts(manifest: Manifest) -> tuple[str, str, str]:
    return megabytes(manifest), gate(manifest), main_figures(manifest)
