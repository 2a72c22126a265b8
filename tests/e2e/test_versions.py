"""A second version on the local cloud: published, tried, promoted, told of, and taken back."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from models.forge.version import read_version
from tests.e2e.running import Cloud


def said(cloud: Cloud, *words: str) -> str:
    done = cloud.command(*words)
    assert done.returncode == 0, done.stderr
    return " ".join((done.stdout + done.stderr).split())


def folder_of(version: str, into: Path) -> Path:
    """The shipped model once more, under another version, as a folder with its manifest."""
    made = read_version("sentiment", version=version)
    manifest = replace(made.manifest, made_with={"by": "a test"})
    into.mkdir()
    for name, data in {**made.files, "manifest.json": manifest.to_bytes()}.items():
        (into / name).write_bytes(data)
    return into


def test_a_version_from_a_folder_goes_the_way_to_champion_and_back(cloud: Cloud, tmp_path: Path) -> None:
    before = datetime.now(UTC).isoformat()
    published = said(cloud, "publish", str(folder_of("v1.1.0", tmp_path / "v1.1.0")))
    assert "not live: production stays at v1.0.0" in published
    said(cloud, "canary", "sentiment", "v1.1.0", "--percent", "50")
    assert "v1.1.0 (50%)" in said(cloud, "status", "sentiment")
    said(cloud, "promote", "sentiment", "v1.1.0", "--why", "the walk")
    assert "production champion: v1.0.0" in said(cloud, "history", "sentiment", "--at", before)
    now = datetime.now(UTC).isoformat()
    assert "production champion: v1.1.0" in said(cloud, "history", "sentiment", "--at", now)
    for environment in cloud.environments():  # those that come after it read the aliases at once
        environment.kill()
        environment.wait(10)
    assert cloud.call("/sentiment/predict", {"text": "良い"})[1]["model_version"] == "v1.1.0"
    assert "v1.1.0 → v1.0.0" in said(cloud, "rollback", "sentiment", "--why", "seen enough")
