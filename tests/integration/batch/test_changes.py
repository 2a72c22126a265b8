"""What changes while a file is scored: the live version, the object, the version that was pinned."""

import pytest

from coldframe.batch.drop import Drop
from coldframe.registry import version_prefix
from coldframe.store import Store
from tests import made
from tests.integration.batch.cloud import Cloud, RunsOut
from tests.integration.batch.conftest import table

OTHER = table(7).replace("良い".encode(), "悪い".encode())


def scored(cloud: Cloud, drop: Drop) -> dict[str, bytes]:
    again = cloud.again()
    again.announce(drop)
    again.work_off()
    return again.finals(drop)


def pause(cloud: Cloud, drop: Drop) -> None:
    cloud.announce(drop)
    cloud.deliver(RunsOut(1))
    assert cloud.progress(drop)["state"] == "paused"


def publish_next(cloud: Cloud) -> None:
    made.published(Store.open(cloud.models), "v1.1.0", seed=1)


def test_the_live_version_changes_after_it_was_pinned(cloud: Cloud) -> None:
    drop = cloud.drop("sentiment/a.csv", table(36))
    cloud.faults.plan(None, lambda: None)
    whole = scored(cloud, drop)
    first_read = next(
        at for at, call in enumerate(cloud.faults.calls) if "GetObject" in call and "inbox" in call
    )
    cloud.faults.plan(first_read, lambda: publish_next(cloud))
    cloud.announce(drop)
    cloud.work_off()
    assert cloud.faults.struck
    assert cloud.finals(drop) == whole
    assert cloud.report(drop)["model_version"] == "v1.0.0"


def test_the_live_version_changes_between_two_runs(cloud: Cloud) -> None:
    drop = cloud.drop("sentiment/a.csv", table(36))
    whole = scored(cloud, drop)
    pause(cloud, drop)
    publish_next(cloud)
    cloud.renew()
    cloud.work_off()
    assert cloud.finals(drop) == whole
    later = cloud.drop("sentiment/a.csv", table(36))
    cloud.announce(later)
    cloud.work_off()
    assert cloud.report(later)["model_version"] == "v1.1.0"
    assert cloud.finals(later)["result"] != whole["result"]


def test_no_other_version_stands_in_for_the_pinned_one(cloud: Cloud) -> None:
    drop = cloud.drop("sentiment/a.csv", table(36))
    whole = scored(cloud, drop)
    pause(cloud, drop)
    publish_next(cloud)
    key = f"{version_prefix('sentiment', 'v1.0.0')}weights.npz"
    weights = cloud.s3.get_object(Bucket=cloud.models, Key=key)["Body"].read()
    cloud.s3.delete_object(Bucket=cloud.models, Key=key)
    cloud.renew()
    delivered = cloud.deliver()
    assert delivered
    assert len(delivered[1]) == 1
    assert cloud.progress(drop)["state"] == "retrying"
    assert "weights.npz" in cloud.progress(drop)["problem"]
    cloud.s3.put_object(Bucket=cloud.models, Key=key, Body=weights)
    cloud.work_off()
    assert cloud.finals(drop) == whole


@pytest.mark.parametrize("gone", [False, True], ids=["overwritten", "deleted, with a marker"])
def test_the_pinned_version_is_read_whatever_becomes_of_the_key(cloud: Cloud, gone: bool) -> None:
    drop = cloud.drop("sentiment/a.csv", table(36))
    whole = scored(cloud, drop)
    pause(cloud, drop)
    if gone:
        cloud.s3.delete_object(Bucket=cloud.inbox, Key=drop.key)
    else:
        cloud.drop(drop.key, OTHER)
    cloud.work_off()
    assert cloud.finals(drop) == whole


@pytest.mark.parametrize("paused", [False, True], ids=["before it is pinned", "between two runs"])
@pytest.mark.parametrize("deleted", [False, True], ids=["overwritten", "deleted"])
def test_without_versions_a_file_that_is_gone_is_reported(aws: str, paused: bool, deleted: bool) -> None:
    cloud = Cloud.create(versioned=False)
    drop = cloud.drop("sentiment/a.csv", table(36))
    assert drop.version == "null"
    pause(cloud, drop) if paused else cloud.announce(drop)
    if deleted:
        cloud.s3.delete_object(Bucket=cloud.inbox, Key=drop.key)
    else:
        cloud.drop(drop.key, OTHER)
    cloud.work_off()
    assert list(cloud.finals(drop)) == ["report"]
    report = cloud.report(drop)
    assert (report["state"], report["fix"]) == ("failed", "drop it again")
    assert "deleted, overwritten or archived" in report["problem"]
    assert cloud.progress(drop)["state"] == "failed"


def test_a_version_that_was_deleted_is_reported(cloud: Cloud) -> None:
    drop = cloud.drop("sentiment/a.csv", table(36))
    cloud.s3.delete_object(Bucket=cloud.inbox, Key=drop.key, VersionId=drop.version)
    cloud.announce(drop)
    cloud.work_off()
    assert cloud.report(drop)["state"] == "failed"
