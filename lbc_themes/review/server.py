"""The two ways in: a server for people, and the application itself for tests and for other servers."""

from __future__ import annotations

import asyncio
import secrets
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from lbc_themes.core.errors import InputError, MissingExtraError
from lbc_themes.core.messages import message

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
        InputError: the coder's name is empty or kept for the machine or for adjudication.
    """
    with review_extra():
        from lbc_themes.review.app import build
        from lbc_themes.review.background import ThemeSearch
        from lbc_themes.review.online_learner import OnlineLearner
        from lbc_themes.review.state import StudyState
        from lbc_themes.review.workspace import Workspace
    from lbc_themes.review.page import checked_coder

    named = None if coder is None else checked_coder(coder)
    learning, state = None, StudyState(study)
    if learn and not blind:
        learning = OnlineLearner(study, suggester=suggester, encoder=encoder, cache=cache, state=state)
    theme_search = ThemeSearch(study, encoder=encoder, cache=cache) if learning and suggester is None else None
    workspace = Workspace(
        study, state=state, coder=named, blind=blind, learning=learning, theme_search=theme_search
    )  # fmt: skip
    return build(workspace, address=address, token=token)


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
    stop: threading.Event | None = None,
) -> None:
    """Open a study and serve its review page until interrupted; ``make_app`` explains the choices.

    ``port`` 0 takes the study's usual one, which depends on its path, or any that is free: what the page keeps in a
    browser, such as a memo that could not be stored, belongs to a port and is found again there. ``announce`` is
    called once with the address to open, which holds the token; by default the address is written to standard output.
    Setting ``stop`` ends it, from another thread.

    Raises:
        InputError: ``host`` is not 127.0.0.1, the port is taken, the encoder unknown, or the study cannot be opened.
        MissingExtraError: the extra ``review`` is not installed.
    """
    with review_extra():
        import python_multipart  # noqa: F401  (starlette reads forms with it, and would only say so at the first one)
        import uvicorn  # noqa: F401
    from lbc_themes.encoding import checked_name
    from lbc_themes.study import Study

    if host != _LOOPBACK:
        raise InputError(message("review.host_page_holds_interviews", host=host, loopback=_LOOPBACK))
    if learn and not blind:
        checked_name(encoder)
    token = secrets.token_urlsafe(32)
    with listening_socket(host, port, str(Path(study_path).resolve())) as listener, Study.open(study_path) as study:
        address = f"{host}:{listener.getsockname()[1]}"
        app = make_app(
            study, address=address, token=token, coder=coder, blind=blind, learn=learn, encoder=encoder, cache=cache
        )
        (announce or _print_address)(f"http://{address}/?token={token}")
        run_app(app, listener, stop)


def _print_address(address: str) -> None:
    sys.stdout.write(f"{address}\n")
    sys.stdout.flush()


@contextmanager
def review_extra() -> Iterator[None]:
    """Refuse with the command that installs the page where a package of it is missing."""
    try:
        yield
    except ModuleNotFoundError as missing:
        package = (missing.name or "starlette").partition(".")[0]
        if package not in {"starlette", "uvicorn", "multipart", "python_multipart", "anyio", "pypinyin"}:
            raise
        raise MissingExtraError(
            package=package, extra="review", purpose=message("core.purpose.review_page")
        ) from missing


@contextmanager
def listening_socket(host: str, port: int, study_path: str = "") -> Iterator[socket.socket]:
    """Hold a listening socket, so that the port is known before anything is served."""
    # The protocol is named, or asyncio leaves small answers waiting 40 ms for the browser to acknowledge their head.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        if sys.platform != "win32":  # there it would let another program take the port as well
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            _bind(listener, host, port, study_path)
            listener.listen(128)  # whoever opens the printed address at once waits instead of being refused
        except (OSError, OverflowError) as fault:
            raise InputError(message("review.port_taken", host=host, port=port, fault=fault)) from fault
        yield listener


def _bind(listener: socket.socket, host: str, port: int, study_path: str) -> None:
    if port == 0 and study_path:
        with suppress(OSError):
            listener.bind((host, usual_port(study_path)))
            return
    listener.bind((host, port))


def usual_port(study_path: str) -> int:
    """Return the port of a study's page: what the page keeps in a browser belongs to a port.

    >>> 20_000 <= usual_port("/home/li/study.lbc") < 30_000
    True
    """
    return 20_000 + int.from_bytes(sha256(study_path.encode()).digest()[:4], "big") % 10_000


_SWITCH_SECONDS = 0.0002
"""How long the thread that learns may hold the interpreter before a page gets its turn (Python's own: 0.005)."""


_SLOWEST_HEAD = 10.0
"""Seconds within which the head of a request must have arrived."""

_MOST_CONNECTIONS = 200
"""Connections kept open; beyond that, the oldest that has not asked for anything makes room."""


def _patient_protocol() -> type[asyncio.Protocol]:
    """Return uvicorn's protocol, which closes connections that are opened and then say nothing."""
    from uvicorn.protocols.http.h11_impl import H11Protocol

    waiting: dict[PatientProtocol, asyncio.TimerHandle] = {}

    class PatientProtocol(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._wait_for_head()
            if len(waiting) > _MOST_CONNECTIONS:
                next(iter(waiting))._close_silent()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self.cycle is not None and not self.cycle.response_complete:
                self._stop_waiting()
            elif self not in waiting:
                self._wait_for_head()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop_waiting()
            super().connection_lost(exc)

        def _wait_for_head(self) -> None:
            waiting[self] = self.loop.call_later(_SLOWEST_HEAD, self._close_silent)

        def _stop_waiting(self) -> None:
            timer = waiting.pop(self, None)
            if timer is not None:
                timer.cancel()

        def _close_silent(self) -> None:
            self._stop_waiting()
            if not self.transport.is_closing():
                self.transport.abort()

    return PatientProtocol


def run_app(app: Starlette, listener: socket.socket, stop: threading.Event | None = None) -> None:
    """Serve until interrupted, or until ``stop`` is set. Addresses hold the token, so requests are not logged."""
    import uvicorn

    sys.setswitchinterval(_SWITCH_SECONDS)
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, proxy_headers=False, ws="none", lifespan="on",
        timeout_graceful_shutdown=2, http=_patient_protocol(),
    )  # fmt: skip
    server = uvicorn.Server(config)

    def end_when_asked(asked: threading.Event) -> None:
        asked.wait()
        server.should_exit = True

    if stop is not None:
        threading.Thread(target=end_when_asked, args=(stop,), name="lbc-review-stop", daemon=True).start()
    server.run(sockets=[listener])
