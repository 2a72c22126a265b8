"""`coldframe doctor`: what is missing on this machine, and how to mend it."""

import os
import platform
import shutil
import socket
import sys
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

from rich.console import Console
from rich.table import Table
from typer import Exit

from bytecode import find_python
from infra.cli.options import made_by
from infra.local.settings import HOST, Settings
from models.forge.version import names, read_version

ROOT = Path(__file__).parents[2]
FREE_MIN_BYTES = 2_000_000_000
ANSWER_SECONDS = 2.0


class Finding(NamedTuple):
    """What was looked at; whether it is well; the fix if not. What is not `needed` only limits."""

    what: str
    well: bool
    fix: str
    needed: bool = True


def doctor() -> None:
    """Say what this machine lacks to run, build and deploy, and how to mend it.

    Exits with 1 when something that is needed to run is missing.

    [bold]Examples[/]

    coldframe doctor
    """
    findings = [check() for check in CHECKS]
    table = Table(title="coldframe doctor")
    for heading in ("state", "what", "fix"):
        table.add_column(heading)
    for finding in findings:
        mark = (
            "[green]well[/]" if finding.well else "[red]missing[/]" if finding.needed else "[yellow]absent[/]"
        )
        table.add_row(mark, finding.what, "" if finding.well else finding.fix)
    Console().print(table)
    if any(finding.needed and not finding.well for finding in findings):
        raise Exit(1)


def _system() -> Finding:
    well = sys.platform == "linux"
    return Finding(
        f"{platform.system()} {platform.machine()}",
        well,
        "The local cloud needs Linux, or WSL2 on Windows: AWS's runtime client has wheels for no other.",
    )


def _python() -> Finding:
    well = (3, 11) <= sys.version_info < (3, 14)
    return Finding(f"Python {platform.python_version()}", well, "Install Python 3.11 to 3.13, then: make run")


def _ports() -> Finding:
    port = Settings.from_environment(os.environ).port
    if _is_up(port):
        return Finding(f"Coldframe is up on ports {port} and {port + 1}", True, "")
    free = _is_free(port) and _is_free(port + 1)
    return Finding(
        f"ports {port} and {port + 1}, free to use", free, "Take others: COLDFRAME_PORT=8080 make run"
    )


def _is_up(port: int) -> bool:
    try:
        with urlopen(f"http://{HOST}:{port}/v1/sentiment/healthz", timeout=ANSWER_SECONDS) as answer:
            return bool(answer.status == 200)
    except (OSError, HTTPException):
        return False


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _disk() -> Finding:
    free = shutil.disk_usage(ROOT).free
    return Finding(f"{free / 1e9:.1f} GB of disk free", free > FREE_MIN_BYTES, "Free at least 2 GB.")


def _trained() -> Finding:
    missing = [name for name in names() if not _is_made(name)]
    fix = f"Make it: {made_by(missing[0])}" if missing else ""
    return Finding(f"weights of {', '.join(names())}", not missing, fix)


def _is_made(name: str) -> bool:
    try:
        read_version(name)
    except FileNotFoundError:
        return False
    return True


def _python_of_lambda() -> Finding:
    found = find_python("3.13") is not None
    fix = "Install Python 3.13: without it the layer has no bytecode, and cold starts take twice as long."
    return Finding("Python 3.13, to compile the layer", found, fix, needed=False)


def _sam() -> Finding:
    well = (ROOT / ".venv-sam/bin/sam").exists()
    return Finding("the SAM CLI, to build and deploy", well, "Run: make build", needed=False)


def _credentials() -> Finding:
    import boto3

    well = boto3.Session().get_credentials() is not None
    fix = "Run: aws configure (or set AWS_PROFILE); only deploying and --stack need it."
    return Finding("AWS credentials, to deploy", well, fix, needed=False)


CHECKS: tuple[Callable[[], Finding], ...] = (
    _system,
    _python,
    _disk,
    _trained,
    _ports,
    _python_of_lambda,
    _sam,
    _credentials,
)
