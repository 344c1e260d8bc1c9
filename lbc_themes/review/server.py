"""The server under the page: one socket on this machine, no log of addresses."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import python_multipart  # noqa: F401  (starlette reads forms with it, and would only say so at the first decision)
import uvicorn
from starlette.applications import Starlette

from lbc_themes.core.errors import InputError


@contextmanager
def bound(host: str, port: int) -> Iterator[socket.socket]:
    """Hold a listening socket, so that the port is known before anything is served."""
    # The protocol is named, or asyncio leaves small answers waiting 40 ms for the browser to acknowledge their head.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            held.bind((host, port))
            held.listen(128)  # whoever opens the printed address at once waits instead of being refused
        except (OSError, OverflowError) as fault:
            raise InputError(
                f"port {port} of {host} cannot be used ({fault}); take another, or 0 for any that is free"
            ) from fault
        yield held


_SWITCH_SECONDS = 0.0002
"""How long the thread that learns may hold the interpreter before a page gets its turn (Python's own: 0.005)."""


def run(app: Starlette, held: socket.socket) -> None:
    """Serve until interrupted. Addresses hold the token, so requests are not logged."""
    sys.setswitchinterval(_SWITCH_SECONDS)
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, proxy_headers=False, ws="none", lifespan="on",
        timeout_graceful_shutdown=2,
    )  # fmt: skip
    uvicorn.Server(config).run(sockets=[held])
