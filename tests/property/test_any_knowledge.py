"""Whatever a file holds, it is a knowledge base or refused with the reason."""

from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coldframe.triage.document import PRIORITIES, VERDICTS, Document
from models.forge.knowledge.faults import UnusableKnowledge
from models.forge.knowledge.read import read_document

WITHIN = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
ROOT_KEYS = ["title", "fallback", "categories", "problems", "urgency", "raises", "signals", "out_of_scope"]
PART_KEYS = [
    "category",
    "description",
    "keywords",
    "priority",
    "sla_hours",
    "words",
    "phrasings",
    "automation",
]
KEYS = st.sampled_from([*ROOT_KEYS, *PART_KEYS])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.dates(),
    st.sampled_from([*VERDICTS, *PRIORITIES]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text() | st.integers(), inner, max_size=5)
    ),
    max_leaves=30,
)
PROBLEM = st.fixed_dictionaries(
    {"problem": st.text(), "category": st.sampled_from("ab"), "phrasings": st.lists(st.text(), max_size=3)},
    optional={"automation": VALUES, "percentage": VALUES, "priority": VALUES, "x": VALUES},
)
CATEGORIES = [{"category": name, "description": "d"} for name in "ab"]


def read(folder: Path, data: bytes, ending: str) -> Document | None:
    path = folder / f"any{ending}"
    path.write_bytes(data)
    try:
        document = read_document(path)
    except UnusableKnowledge:
        return None
    assert {problem.category for problem in document.problems} == set(document.labels)
    assert all(problem.phrasings for problem in document.problems)
    return document


@WITHIN
@given(data=st.binary() | st.text().map(str.encode), ending=st.sampled_from([".yaml", ".csv"]))
def test_any_bytes(tmp_path: Path, data: bytes, ending: str) -> None:
    read(tmp_path, data, ending)


@WITHIN
@given(text=st.text(alphabet="ab \n\t:-[]{},#&*!|>'\"?%@`\\0x", max_size=60))
def test_anything_of_yamls_own_signs(tmp_path: Path, text: str) -> None:
    read(tmp_path, text.encode(), ".yaml")


@WITHIN
@given(value=VALUES)
def test_any_value(tmp_path: Path, value: Any) -> None:
    read(tmp_path, yaml.safe_dump(value, allow_unicode=True).encode("utf-8", "surrogatepass"), ".yaml")


@WITHIN
@given(problems=st.lists(PROBLEM, max_size=4), more=st.dictionaries(KEYS, VALUES, max_size=2))
def test_nearly_a_knowledge_base(tmp_path: Path, problems: list[Any], more: dict[str, Any]) -> None:
    content = {"categories": CATEGORIES, "problems": problems, **more}
    read(tmp_path, yaml.safe_dump(content).encode("utf-8", "surrogatepass"), ".yaml")


TEXTS = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=40).filter(str.strip)


@WITHIN
@given(
    texts=st.lists(TEXTS, min_size=2, max_size=6, unique_by=lambda text: " ".join(text.casefold().split()))
)
def test_any_texts_come_back_as_they_were_written(tmp_path: Path, texts: list[str]) -> None:
    problems = [
        {"problem": f"p{place}", "category": "ab"[place % 2], "phrasings": [text]}
        for place, text in enumerate(texts)
    ]
    content = {"categories": CATEGORIES, "problems": problems}
    document = read(tmp_path, yaml.safe_dump(content, allow_unicode=True).encode(), ".yaml")
    assert document is not None
    assert [problem.phrasings for problem in document.problems] == [(text.strip(),) for text in texts]
