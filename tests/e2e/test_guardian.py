"""Versions on trial in the local cloud, under traffic: good ones are moved on, bad ones taken back."""

import json
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from threading import Event
from unittest.mock import ANY

import numpy as np
import pytest

from coldframe.changes import Change, Target
from coldframe.manifest import FileEntry, Manifest
from coldframe.registry import make_champion, read_aliases, read_history, version_prefix
from coldframe.store import Store
from coldframe.triage.heads import HEADS
from coldframe.triage.opening import KNOWLEDGE
from coldframe.triage.vectors import encoder_digest
from infra.local.names import LOCAL_NAMES
from models.forge.noted import noted
from models.forge.objections import Terms
from models.forge.promote import promote as make_live
from models.forge.promote import start_trial
from models.forge.publish import publish
from models.forge.version import Version, read_version
from tests import made, made_encoders, made_knowledge
from tests.e2e.running import Cloud
from tests.ports import two_free_ports

WINDOW_SECONDS, SCHEDULE_SECONDS, REFRESH_SECONDS = 7, 2, 1
PARAMETERS = (
    f"GuardianWindowSeconds={WINDOW_SECONDS},GuardianSchedule=rate({SCHEDULE_SECONDS} seconds),"
    f"AliasRefreshSeconds={REFRESH_SECONDS},GuardianCallsMinCount=20,GuardianSlowMs=25,LogInputs=on"
)
PATIENCE_SECONDS = 90
TEXTS = ("この商品は素晴らしいです！", "最悪の商品でした", "普通です", "また買います", "二度と買いません")
WORKERS = 4
PAUSE_SECONDS = 0.01  # of each: the local key takes 500 requests a second
Texts = Sequence[str]


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    running = Cloud(two_free_ports(), parameters=PARAMETERS)
    yield running
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(20) == 0
    assert running.process.stdout is not None
    running.process.stdout.close()


@dataclass
class Answers:
    """The statuses of all answers, and when the first by each version came."""

    statuses: set[int] = field(default_factory=set)
    first: dict[str, datetime] = field(default_factory=dict)

    def add(self, status: int, version: str) -> None:
        self.statuses.add(status)
        self.first.setdefault(version, datetime.now(UTC))


@contextmanager
def traffic(cloud: Cloud, path: str, texts: Texts) -> Iterator[Answers]:
    """Send requests with ever new keys."""
    stop, answers, keys = Event(), Answers(), count()

    def send() -> None:
        while not stop.wait(PAUSE_SECONDS):
            key = next(keys)
            sent = texts[key % len(texts)]
            headers = {"x-routing-key": f"customer {key}"}
            status, answer = cloud.call(path, {"text": sent}, headers=headers)
            answers.add(status, answer.get("model_version", ""))

    with ThreadPoolExecutor(WORKERS) as pool:
        sending = [pool.submit(send) for _ in range(WORKERS)]
        try:
            yield answers
        finally:
            stop.set()
            for one in sending:
                one.result()


def put(store: Store, version: str, data: bytes | None = None) -> Target:
    """Publish sentiment's own weights, or others, under another version."""
    shipped = read_version("sentiment", version=version)
    if data is None:
        return publish(store, shipped.manifest, shipped.files, noted("to see"))
    manifest = Manifest.parse(
        replace(made.manifest(version, data), labels=shipped.manifest.labels).to_bytes()
    )
    return publish(store, manifest, {"weights.npz": data}, noted("to see"))


def changes(store: Store, model: str = "sentiment") -> list[Change]:
    return [one for one in read_history(store, model) if one.by == "guardian"]


def check_in_time(store: Store, model: str, action: str, answers: Answers) -> None:
    """Two windows from a version's first answer, or from the change that nothing came of, are enough.

    An environment takes up to one refresh to follow the change, and the guardian comes by on its schedule.
    """
    made = [one for one in read_history(store, model) if one.action == action and one.by != "guardian"][-1]
    assert made.after is not None
    begun = answers.first.get(made.after.version, datetime.fromisoformat(made.at))
    spent = datetime.fromisoformat(changes(store, model)[-1].at) - begun
    assert spent.total_seconds() <= 2 * WINDOW_SECONDS + SCHEDULE_SECONDS + REFRESH_SECONDS


