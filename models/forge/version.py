"""From a model's folder to a version: what training wrote there, described by a manifest."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from coldframe.manifest import FileEntry, Manifest

MODELS = Path(__file__).parent.parent


@dataclass(frozen=True)
class Version:
    """A manifest, and the bytes of the files that it lists."""

    manifest: Manifest
    files: Mapping[str, bytes]


def names() -> list[str]:
    """Return the names of the models that have a recipe here."""
    return sorted(path.parent.name for path in MODELS.glob("*/model.toml"))


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
    )


def read_version(name: str, folder: Path | None = None, version: str | None = None) -> Version:
    """Read a version of the model in models/`name`, as `version_in` does."""
    return version_in(MODELS / name, folder, version)


def version_in(home: Path, folder: Path | None = None, version: str | None = None) -> Version:
    """Read what model.toml says, and what training left beside it or in `folder` (weights, metrics.json).

    `version` (v1.2.3) stands in for the one of model.toml. Raises `ManifestError` when what is said does not
    make a manifest, `FileNotFoundError` when the model was never trained.
    """
    folder = folder or home
    trained = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    files = {file: (folder / file).read_bytes() for file in _facts(home)["files"]}
    made = draft(home, tuple(trained["labels"]))
    manifest = replace(
        made,
        version=version or made.version,
        files=tuple(FileEntry.of(file, data) for file, data in files.items()),
        calibration=trained["calibration"]["kind"],
        thresholds=trained["thresholds"],
        metrics={key: trained[key] for key in ("rows", "terms", "figures", "calibration")},
        made_with=trained["made_with"],
        parity=trained["parity"],
    )
    return Version(Manifest.parse(manifest.to_bytes()), files)


def _facts(home: Path) -> dict[str, Any]:
    return tomllib.loads((home / "model.toml").read_text(encoding="utf-8"))
