"""Any name that a file or a column may have."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from coldframe import limits
from coldframe.batch.worker import _decoded
from coldframe.batches.marker import Marker, now
from coldframe.batches.request import BatchRequest

METADATA_MAX_BYTES = 2_048
NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/"), min_size=1, max_size=220
)


def asked(**fields: Any) -> BatchRequest:
    return BatchRequest.model_validate({"model": "sentiment", "file_name": "a.csv", **fields})


@given(NAMES)
def test_any_name_without_folders_and_controls_is_taken(name: str) -> None:
    assert asked(file_name=name).file_name == name


@given(NAMES, st.sampled_from(["/", "\0", "\n", "\x7f", "\x85"]), NAMES)
def test_a_folder_or_a_control_character_is_refused(before: str, unfit: str, after: str) -> None:
    with pytest.raises(ValidationError, match="no file name"):
        asked(file_name=before[:100] + unfit + after[:100])


@pytest.mark.parametrize("name", ["", "a" * 221, "a\n"])
def test_these_are_no_file_names(name: str) -> None:
    with pytest.raises(ValidationError):
        asked(file_name=name)


@given(
    st.text(
        min_size=1,
        max_size=limits.BATCHES_COLUMN_MAX_CHARS,
        alphabet=st.characters(exclude_categories=["Cs"]),
    )
)
@example("\U00010000" * limits.BATCHES_COLUMN_MAX_CHARS)
@example("=?utf-8?q?=41?= %41+")
def test_any_column_reaches_the_pipeline_in_metadata_that_s3_takes(column: str) -> None:
    metadata = Marker(id="f" * 32, created_at=now(), **asked(column=column).model_dump()).metadata
    assert metadata["x-amz-meta-column"].isascii()
    assert sum(len(name) + len(value) for name, value in metadata.items()) <= METADATA_MAX_BYTES
    assert _decoded(metadata["x-amz-meta-column"]) == column
