"""Every model by the Open Inference Protocol (V2), with the answers of the plain routes."""

from coldframe import cold_start

cold_start.import_fastapi()

from coldframe.inference.errors import ErrorForm  # noqa: E402
from coldframe.inference.models import Models  # noqa: E402
from coldframe.inference.routes import create_app  # noqa: E402
from coldframe.service import create_handler  # noqa: E402

app = create_app(Models.from_environment())

handler = create_handler(ErrorForm(app))
