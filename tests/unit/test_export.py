"""What `coldframe export` refuses, and what it states of what it writes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from coldframe.features import GRAPH, open_features
from coldframe.manifest import Manifest
from models.forge.csv_file import UnusableRows
from models.forge.export.held_out import figures, read_held_out
from models.forge.export.parent import ExportRefused
from models.forge.export.parity import compare, random_rows, rows_around
from models.forge.export.reference import read_model
from models.forge.export.version import draft, export
from tests import made_features

FEATURES, LABELS = ("length", "width"), ("short", "long")
RANDOM = np.random.default_rng(7)
ROWS = RANDOM.normal(size=(80, 2))
TARGETS = (ROWS[:, 0] > 0).astype(int)
DRAFT = draft("leaves", "v1.0.0", FEATURES, LABELS)


def refused(model: Any, words: str, manifest: Manifest = DRAFT) -> None:
    with pytest.raises(ExportRefused, match=words):
        export(model, manifest)


def test_a_model_that_is_not_fitted_is_refused() -> None:
    refused(LogisticRegression(), "LogisticRegression is not fitted")


@pytest.mark.parametrize("model", [None, "model", {"a": 1}, ROWS, LogisticRegression])
def test_what_is_no_model_is_refused(model: object) -> None:
    refused(model, "is neither a scikit-learn estimator nor a torch module")


def test_a_classifier_without_probabilities_is_refused() -> None:
    refused(LinearSVC().fit(ROWS, TARGETS), "LinearSVC has no predict_proba")


def test_another_number_of_features_is_refused() -> None:
    refused(
        LogisticRegression().fit(np.ones((4, 3)), [0, 1, 0, 1]), "fitted to 3 features, and --features has 2"
    )


def test_another_number_of_labels_is_refused() -> None:
    refused(LogisticRegression().fit(ROWS, np.arange(80) % 3), r"tells 3 classes apart .* --labels has 2")


def test_labels_in_another_order_than_the_classes_are_refused_with_theirs() -> None:
    fitted = LogisticRegression().fit(ROWS, np.array(LABELS)[TARGETS])
    refused(fitted, "--labels long,short")


def test_labels_in_the_order_of_the_classes_are_taken() -> None:
    fitted = LogisticRegression().fit(ROWS, np.array(LABELS)[TARGETS])
    made = export(fitted, draft("leaves", "v1.0.0", FEATURES, ("long", "short")))
    scores = open_features(made.manifest, made.files).scores(np.array([[9.0, 0.0]]))
    assert made.manifest.labels[scores.argmax()] == "long"


def test_features_in_another_order_than_it_was_fitted_to_are_refused_with_theirs() -> None:
    fitted = LogisticRegression().fit(ROWS, TARGETS)
    fitted.feature_names_in_ = np.array(["width", "length"], object)
    refused(fitted, "--features width,length")


def test_what_the_converter_does_not_know_is_refused_in_few_words() -> None:
    class Own(LogisticRegression):  # type: ignore[misc]
        pass

    with pytest.raises(ExportRefused, match="skl2onnx cannot convert Own") as refusal:
        export(Own().fit(ROWS, TARGETS), DRAFT)
    assert len(str(refusal.value)) < 500


def test_an_export_that_answers_otherwise_is_refused() -> None:
    data = made_features.graph()
    model = open_features(made_features.manifest(data), {GRAPH: data})
    rows = random_rows(3)
    expected = model.scores(rows)
    assert compare(model, lambda _: expected + 9e-5, rows).max_probability_difference == 9e-5
    with pytest.raises(ExportRefused, match=r"differ by up to 1\.1e-04, and at most 1e-04 is let through"):
        compare(model, lambda _: expected + 1.1e-4, rows)
    with pytest.raises(ExportRefused, match="differ by up to nan"):
        compare(model, lambda _: expected * np.nan, rows)


def test_rows_around_others_hold_them_and_lie_between_them() -> None:
    given = ROWS.astype(np.float32)
    rows = rows_around(given)
    assert np.array_equal(rows[:80], given)
    assert len(rows) == 1_080
    assert (rows >= given.min(axis=0)).all()
    assert (rows <= given.max(axis=0)).all()


def test_parity_and_what_it_was_made_with_are_stated() -> None:
    made = export(LogisticRegression().fit(ROWS, TARGETS), DRAFT).manifest
    assert made.parity["rows"] == 1_000
    assert 0 <= made.parity["max_probability_difference"] < 1e-5
    assert made.parity["label_agreement"] == 1.0
    assert {"python", "numpy", "onnx", "onnxruntime", "scikit-learn", "skl2onnx"} == set(made.made_with)
    assert made.metrics["figures"] == []


def test_the_function_s_memory_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads are as many as the memory buys; shared out to several, so many trees add up otherwise."""
    made = export(RandomForestClassifier(200, random_state=0).fit(ROWS, TARGETS), DRAFT)
    scores = []
    for megabytes in ("512", "7076"):
        monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", megabytes)
        scores.append(open_features(made.manifest, made.files).scores(ROWS))
    assert np.array_equal(scores[0], scores[1])


