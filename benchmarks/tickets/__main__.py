"""Print the tables of tickets."""

import asyncio
import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

from rich.console import Console

from benchmarks.harness import shipped_model
from benchmarks.tickets import cold, file, warm

MEMORY_MB = 1_769  # as the template has it: one whole vCPU


def main() -> None:
    """Measure the file first: the others leave the environment of a function behind."""
    console = Console()
    asyncio.run(file.measure(console))
    with shipped_model("tickets", MEMORY_MB) as env:
        cold.measure(console, env)
        warm.measure(console)


if __name__ == "__main__":
    main()
