from datetime import UTC, datetime, timedelta

from coldframe.batch.drop import Drop
from coldframe.batches.marker import ID, Marker, new_id, now, owner_of

AT = datetime(2026, 11, 21, 5, 26, 8, 937_000, tzinfo=UTC)


def marker(column: str | None = None) -> Marker:
    return Marker(id="f" * 32, model="sentiment", file_name="口コミ.csv", column=column, created_at=AT)


def test_ids_sort_the_newest_first_and_cannot_be_guessed() -> None:
    ids = [new_id(AT + timedelta(milliseconds=n)) for n in range(100)]
    assert sorted(ids, reverse=True) == ids
    assert all(ID.fullmatch(one) for one in ids)
    assert len({new_id(AT)[12:] for _ in range(100)}) == 100


def test_a_year_far_off_still_gives_an_id() -> None:
    assert ID.fullmatch(new_id(datetime(9999, 12, 31, tzinfo=UTC)))


def test_an_owner_is_told_by_what_does_not_tell_the_keys_id() -> None:
    assert owner_of("k1l2m3n4o5") == owner_of("k1l2m3n4o5") != owner_of("k1l2m3n4o6")
    assert len(owner_of("k1l2m3n4o5")) == 64


def test_the_pipeline_takes_the_key_for_a_file_of_the_model() -> None:
    drop = Drop("inbox", marker().key, "1", "e")
    assert (drop.model, drop.column) == ("sentiment", None)
    assert drop.name.startswith("sentiment/_jobs/" + "f" * 32 + "/rows.")
    assert marker().metadata == {}


def test_all_that_comes_of_a_job_lies_in_its_folder() -> None:
    one = marker("c")
    drop = Drop("inbox", one.key, "1", "e")
    keys = [drop.key, drop.result_key, drop.rejected_key, drop.progress_key, drop.report_key]
    assert all(key.startswith(one.folder) for key in keys)


def test_a_marker_is_written_and_read_without_loss() -> None:
    one = Marker(**{**dict(marker("x")), "created_at": now()})
    assert Marker.model_validate_json(one.model_dump_json()) == one


def test_the_form_ends_after_an_hour() -> None:
    assert marker().upload_until == AT + timedelta(hours=1)