def write(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def test_held_out_rows_are_read_by_the_names_of_their_columns(tmp_path: Path) -> None:
    file = write(tmp_path / "test.csv", "id,label,width,length\n1,long, 2 ,1e3\n\n2,short,-0.5,7\n")
    held_out = read_held_out(file, FEATURES, LABELS)
    assert held_out.rows.tolist() == [[1000, 2], [7, -0.5]]
    assert held_out.targets.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("length,label\n1,long\n", "line 1 has no column width. It has length, label"),
        ("length,width,label\n1,2,long\n3,x,long\n", "line 3: width is 'x', and must be a finite number"),
        ("length,width,label\n1,nan,long\n", "line 2: width is 'nan'"),
        ("length,width,label\n1,1e39,long\n", "line 2: width is '1e39'"),
        ("length,width,label\n1,,long\n", "line 2: width is ''"),
        ("length,width,label\n1,2,huge\n", "line 2: 'huge' is none of the labels short, long"),
        ("length,width,label\n1,2\n", "line 2 has 2 cells"),
        ("length,width,label\n", "no rows below its header"),
        ("", "is empty"),
    ],
)
def test_held_out_rows_that_cannot_be_read_are_refused_by_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UnusableRows, match=words):
        read_held_out(write(tmp_path / "test.csv", text), FEATURES, LABELS)


def test_a_file_of_held_out_rows_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnusableRows, match=r"test\.csv cannot be read: No such file"):
        read_held_out(tmp_path / "test.csv", FEATURES, LABELS)


def test_figures_are_those_of_the_rows(tmp_path: Path) -> None:
    held_out = read_held_out(
        write(tmp_path / "test.csv", "length,width,label\n1,1,long\n1,1,long\n1,1,short\n1,1,short\n"),
        FEATURES,
        LABELS,
    )
    scores = np.array([[0.1, 0.9], [0.6, 0.4], [0.9, 0.1], [0.8, 0.2]])
    found = {figure.metric: figure for figure in figures(held_out, scores)}
    assert found["accuracy"].value == 0.75
    assert found["macro_f1"].value == round((2 / 3 + 4 / 5) / 2, 4)
    assert (found["accuracy"].dataset, found["accuracy"].rows) == ("test.csv", 4)


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("train", "write package.module:model"),
        ("train:", "write package.module:model"),
        (":model", "write package.module:model"),
        ("train:model()", "write package.module:model"),
        ("nowhere_to_be_found:model", "there is no module nowhere_to_be_found"),
        ("made_here:absent", "made_here has no absent"),
        ("made_here:needs", "needs cannot be called without arguments: missing a required argument: 'rows'"),
        ("needs_torch:model", r"torch is not installed here.* install torch==2\.13\.0"),
    ],
)
def test_a_reference_that_leads_nowhere_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference: str, words: str
) -> None:
    write(tmp_path / "made_here.py", "def needs(rows): ...\n")
    write(tmp_path / "needs_torch.py", "import torch\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ExportRefused, match=words):
        read_model(reference)
