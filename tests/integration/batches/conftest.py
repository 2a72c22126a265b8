import json
import os
from dataclasses import dataclass
from typing import Any

os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "Coldframe")  # read when the telemetry is imported

import pytest
import urllib3

from coldframe.batch.drop import Drop
from tests.handlers import Client, load_function, variables
from tests.integration.batch.cloud import Cloud


@dataclass
class Desk:
    """The batches function over one cloud, as a client sees it; and the pipeline, to be run by hand."""

    cloud: Cloud
    client: Client

    def ask(self, file_name: str = "口コミ.csv", key_id: str = "one", **more: Any) -> Any:
        """Make a job."""
        body = json.dumps({"model": "sentiment", "file_name": file_name, **more})
        status, headers, job = self.client.request("POST", "/batches", body, key_id=key_id)
        assert (status, headers["location"]) == (201, f"/v1/batches/{job['id']}"), job
        return job

    def send(self, job: Any, data: bytes) -> Drop:
        """Send a job's form with the data; S3's notification of it goes to the queue."""
        form = job["upload"]
        answer = urllib3.request("POST", form["url"], fields={**form["fields"], "file": ("x.csv", data)})
        assert answer.status == 204
        key = form["fields"]["key"]
        head = self.cloud.s3.head_object(Bucket=self.cloud.inbox, Key=key)
        drop = Drop(self.cloud.inbox, key, head["VersionId"], head["ETag"].strip('"'))
        self.cloud.announce(drop)
        return drop

    def look(self, job: Any, key_id: str = "one") -> Any:
        status, _, found = self.client.request("GET", f"/batches/{job['id']}", key_id=key_id)
        assert status == 200, found
        return found

    def page(self, key_id: str = "one", **query: Any) -> Any:
        status, _, found = self.client.request(
            "GET", "/batches", query={name: str(value) for name, value in query.items()}, key_id=key_id
        )
        assert status == 200, found
        return found


@pytest.fixture(scope="module")
def shared(aws: str) -> Cloud:
    return Cloud.create()


@pytest.fixture
def desk(aws: str, shared: Cloud, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Nothing done yet."""
    cloud = shared.again()
    more = {"INBOX_BUCKET": cloud.inbox, "RESULTS_BUCKET": cloud.results}
    for name, value in {**variables(aws, cloud.models), **more}.items():
        monkeypatch.setenv(name, value)
    return Desk(cloud, Client(load_function("batches").handler))
