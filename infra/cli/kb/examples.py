"""Knowledge bases made from public rows, which stay where they are: only the words around them are here."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from models.forge.csv_file import UnusableRows
from models.forge.knowledge.intents_data import BANKING, DOMAINS, Row, read_banking, read_clinc

Content = dict[str, Any]
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_WIDTH_CHARS = 110


def clinc150(data: Path) -> Content:
    """Domains as categories, intents as problems; the training rows that have no intent are out of scope."""
    rows, domain_of = read_clinc(data)
    facts = _facts("clinc150")
    descriptions = facts["descriptions"]
    if unknown := sorted(set(domain_of.values()) - descriptions.keys()):
        raise UnusableRows(f"{DOMAINS} has the unknown domains {', '.join(unknown)}: take the original file.")
    content = _content(facts["title"], descriptions, rows.train, domain_of)
    return {**content, "out_of_scope": _distinct(text for text, _ in rows.oos_train)}


def banking77(data: Path) -> Content:
    """Topics of this project's as categories, intents as problems."""
    rows, facts = read_banking(data), _facts("banking77")
    topic_of = {intent: topic["category"] for topic in facts["topics"] for intent in topic["intents"]}
    if unknown := sorted({intent for _, intent in rows} - topic_of.keys()):
        raise UnusableRows(f"{BANKING} has the unknown intents {', '.join(unknown)}: take the original file.")
    descriptions = {topic["category"]: topic["description"] for topic in facts["topics"]}
    return _content(facts["title"], descriptions, rows, topic_of)


def write_yaml(content: Content, path: Path) -> None:
    """Write it as `read_document` reads it. Raises FileExistsError: it may hold somebody's work."""
    with path.open("x", encoding="utf-8") as file:
        yaml.dump(content, file, _DUMPER, allow_unicode=True, sort_keys=False, width=_WIDTH_CHARS)


def _content(
    title: str, descriptions: Mapping[str, str], rows: Iterable[Row], category_of: Mapping[str, str]
) -> Content:
    phrasings: dict[str, list[str]] = {}
    for text, intent in rows:
        phrasings.setdefault(intent, []).append(text.strip())
    used = {category_of[intent] for intent in phrasings}
    return {
        "title": title,
        "categories": [
            {"category": category, "description": description}
            for category, description in descriptions.items()
            if category in used
        ],
        "problems": [
            {"problem": intent, "category": category_of[intent], "phrasings": _distinct(phrasings[intent])}
            for intent in sorted(phrasings)
        ],
    }


def _distinct(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def _facts(name: str) -> Mapping[str, Any]:
    return tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text(encoding="utf-8"))
