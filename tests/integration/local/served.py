"""Serve the test functions until a signal comes; print where."""

import asyncio
import sys
from pathlib import Path

import aiohttp

from infra.local.cloud import LocalCloud, stop_signals
from infra.local.settings import Settings


async def main(root: str) -> None:
    with stop_signals() as stop:
        async with LocalCloud(Path(root), Settings(port=0)) as cloud, aiohttp.ClientSession() as session:
            async with session.post(f"{cloud.api_url}/open/a/b") as response:
                print(cloud.api_url, response.status, flush=True)  # noqa: T201
            await stop.wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
