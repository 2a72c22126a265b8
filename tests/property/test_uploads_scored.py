"""A file in a form: what comes back is what the file would get when dropped, and never too large to send."""

import gzip
import json
import os
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
from awslambdaric.lambda_runtime_marshaller import LambdaMarshaller
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from coldframe import limits
from coldframe.batch.direct import json_bytes, read_upload
from coldframe.batch.writing import result_text
from coldframe.classifier import Classifier
from coldframe.decisions import Row, decision
from coldframe.errors import FileRefused, FileTooLarge
from coldframe.manifest import Manifest
from tests import made
from tests.property.test_tables_scored import DIALECTS, HEADER, MARKS, ROWS, Dialect, encoded, written
from tests.tables import ADDED, answer, limited, score

THREE = made.manifest("v1.0.0", b"")
LABELS = ('say "no"', "a,b", "=c")  # in CSV and in JSON wider than they are
ODD = replace(THREE, labels=LABELS, verdict={})
MANIFESTS = (
    THREE,
    ODD,
    replace(ODD, thresholds={name: {"value": 0.3} for name in LABELS}),
    replace(
        ODD,
        alarm={"name": "alarm", "labels": LABELS[:2]},
        thresholds={"alarm": {"value": 0.5}},
        outcomes=({"when": ["alarm"], "risk": "高い;\t\n"}, {"when": [], "risk": ""}),
    ),
)


class Played:
    """Answers as the tables' tests do: so that a row with another row's answer is noticed."""

    columns = ADDED
    manifest = THREE

    @property
    def block_bytes(self) -> int:
        return limits.BATCH_BLOCK_BYTES

    upload_rows_max_count = limits.UPLOAD_LINES_MAX_COUNT

    def rows(self, texts: list[str]) -> list[Row]:
        return [answer(text) for text in texts]

    @property
    def widest(self) -> list[Row]:
        return [(("short",), (2.2250738585072014e-308,) * 2)]


class Hashed:
    """Scores that have many digits and are different for each text."""

    def predict(self, texts: Any) -> NDArray[np.float64]:
        seeds = [sum(map(ord, text)) for text in texts]
        scores = [np.random.default_rng(seed).dirichlet([0.05] * 3) for seed in seeds]
        return np.array(scores).reshape(-1, 3)

    def logits(self, texts: Any) -> list[list[float]]:
        raise AssertionError("an upload is not explained")


FILES = st.tuples(st.lists(ROWS, max_size=10), DIALECTS, st.sampled_from(list(MARKS)), st.booleans())


def file_of(rows: list[list[str]], dialect: Dialect, encoding: str, packed: bool) -> bytes:
    if encoding == "cp932":
        rows = [[cell.encode("cp932", "ignore").decode("cp932") for cell in row] for row in rows]
    data = encoded(written([HEADER, *rows], dialect)[0], encoding)
    return gzip.compress(data, mtime=0) if packed else data


@settings(max_examples=150)
@given(FILES)
def test_the_answer_is_the_dropped_files_result(file: tuple[Any, ...]) -> None:
    data, played = file_of(*file), cast(Classifier, Played())
    try:
        scored = score(data)
    except FileRefused as refusal:
        with pytest.raises(FileRefused, match=refusal.problem[:20]):
            read_upload(data, None, played)
        return
    upload = read_upload(data, None, played)
    assert upload.result(played) == scored.result
    assert upload.rejected == len(scored.reject_rows)
    assert {reject.line: reject.reason for reject in upload.first_rejects}.items() <= scored.reasons.items()


@settings(max_examples=100)
@given(FILES, st.sampled_from(MANIFESTS), st.integers(100, 3_000))
def test_an_accepted_answer_fits_into_lambdas(file: tuple[Any, ...], manifest: Manifest, room: int) -> None:
    classifier = Classifier(Hashed(), manifest)
    with limited(RESPONSE_MAX_BYTES=room + limits.RESPONSE_HEADERS_BYTES):
        try:
            upload = read_upload(file_of(*file), None, classifier)
        except (FileRefused, FileTooLarge):
            return
    text = upload.result(classifier)
    assert json_bytes(text) <= upload.answer_bytes <= max(room, json_bytes(upload.header))
    assert len(as_lambda_sends(text)) == json_bytes(text)


def as_lambda_sends(text: str) -> bytes:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "AWS_EXECUTION_ENV", "AWS_Lambda_python3.13")
        sent: str = LambdaMarshaller().marshal_response(text)[0]
    assert json.loads(sent) == text
    return sent.encode()


SCORES = st.lists(st.floats(0, 1) | st.floats(0, 1e-6), min_size=3, max_size=3)


@settings(max_examples=300)
@given(SCORES, st.sampled_from(MANIFESTS), st.sampled_from(",;\t"))
def test_no_answer_is_wider_than_the_widest(scores: list[float], manifest: Manifest, delimiter: str) -> None:
    def width(row: Row) -> int:
        return json_bytes(result_text([[]], [""], [row], delimiter))

    decides = decision(manifest)
    shares = [one / (sum(scores) or 1) for one in scores]
    assert width(decides.row(shares)) <= max(map(width, decides.widest()))
