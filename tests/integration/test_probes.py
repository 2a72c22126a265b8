"""Whatever becomes of the process that tries a version, the one that asked has an answer, in time."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from onnx import helper

from coldframe import limits
from coldframe.catalog.probing import Probes
from coldframe.changes import Target
from coldframe.features import GRAPH
from coldframe.registry import file_key, manifest_key, published_target
from coldframe.store import Store
from models.forge.publish import publish
from tests import made, made_features, made_knowledge
from tests.handlers import variables

TARGET = Target("v1.0.0", "0" * 64)
ANSWERED = """print('{"problem": null}', flush=True)"""
GREEDY = """
from coldframe import loading
from coldframe.catalog import probe
loading.open_files = lambda manifest, files: [bytearray(2**28) for _ in range(64)]
import sys
probe.main(*sys.argv[1:])
"""

NOISY = """
from coldframe import loading
from coldframe.catalog import probe
loading.check_version = print
import sys
probe.main(*sys.argv[1:])
"""


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    before = psutil.Process().children(recursive=True)
    yield
    assert [child for child in psutil.Process().children(recursive=True) if child not in before] == []


@pytest.fixture
def store(aws: str, bucket: str, monkeypatch: pytest.MonkeyPatch) -> Store:
    for name, value in variables(aws, bucket).items():
        monkeypatch.setenv(name, value)
    return Store.open(bucket)


def problem(code: str, target: Target = TARGET) -> str | None:
    """What is said of a version whose process runs this instead."""
    return Probes([sys.executable, "-P", "-c", code]).problem("sentiment", target)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import os; os.kill(os.getpid(), 11)", "by signal 11 (Segmentation fault)"),
        ("import os; os.kill(os.getpid(), 9)", "by signal 9 (Killed)"),
        ("import os; os.kill(os.getpid(), 40)", "by signal 40"),
        ("import sys; sys.exit(3)", "with exit status 3"),
        ("", "with exit status 0"),
        ("print('{}')", "no answer that can be read"),
        ("print('[' * 9_999)", "no answer that can be read"),
        (ANSWERED.replace("null", "3"), "no answer that can be read"),
        ("import os; os.write(1, b'z' * 100)", "no answer that can be read"),
        ("while True: print('x' * 99_999, end='')", "no answer that can be read"),
    ],
)
def test_a_process_that_ends_badly_or_prints_rubbish(code: str, said: str) -> None:
    assert said in (problem(code) or "")


@pytest.mark.parametrize(
    "code",
    [
        "import time; time.sleep(60)",
        "import time; print('{', end='', flush=True); time.sleep(60)",
        "import os, time; os.close(1); time.sleep(60)",
        "import signal; signal.signal(15, signal.SIG_IGN)\nwhile True: pass",
    ],
)
def test_a_process_that_hangs_is_ended(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PROBE_SECONDS", 0.5)
    assert problem(code) == "it was not ready within 0.5 seconds"


def test_a_process_that_hangs_after_its_answer_is_not_waited_for() -> None:
    assert problem(f"{ANSWERED}; import time; time.sleep(60)") is None


def test_a_program_that_cannot_be_started() -> None:
    assert "could be started" in (Probes(["/no/such/program"]).problem("sentiment", TARGET) or "")


def test_a_version_that_takes_too_much_memory(store: Store) -> None:
    target = made.published(store, "v1.0.0")
    assert problem(GREEDY, target) == (
        f"it takes more than the {limits.PROBE_MEMORY_MAX_BYTES:,} bytes of memory that a trial may take"
    )


def test_what_libraries_print_is_no_answer(store: Store) -> None:
    target = made.published(store, "v1.0.0")
    assert problem(NOISY, target) is None


def test_a_triage_with_its_encoder_fits_into_the_memory(store: Store) -> None:
    target = made_knowledge.published(store, "v1.0.0")
    assert Probes().problem("tickets", target) is None


def test_a_model_of_features_is_sound_once_it_opens(store: Store) -> None:
    data = made_features.graph()
    target = publish(store, made_features.manifest(data), {GRAPH: data}, made.NOTE)
    assert Probes().problem("boxes", target) is None
    constant = made_features.graph([helper.make_node("MatMul", ["features", "weights"], ["probabilities"])])
    unfit = made_features.manifest(constant, "v2.0.0")
    store.create(manifest_key("boxes", "v2.0.0"), unfit.to_bytes())
    store.create(file_key("boxes", "v2.0.0", unfit.files[0]), constant)
    target = published_target(store, "boxes", "v2.0.0")
    assert "it must give the probabilities" in (Probes().problem("boxes", target) or "")


def test_it_finds_the_runtime_where_this_process_has_it(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in Lambda, where the layer is on sys.path and no variable says so."""
    target = made.published(store, "v1.0.0")
    monkeypatch.delenv("PYTHONPATH", raising=False)
    own = tmp_path / "coldframe/catalog"
    own.mkdir(parents=True)
    (own / "probe.py").write_text('print(\'{"problem": "another runtime"}\')')
    for package in (own, own.parent):
        (package / "__init__.py").touch()
    monkeypatch.setattr(sys, "path", ["", str(tmp_path), *sys.path])
    assert Probes().problem("sentiment", target) == "another runtime"
    assert "PYTHONPATH" not in os.environ


def test_what_came_of_it_is_kept_for_a_while(tmp_path: Path) -> None:
    counted = tmp_path / "count"
    code = f"open({str(counted)!r}, 'a').write('x'); {ANSWERED}"
    now = [0.0]
    probes = Probes([sys.executable, "-c", code], lambda: now[0])
    for at in (0.0, limits.PROBE_KEPT_SECONDS - 0.1, limits.PROBE_KEPT_SECONDS, 999.0):
        now[0] = at
        assert probes.problem("sentiment", TARGET) is None
    assert counted.read_text() == "xxx"
    assert probes.problem("sentiment", Target("v1.0.1", "0" * 64)) is None
    assert counted.read_text() == "xxxx"


def test_only_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PROBES_KEPT_MAX_COUNT", 2)
    probes = Probes(["/bin/false"])
    for at in range(5):
        probes.problem("sentiment", Target(f"v1.0.{at}", ""))
    assert [target.version for _, target in probes._kept] == ["v1.0.3", "v1.0.4"]
