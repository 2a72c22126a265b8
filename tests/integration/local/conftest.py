import contextlib
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from multidict import CIMultiDictProxy

from infra.local.cloud import LocalCloud
from infra.local.settings import LOCAL_KEY, LOCAL_PLAN, THROTTLED_KEY, Plan, Settings

FUNCTIONS = Path(__file__).parent / "functions"
SETTINGS = Settings(
    port=0,
    plans={LOCAL_KEY: LOCAL_PLAN, THROTTLED_KEY: Plan(0.001, 2, 100), "quota": Plan(500, 500, 2)},
    environments_max_count=3,
    integration_timeout_seconds=3.0,
)


@dataclass(frozen=True)
class Reply:
    status: int
    headers: "CIMultiDictProxy[str]"
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Calls one local cloud."""

    def __init__(self, cloud: LocalCloud, session: ClientSession) -> None:
        self.cloud, self.session = cloud, session

    async def call(
        self,
        method: str,
        path: str,
        key: str | None = None,
        headers: dict[str, str] | None = None,
        **options: Any,
    ) -> Reply:
        all_headers = {**(headers or {}), **({"x-api-key": key} if key else {})}
        async with self.session.request(
            method, self.cloud.api_url + path, headers=all_headers, **options
        ) as response:
            return Reply(response.status, response.headers, await response.read())

    async def fault(self, name: str) -> Reply:
        return await self.call("POST", f"/faults/{name}")


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def client() -> AsyncIterator[Client]:
    """One cloud for all tests that leave it as it was."""
    async with LocalCloud(FUNCTIONS, SETTINGS) as cloud, ClientSession() as session:
        yield Client(cloud, session)


@pytest_asyncio.fixture(loop_scope="package")
async def start() -> AsyncIterator[Callable[..., Awaitable[Client]]]:
    """Start a cloud with other settings, for one test."""
    async with contextlib.AsyncExitStack() as exits:

        async def start_one(root: Path = FUNCTIONS, **changes: Any) -> Client:
            cloud = await exits.enter_async_context(LocalCloud(root, replace(SETTINGS, **changes)))
            return Client(cloud, await exits.enter_async_context(ClientSession()))

        yield start_one


@pytest.fixture
def functions(tmp_path: Path) -> Path:
    """A copy of the functions, in a path with spaces."""
    folder = tmp_path / "a path with spaces"
    shutil.copytree(FUNCTIONS, folder)
    return folder
