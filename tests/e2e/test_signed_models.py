"""A local cloud whose models must be signed, as a user starts it."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.names import LOCAL_NAMES
from models.forge.keys import KeyFile
from tests.e2e.running import Cloud
from tests.ports import two_free_ports


@pytest.fixture(scope="module")
def signed_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    key: Path = tmp_path_factory.mktemp("keys") / "key.pem"
    KeyFile.make(key)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLDFRAME_MODEL_KEY", str(key))
        running = Cloud(two_free_ports())
    yield running
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(20) == 0
    assert running.process.stdout is not None
    running.process.stdout.close()


def test_what_it_published_is_signed_and_served(signed_cloud: Cloud) -> None:
    status, health = signed_cloud.call("/sentiment/health")
    assert (status, health["status"]) == (200, "healthy")
    assert "-----BEGIN" not in "".join(signed_cloud.printed)


def test_a_version_without_its_signature_is_not_served(signed_cloud: Cloud) -> None:
    key = "models/moderation/v1.0.0/manifest.sig"
    signed_cloud.s3().delete_object(Bucket=LOCAL_NAMES["ModelBucket"], Key=key)
    status, health = signed_cloud.call("/moderation/health")
    assert (status, health["status"]) == (503, "unavailable")
    assert "moderation v1.0.0 is not signed, and must be" in health["message"]
