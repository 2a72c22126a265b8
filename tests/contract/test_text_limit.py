"""One limit of a text: what the API takes is what the model's model.toml says, and so what the CSV takes."""

import json
from typing import Annotated

import pytest
from pydantic import TypeAdapter, ValidationError

from coldframe.inputs import Readable
from models.forge import version
from tests.endpoints import ANSWERED_AT
from tests.handlers import ROOT

NAMES = [name for name in version.names() if name in ANSWERED_AT]  # an encoder answers nothing by itself


def test_there_is_a_model_with_an_api() -> None:
    assert "sentiment" in NAMES
    assert all((ROOT / "docs/openapi" / f"{name}.json").exists() for name in ANSWERED_AT)


@pytest.mark.parametrize("name", NAMES)
def test_the_apis_limit_is_the_models(name: str) -> None:
    document = json.loads((ROOT / "docs/openapi" / f"{name}.json").read_text("utf-8"))
    body = document["paths"][f"/{name}/{ANSWERED_AT[name]}"]["post"]["requestBody"]["content"][
        "application/json"
    ]
    schema = document["components"]["schemas"][body["schema"]["$ref"].rpartition("/")[-1]]
    found = {text["maxLength"] for text in texts_of(schema)}
    assert found == {version.draft(version.MODELS / name, ("a", "b")).text_max_chars}


def texts_of(schema: object) -> list[dict[str, int]]:
    """Every string that the schema bounds."""
    if isinstance(schema, list):
        return [text for one in schema for text in texts_of(one)]
    if not isinstance(schema, dict):
        return []
    own = [schema] if schema.get("type") == "string" and "maxLength" in schema else []
    return own + [text for one in schema.values() for text in texts_of(one)]


def test_another_limit_is_a_type_of_its_own() -> None:
    text: TypeAdapter[str] = TypeAdapter(Annotated[str, Readable(10_000)])
    assert text.validate_python("あ" * 10_000)
    schema = text.json_schema()
    assert (schema["type"], schema["minLength"], schema["maxLength"]) == ("string", 1, 10_000)
    for wrong in ("", " ", "a\0", "あ" * 10_001):
        with pytest.raises(ValidationError):
            text.validate_python(wrong)
