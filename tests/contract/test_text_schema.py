"""The schema of a text endpoint's request says what its code takes, also where examples seldom go."""

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from coldframe.inputs import TextRequest

SCHEMA = Draft202012Validator(TextRequest.model_json_schema())


def taken(content: object) -> bool:
    try:
        TextRequest.model_validate(content)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("content", "right"),
    [
        ({"text": "a"}, True),
        ({"texts": ["a"]}, True),
        ({"text": "a", "texts": None}, True),
        ({"text": None, "texts": ["a"]}, True),
        ({"text": "a", "texts": ["a"]}, False),
        ({"text": None, "texts": None}, False),
        ({"text": None}, False),
        ({}, False),
        ({"texts": []}, False),
        ({"text": "a\0"}, False),
        ({"texts": ["a", "\u3000 \n"]}, False),
    ],
)
def test_schema_and_code_agree(content: object, right: bool) -> None:
    assert SCHEMA.is_valid(content) is taken(content) is right


def test_they_agree_on_what_is_blank() -> None:
    characters = [chr(code) for code in range(0x3001)]  # up to the last blank one, the ideographic space
    blank = [one for one in characters if not taken({"text": one})]
    assert len(blank) > 20
    assert [one for one in characters if not SCHEMA.is_valid({"text": one})] == blank
