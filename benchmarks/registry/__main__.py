"""Print the tables of the registry."""

import asyncio
import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ["POWERTOOLS_METRICS_NAMESPACE"] = "Coldframe"  # read when the telemetry is imported

from rich.console import Console

from benchmarks.registry import canary, promotions, refresh, shadow
from benchmarks.registry.clouds import running


def main() -> None:
    """Measure over HTTP first: the others leave the environment of a function behind."""
    console = Console()
    console.print("load average before: " + ", ".join(f"{one:.1f}" for one in os.getloadavg()))
    with running(AliasRefreshSeconds=promotions.REFRESH_SECONDS) as cloud:
        asyncio.run(promotions.measure(console, cloud))
        asyncio.run(canary.measure(console, cloud))
    with running() as plain, running(LogInputs="on") as shadowed:
        asyncio.run(shadow.measure_over_http(console, plain, shadowed))
    refresh.measure(console)
    shadow.measure_in_process(console)
    console.print("load average after: " + ", ".join(f"{one:.1f}" for one in os.getloadavg()))


if __name__ == "__main__":
    main()
