"""Credentials from the container's endpoint: an environment restored by SnapStart has them from there.

Its variables hold a URI and a token in place of keys. obstore 0.12 knows the URI only together with a token
in a file, and would ask a metadata service that is not there.
https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
https://docs.aws.amazon.com/lambda/latest/dg/snapstart-activate.html
"""

import json
import os
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from coldframe import limits
from coldframe.errors import StoreUnavailable

if TYPE_CHECKING:
    from obstore.store import S3Credential

URI = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN"  # noqa: S105 - the name of a variable


def container_credentials() -> "S3Credential":
    """Fetch credentials, which are good for longer than they say; obstore keeps them until then.

    The variables are read each time: a store that was opened before a snapshot was taken asks with what the
    restored environment has. Without a token, none is sent. Raises `StoreUnavailable` when the endpoint
    refuses, is slow, or answers something else.
    """
    uri = os.environ[URI]
    answer = _fetch(uri, os.environ.get(TOKEN, ""))
    try:
        expiry = datetime.fromisoformat(answer["Expiration"])
        return {
            "access_key_id": answer["AccessKeyId"],
            "secret_access_key": answer["SecretAccessKey"],
            "token": answer["Token"],
            "expires_at": expiry - timedelta(seconds=limits.CREDENTIALS_MARGIN_SECONDS),
        }
    except (KeyError, TypeError, ValueError) as error:
        raise StoreUnavailable(
            f"{uri} answers with something else than credentials ({error!r}): see that {URI} is the one that "
            "Lambda sets"
        ) from error


def _fetch(uri: str, token: str) -> Any:
    from urllib.error import HTTPError
    from urllib.request import ProxyHandler, Request, build_opener

    opener = build_opener(ProxyHandler({}))  # the endpoint is on this machine
    headers = {"Authorization": token} if token else {}
    request = Request(uri, headers=headers)  # noqa: S310 - Lambda names the address
    problem = ""
    for _ in range(limits.CREDENTIALS_ATTEMPTS_MAX_COUNT):
        try:
            with opener.open(request, timeout=limits.CREDENTIALS_SECONDS) as answer:
                return json.loads(answer.read(limits.CREDENTIALS_MAX_BYTES))
        except HTTPError as error:
            error.close()
            problem = str(error)
        except (OSError, ValueError) as error:
            problem = str(error)
    raise StoreUnavailable(
        f"{uri} gives no credentials ({problem}): the next call asks again; if it goes on, see that the "
        f"function's variables set neither {URI} nor {TOKEN} themselves"
    )
