"""Where template, runtime, local cloud and docs speak of one limit, they name one number."""

import json
import re

import pytest

from coldframe import limits
from infra.local import settings
from tests.template.expansion import ROOT, Json, source
from tests.template.test_template_api import gateway_body, gateway_responses

OPERATING = (ROOT / "docs/operating.md").read_text("utf-8")
MIB = 1024 * 1024


def detail(api: Json, kind: str) -> str:
    told: str = gateway_body(gateway_responses(api)[kind])["detail"]
    return told


def test_the_gateway_tells_the_sizes_and_times_that_are_held(api: Json) -> None:
    assert f"{settings.LAMBDA_REQUEST_MAX_BYTES // MIB} MB" in detail(api, "REQUEST_TOO_LARGE")
    assert f"{settings.INTEGRATION_TIMEOUT_SECONDS:.0f} seconds" in detail(api, "INTEGRATION_TIMEOUT")


@pytest.mark.parametrize("name", ["RateLimitPerSecond", "BurstLimit", "QuotaPerDay"])
def test_the_docs_name_the_plan_of_the_template(name: str) -> None:
    default = source()["Parameters"][name]["Default"]
    assert re.search(rf"`{name}` \({default:,}\b", OPERATING)


def test_the_docs_name_when_to_come_back(api: Json) -> None:
    rate, quota = (
        gateway_responses(api)[kind]["responseParameters"]["gatewayresponse.header.Retry-After"].strip("'")
        for kind in ("THROTTLED", "QUOTA_EXCEEDED")
    )
    assert f"({rate} s for the rate, {int(quota):,} s for the quota)" in OPERATING


def test_the_docs_name_the_limits_of_the_stage(template: Json) -> None:
    stage = next(r for r in template["Resources"].values() if r["Type"] == "AWS::ApiGateway::Stage")
    rates = {s["ResourcePath"]: s["ThrottlingRateLimit"] for s in stage["Properties"]["MethodSettings"]}
    (common,) = {rate for path, rate in rates.items() if path != "/*"}
    assert f"takes {rates['/*']} requests a second, `healthz` and `openapi.json` {common} each" in OPERATING


def test_signatures_and_documents_last_as_long_as_the_docs_say() -> None:
    assert (limits.SIGNATURE_WINDOW_SECONDS, limits.OPENAPI_CACHE_SECONDS) == (300, 300)
    assert "within\nfive minutes of the server's time" in OPERATING
    assert "may be kept for five\nminutes" in OPERATING


def test_the_sentiment_documents_name_the_functions_limits() -> None:
    written = (ROOT / "docs/sentiment.md").read_text("utf-8")
    assert f"over {limits.TEXT_MAX_CHARS:,} characters or texts" in written
    assert f"over {settings.LAMBDA_REQUEST_MAX_BYTES // MIB} MiB" in written
    document = json.loads((ROOT / "docs/openapi/sentiment.json").read_text("utf-8"))
    fields = document["components"]["schemas"]["TextRequest"]["properties"]
    assert f'"maxLength": {limits.TEXT_MAX_CHARS}' in json.dumps(fields["text"])
    assert f'"maxItems": {limits.TEXTS_MAX_COUNT}' in json.dumps(fields["texts"])


def test_the_tickets_documents_name_the_functions_limits() -> None:
    written = (ROOT / "docs/tickets.md").read_text("utf-8")
    assert f"over {limits.LONG_TEXT_MAX_CHARS:,} characters or {limits.TICKETS_MAX_COUNT} texts" in written
    assert f"at most {limits.TICKETS_UPLOAD_ROWS_MAX_COUNT} rows" in written
    assert f"over {limits.UPLOAD_MAX_BYTES:,} bytes or over {limits.TICKETS_UPLOAD_ROWS_MAX_COUNT}" in written
    readme = (ROOT / "README.md").read_text("utf-8")
    assert f"tickets: {limits.TICKETS_UPLOAD_ROWS_MAX_COUNT} rows" in readme
    assert f"takes {limits.TICKETS_BLOCK_BYTES // 1024} KiB at a time" in written
    assert f"more than {limits.ENCODER_TOKENS_MAX_COUNT} tokens" in written
    assert f"among the {limits.NEAREST_PROBLEMS_COUNT} nearest" in written
    document = json.loads((ROOT / "docs/openapi/tickets.json").read_text("utf-8"))
    fields = document["components"]["schemas"]["TicketRequest"]["properties"]
    assert f'"maxLength": {limits.LONG_TEXT_MAX_CHARS}' in json.dumps(fields["text"])
    assert f'"maxItems": {limits.TICKETS_MAX_COUNT}' in json.dumps(fields["texts"])


def test_the_tickets_documents_name_every_field() -> None:
    written = (ROOT / "docs/tickets.md").read_text("utf-8")
    schemas = json.loads((ROOT / "docs/openapi/tickets.json").read_text("utf-8"))["components"]["schemas"]
    for name in (*schemas["Ticket"]["properties"], *schemas["TicketRequest"]["properties"]):
        assert f"`{name}`" in written


def test_the_models_documents_name_what_a_trial_may_take() -> None:
    written = " ".join((ROOT / "docs/ml-models.md").read_text("utf-8").split())
    assert f"over {limits.PROBE_MEMORY_MAX_BYTES / 1e9:g} GB of memory" in written
    assert f"not ready within {limits.PROBE_SECONDS:g} seconds" in written
    assert f"is kept for {limits.PROBE_KEPT_SECONDS:g} seconds" in written
    assert f"of {limits.CATALOG_OBJECTS_MAX_COUNT:,} objects" in written
    assert limits.ALIAS_HISTORY_MAX_COUNT == 100
    assert "at least the last hundred changes" in written


def test_the_inference_documents_name_the_limits_and_every_route() -> None:
    written = (ROOT / "docs/inference.md").read_text("utf-8")
    texts, tickets, chars, long_chars = (
        f"{limit:,}"
        for limit in (
            limits.TEXTS_MAX_COUNT,
            limits.TICKETS_MAX_COUNT,
            limits.TEXT_MAX_CHARS,
            limits.LONG_TEXT_MAX_CHARS,
        )
    )
    assert f"up to {texts} ({tickets} for tickets) of up to {chars} characters" in written
    assert f"(moderation and tickets {long_chars})" in written
    assert (limits.INFERENCE_MODELS_MAX_COUNT, limits.INFERENCE_VERSIONS_MAX_COUNT) == (4, 2)
    assert "the last four stay open" in written
    for path in json.loads((ROOT / "docs/openapi/inference.json").read_text("utf-8"))["paths"]:
        assert path.removesuffix("/ready").removesuffix("/infer") in written
