"""`coldframe threshold`: thresholds chosen anew from labelled rows, in a version with the same weights."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from rich.console import Console
from typer import Option

from coldframe.errors import ColdframeError, ObjectNotFound
from coldframe.loading import Stopwatch, fetch
from coldframe.manifest import Manifest
from coldframe.registry import read_aliases
from coldframe.store import Store
from infra.cli.notes import note
from infra.cli.options import Key, Model, Stack, signer_of
from infra.cli.place import place
from infra.cli.threshold.chosen import Chosen, choose_one, names_to_choose
from infra.cli.threshold.scored import read_scored, some
from infra.cli.threshold.show import summary, tables
from models.forge.noted import noted
from models.forge.objections import Terms
from models.forge.promote import promote
from models.forge.publish import next_version
from models.forge.publish import publish as publish_version
from models.forge.threshold.objectives import OBJECTIVES, objective

Data = Annotated[
    Path, Option(exists=True, dir_okay=False, help="What coldframe batch wrote for rows that you labelled.")
]


def threshold(
    name: Model,
    data: Data,
    aim: Annotated[str, Option("--objective", help=f"One of {', '.join(OBJECTIVES)}.")],
    beta: Annotated[float | None, Option(help="best-fbeta: how much more recall weighs.")] = None,
    miss: Annotated[float | None, Option(help="least-cost: what a miss costs.")] = None,
    false_alarm: Annotated[float | None, Option(help="least-cost: what a false alarm costs.")] = None,
    recall: Annotated[float | None, Option(help="precision-at-recall: the least recall.")] = None,
    of: Annotated[
        str | None, Option(help="One label, or the alarm; without it, all that have a threshold.")
    ] = None,
    truth: Annotated[str | None, Option(help="Your column with the truth; without it, label.")] = None,
    pictures: Annotated[Path | None, Option(help="Folder for pictures; without it, the data's.")] = None,
    version: Annotated[str | None, Option(help="v1.2.3; without it, the next after the newest.")] = None,
    why: Annotated[str, Option(help="What the history will say of it.")] = "coldframe threshold",
    key: Annotated[str | None, Option(help=f"Sign it. {Key}")] = None,
    stack: Stack = None,
) -> None:
    """Choose thresholds anew from your own labelled rows, and publish them, live, with the same weights.

    Score the rows first: coldframe batch leaves your columns as they are and adds
    its own. The truth is a label, or for the alarm also its name, or not and its
    name. A model that has no threshold yet gets one for every label and the alarm.

    [bold]Examples[/]

    coldframe batch labelled.csv --model moderation

    coldframe threshold moderation --data labelled.ID.csv --objective best-f1 --of abusive

    coldframe threshold moderation --data labelled.ID.csv --objective least-cost --miss 5 --false-alarm 1

    coldframe threshold moderation --data labelled.ID.csv --objective precision-at-recall --recall 0.6
    --of hate --truth judged_as --stack coldframe-dev --why "May's complaints"
    """
    given = {"beta": beta, "miss": miss, "false_alarm": false_alarm, "recall": recall}
    wanted = objective(aim, {number: value for number, value in given.items() if value is not None})
    where = place(stack)
    signer = signer_of(key, where) if key else None
    store, console = where.store(), Console(markup=False, emoji=False, highlight=False)
    manifest, files = _live(store, name, where.environment)
    names = names_to_choose(manifest, of)
    rows = read_scored(data, manifest, truth)
    if rows.left_out:
        note(f"Left out {len(rows.left_out):,} of the rows ({some(rows.left_out)}).")
    chosen = [choose_one(one, rows, manifest, wanted) for one in names]
    _show(console, chosen)
    _draw(console, chosen, pictures or data.parent, data.stem)
    thresholds = {**manifest.thresholds, **{one.threshold.name: one.threshold.as_dict() for one in chosen}}
    new = replace(manifest, version=version or next_version(store, name), thresholds=thresholds)
    reason, live_in = noted(why), where.environment
    target = publish_version(store, Manifest.parse(new.to_bytes()), files, reason, live_in, signer)
    promote(store, name, target.version, live_in, reason, Terms(must_be_signed=where.must_be_signed))
    console.print(
        f"{name} {target.version} is live in {where.stack}: the weights of {manifest.version}, and"
        f" {'thresholds' if len(chosen) > 1 else 'a threshold'} chosen anew.",
        soft_wrap=True,
    )


def _live(store: Store, name: str, environment: str) -> tuple[Manifest, dict[str, bytes]]:
    try:
        target = read_aliases(store, name)[0].champion(environment)
    except ObjectNotFound:
        target = None
    if target is None:
        raise ColdframeError(f"No model {name} is live: run coldframe publish {name}.")
    return fetch(store, name, target, Stopwatch())


def _show(console: Console, chosen: Iterable[Chosen]) -> None:
    for one in chosen:
        for table in tables(one.threshold, one.live):
            console.print(table)
        console.print(summary(one.threshold, one.live), soft_wrap=True)


def _draw(console: Console, chosen: Iterable[Chosen], folder: Path, stem: str) -> None:
    from models.forge.pictures import draw, write  # takes half a second, of which no other command needs any

    for one in chosen:
        name = one.threshold.name.replace("/", "%2F")
        for path in write(folder, f"{stem}.{name}", draw(one.threshold, one.labels, one.scores)):
            console.print(f"Written: {path}", soft_wrap=True)
