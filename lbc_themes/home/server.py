"""Serve the home page to this machine alone, and open it in the browser."""

from __future__ import annotations

import html
import secrets
import sys
import threading
import webbrowser
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lbc_themes.core.files import private_temporary_folder, write_private
from lbc_themes.home.studies import OpenStudies, StudyFolder, may_open_browser
from lbc_themes.review import serve
from lbc_themes.review.server import listening_socket, review_extra, run_app

if TYPE_CHECKING:
    from starlette.applications import Starlette

_LOOPBACK = "127.0.0.1"
_WAY_IN = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>LBC</title>
<meta http-equiv="refresh" content="0; url={address}"></head>
<body><p><a href="{address}">lbc-themes</a></p></body></html>
"""


def make_home_app(
    folder: StudyFolder,
    *,
    address: str,
    token: str,
    encoder: str = "e5-small-zh.v1",
    cache: Path | None = None,
    quit_: Callable[[], object] | None = None,
) -> Starlette:
    """Return the home page as an ASGI application.

    Args:
        folder: Where studies are looked for and made.
        address: Host and port that it is reached at; requests for any other are refused.
        token: The secret that opens the page, as ``/?token=...``.
        encoder: The encoder's name, for suggestions, themes and the pages on which people code.
        cache: A file in which vectors are kept.
        quit_: Called when somebody ends the program on the page.

    Raises:
        MissingExtraError: the extra ``review`` is not installed.
    """
    with review_extra():
        from lbc_themes.home.app import build
        from lbc_themes.home.pages import Home
    opened = OpenStudies(partial(serve, encoder=encoder, cache=cache))
    home = Home(folder=folder, opened=opened, encoder=encoder, cache=cache, quit_=quit_ or (lambda: None))
    return build(home, address=address, token=token)


def serve_home(
    folder: str | Path | None = None,
    *,
    port: int = 0,
    encoder: str = "e5-small-zh.v1",
    cache: Path | None = None,
    browser: bool = True,
    announce: Callable[[str], object] | None = None,
    stop: threading.Event | None = None,
    settings: Path | None = None,
) -> None:
    """Serve the home page until interrupted, until somebody ends it on the page, or until ``stop`` is set.

    Args:
        folder: The folder of the studies; by default the one that was used last, or ``lbc-themes`` in the documents.
        port: 0 takes the folder's usual one, or any that is free.
        encoder: As of `make_home_app`.
        cache: As of `make_home_app`.
        browser: Whether to open the page in the browser, where there is one with a window.
        announce: Called once with the address, which holds the token; by default it is written to standard output.
        stop: Ends the page when it is set, from another thread.
        settings: The file that remembers the folder; by default in the user's own data folder.

    Raises:
        InputError: the port is taken.
        MissingExtraError: the extra ``review`` is not installed.
    """
    with review_extra():
        import python_multipart  # noqa: F401  (starlette reads forms with it)
        import uvicorn  # noqa: F401
    known = StudyFolder(Path(folder) if folder is not None else None, settings=settings)
    ending = stop or threading.Event()
    token = secrets.token_urlsafe(32)
    with listening_socket(_LOOPBACK, port, f"home {known.path}") as listener, private_temporary_folder() as place:
        address = f"{_LOOPBACK}:{listener.getsockname()[1]}"
        app = make_home_app(known, address=address, token=token, encoder=encoder, cache=cache, quit_=ending.set)
        url = f"http://{address}/?token={token}"
        (announce or _print_address)(url)
        if browser and may_open_browser():
            _open_browser(url, place)
        run_app(app, listener, ending)


def _open_browser(url: str, place: Path) -> None:
    """Open the page by a file that only its owner can read: command lines, and the token in them, are seen by all."""
    way_in = place / "lbc-themes.html"
    write_private(way_in, _WAY_IN.format(address=html.escape(url, quote=True)))
    webbrowser.open(way_in.as_uri())


def _print_address(address: str) -> None:
    if sys.stdout is not None:  # there is none where a program has no console (Windows)
        sys.stdout.write(f"{address}\n")
        sys.stdout.flush()
