"""The two ports of the local cloud. Both are taken before anything is started."""

import errno
import socket

from infra.local.errors import PortInUse
from infra.local.settings import HOST


def listen(port: int, purpose: str) -> socket.socket:
    """Listen on a port of 127.0.0.1 (0: any free one); raise PortInUse, naming the fix."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        raise PortInUse(
            f"Port {port}, for {purpose}, is taken: end the program that listens there or set COLDFRAME_PORT "
            "to another port (the AWS endpoint takes the one after it)."
        ) from error
    return listener


def port_of(listener: socket.socket) -> int:
    port: int = listener.getsockname()[1]
    return port
