"""The child process that serves AWS's services: moto's application, on a socket that the parent opened.

Run as `python -P run_aws.py PARENT_ID SOCKET PORT`.
"""

import logging
import os
import sys

from infra.local.children import die_with_parent
from infra.local.settings import HOST


def main(parent_id: str, socket: str, port: str) -> None:
    die_with_parent(int(parent_id))
    os.environ["MOTO_PORT"] = port  # moto writes it into the URLs of queues
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    from moto.moto_server.werkzeug_app import (
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )
    from werkzeug.serving import make_server

    from infra.local.mended_metrics import add_metrics_up, take_dimensions_in_any_order
    from infra.local.mended_moto import (
        EventsAfterTheObject,
        honour_upload_forms,
        lock_deletes,
        miss_ended_uploads,
    )

    honour_upload_forms()
    lock_deletes()
    miss_ended_uploads()
    add_metrics_up()
    take_dimensions_in_any_order()
    application = EventsAfterTheObject(DomainDispatcherApplication(create_backend_app))
    server = make_server(
        HOST, int(port), application, threaded=True, request_handler=MotoRequestHandler, fd=int(socket)
    )
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
