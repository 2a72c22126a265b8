"""What the guardian goes by, from its function's variables."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self


@dataclass(frozen=True)
class Settings:
    """Windows in seconds; how much traffic is enough; and how much worse than the champion is too much.

    A window ends `lag_seconds` ago, because CloudWatch shows a call minutes after it. A version has served
    enough once it has had `calls_min_count` calls. Shares are of its calls, from 0 to 1, above the
    champion's: those that failed, those over `slow_ms`, those answered without a model. `psi_max` is of the
    labels' population stability index, `disagreement_share_max` of what was scored in the champion's shadow.
    """

    window_seconds: int = 300
    lag_seconds: int = 180
    calls_min_count: int = 100
    error_share_max: float = 0.02
    slow_ms: int = 100
    slow_share_max: float = 0.1
    fallback_share_max: float = 0.02
    psi_max: float = 0.25
    disagreement_share_max: float = 0.1

    @classmethod
    def from_environment(cls, variables: Mapping[str, str] = os.environ) -> Self:
        """Read GUARDIAN_WINDOW_SECONDS and so on; what is not set is as above."""
        given = {field.name: variables.get(f"GUARDIAN_{field.name.upper()}") for field in fields(cls)}
        return cls(**{name: type(getattr(cls, name))(value) for name, value in given.items() if value})
