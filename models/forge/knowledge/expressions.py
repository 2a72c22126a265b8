"""The expressions of a knowledge base, as tickets are searched for them: each has words, and one meaning."""

from collections.abc import Iterable

from coldframe.triage.expressions import words_of
from models.forge.knowledge.faults import Faults
from models.forge.knowledge.nodes import Keys, Scalar


def check_expressions(root: Keys, faults: Faults) -> None:
    """Note expressions without a word, and those whose words stand there already, case aside."""
    _check(_of_urgency(root), "urgency", faults)
    signals = (word for signal in root.mappings("signals") for word in signal.texts("words"))
    _check(signals, "signals.words", faults)


def _of_urgency(root: Keys) -> Iterable[Scalar]:
    urgency = root.items.get("urgency")
    if not isinstance(urgency, Keys):
        return
    for node in map(urgency.items.get, ("raises", "lowers")):
        if isinstance(node, Keys):
            yield from (Scalar(line, expression) for expression, line in node.lines.items())


def _check(expressions: Iterable[Scalar], field: str, faults: Faults) -> None:
    first: dict[tuple[str, ...], Scalar] = {}
    for one in expressions:
        words = tuple(words_of(one.text))
        if words:
            before = first.setdefault(words, one)
            if before is not one:
                wrong = f"{one.text!r} is the same as {before.text!r} on line {before.line:,}"
                faults.add(one.line, field, wrong, "leave one of them")
        elif one.text.strip():  # a blank one is a fault already
            faults.add(one.line, field, f"{one.text!r} has no word", "write letters or digits")
