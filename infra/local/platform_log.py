"""The lines that Lambda itself writes around an invocation, as text or, with `LogFormat: JSON`, as JSON.

https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
"""

import json
import math
import time
from collections.abc import Callable
from typing import Any

from infra.local.stack import Function


class PlatformLog:
    """Writes an environment's platform lines with `write`."""

    def __init__(self, function: Function, write: Callable[[str], None]) -> None:
        self._memory_mb, self._write = function.memory_mb, write
        self._json = function.variables.get("AWS_LAMBDA_LOG_FORMAT") == "JSON"

    def init_start(self, runtime: str) -> None:
        self._line(
            "initStart",
            {"initializationType": "on-demand", "phase": "init", "runtimeVersion": runtime},
            f"INIT_START Runtime Version: {runtime}",
        )

    def init_failed(self, seconds: float, error_type: str) -> None:
        duration_ms = round(seconds * 1000, 2)
        self._line(
            "initReport",
            {"status": "error", "errorType": error_type, "metrics": {"durationMs": duration_ms}},
            f"INIT_REPORT Init Duration: {duration_ms} ms\tStatus: error\tError Type: {error_type}",
        )

    def start(self, request_id: str) -> None:
        self._line(
            "start",
            {"requestId": request_id, "version": "$LATEST"},
            f"START RequestId: {request_id} Version: $LATEST",
        )

    def report(
        self, request_id: str, seconds: float, init_seconds: float | None, peak_memory_mb: int, status: str
    ) -> None:
        """Write END and REPORT. INIT is billed: `init_seconds` is that of a cold start, else None."""
        metrics: dict[str, Any] = {
            "durationMs": round(seconds * 1000, 2),
            "billedDurationMs": math.ceil((seconds + (init_seconds or 0.0)) * 1000),
            "memorySizeMB": self._memory_mb,
            "maxMemoryUsedMB": peak_memory_mb,
        }
        if init_seconds is not None:
            metrics["initDurationMs"] = round(init_seconds * 1000, 2)
        if not self._json:
            self._write(f"END RequestId: {request_id}")
        self._line(
            "report",
            {"requestId": request_id, "metrics": metrics, "status": status},
            f"REPORT RequestId: {request_id}\t{_report_text(metrics)}{_status_text(status)}",
        )

    def _line(self, kind: str, record: dict[str, Any], text: str) -> None:
        if self._json:
            now = time.time()
            stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now * 1000) % 1000:03d}Z"
            text = json.dumps({"time": stamp, "type": f"platform.{kind}", "record": record})
        self._write(text)


def _status_text(status: str) -> str:
    return "" if status == "success" else f"Status: {status}\t"


def _report_text(metrics: dict[str, Any]) -> str:
    text = (
        f"Duration: {metrics['durationMs']} ms\tBilled Duration: {metrics['billedDurationMs']} ms\t"
        f"Memory Size: {metrics['memorySizeMB']} MB\tMax Memory Used: {metrics['maxMemoryUsedMB']} MB\t"
    )
    init_ms = metrics.get("initDurationMs")
    return text if init_ms is None else f"{text}Init Duration: {init_ms} ms\t"
