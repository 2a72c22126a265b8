"""CloudFormation's dynamic references to Secrets Manager, with the values that the local cloud was given.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
"""

import re
from collections.abc import Mapping

from infra.local.errors import TemplateRefused

REFERENCE = re.compile(r"\{\{resolve:([^}]*)\}\}")


def resolve_secrets(text: str, secrets: Mapping[str, str]) -> str:
    """Put `secrets` (values by the secret's logical id) in the place of references; raise TemplateRefused."""

    def value(match: re.Match[str]) -> str:
        service, _, rest = match[1].partition(":")
        logical_id = rest.partition(":")[0]
        if service == "secretsmanager" and logical_id in secrets:
            return secrets[logical_id]
        raise TemplateRefused(
            f"{match[0]} has no local value: give it one in infra/local/settings.py, or do without it."
        )

    return REFERENCE.sub(value, text)
