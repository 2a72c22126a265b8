"""Any name that a file or a column may have, and how a download is named after it."""

from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from coldframe import limits
from coldframe.batch.drop import Drop
from coldframe.batches.links import content_disposition
from coldframe.batches.marker import Marker, now
from coldframe.batches.request import BatchRequest

KEY_MAX_BYTES = 1_024
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/"), min_size=1)


def asked(**fields: Any) -> BatchRequest:
    return BatchRequest.model_validate({"model": "sentiment", "file_name": "a.csv", **fields})


@given(NAMES)
def test_any_name_without_folders_and_controls_is_taken_or_too_long(name: str) -> None:
    if name in (".", ".."):
        return
    if len(name.encode()) <= limits.BATCHES_FILE_NAME_MAX_BYTES:
        assert asked(file_name=name).file_name == name
    else:
        with pytest.raises(ValidationError):
            asked(file_name=name)


@given(NAMES, st.sampled_from(["/", "\0", "\n", "\x7f", "\x85"]), NAMES)
def test_a_folder_or_a_control_character_is_refused(before: str, unfit: str, after: str) -> None:
    with pytest.raises(ValidationError, match=r"no file name|at most 220"):
        asked(file_name=before + unfit + after)


@pytest.mark.parametrize("name", [".", "..", "", "表" * 74, "a" * 221])
def test_these_are_no_file_names(name: str) -> None:
    with pytest.raises(ValidationError):
        asked(file_name=name)


@given(st.text(min_size=1, alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_column_reaches_the_pipeline_in_a_key_that_s3_takes(column: str) -> None:
    if len(column.encode()) > limits.BATCHES_COLUMN_MAX_BYTES:
        with pytest.raises(ValidationError):
            asked(column=column)
        return
    request = asked(model="m" * 63, column=column)
    key = Marker(id="f" * 32, created_at=now(), **request.model_dump()).key
    assert len(key.encode()) <= KEY_MAX_BYTES
    assert key.isascii()
    assert Drop("inbox", key, "1", "e").column == column


@given(NAMES)
def test_a_download_is_named_so_whoever_reads_the_header(name: str) -> None:
    header = content_disposition(name)
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
    encoded = header.partition("filename*=UTF-8''")[2]
    assert unquote(encoded, errors="strict") == name
