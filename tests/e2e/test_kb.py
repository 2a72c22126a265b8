"""`coldframe kb build` from ten lines to answers over HTTP and a next version, and `remove` to nothing."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.running import Cloud
from tests.e2e.test_new import coldframe, copied, tree
from tests.ports import two_free_ports

NAME = "hrfortests"  # no model of the user's
YAML = """\
title: HR questions
categories:
- {category: Leave, description: "Days off: holidays, sickness and parental leave."}
- {category: Pay, description: "What is paid, and when: salary, payslips, expenses and tax."}
problems:
- {problem: Days left, category: Leave, phrasings: [how many days off have I left, my holiday balance]}
- {problem: Calling in sick, category: Leave, phrasings: [I am ill today and cannot come in]}
- {problem: Payslip missing, category: Pay, phrasings: [where is my payslip, I have not received my payslip]}
- {problem: Expenses not paid, category: Pay, phrasings: [my travel expenses have not been paid back]}
"""
CSV = """\
problem,category,phrasing
Days left,Leave,how many days off have I left
Payslip missing,Pay,where is my payslip
Pension,Pension,what will my pension be
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(tmp_path_factory.mktemp("a project"))


@pytest.fixture(scope="module")
def before(project: Path) -> dict[str, tuple[int, bytes]]:
    return tree(project)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("knowledge")
    (folder / "hr.yaml").write_text(YAML, encoding="utf-8")
    (folder / "next.csv").write_text(CSV, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def cloud(project: Path, written: Path, before: object) -> Iterator[Cloud]:
    made = coldframe(project, "kb", "build", str(written / "hr.yaml"), "--name", NAME)
    assert made.returncode == 0, made.stderr
    assert f"coldframe remove {NAME}" in made.stdout
    running = Cloud(two_free_ports(), project)
    yield running
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(20) == 0
    assert running.process.stdout is not None
    running.process.stdout.close()


def test_its_files_are_there(cloud: Cloud, project: Path) -> None:
    there = {path.name for path in (project / "models" / NAME).iterdir()}
    files = {"knowledge.yaml", "model.toml", "heads.npz", "embeddings.npz", "metrics.json"}
    assert there >= files
    assert (project / "models" / NAME / "knowledge.yaml").read_text("utf-8") == YAML
    contract = json.loads((project / f"docs/openapi/{NAME}.json").read_text("utf-8"))
    assert contract["info"]["title"] == "HR questions"
    assert f"/{NAME}/classify" in contract["paths"]


def test_it_answers(cloud: Cloud) -> None:
    status, answer = cloud.call(f"/{NAME}/classify", {"text": "I have not received my payslip"})
    assert (status, answer["likeliest_category"], answer["model_version"]) == (200, "Pay", "v1.0.0")
    assert answer["similar_problems"][0]["problem"] == "Payslip missing"
    assert cloud.call(f"/{NAME}/health")[1]["status"] == "healthy"


def test_a_next_version_goes_live(cloud: Cloud, project: Path, written: Path) -> None:
    made = coldframe(project, "kb", "build", str(written / "next.csv"), "--name", NAME)
    assert made.returncode == 0, made.stderr
    assert f"coldframe publish {NAME} --version v1.0.1" in made.stdout
    assert not (project / "models" / NAME / "knowledge.yaml").exists()
    assert f"coldframe promote {NAME} v1.0.1" in made.stdout
    for words in (("publish", NAME, "--version", "v1.0.1"), ("promote", NAME, "v1.0.1")):
        done = cloud.command(*words)
        assert done.returncode == 0, done.stderr


def test_a_failure_leaves_the_project_as_it_is(cloud: Cloud, project: Path, written: Path) -> None:
    there = tree(project)
    (written / "faulty.yaml").write_text(YAML.replace("category: Pay, ph", "category: Pya, ph"))
    for words in (("faulty.yaml", "--name", "other"), ("hr.yaml", "--name", "sentiment")):
        refused = coldframe(project, "kb", "build", str(written / words[0]), *words[1:])
        assert refused.returncode == 1
    assert tree(project) == there


def test_removing_it_leaves_no_trace(cloud: Cloud, project: Path, before: object) -> None:
    removed = coldframe(project, "remove", NAME, "--yes")
    assert removed.returncode == 0, removed.stderr
    assert tree(project) == before
    assert not list(project.rglob(f"{NAME}*"))
