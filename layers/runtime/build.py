"""Build a Lambda layer: install the pinned wheels, drop what never runs, add what is ours, compile, weigh.

It builds the layer of the folder that it is in; others have a link to it. Needs a Python of at least 3.11
with pip, nothing else; any machine can build for either architecture.
"""

import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

from bytecode import compile_all, find_python

HERE = Path(__file__).absolute().parent
LAYER = tomllib.loads((HERE / "layer.toml").read_text())
GLIBC_MINOR_MIN = 17  # of manylinux2014, the oldest that current wheels are made for
REPORTED_MIN_BYTES = 100_000


def main(artifacts: Path, arch: str) -> None:
    """Build the layer for one architecture into `artifacts`/python.

    Raises:
        SystemExit: a step failed or the layer is too large; the message names the fix.
    """
    if arch not in LAYER["machines"]:
        raise SystemExit(f"ARCH is {arch!r}; the layer can be built for {' or '.join(LAYER['machines'])}.")
    target = artifacts / "python"
    shutil.rmtree(target, ignore_errors=True)
    say(f"installing the packages for Python {LAYER['python']} on {arch}")
    install(target, LAYER["machines"][arch])
    slim(target)
    for package in LAYER["own"]:
        shutil.copytree(HERE / package, target / package, ignore=shutil.ignore_patterns("__pycache__"))
    add_bytecode(target)
    report(sizes(target))


def say(line: str) -> None:
    print(f"layer: {line}", flush=True)  # noqa: T201 - a build step's only voice


def install(target: Path, machine: str) -> None:
    """Install the locked wheels for `machine`, whatever this machine is."""
    # pip takes a platform literally, so every glibc that the target satisfies is named, newest first.
    levels = [f"manylinux_2_{minor}" for minor in range(LAYER["glibc_minor_max"], GLIBC_MINOR_MIN - 1, -1)]
    platforms = [f"--platform={level}_{machine}" for level in [*levels, "manylinux2014"]]
    wheels_only = ["--only-binary=:all:", "--implementation=cp", f"--python-version={LAYER['python']}"]
    quiet = ["--quiet", "--disable-pip-version-check", "--root-user-action=ignore"]
    # pip 23 checks Requires-Python against the Python that it runs on; the lock was made for the right one.
    locked = ["--require-hashes", "--no-deps", "--ignore-requires-python"]
    pip = [sys.executable, "-m", "pip", "install", "--no-compile", f"--target={target}"]
    lock = f"--requirement={HERE / 'requirements.txt'}"
    command = [*pip, *quiet, *wheels_only, *platforms, *locked, lock]
    if subprocess.run(command, check=False).returncode:  # noqa: S603 - every part of it is ours
        raise SystemExit(f"layer: {sys.executable} could not install the packages; its message is above.")


def slim(target: Path) -> None:
    """Delete what `layer.toml` drops."""
    for pattern in (pattern for patterns in LAYER["drop"].values() for pattern in patterns):
        found = sorted(target.glob(pattern))
        if not found:
            raise SystemExit(f"layer: nothing matches {pattern!r}; bring layer.toml up to date.")
        for path in found:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def add_bytecode(target: Path) -> None:
    python = find_python(LAYER["python"])
    if python:
        say(f"compiling with {python}")
        compile_all(python, target)
    else:
        say(f"WARNING: no Python {LAYER['python']} found, so the layer has no bytecode: on a cold start its")
        say("WARNING: imports take 2 to 3 times as long. Install one, or name it in PYTHON313; build again.")


def sizes(target: Path) -> Counter[str]:
    """Count the bytes of each package; `numpy.libs` counts as numpy, package metadata as one."""
    total: Counter[str] = Counter()
    for path in (path for path in target.rglob("*") if path.is_file()):
        top = path.relative_to(target).parts[0]
        name = "metadata, licences" if top.endswith(".dist-info") else top.removesuffix(".libs")
        total[name] += path.stat().st_size
    return total


def report(total: Counter[str]) -> None:
    """Say what each package weighs; refuse a layer above the limit."""
    small = sum(size for size in total.values() if size < REPORTED_MIN_BYTES)
    rows = [row for row in total.most_common() if row[1] >= REPORTED_MIN_BYTES]
    limit = LAYER["unzipped_max_bytes"]
    for name, size in [*rows, ("smaller ones", small), ("together", total.total()), ("limit", limit)]:
        say(f"{size:>12,} bytes  {name}")
    if total.total() > limit:
        raise SystemExit("layer: too big; drop what never runs (layer.toml) or packages (requirements.in).")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
