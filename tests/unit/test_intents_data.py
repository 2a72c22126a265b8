"""What is wrong with the rows of the intent benchmark is said with the file and the place."""

import json
from pathlib import Path
from typing import Any

import pytest

from models.forge.csv_file import UnusableRows
from models.forge.knowledge.intents_data import BANKING, CLINC, DOMAINS, read_banking, read_clinc

ROW = ["what is my balance", "balance"]
PARTS: dict[str, Any] = {"train": [ROW], "val": [ROW], "oos_train": [["hm", "oos"]], "oos_val": []}


def write(
    folder: Path, parts: Any = PARTS, domains: Any = None, banking: str = "text,category\na,b\n"
) -> Path:
    (folder / CLINC).parent.mkdir()
    (folder / CLINC).write_text(json.dumps(parts), "utf-8")
    (folder / DOMAINS).write_text(json.dumps(domains or {"banking": ["balance"]}), "utf-8")
    (folder / BANKING).write_text(banking, "utf-8")
    return folder


def test_rows_are_read(tmp_path: Path) -> None:
    rows, domain_of = read_clinc(write(tmp_path, banking='text,category\n"a\nb",c\n'))
    assert rows.train == [("what is my balance", "balance")]
    assert domain_of == {"balance": "banking"}
    assert read_banking(tmp_path) == [("a\nb", "c")]


@pytest.mark.parametrize(
    ("parts", "domains", "says"),
    [
        ({"train": [ROW]}, None, r"clinc150.json\['val'\]: Field required"),
        ({**PARTS, "val": [["one"]]}, None, r"clinc150.json\['val'\]\[0\]\[1\]: Field required"),
        (PARTS, {"banking": []}, "clinc150_domains.json has no domain for balance"),
        (PARTS, ["banking"], "clinc150_domains.json: Input should be an object"),
    ],
)
def test_clinc_that_cannot_be_used(tmp_path: Path, parts: Any, domains: Any, says: str) -> None:
    with pytest.raises(UnusableRows, match=says):
        read_clinc(write(tmp_path, parts, domains))


@pytest.mark.parametrize(
    ("banking", "says"),
    [
        ("text,label\na,b\n", r"line 1 is \['text', 'label'\]"),
        ("text,category\na,b\nc\n", "ends on line 3"),
        ("text,category\na,b,c\n", "ends on line 2"),
    ],
)
def test_banking_that_cannot_be_used(tmp_path: Path, banking: str, says: str) -> None:
    with pytest.raises(UnusableRows, match=says):
        read_banking(write(tmp_path, banking=banking))


def test_a_folder_without_the_files(tmp_path: Path) -> None:
    with pytest.raises(UnusableRows, match="--data"):
        read_clinc(tmp_path)


def test_bytes_that_are_not_utf_8(tmp_path: Path) -> None:
    (write(tmp_path) / BANKING).write_bytes("text,category\né,b\n".encode("latin-1"))
    with pytest.raises(UnusableRows, match="byte 14 is not UTF-8"):
        read_banking(tmp_path)
