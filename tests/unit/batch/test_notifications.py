import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldframe.batch.drop import Drop
from coldframe.batch.notifications import drops, notification

EVENTS = Path(__file__).parents[2] / "events"
CREATED = (EVENTS / "s3-object-created.json").read_text("utf-8")
DROPPED = Drop(
    "coldframe-inbox",
    "sentiment/口コミ 2025+(1).csv?column=%E6%9C%AC%E6%96%87",
    "096fKKXTRTtl3on89fVO.nfljtsv6qko",
    "d41d8cd98f00b204e9800998ecf8427e",
)


def created(**changes: Any) -> dict[str, Any]:
    """One record, with another object."""
    record: dict[str, Any] = json.loads(CREATED)["Records"][0]
    record["s3"]["object"] |= changes
    return record


def test_a_created_object_is_a_drop() -> None:
    assert drops(CREATED) == [DROPPED]
    assert DROPPED.column == "本文"


def test_several_records_are_several_drops() -> None:
    body = json.dumps({"Records": [created(key=f"sentiment/{name}.csv") for name in "abc"]})
    assert [drop.key for drop in drops(body)] == ["sentiment/a.csv", "sentiment/b.csv", "sentiment/c.csv"]


@pytest.mark.parametrize("how", ["Put", "Post", "Copy", "CompleteMultipartUpload"])
def test_however_it_was_created(how: str) -> None:
    assert drops(json.dumps({"Records": [created() | {"eventName": f"ObjectCreated:{how}"}]})) == [DROPPED]


@pytest.mark.parametrize("name", ["s3-test-event.json", "s3-object-removed.json"])
def test_other_events_are_none(name: str) -> None:
    assert drops((EVENTS / name).read_text("utf-8")) == []


def test_a_deletion_beside_a_creation_is_left_out() -> None:
    removed = json.loads((EVENTS / "s3-object-removed.json").read_text("utf-8"))["Records"]
    assert drops(json.dumps({"Records": [*removed, created()]})) == [DROPPED]


def test_a_folders_marker_is_no_file() -> None:
    assert drops(json.dumps({"Records": [created(key="sentiment/", size=0)]})) == []


@pytest.mark.parametrize("changes", [{"versionId": None}, {"versionId": ""}])
def test_a_bucket_without_versions(changes: dict[str, Any]) -> None:
    assert drops(json.dumps({"Records": [created(**changes)]}))[0].version == "null"


def test_a_record_without_a_version() -> None:
    record = created()
    del record["s3"]["object"]["versionId"]
    assert drops(json.dumps({"Records": [record]}))[0].version == "null"


NONSENSE = [
    *("", "nonsense", "[]", "null", "7", "{}", '{"Records": null}', '{"Records": [7]}', '{"Records": [{}]}'),
    *('{"Records": [{"eventName": "ObjectCreated:Put"}]}', '{"Records": [{"eventName": 7}]}'),
]


@pytest.mark.parametrize("body", NONSENSE)
def test_nonsense_raises(body: str) -> None:
    with pytest.raises((ValueError, LookupError, TypeError, AttributeError)):
        drops(body)


@given(st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda key: not key.endswith("/")))
def test_what_is_told_again_is_the_same_file(key: str) -> None:
    drop = Drop("coldframe-inbox", key, "a version", "an-etag-2")
    assert drops(notification(drop)) == [drop]
