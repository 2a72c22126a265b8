"""What all endpoints have counted since midnight, UTC, for Prometheus."""

from coldframe import cold_start

cold_start.import_fastapi()

from fastapi.responses import PlainTextResponse  # noqa: E402

from coldframe.metrics.cloudwatch import Today  # noqa: E402
from coldframe.metrics.exposition import CONTENT_TYPE, exposition, is_read  # noqa: E402
from coldframe.problems import documented, documented_service  # noqa: E402
from coldframe.service import create_bare_app, create_handler  # noqa: E402

today = Today.from_environment(is_read)
app = create_bare_app("Metrics", "metrics")
REFUSALS = documented((403, 429)) | documented_service()


class PrometheusText(PlainTextResponse):
    """Prometheus' text format."""

    media_type = CONTENT_TYPE


@app.get("/metrics", response_class=PrometheusText, responses=REFUSALS)
async def metrics() -> PrometheusText:
    """Sums over all environments of every endpoint since midnight, UTC."""
    return PrometheusText(exposition(today.figures()))


@app.get("/moderation/metrics", response_class=PrometheusText, responses=REFUSALS)
async def moderation_metrics() -> PrometheusText:
    """The same of moderation alone."""
    return PrometheusText(exposition(today.figures(), "moderation"))


handler = create_handler(app)
