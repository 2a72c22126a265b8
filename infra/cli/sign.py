"""`coldframe sign`: a version that is published already."""

from typing import Annotated

from rich.console import Console
from typer import Argument, Option

from infra.cli.options import Key, Stack, signer_of
from infra.cli.place import place
from models.forge.keys import as_parameter
from models.forge.signing import sign_version


def sign(
    name: Annotated[str, Argument(help="The model's name.", show_default=False)],
    version: Annotated[str, Argument(help="v1.2.3.", show_default=False)],
    key: Annotated[str, Option(help=Key)],
    stack: Stack = None,
) -> None:
    """Sign a published version; one by another key is replaced.

    Signed is what the store holds: compare the SHA-256 that is printed with what publish printed. Warm
    functions take up a version that they refused at their first call after AliasRefreshSeconds.

    [bold]Examples[/]

    coldframe sign sentiment v1.0.0 --key model-key.pem

    coldframe sign sentiment v1.0.0 --stack coldframe-prod --key alias/coldframe-prod
    """
    where = place(stack)
    signer = signer_of(key, where)
    target = sign_version(where.store(), name, version, signer)
    console = Console(soft_wrap=True, highlight=False, markup=False)
    console.print(
        f"{name} {version} in {where.stack} ({where.bucket}) is signed by the key {signer.key_id}; "
        f"manifest SHA-256 {target.manifest_sha256}. The public key, for ModelPublicKeys:"
    )
    console.print(as_parameter(signer))
