"""What is published and what is live, over HTTP; it only looks."""

from coldframe import cold_start

cold_start.import_fastapi()

from coldframe.catalog.catalog import Catalog  # noqa: E402
from coldframe.catalog.probing import Probes  # noqa: E402
from coldframe.catalog.routes import add_routes  # noqa: E402
from coldframe.service import create_bare_app, create_handler  # noqa: E402

app = create_bare_app("Models and versions", "ml-models")
add_routes(app, Catalog.from_environment(), Probes())

handler = create_handler(app)
