"""Which decisions a challenger can be held against, and whether it says the same of one."""

from collections.abc import Sequence

from coldframe import limits
from coldframe.predictor import Answering
from coldframe.shadow.events import Decision
from coldframe.telemetry import logger


def sample(decisions: Sequence[Decision]) -> Sequence[Decision]:
    """Return at most SHADOW_INPUTS_MAX_COUNT of them, from all over: the first may be one request's."""
    return decisions[:: -(-len(decisions) // limits.SHADOW_INPUTS_MAX_COUNT) or 1]


def comparable(opened: Answering, decisions: Sequence[Decision]) -> list[Decision]:
    """Return the decisions that say a label; a ticket that is seen to in some of its tiers may have none."""
    column = label_column(opened)
    return [one for one in decisions if column in one.columns]


def agrees(opened: Answering, decision: Decision) -> bool:
    """Say whether a version gives the input the label that it got; one that fails on it does not."""
    try:
        ((words, _numbers),) = opened.rows([decision.item])
    except Exception:  # noqa: BLE001 - whatever it is, no request has met it
        logger.exception("the challenger failed", extra={"model": decision.model})
        return False
    return bool(words[-1] == decision.columns[label_column(opened)])


def label_column(opened: Answering) -> str:
    """Return the column of the label, the last of a row's words."""
    words, _numbers = opened.widest[0]
    return opened.columns[len(words) - 1]
