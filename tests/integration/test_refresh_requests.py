"""What a warm environment asks of S3: one conditional GET of the alias document in every interval."""

from coldframe import limits
from coldframe.slot import ModelSlot
from coldframe.store import Store
from tests import made
from tests.counted_s3 import counted_s3

CALLS_PER_SECOND, SECONDS = 10, 95
ALIASES = "/aliases.json"


def test_a_warm_environment_asks_once_an_interval_whether_the_alias_changed(bucket: str) -> None:
    made.published(Store.open(bucket), "v1.0.0")
    now = 0.0
    with counted_s3() as s3:
        store = Store.open(bucket, s3.endpoint)
        slot = ModelSlot(lambda: store, "sentiment", clock=lambda: now)
        slot.start().wait()
        (first,) = s3.of(ALIASES)
        assert (first.method, first.etag, first.status) == ("GET", None, 200)
        loaded = len(s3.asked)
        for number in range(SECONDS * CALLS_PER_SECOND):
            now = number / CALLS_PER_SECOND
            assert slot.current().manifest.version == "v1.0.0"
        again = s3.asked[loaded:]
        assert [one.path for one in again] == [first.path] * int(SECONDS // limits.ALIAS_REFRESH_SECONDS)
        assert {(one.method, one.status) for one in again} == {("GET", 304)}
        assert len({one.etag for one in again} - {None}) == 1

        made.published(Store.open(bucket), "v1.1.0", seed=1)
        now += limits.ALIAS_REFRESH_SECONDS
        assert slot.current().manifest.version == "v1.1.0"
        changed = s3.of(ALIASES)[-1]
        assert (changed.etag, changed.status) == (again[0].etag, 200)
        now += limits.ALIAS_REFRESH_SECONDS
        slot.current()
        last = s3.asked[-1]
        assert (last.path, last.status) == (first.path, 304)
        assert last.etag != changed.etag
