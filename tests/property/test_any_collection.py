"""Whatever is live, was live, is borrowed or is new: `coldframe gc` never lists it, and lists all else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from coldframe.aliases import Aliases
from coldframe.changes import ENVIRONMENTS, Target
from coldframe.errors import ChangeRefused
from coldframe.manifest import FileEntry, Manifest
from coldframe.registry import version_prefix
from coldframe.store import Listed
from models.forge.stock import Stocked
from models.forge.unneeded import INCOMPLETE_DAYS, UNUSED_DAYS, unneeded
from tests import made

NOW = datetime(2026, 6, 1, tzinfo=UTC)
NAMES = ("alpha", "beta", "parts")
VERSIONS = tuple(f"v1.{number}.0" for number in range(12))
owners = st.sampled_from([f"{name}/{version}" for name in NAMES for version in VERSIONS])
versions = st.sampled_from(VERSIONS)
steps = st.tuples(
    st.sampled_from(["promote", "rollback", "try", "withdraw"]), st.sampled_from(ENVIRONMENTS), versions
)


@st.composite
def stocked(draw: st.DrawFn, name: str) -> list[Stocked]:
    return [_stocked(draw, name, version) for version in draw(st.sets(versions))]


def _stocked(draw: st.DrawFn, name: str, version: str) -> Stocked:
    written = NOW - timedelta(days=draw(st.floats(0, 20)))
    key = version_prefix(name, version)
    objects = (Listed(f"{key}weights.npz", 1, written - timedelta(days=1)), Listed(f"{key}x", 2, written))
    manifest = _manifest(name, version, draw(st.lists(owners, max_size=2))) if draw(st.booleans()) else None
    return Stocked(name, version, objects, manifest)


def _manifest(name: str, version: str, borrowed: list[str]) -> Manifest:
    files = tuple(FileEntry(f"f{number}", 1, "0" * 64, owner) for number, owner in enumerate(borrowed))
    return replace(made.manifest(version, b""), name=name, files=files)


@st.composite
def documents(draw: st.DrawFn) -> Aliases:
    document = Aliases()
    for action, environment, version in draw(st.lists(steps, max_size=30)):
        target = Target(version, "0" * 64)
        try:
            document = _changed(document, action, environment, target)
        except ChangeRefused:
            continue
    return document


def _changed(document: Aliases, action: str, environment: str, target: Target) -> Aliases:
    if action == "promote":
        return document.promoted(environment, target, made.NOTE)
    if action == "rollback":
        earlier = document.line(environment)
        return document.rolled_back(environment, earlier[-1], made.NOTE) if earlier else document
    if action == "try":
        return document.tried(environment, target, 5, made.NOTE)
    return document.withdrawn(environment, made.NOTE)


def needed_live(document: Aliases) -> set[str]:
    """What serves, or may be gone back to."""
    found: set[str] = set()
    for environment in ENVIRONMENTS:
        found |= {target.version for target in document.line(environment)}
        if trial := document.trial(environment):
            found.add(trial.target.version)
    return found


@given(
    st.tuples(*(stocked(name) for name in NAMES)).map(
        lambda lists: [one for found in lists for one in found]
    ),
    st.fixed_dictionaries({name: documents() for name in NAMES}),
)
def test_nothing_needed_is_listed_and_all_else_is(all_of: list[Stocked], aliases: dict[str, Aliases]) -> None:
    listed = {one.stocked.owner for one in unneeded(all_of, aliases, NOW)}
    lent = {entry.owner for one in all_of if one.manifest for entry in one.manifest.files}
    assert not listed & lent
    for name in NAMES:
        assert not listed & {f"{name}/{version}" for version in needed_live(aliases[name])}
        complete = [one for one in all_of if one.name == name and one.manifest]
        newest = max(complete, key=lambda one: int(one.version.split(".")[1]), default=None)
        for one in all_of:
            if one.name != name:
                continue
            named = f'"{one.version}"' in aliases[name].to_bytes().decode()
            young = NOW - one.written <= timedelta(days=UNUSED_DAYS if one.manifest else INCOMPLETE_DAYS)
            kept = named or young or one is newest or one.owner in lent
            assert (one.owner in listed) is not kept
