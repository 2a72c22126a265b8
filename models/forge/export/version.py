"""A fitted classifier → a version of the kind that scores rows of features, in a folder."""

import platform
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

from coldframe.features import GRAPH, open_features
from coldframe.manifest import FEATURE_ROWS, FileEntry, Manifest
from models.forge.export import from_torch
from models.forge.export.graph import stored
from models.forge.export.held_out import HeldOut, figures
from models.forge.export.parent import Parent
from models.forge.export.parity import compare, random_rows, rows_around
from models.forge.figures import OWN_ROWS
from models.forge.folder import make_writable
from models.forge.version import Version

MANIFEST = "manifest.json"
_LIBRARIES = ("numpy", "onnx", "onnxruntime")


def draft(name: str, version: str, features: Sequence[str], labels: Sequence[str]) -> Manifest:
    """Return what is known before anything is converted. Raises `ManifestError` when it makes no manifest."""
    manifest = Manifest(
        name=name,
        version=version,
        kind=FEATURE_ROWS,
        files=(),
        labels=tuple(labels),
        input={"features": list(features)},
    )
    return Manifest.parse(manifest.to_bytes())


def export(model: Any, manifest: Manifest, held_out: HeldOut | None = None) -> Version:
    """Convert a scikit-learn classifier or a torch module, and hold it to what it was made from.

    Raises `ExportRefused` when it cannot be converted or answers otherwise, `ArtifactError` when the runtime
    would not open it.
    """
    parent = _parent(model, manifest)
    data = stored(parent.graph, len(manifest.feature_names), len(manifest.labels))
    opened = open_features(manifest, {GRAPH: data})
    rows = random_rows(len(manifest.feature_names)) if held_out is None else rows_around(held_out.rows)
    parity = compare(opened, parent.scores, rows)
    measured = [] if held_out is None else figures(held_out, opened.scores(held_out.rows))
    whole = replace(
        manifest,
        files=(FileEntry.of(GRAPH, data),),
        metrics={"terms": OWN_ROWS, "figures": [figure._asdict() for figure in measured]},
        made_with={
            "python": platform.python_version(),
            **{name: installed(name) for name in (*_LIBRARIES, *parent.libraries)},
        },
        parity=parity._asdict(),
    )
    return Version(whole, {GRAPH: data})


def write(version: Version, folder: Path) -> None:
    """Write the files, then the manifest, into the folder. Raises `UnusableFolder`."""
    make_writable(folder)
    for name, data in version.files.items():
        (folder / name).write_bytes(data)
    (folder / MANIFEST).write_bytes(version.manifest.to_bytes())


def _parent(model: Any, manifest: Manifest) -> Parent:
    if from_torch.is_module(model):
        return from_torch.parent(model, manifest.feature_names, manifest.labels)
    from models.forge.export import from_sklearn  # takes a second to import

    return from_sklearn.parent(model, manifest.feature_names, manifest.labels)
