"""The two ways in: a server for people, and the application itself for tests and for other servers."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lbc_themes.core.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from lbc_themes.study import Study
    from lbc_themes.suggest import CodeSuggester

_LOOPBACK = "127.0.0.1"


def make_app(
    study: Study,
    *,
    address: str,
    token: str,
    coder: str | None = None,
    blind: bool = False,
    learn: bool = True,
    suggester: CodeSuggester | None = None,
    encoder: str = "e5-small-zh.v1",
    cache: Path | None = None,
) -> Starlette:
    """Return the review page of an open study as an ASGI application.

    Args:
        study: The study; it stays open when the application ends.
        address: Host and port that it is reached at, such as "127.0.0.1:8000"; requests for any other are refused.
        token: The secret that opens the page, as ``/?token=...``.
        coder: The name of the person; without it the page asks for one, so several people can work at once.
        blind: Show neither suggestions nor what others coded, and keep the views that compare coders shut.
        learn: Whether a suggester learns from decisions as they come in, and themes are found for the dashboard.
        suggester: The one that learns; by default a new one for the study's codebook, with ``encoder`` and ``cache``.
        encoder: An encoder's name.
        cache: A file in which vectors are kept.

    Raises:
        MissingExtraError: the extra ``review`` is not installed.
        InputError: the coder's name is empty or kept for the machine or for settled codes.
    """
    with _needed():
        from lbc_themes.review.app import build
        from lbc_themes.review.desk import Desk
        from lbc_themes.review.finder import Finder
        from lbc_themes.review.learning import Learning
    from lbc_themes.review.people import checked_coder

    named = None if coder is None else checked_coder(coder)
    learning = None
    if learn and not blind:
        learning = Learning(study, suggester=suggester, encoder=encoder, cache=cache)
    finder = Finder(study, encoder=encoder, cache=cache) if learning and suggester is None else None
    desk = Desk(study, coder=named, blind=blind, learning=learning, finder=finder)
    return build(desk, address=address, token=token)


def serve(
    study_path: str | Path,
    *,
    coder: str | None = None,
    host: str = _LOOPBACK,
    port: int = 0,
    blind: bool = False,
    learn: bool = True,
    encoder: str = "e5-small-zh.v1",
    cache: Path | None = None,
    announce: Callable[[str], object] | None = None,
) -> None:
    """Open a study and serve its review page until interrupted; ``make_app`` explains the choices.

    ``port`` 0 takes any free one. ``announce`` is called once with the address to open, which holds the token; by
    default the address is written to standard output.

    Raises:
        InputError: ``host`` is not 127.0.0.1, the port is taken, the encoder unknown, or the study cannot be opened.
        MissingExtraError: the extra ``review`` is not installed.
    """
    with _needed():
        from lbc_themes.review.server import bound, run
    from lbc_themes.encoding import checked_name
    from lbc_themes.study import Study

    if host != _LOOPBACK:
        raise InputError(
            f"host is {host!r}; the page holds interviews and is served to this machine alone, on {_LOOPBACK}; "
            "from another machine, come through an SSH tunnel"
        )
    if learn and not blind:
        checked_name(encoder)
    token = secrets.token_urlsafe(32)
    with bound(host, port) as socket, Study.open(study_path) as study:
        address = f"{host}:{socket.getsockname()[1]}"
        app = make_app(
            study, address=address, token=token, coder=coder, blind=blind, learn=learn, encoder=encoder, cache=cache
        )
        (announce or _say)(f"http://{address}/?token={token}")
        run(app, socket)


def _say(address: str) -> None:
    sys.stdout.write(f"{address}\n")
    sys.stdout.flush()


@contextmanager
def _needed() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as missing:
        package = (missing.name or "starlette").partition(".")[0]
        if package not in {"starlette", "uvicorn", "multipart", "python_multipart", "anyio"}:
            raise
        raise MissingExtraError(package=package, extra="review", purpose="the review page") from missing
