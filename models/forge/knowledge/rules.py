"""What the parts of a knowledge base owe to one another."""

from collections.abc import Iterable
from functools import partial

from models.forge.knowledge.expressions import check_expressions
from models.forge.knowledge.faults import Faults
from models.forge.knowledge.fields import nearest, whole_number
from models.forge.knowledge.form import PERCENTAGES, PHRASINGS_IN_ALL_MAX_COUNT
from models.forge.knowledge.nodes import Keys, Scalar


def check_rules(root: Keys, faults: Faults) -> None:
    """Note where names repeat or lead nowhere, and verdicts that do not fit together."""
    categories, problems = root.mappings("categories"), root.mappings("problems")
    names = _all(categories, "category")
    _unique(names, "categories.category", faults)
    _unique(_all(problems, "problem"), "problems.problem", faults)
    _lead_somewhere(root, names, faults)
    _phrasings(root, problems, faults)
    check_expressions(root, faults)
    _verdicts(problems, root.mappings("signals"), faults)


def identity(text: str) -> str:
    """What two texts share that the encoder takes for the same: case and blanks aside."""
    return " ".join(text.casefold().split())


def _all(parts: Iterable[Keys], key: str) -> list[Scalar]:
    return [one for part in parts for one in part.texts(key)]


def _is_there(name: Scalar) -> bool:
    return bool(name.text.strip())  # a blank one is a fault already


def _unique(names: Iterable[Scalar], field: str, faults: Faults) -> None:
    first: dict[str, Scalar] = {}
    for name in filter(_is_there, names):
        before = first.setdefault(identity(name.text), name)
        if before is not name:
            wrong = f"{name.text!r} stands on line {before.line:,} already"
            faults.add(name.line, field, wrong, "give it another name, or join the two")


def _lead_somewhere(root: Keys, names: list[Scalar], faults: Faults) -> None:
    known = {name.text.strip(): name.line for name in names}
    used = _all(root.mappings("problems"), "category")
    for field, found in (("problems.category", used), ("fallback", root.texts("fallback"))):
        for name in found:
            if name.text.strip() not in known:
                wrong = f"there is no category {name.text!r}"
                faults.add(name.line, field, wrong, partial(nearest, name.text, known))
    for unused in sorted(known.keys() - {one.text.strip() for one in used}):
        wrong = f"no problem is of the category {unused!r}"
        faults.add(known[unused], "categories.category", wrong, "add one, or leave the category out")


def _phrasings(root: Keys, problems: list[Keys], faults: Faults) -> None:
    first: dict[str, tuple[Scalar, Keys]] = {}
    for problem in problems:
        for one in filter(_is_there, problem.texts("phrasings")):
            before, under = first.setdefault(identity(one.text), (one, problem))
            if under is not problem:
                wrong = f"line {before.line:,} has it under another problem"
                faults.add(one.line, "problems.phrasings", wrong, "leave it under the one it means")
            elif before is not one:
                wrong = f"{one.text!r} stands on line {before.line:,} already"
                faults.add(one.line, "problems.phrasings", wrong, "leave one of them")
    for one in root.texts("out_of_scope"):
        if identity(one.text) in first:
            wrong = f"line {first[identity(one.text)][0].line:,} has it as a phrasing"
            faults.add(one.line, "out_of_scope", wrong, "leave one of them")
    count = len(_all(problems, "phrasings"))
    if count > PHRASINGS_IN_ALL_MAX_COUNT:
        wrong, most = f"there are {count:,} phrasings in all", PHRASINGS_IN_ALL_MAX_COUNT
        faults.add(root.lines["problems"], "problems.phrasings", wrong, f"leave at most {most:,}")


def _verdicts(problems: list[Keys], signals: list[Keys], faults: Faults) -> None:
    judged = [problem for problem in problems if "automation" in problem.items]
    for problem in problems:
        if judged and "automation" not in problem.items:
            wrong = f"it is missing, and the problem of line {judged[0].line:,} has it"
            faults.add(problem.line, "problems.automation", wrong, "give it to all problems or to none")
        for key in {"percentage", "reasoning"} & problem.items.keys() if not judged else ():
            fix = "add automation, or leave it out"
            faults.add(problem.lines[key], f"problems.{key}", "it is of no verdict", fix)
    if signals and not judged:
        wrong = "they speak for verdicts, and no problem has any"
        faults.add(signals[0].line, "signals", wrong, "leave them out, or add automation to the problems")
    for field, parts in (("problems", judged), ("signals", signals)):
        for part in parts:
            _percentage(part, field, faults)


def _percentage(part: Keys, field: str, faults: Faults) -> None:
    verdict = next((one.text.strip() for one in part.texts("automation")), "")
    least, most = PERCENTAGES.get(verdict, (0, 100))
    if "percentage" not in part.items:
        faults.add(part.line, f"{field}.percentage", "it is missing", f"add a number from {least} to {most}")
        return
    number = whole_number(part.items["percentage"])
    if number is not None and 0 <= number <= 100 and not least <= number <= most:
        wrong = f"{number} does not fit {verdict}"
        faults.add(part.lines["percentage"], f"{field}.percentage", wrong, f"that has {least} to {most}")
