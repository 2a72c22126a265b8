"""Whatever scikit-learn fits, its export answers alike, and a row as alone also in company."""

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from coldframe.features import GRAPH, open_features
from models.forge.export.version import draft, export

CLASSIFIERS: list[Callable[[int], Any]] = [
    lambda seed: LogisticRegression(C=0.1 + seed % 7),
    lambda seed: make_pipeline(StandardScaler(), LogisticRegression()),
    lambda seed: RandomForestClassifier(1 + seed % 120, max_depth=4, random_state=seed),
    lambda seed: GradientBoostingClassifier(n_estimators=1 + seed % 9, random_state=seed),
]


@settings(max_examples=25)
@given(
    classifier=st.sampled_from(CLASSIFIERS),
    seed=st.integers(0, 2**32 - 1),
    features=st.integers(1, 6),
    labels=st.integers(2, 5),
)
def test_an_export_answers_as_its_parent(
    classifier: Callable[[int], Any], seed: int, features: int, labels: int
) -> None:
    random = np.random.default_rng(seed)
    rows = random.normal(size=(60, features)).astype(np.float32)
    targets = np.concatenate([np.arange(labels), random.integers(labels, size=60 - labels)])
    fitted = classifier(seed).fit(rows.astype(np.float64), targets)
    names, words = [f"f{number}" for number in range(features)], [f"l{number}" for number in range(labels)]
    made = export(fitted, draft("made", "v1.0.0", names, words))
    model = open_features(made.manifest, made.files)
    new = random.normal(size=(50, features)).astype(np.float32)
    scores = model.scores(new)
    np.testing.assert_allclose(scores, fitted.predict_proba(new.astype(np.float64)), atol=1e-5)
    alone = np.concatenate([model.scores(new[place : place + 1]) for place in range(len(new))])
    assert np.array_equal(scores, alone)
    assert export(fitted, made.manifest).files[GRAPH] == made.files[GRAPH]
