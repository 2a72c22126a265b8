import base64
import json

import boto3
import pytest

from coldframe import limits
from coldframe.batch.bucket import Bucket
from coldframe.batches.links import download_url, settings, upload_form


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """A bucket on AWS, outside the region that is the default of many things."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    client = boto3.client(
        "s3", region_name="eu-central-1", aws_access_key_id="a", aws_secret_access_key="b", config=settings()
    )
    return Bucket(client, "inbox")


def test_a_form_is_for_one_key_and_bounded_in_size(bucket: Bucket) -> None:
    form = upload_form(bucket, "sentiment/_jobs/1/rows.csv", {"x-amz-meta-column": "body"})
    conditions = json.loads(base64.b64decode(form.fields["policy"]))["conditions"]
    assert {"key": "sentiment/_jobs/1/rows.csv"} in conditions
    assert {"x-amz-meta-column": "body"} in conditions
    assert form.fields["x-amz-meta-column"] == "body"
    assert {"bucket": "inbox"} in conditions
    assert ["content-length-range", 1, limits.BATCHES_UPLOAD_MAX_BYTES] in conditions
    assert not [one for one in conditions if isinstance(one, list) and one[0] != "content-length-range"]
    assert form.fields["x-amz-algorithm"] == "AWS4-HMAC-SHA256"


def test_every_condition_is_one_as_s3_asks(bucket: Bucket) -> None:
    form = upload_form(bucket, "a", {})
    conditions = json.loads(base64.b64decode(form.fields["policy"]))["conditions"]
    assert {len(one) for one in conditions if isinstance(one, dict)} == {1}
    signed = {name for one in conditions if isinstance(one, dict) for name in one}
    assert form.fields.keys() - {"policy", "x-amz-signature"} == signed - {"bucket"}


def test_addresses_name_the_region_and_never_redirect(bucket: Bucket) -> None:
    assert upload_form(bucket, "a", {}).url == "https://inbox.s3.eu-central-1.amazonaws.com/"
    assert download_url(bucket, "a", "a.csv").startswith("https://inbox.s3.eu-central-1.amazonaws.com/a?")
