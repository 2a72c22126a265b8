"""Texts of any number in calls of a bounded one."""

from coldframe import limits
from coldframe.classifier import Classifier
from coldframe.decisions import Row


def answer_all(classifier: Classifier, texts: list[str]) -> list[Row]:
    """Answer any number of texts, TEXTS_MAX_COUNT a call; in which call a text is changes no answer."""
    answers: list[Row] = []
    for first in range(0, len(texts), limits.TEXTS_MAX_COUNT):
        answers += classifier.rows(texts[first : first + limits.TEXTS_MAX_COUNT])
    return answers
