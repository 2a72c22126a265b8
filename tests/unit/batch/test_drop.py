from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldframe.batch.drop import Drop

DROP = Drop("inbox", "sentiment/reviews.csv", "v1", "etag")
KEYS = (
    st.text(st.characters(codec="utf-8"), min_size=1)
    | st.text(st.sampled_from("a/.csvgz?column=%E+日😀"))
    | st.integers(970, 1_024).map("a".__mul__)
    | st.integers(300, 341).map("日".__mul__)
).filter(lambda key: len(key.encode()) <= 1_024)


def names(drop: Drop) -> list[str]:
    return [drop.result_key, drop.rejected_key, drop.progress_key, drop.report_key, drop.job_key]


@given(KEYS, KEYS, st.text("ab", max_size=3), st.text("ab", max_size=3))
def test_names_are_keys_of_their_own(key: str, other_key: str, version: str, etag: str) -> None:
    drop, other = Drop("inbox", key, version, etag), Drop("inbox", other_key, etag, version)
    assert all(0 < len(name.encode()) <= 1_024 for name in names(drop))
    assert len(set(names(drop))) == 5
    assert names(drop) == names(Drop("another bucket", key, version, etag))
    if (key, version, etag) != (other_key, etag, version):
        assert set(names(drop)).isdisjoint(names(other))


@given(KEYS)
def test_names_stay_in_the_models_folder(key: str) -> None:
    drop = Drop("inbox", f"sentiment/{key[:300]}", "v1", "etag")
    assert drop.model == "sentiment"
    assert all(name.startswith("sentiment/") for name in names(drop)[:4])
    assert drop.job_key == f"_jobs/{drop.name}.json"


def test_the_names_of_one_drop() -> None:
    """Fixed for good: a worker of the next release goes on with the files of this one."""
    assert names(DROP) == [
        "sentiment/reviews.15620821.csv",
        "sentiment/reviews.15620821.rejected.csv",
        "sentiment/reviews.15620821.progress.json",
        "sentiment/reviews.15620821.report.json",
        "_jobs/sentiment/reviews.15620821.json",
    ]


def test_another_key_version_or_etag_has_another_name() -> None:
    others = [
        replace(DROP, version="v2"),
        replace(DROP, etag="e2"),
        replace(DROP, key="sentiment/reviews.tsv"),
    ]
    assert len({drop.name for drop in [DROP, *others]}) == 4


@pytest.mark.parametrize(
    ("key", "stem"),
    [
        ("sentiment/口コミ.csv", "sentiment/口コミ"),
        ("sentiment/a.CSV.GZ", "sentiment/a"),
        ("sentiment/a.tsv", "sentiment/a"),
        ("sentiment/a.b.txt", "sentiment/a.b"),
        ("sentiment/a", "sentiment/a"),
        ("sentiment/2025/a.csv", "sentiment/2025/a"),
        ("sentiment/a.csv?column=body", "sentiment/a"),
        ("a.csv", "a"),
    ],
)
def test_the_stem_is_the_key_without_its_endings(key: str, stem: str) -> None:
    assert replace(DROP, key=key).name[:-9] == stem


@pytest.mark.parametrize(
    ("key", "column"),
    [
        ("m/a.csv", None),
        ("m/a.csv?column=", ""),
        ("m/a.csv?column=body", "body"),
        ("m/a.csv?column=%E6%9C%AC%E6%96%87", "本文"),
        ("m/a.csv?column=本文", "本文"),
        ("m/a.csv?column=free+text%2B", "free text+"),
        ("m/a.csv?column=a=b?c", "a=b?c"),
        ("m/a.csv?column=two\nlines", "two\nlines"),
    ],
)
def test_a_key_may_name_the_column(key: str, column: str | None) -> None:
    assert replace(DROP, key=key).column == column


@pytest.mark.parametrize(
    ("key", "model"), [("m/a.csv", "m"), ("m/b/a.csv", "m"), ("a.csv", ""), ("/a.csv", "")]
)
def test_the_model_is_the_first_folder(key: str, model: str) -> None:
    assert replace(DROP, key=key).model == model
