"""From a model's folder to a version: what training wrote there, described by a manifest."""

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from coldframe.manifest import ENCODER, KNOWLEDGE, LINEAR_TEXT, FileEntry, Manifest
from models.forge.figures import OWN_ROWS

MODELS = Path(__file__).parent.parent
_TRAINED = ("rows", "terms", "figures", "calibration")


@dataclass(frozen=True)
class Version:
    """A manifest, and the bytes of the files that it lists."""

    manifest: Manifest
    files: Mapping[str, bytes]


def names() -> list[str]:
    """Return the names of the models that have a recipe here, those that others borrow from first."""
    found = sorted(path.parent.name for path in MODELS.glob("*/model.toml"))
    return sorted(found, key=lambda name: kind(name) != ENCODER)


def served() -> list[str]:
    """Return the names of those that answer by themselves."""
    return [name for name in names() if kind(name) != ENCODER]


def kind(name: str) -> str:
    """Return the kind of a model that has a recipe here."""
    found: str = _facts(MODELS / name)["kind"]
    return found


def terms(name: str) -> str:
    """Return the terms that model.toml states of what a model is made of; without any, the user's own."""
    stated: str = _facts(MODELS / name).get("terms", OWN_ROWS)
    return stated


def draft(home: Path, labels: tuple[str, ...]) -> Manifest:
    """Return what is known of the model in this folder before it is trained to tell these labels apart."""
    facts = _facts(home)
    return Manifest(
        name=home.name,
        version=facts["version"],
        kind=facts["kind"],
        files=(),
        labels=labels,
        features=facts.get("features", "characters"),
        verdict=facts.get("verdict", {}),
        alarm=facts.get("alarm", {}),
        outcomes=tuple(facts.get("outcomes", ())),
        input=facts["input"],
        smoke=tuple(
            one for one in facts.get("smoke", ()) if one["label"] in labels
        ),  # of one's own, no others
    )


def read_version(name: str, folder: Path | None = None, version: str | None = None) -> Version:
    """Read a version of the model in models/`name`, as `version_in` does."""
    return version_in(MODELS / name, folder, version)


def version_in(home: Path, folder: Path | None = None, version: str | None = None) -> Version:
    """Read what model.toml says, and what training left beside it or in `folder`.

    `version` (v1.2.3) stands in for the one of model.toml. Raises `ManifestError` when what is said does not
    make a manifest, `FileNotFoundError` when the model was never trained.
    """
    facts = _facts(home)
    default = MODELS.parent / facts["folder"] if "folder" in facts else home
    made = _READERS[facts["kind"]](home, folder or default)
    manifest = replace(made.manifest, version=version or made.manifest.version)
    return Version(Manifest.parse(manifest.to_bytes()), made.files)


def _linear_text(home: Path, folder: Path) -> Version:
    trained = _trained(folder)
    files = {file: (folder / file).read_bytes() for file in _facts(home)["files"]}
    manifest = replace(
        draft(home, tuple(trained["labels"])),
        files=_entries(files),
        calibration=trained["calibration"]["kind"],
        thresholds=trained["thresholds"],
        metrics={key: trained[key] for key in _TRAINED},
        made_with=trained["made_with"],
        parity=trained["parity"],
    )
    return Version(manifest, files)


def _encoder(home: Path, folder: Path) -> Version:
    from models.encoder.shipped import read_shipped  # this kind alone needs what it imports

    shipped = read_shipped(home, folder)
    manifest = replace(
        draft(home, ()),
        files=_entries(shipped.files),
        metrics={"terms": _facts(home)["terms"]},
        made_with=shipped.made_with,
        parity=shipped.parity,
    )
    return Version(manifest, shipped.files)


def _knowledge(home: Path, folder: Path) -> Version:
    from models.forge.knowledge.files import read_files

    trained, encoder = _trained(folder), read_version("encoder")
    own = read_files(folder)
    owner = f"{encoder.manifest.name}/{encoder.manifest.version}"
    borrowed = tuple(replace(entry, owner=owner) for entry in encoder.manifest.files)
    manifest = replace(
        draft(home, tuple(trained["labels"])),
        files=(*_entries(own), *borrowed),
        thresholds=trained["thresholds"],
        metrics={key: trained[key] for key in _TRAINED if key in trained},
        made_with=trained["made_with"],
        parity=encoder.manifest.parity,
    )
    return Version(manifest, {**own, **encoder.files})


_READERS: dict[str, Callable[[Path, Path], Version]] = {
    LINEAR_TEXT: _linear_text,
    ENCODER: _encoder,
    KNOWLEDGE: _knowledge,
}


def _entries(files: Mapping[str, bytes]) -> tuple[FileEntry, ...]:
    return tuple(FileEntry.of(file, data) for file, data in files.items())


def _trained(folder: Path) -> dict[str, Any]:
    trained: dict[str, Any] = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    return trained


def _facts(home: Path) -> dict[str, Any]:
    return tomllib.loads((home / "model.toml").read_text(encoding="utf-8"))
