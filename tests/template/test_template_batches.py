"""Jobs over HTTP: what their function may do, and who may upload from where."""

import pytest
from jsonschema import Draft4Validator

from coldframe import limits
from tests.template.expansion import Json, resources


@pytest.fixture
def statements(template: Json) -> dict[str, Json]:
    """What the function's role allows, by Sid."""
    (policy,) = resources(template, "AWS::IAM::Role")["BatchesRole"]["Policies"]
    return {statement["Sid"]: statement for statement in policy["PolicyDocument"]["Statement"]}


def test_the_function_knows_its_buckets(template: Json) -> None:
    variables = resources(template, "AWS::Lambda::Function")["BatchesFunction"]["Environment"]["Variables"]
    assert [variables[name]["Ref"] for name in ("MODEL_BUCKET", "INBOX_BUCKET", "RESULTS_BUCKET")] == [
        "ModelBucket",
        "InboxBucket",
        "ResultsBucket",
    ]


def test_it_writes_files_of_jobs_and_markers_alone(statements: dict[str, Json]) -> None:
    writable = {
        statement["Resource"]["Fn::Sub"]
        for statement in statements.values()
        if "s3:PutObject" in statement["Action"]
    }
    assert writable == {"${InboxBucket.Arn}/*/_jobs/*", "${ResultsBucket.Arn}/_batches/*"}


def test_it_reads_what_is_of_jobs_and_which_models_are_live(statements: dict[str, Json]) -> None:
    readable = {
        statement["Resource"]["Fn::Sub"]
        for statement in statements.values()
        if "s3:GetObject" in statement["Action"]
    }
    assert readable == {
        "${ModelBucket.Arn}/models/*/aliases.json",
        "${InboxBucket.Arn}/*/_jobs/*",
        "${ResultsBucket.Arn}/*/_jobs/*",
        "${ResultsBucket.Arn}/_batches/*",
    }
    prefixes = statements["ListJobs"]["Condition"]["StringLikeIfExists"]["s3:prefix"]
    assert prefixes == ["_batches/*", "*/_jobs/*"]


def test_it_does_nothing_else(statements: dict[str, Json]) -> None:
    assert set(statements) == {
        "KeepMarkers",
        "ListJobs",
        "ListModels",
        "ReadJobsResults",
        "ReadWhichModelsAreLive",
        "SendDeadLetters",
        "UploadJobsFiles",
        "WriteLogs",
        "WriteTraces",
    }


def test_a_page_of_the_allowed_origin_may_send_the_form(template: Json) -> None:
    cors = resources(template, "AWS::S3::Bucket")["InboxBucket"]["CorsConfiguration"]
    assert cors == {"CorsRules": [{"AllowedMethods": ["POST"], "AllowedOrigins": [{"Ref": "AllowedOrigin"}]}]}


def test_the_gateway_stops_only_what_is_ten_times_over_the_limit(api: Json) -> None:
    model = Draft4Validator(api["components"]["schemas"]["batchrequest"])
    for name, most in (
        ("model", 63),
        ("file_name", limits.BATCHES_FILE_NAME_MAX_CHARS),
        ("column", limits.BATCHES_COLUMN_MAX_CHARS),
    ):
        assert model.is_valid({name: "x" * most * 10})
        assert not model.is_valid({name: "x" * (most * 10 + 1)})
    assert not model.is_valid(["comments.csv"])
