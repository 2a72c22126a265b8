"""A knowledge base from a file: YAML with all that there is to say, or CSV with a row for each phrasing."""

from pathlib import Path
from typing import Any

from coldframe.triage.document import Document
from models.forge.knowledge.csv_rows import parse_csv
from models.forge.knowledge.faults import Faults, UnusableKnowledge
from models.forge.knowledge.form import FILE_MAX_BYTES, FORM, TITLE_MAX_CHARS
from models.forge.knowledge.nodes import Items, Keys, Node
from models.forge.knowledge.rules import check_rules
from models.forge.knowledge.yaml_file import parse_yaml

YAML_ENDINGS = (".yaml", ".yml")
ENDINGS = (*YAML_ENDINGS, ".csv")
_WHOLE = ("percentage", "sla_hours")


def read_document(path: Path) -> Document:
    """Read a knowledge base, YAML or CSV by the file's ending; texts without the blanks around them.

    Raises `UnusableKnowledge`, with the line, the field and the fix of every fault.
    """
    if path.suffix.lower() not in ENDINGS:
        raise UnusableKnowledge(f"{path} ends on none of {', '.join(ENDINGS)}: name a file that does.")
    data, faults = _bytes(path), Faults(path.name)
    if path.suffix.lower() == ".csv":
        root: Node = parse_csv(path, data, faults)
    else:
        root = parse_yaml(_text(data, faults), faults)
    FORM(root, "", faults)
    if isinstance(root, Keys):
        check_rules(root, faults)
    faults.check()
    content = {"title": path.stem[:TITLE_MAX_CHARS], **_plain(root)}
    for category in content["categories"]:
        category.setdefault("routing_team", category["category"])
    return Document.of(content)


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(FILE_MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise UnusableKnowledge(f"{path} does not exist.") from error
    except (OSError, ValueError) as error:
        raise UnusableKnowledge(f"{path} cannot be read: {error}.") from error
    if len(data) > FILE_MAX_BYTES:
        raise UnusableKnowledge(f"{path.name} is over {FILE_MAX_BYTES:,} bytes: leave phrasings out.")
    return data


def _text(data: bytes, faults: Faults) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise faults.refusal(
            line, "file", f"byte {error.start:,} is not UTF-8", "save it as UTF-8 in the editor"
        ) from error


def _plain(node: Node, key: str = "") -> Any:
    """What a node that was checked stands for."""
    if isinstance(node, Keys):
        shares = key in ("raises", "lowers")
        return {
            name.strip(): float(one.text)
            if shares and not isinstance(one, Items | Keys)
            else _plain(one, name)
            for name, one in node.items.items()
        }
    if isinstance(node, Items):
        return [_plain(item, key) for item in node.items]
    return int(node.text) if key in _WHOLE else node.text.strip()
