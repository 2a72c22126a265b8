import pytest

from tests.template.expansion import Json, expand


@pytest.fixture
def template() -> Json:
    return expand()


@pytest.fixture
def api(template: Json) -> Json:
    """The OpenAPI document that API Gateway imports."""
    body: Json = template["Resources"]["Api"]["Properties"]["Body"]
    return body
