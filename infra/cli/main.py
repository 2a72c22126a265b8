"""The `coldframe` command: one module for each of its words."""

import os
import sys
from io import TextIOWrapper

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.markup import escape
from typer import Typer

from coldframe.errors import ColdframeError
from infra.cli.batch.command import batch
from infra.cli.batch.fetch import fetch
from infra.cli.doctor import doctor
from infra.cli.export import export
from infra.cli.gate import gate
from infra.cli.kb.command import kb
from infra.cli.keygen import keygen
from infra.cli.logs import logs
from infra.cli.models import models
from infra.cli.new.command import new
from infra.cli.new.remove import remove
from infra.cli.package import package, unpack
from infra.cli.predict import predict
from infra.cli.publish import publish
from infra.cli.redrive import redrive
from infra.cli.registry.champion import promote, rollback
from infra.cli.registry.collect import gc
from infra.cli.registry.diff import diff
from infra.cli.registry.history import history
from infra.cli.registry.show import show
from infra.cli.registry.status import status
from infra.cli.registry.trial import canary, shadow, withdraw
from infra.cli.registry.verify import verify
from infra.cli.registry.versions import latest, versions
from infra.cli.sign import sign
from infra.cli.threshold.command import threshold
from infra.cli.train import train
from infra.cli.up import up

app = Typer(
    help="Small models from a cold start: train, publish and serve them, here or on AWS.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
NEEDS_WORDS = (new, remove, train, export, keygen, sign, package, unpack)
PANELS = {
    "Run it here": (up, doctor),
    "Make a model": (new, remove, train, export, threshold, gate),
    "Versions": (publish, models, versions, show, latest, diff, verify, sign, keygen, package, unpack, gc),
    "What is live": (status, promote, canary, shadow, withdraw, rollback, history),
    "Use it": (predict, batch, fetch, redrive, logs),
}
for panel, commands in PANELS.items():
    for command in commands:
        app.command(no_args_is_help=command in NEEDS_WORDS, rich_help_panel=panel)(command)
app.add_typer(kb, name="kb", rich_help_panel="Make a model")


def main() -> None:
    """Run the command; what can be expected to fail ends in one message and exit code 1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows no Japanese is no reason to fail
    try:
        app()
    except (ColdframeError, BotoCoreError, ClientError, OSError) as error:
        Console(stderr=True, soft_wrap=True).print("[red]coldframe:[/]", escape(str(error)), highlight=False)
        sys.exit(1)
