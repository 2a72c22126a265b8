"""`coldframe up`: the local cloud in the foreground."""

import asyncio
import json
import logging
import os
import shlex
from pathlib import Path

from rich.console import Console

from infra.cli.place import local_place
from infra.local.cloud import LocalCloud, stop_signals
from infra.local.settings import LOCAL_PARAMETERS, Settings
from models.forge.keys import KeyFile, as_parameter
from models.forge.noted import noted
from models.forge.publish import publish
from models.forge.version import names, read_version

ROOT = Path(__file__).parents[2]
EXAMPLE = {"text": "この商品は素晴らしいです！"}


def up() -> None:
    """Start the local cloud in the foreground, with every model of this folder live; Ctrl-C ends it.

    COLDFRAME_PORT (3000) is the API's port, the next one is that of S3 and the rest. COLDFRAME_API_KEY
    (local-key) is the key to call it with, or several, separated by commas. With COLDFRAME_SIGNING_SECRET
    requests must be signed with it (docs/operating.md). With COLDFRAME_MODEL_KEY, the file of a key, models
    are signed with it, and functions open no others (docs/signing.md). COLDFRAME_PARAMETERS sets parameters
    of template.yaml, as in LogInputs=on,GuardianSlowMs=25.

    [bold]Examples[/]

    coldframe up

    COLDFRAME_PORT=8080 COLDFRAME_API_KEY=my-own-key coldframe up
    """
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    logging.getLogger("infra.local").setLevel(logging.INFO)
    asyncio.run(
        _serve(Settings.from_environment(os.environ), Console(soft_wrap=True, highlight=False, markup=False))
    )


async def _serve(settings: Settings, console: Console) -> None:
    signer = KeyFile.read(settings.model_key) if settings.model_key else None
    if signer is not None:
        settings = settings.requiring_signed_models(as_parameter(signer))
    console.print("Starting the local cloud: S3 and the rest, then the API …")
    with stop_signals() as stop:
        async with LocalCloud(ROOT, settings) as cloud:
            store = local_place(cloud.aws_url).store()
            note = noted("coldframe up")
            for name in names():
                version = read_version(name)
                await asyncio.to_thread(publish, store, version.manifest, version.files, note, signer=signer)
                console.print(f"Published {name} {version.manifest.version}.")
            if not stop.is_set():
                _say_where(console, cloud, settings)
            await stop.wait()
            console.print("Ending …")


def _say_where(console: Console, cloud: LocalCloud, settings: Settings) -> None:
    console.print(f"\nColdframe is up; Ctrl-C ends it.\n  API      {cloud.api_url}")
    console.print(f"  AWS      {cloud.aws_url}  (S3, SQS, CloudWatch Logs)")
    console.print(f"  Inbox    s3://{LOCAL_PARAMETERS['InboxBucketName']}/<model>/  (drop CSV files here)")
    console.print(f"  API key  {settings.key}  (header x-api-key)\n")
    if settings.secrets:
        console.print("  Requests must be signed, the one below too: docs/operating.md shows how.\n")
    if settings.model_key:
        console.print(f"  Models must be signed: coldframe publish NAME --key {settings.model_key}\n")
    body = json.dumps(EXAMPLE, ensure_ascii=False)
    console.print(
        f"curl {cloud.api_url}/sentiment/predict -H {shlex.quote(f'x-api-key: {settings.key}')} "
        f"-H 'content-type: application/json' -d '{body}'\n"
    )
