"""IT tickets over HTTP: the category and who sees to it, the known problem, what can be automated of it."""

from coldframe import cold_start

slot = cold_start.begin()  # the fetch comes first: it overlaps the imports below

from coldframe.service import create_app, create_handler  # noqa: E402
from coldframe.triage.endpoint import add_classify  # noqa: E402

app = create_app(slot, "IT tickets")
add_classify(app, slot)

handler = create_handler(app, slot)
