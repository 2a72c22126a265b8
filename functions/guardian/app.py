"""Once a minute: versions on trial are moved on or taken back, and a new champion that fails is replaced."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from coldframe.guardian.watch import Guardian
from coldframe.telemetry import logger, observed

guardian = Guardian.from_environment()


@observed
def handler(_event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Do one round, and write down what was found."""
    findings = []
    for finding in guardian.round(datetime.now(UTC)):
        findings.append(asdict(finding))
        logger.info("guardian", extra=findings[-1])
    return {"findings": findings}