def wait_for(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < deadline, "the guardian never did it"
        time.sleep(0.5)  # there is nothing to wait on: a document changes


def test_a_good_version_reaches_everybody(cloud: Cloud) -> None:
    store = cloud.models()
    put(store, "v1.1.0")
    start_trial(store, "sentiment", "v1.1.0", 5, "production", noted("to see"))
    with traffic(cloud, "/sentiment/predict", TEXTS) as answers:
        wait_for(lambda: read_aliases(store, "sentiment")[0].champion() == Target("v1.1.0", ANY))
    done = changes(store)
    assert [(one.action, one.percent) for one in done] == [
        ("trial", 25),
        ("trial", 50),
        ("promote", None),
        ("promote", None),
    ]
    assert all(one.why.startswith("nothing against it in ") for one in done)
    assert answers.statuses == {200}
    assert answers.first.keys() == {"v1.0.0", "v1.1.0"}


def withdrawn(cloud: Cloud, version: str, percent: int, path: str, texts: Texts) -> str:
    """Put a version on trial under traffic; return why the guardian took it back, in time.

    No client noticed.
    """
    store, model = cloud.models(), path.split("/")[1]
    before = len(changes(store, model))
    start_trial(store, model, version, percent, "production", noted("to see"), Terms(force=True))
    with traffic(cloud, path, texts) as answers:
        wait_for(lambda: len(changes(store, model)) > before)
    assert read_aliases(store, model)[0].trial() is None
    assert answers.statuses == {200}
    done = changes(store, model)[-1]
    assert (done.action, done.before) == ("withdraw", Target(version, ANY))
    check_in_time(store, model, "trial", answers)
    return done.why


def test_a_version_that_cannot_be_opened_is_taken_back(cloud: Cloud) -> None:
    put(cloud.models(), "v1.2.0", made.weights(2))
    key = version_prefix("sentiment", "v1.2.0") + "weights.npz"
    cloud.s3().put_object(Bucket=LOCAL_NAMES["ModelBucket"], Key=key, Body=made.weights(3))
    why = withdrawn(cloud, "v1.2.0", 5, "/sentiment/predict", TEXTS)
    assert why.startswith("it could not be opened")


def test_a_version_that_knows_one_label_only_is_taken_back(cloud: Cloud) -> None:
    put(cloud.models(), "v1.3.0", made.one_label())
    why = withdrawn(cloud, "v1.3.0", 25, "/sentiment/predict", TEXTS)
    assert "its labels are others" in why


def tickets(version: str, encoder: dict[str, bytes]) -> Version:
    """A small knowledge base of its own on an encoder of its own."""
    entries = tuple(FileEntry.of(name, data) for name, data in encoder.items())
    made_by = np.frombuffer(encoder_digest(entries), np.uint8)
    own = {
        KNOWLEDGE: json.dumps(made_knowledge.CONTENT).encode(),
        HEADS: made_knowledge.heads(made_by=made_by),
    }
    of_own = tuple(FileEntry.of(name, data) for name, data in own.items())
    manifest = replace(made_knowledge.manifest(own, version), files=(*of_own, *entries))
    return Version(Manifest.parse(manifest.to_bytes()), own | encoder)


@pytest.fixture(scope="module")
def good_tickets(cloud: Cloud) -> None:
    """A champion of tickets that answers within some ms."""
    good = tickets("v2.0.0", made_knowledge.encoder_files())
    publish(cloud.models(), good.manifest, good.files, noted("to see"))
    make_live(cloud.models(), "tickets", "v2.0.0", "production", noted("to see"), Terms(force=True))


@pytest.mark.usefixtures("good_tickets")
def test_a_slow_version_is_taken_back(cloud: Cloud) -> None:
    slow = tickets("v2.1.0", made_encoders.slow(made_knowledge.encoder_files()))
    publish(cloud.models(), slow.manifest, slow.files, noted("to see"))
    why = withdrawn(cloud, "v2.1.0", 50, "/tickets/classify", ["The printer is out of paper."])
    assert "of its calls took over 25 ms" in why
    assert "failed" not in why


@pytest.mark.usefixtures("good_tickets")
def test_a_version_that_fails_on_some_inputs_is_taken_back(cloud: Cloud) -> None:
    """It opens, answers short tickets, and raises on long ones: those the champion answers."""
    failing = tickets("v2.2.0", made_encoders.short_sighted(made_knowledge.encoder_files()))
    publish(cloud.models(), failing.manifest, failing.files, noted("to see"))
    short = "The printer is out of paper."
    why = withdrawn(cloud, "v2.2.0", 50, "/tickets/classify", [short, short, " ".join([short] * 10)])
    assert "of its calls failed" in why


def test_a_shadow_that_disagrees_is_taken_back_and_has_answered_nobody(cloud: Cloud) -> None:
    put(cloud.models(), "v1.4.0", made.weights(4))
    why = withdrawn(cloud, "v1.4.0", 0, "/sentiment/predict", TEXTS)
    assert "inputs get another label" in why


def test_a_new_champion_that_cannot_be_opened_is_rolled_back(cloud: Cloud) -> None:
    store = cloud.models()
    live = read_aliases(store, "sentiment")[0].champion()
    data = made.weights(5)
    target = put(store, "v1.5.0", data)
    key = version_prefix("sentiment", "v1.5.0") + "weights.npz"
    cloud.s3().put_object(Bucket=LOCAL_NAMES["ModelBucket"], Key=key, Body=made.weights(6))
    make_champion(store, "sentiment", target, noted("without a check"))
    with traffic(cloud, "/sentiment/predict", TEXTS) as answers:
        wait_for(lambda: changes(store)[-1].action == "rollback")
    check_in_time(store, "sentiment", "promote", answers)
    assert read_aliases(store, "sentiment")[0].champion() == live
    assert answers.statuses == {200}
