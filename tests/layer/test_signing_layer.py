"""The layer that functions have besides where versions must be signed."""

import tomllib
from pathlib import Path

import pytest
from obstore.store import LocalStore

from coldframe.changes import Target
from coldframe.store import Store
from models.forge.keys import as_parameter
from models.forge.publish import publish
from tests import made
from tests.keys import new_key
from tests.layer.conftest import ROOT, BuildLayer, RunInLayer

RUNTIME = tomllib.loads((ROOT / "layers/runtime/layer.toml").read_text())
SIGNING = tomllib.loads((ROOT / "layers/signing/layer.toml").read_text())
LOAD = """
import sys
sys.path.insert(1, signing_layer)
from obstore.store import LocalStore
from coldframe.loading import Stopwatch, load
from coldframe.changes import Target
from coldframe.store import Store
model = load(Store(LocalStore(folder)), "sentiment", Target("v1.0.0", digest), Stopwatch())
print(model.manifest.version, "cryptography" in sys.modules)
"""


def test_it_weighs_no_more_than_its_limit(signing_layer: Path) -> None:
    total = sum(path.stat().st_size for path in signing_layer.rglob("*") if path.is_file())
    assert total <= SIGNING["unzipped_max_bytes"] == 20_000_000


def test_it_is_made_for_what_the_runtime_is_made_for() -> None:
    for setting in ("python", "glibc_minor_max", "machines"):
        assert SIGNING[setting] == RUNTIME[setting]


def test_it_has_nothing_that_the_runtime_has(layer: Path, signing_layer: Path) -> None:
    assert {path.name for path in layer.iterdir()} & {path.name for path in signing_layer.iterdir()} == set()


def test_licences_are_kept(signing_layer: Path) -> None:
    assert list(signing_layer.glob("cryptography-*.dist-info/licenses/LICENSE*"))
    assert list(signing_layer.glob("cffi-*.dist-info/licenses/LICENSE"))


def test_a_second_build_gives_the_same_bytes(
    signing_layer: Path, build_layer: BuildLayer, tmp_path: Path
) -> None:
    again = tmp_path / "again"
    built = build_layer(again, name="signing")
    assert built.returncode == 0, built.stderr
    files = (
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for folder in (signing_layer, again / "python")
    )
    assert next(files) == next(files)


@pytest.fixture
def version(tmp_path: Path) -> tuple[Target, str]:
    """A signed version in tmp_path, and the public key as the template has it."""
    key, data = new_key(), made.weights()
    store = Store(LocalStore(tmp_path))
    target = publish(store, made.manifest("v1.0.0", data), {"weights.npz": data}, made.NOTE, signer=key)
    return target, as_parameter(key)


@pytest.mark.parametrize("known", [True, False])
def test_with_it_the_runtime_checks_a_signature_on_lambdas_python(
    run_in_layer: RunInLayer, signing_layer: Path, tmp_path: Path, version: tuple[Target, str], known: bool
) -> None:
    target, public_key = version
    given = (
        f"signing_layer, folder, digest = {str(signing_layer)!r}, {str(tmp_path)!r}, "
        f"{target.manifest_sha256!r}\n"
    )
    keys = public_key if known else as_parameter(new_key())
    ran = run_in_layer(given + LOAD, env={"REQUIRE_SIGNATURE": "on", "MODEL_PUBLIC_KEYS": keys})
    if known:
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, "v1.0.0 True\n", "")
    else:
        assert "SignatureInvalid: the signature is by the key" in ran.stderr
