"""Cold start of sentiment, process start to first answer, against the usual way of writing it."""

import re
from pathlib import Path
from statistics import median
from tempfile import TemporaryFile

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.harness import ROOT, Start, cold_start, empty_bucket, environment, slow_s3
from coldframe.registry import version_prefix
from models.forge.publish import publish
from models.forge.version import read_version

RUNS = 15
FOLDERS = {"ours": ROOT / "functions/sentiment", "the usual way": ROOT / "benchmarks/usual"}
# The packages whose imports take the time, in the order in which a table should show them.
PACKAGES = (
    "boto3",
    "aws_xray_sdk",
    "aws_lambda_powertools",
    "fastapi",
    "mangum",
    "numpy",
    "obstore",
    "coldframe",
)
IMPORT_LINE = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|(\s+)(\S+)")


def main() -> None:
    """Print the table of medians, the ratio, and where the time goes."""
    console = Console()
    with slow_s3() as endpoint:
        shipped = read_version("sentiment")
        target = publish(empty_bucket(endpoint), shipped.manifest, shipped.files, "to measure")
        key = version_prefix("sentiment", target.version) + "weights.npz"
        env = environment(endpoint, WEIGHTS_KEY=key)
        starts = run(env)
        console.print(summary(starts))
        ours, usual = (median(s.answer_ms for s in starts[name]) for name in FOLDERS)
        console.print(f"ratio: {ours / usual:.2f} (at most 0.60 wanted)")
        console.print(loading(starts["ours"]))
        console.print(stages({name: imports(folder, env) for name, folder in FOLDERS.items()}))


def run(env: dict[str, str]) -> dict[str, list[Start]]:
    """Start each variant in turn, so that a noisy moment falls on both."""
    for folder in FOLDERS.values():
        cold_start(folder, env)  # writes the .pyc files, which Lambda's layer brings along
    starts: dict[str, list[Start]] = {name: [] for name in FOLDERS}
    for _ in track(range(RUNS), "cold starts"):
        for name, folder in FOLDERS.items():
            starts[name].append(cold_start(folder, env))
    return starts


def summary(starts: dict[str, list[Start]]) -> Table:
    """Medians of the runs."""
    table = Table(title=f"Cold start, one core, medians of {RUNS} fresh processes")
    for heading in ("", "INIT ms", "first answer ms", "after INIT ms", "peak RSS MB"):
        table.add_column(heading, justify="left" if not heading else "right")
    for name, runs in starts.items():
        init, answer = median(s.init_ms for s in runs), median(s.answer_ms for s in runs)
        after = median(s.answer_ms - s.init_ms for s in runs)
        peak = median(s.peak_rss_mb for s in runs)
        table.add_row(name, f"{init:.0f}", f"{answer:.0f}", f"{after:.1f}", f"{peak:.0f}")
    return table


def loading(starts: list[Start]) -> str:
    """Say what the loading thread did beside the imports, and what SnapStart would leave of the start."""
    loads = [line["stages_ms"] for start in starts for line in start.printed if "stages_ms" in line]
    by_stage = {stage: median(load[stage] for load in loads) for stage in loads[0]}
    told = ", ".join(f"{stage} {ms:.0f} ms" for stage, ms in by_stage.items())
    after = median(start.answer_ms - start.init_ms for start in starts)
    return (
        f"loading, beside the imports: {told}\n"
        f"SnapStart would leave: AWS's restore (not measured here), {after:.0f} ms for the first call, and "
        f"{by_stage['alias']:.0f} ms to read the alias again beside it"
    )


def imports(folder: Path, env: dict[str, str]) -> dict[str, float]:
    """Milliseconds that each package's modules took to import, their dependencies counted apart."""
    with TemporaryFile("w+") as log:
        cold_start(folder, env, "-X", "importtime", stderr=log)
        log.seek(0)
        found = IMPORT_LINE.findall(log.read())
    spent = dict.fromkeys((*PACKAGES, "everything else"), 0.0)
    for own_us, _, module in found:
        package = module.partition(".")[0]
        spent[package if package in spent else "everything else"] += int(own_us) / 1e3
    return spent


def stages(spent: dict[str, dict[str, float]]) -> Table:
    """Where the imports' time goes."""
    table = Table(title="Imports by package, ms (under -X importtime, which slows them)")
    table.add_column("package")
    for name in spent:
        table.add_column(name, justify="right")
    for package in (*PACKAGES, "everything else"):
        table.add_row(package, *(f"{by[package]:.0f}" for by in spent.values()))
    return table


if __name__ == "__main__":
    main()
