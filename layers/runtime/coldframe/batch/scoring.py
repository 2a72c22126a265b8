"""Texts of any number in calls of a bounded one."""

from coldframe import limits
from coldframe.decisions import Row
from coldframe.predictor import Predictor


def answer_all(predictor: Predictor, texts: list[str]) -> list[Row]:
    """Answer any number of texts, TEXTS_MAX_COUNT a call; in which call a text is changes no answer."""
    answers: list[Row] = []
    for first in range(0, len(texts), limits.TEXTS_MAX_COUNT):
        answers += predictor.rows(texts[first : first + limits.TEXTS_MAX_COUNT])
    return answers
