"""The application: which address leads to which page."""

import secrets
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial, wraps
from inspect import unwrap

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lbc_themes.core.errors import LbcError
from lbc_themes.core.messages import message
from lbc_themes.review.page import STATIC, PageRequest, Session, answer_form, plain, static
from lbc_themes.review.routes import (
    adjudication,
    codebook,
    coding,
    dashboard,
    matrices,
    memos,
    quotations,
    reading,
    search,
    session,
    themes,
)
from lbc_themes.review.workspace import Workspace
from lbc_themes.study import StudyReplacedError

# --- Who may come in: the right host, a session, and for writing the page's own origin. Everyone else is turned away.

# A browser sends a cookie of 127.0.0.1 to every port of it, so also to a server that another user of this machine runs.
# Two secrets are therefore asked for: the cookie, and the page key in the path of each address of a session.
# The cookie is limited to that path: no browser sends it anywhere else, and whoever holds one of the two cannot read.

LARGEST_FORM = 1_000_000
RESUME = "/resume.js"
_OPEN_FILES = {RESUME: ("resume.js", "text/javascript"), "/favicon.ico": ("icon.svg", "image/svg+xml")}
_READING = {"GET", "HEAD"}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}
_RESUME_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>LBC</title><script src="{resume}" defer></script></head>
<body><p>{words}</p></body></html>
"""

_WAY_IN_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>LBC</title>
<meta http-equiv="refresh" content="0; url={path}"></head>
<body><p><a href="{path}">LBC</a></p></body></html>
"""


class Sessions:
    """The open sessions by the secret in their cookies."""

    def __init__(self, token: str) -> None:
        """Remember the token that opens one."""
        self._token = token.encode()
        self._lock = threading.Lock()
        self._by_cookie: dict[str, Session] = {}

    def is_token(self, token: str) -> bool:
        """Say whether ``token`` opens a session."""
        return secrets.compare_digest(token.encode(), self._token)

    def open(self, coder: str | None) -> Session:
        """Return a new session."""
        session = Session(coder=coder)
        with self._lock:
            self._by_cookie[session.key] = session
        return session

    def find(self, cookie: str, page_key: str) -> Session | None:
        """Return the session to which both a cookie and the page key of an address belong."""
        session = self._by_cookie.get(cookie)
        if session is None or not secrets.compare_digest(page_key.encode(), session.page_key.encode()):
            return None
        return session


class SecurityMiddleware:
    """Stands before the application. What it lets through has ``request.state.session`` and a path without its key."""

    def __init__(
        self, app: ASGIApp, *, address: str, sessions: Sessions, coder: str | None, largest: int = LARGEST_FORM
    ) -> None:
        """Remember whom to let in; ``address`` is host and port, ``largest`` the most bytes that a form may have."""
        self._app, self._address, self._sessions, self._coder = app, address, sessions, coder
        self._largest = largest
        self._cookie = f"lbc_review_{address.rpartition(':')[2]}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a refusal, or hand on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        request = Request(scope)
        answer = self._refusal(request) or self._opening(request)
        if answer is None:
            page_key, _, rest = request.url.path.removeprefix("/").partition("/")
            session = self._sessions.find(request.cookies.get(self._cookie, ""), page_key)
            if session is not None:
                scope.setdefault("state", {})["session"] = session
                scope["path"] = f"/{rest}"
                scope["raw_path"] = scope["path"].encode()
                await self._app(scope, receive, with_headers)
                return
            answer = _no_session(request)
        await answer(scope, receive, with_headers)

    def _refusal(self, request: Request) -> Response | None:
        if request.headers.getlist("host") != [self._address]:
            return plain(403, message("review.use_address", address=self._address))
        if _from_elsewhere(request) and not self._is_opening(request):
            return plain(403, message("review.from_elsewhere"))
        if request.method in _READING:
            return None
        if request.headers.getlist("origin") != [f"http://{self._address}"]:
            return plain(403, message("review.wrong_origin"))
        length = request.headers.get("content-length", "")
        if not (length.isascii() and length.isdigit()) or int(length) > self._largest:
            return plain(413, message("review.too_long"))
        return None

    def _is_opening(self, request: Request) -> bool:
        """Say whether this is the first request of a browser: the only one in which a token counts."""
        return request.method in _READING and request.url.path == "/" and "token" in request.query_params

    def _opening(self, request: Request) -> Response | None:
        if request.method in _READING and request.url.path in _OPEN_FILES:
            name, media_type = _OPEN_FILES[request.url.path]
            return Response(static(name), media_type=media_type)
        if not self._is_opening(request):
            return None
        if not self._sessions.is_token(request.query_params["token"]):
            return plain(403, message("review.wrong_token"))
        session = self._sessions.open(self._coder)
        path = f"/{session.page_key}/"
        # Whoever comes from another page (the list of studies) is led on by a page of this origin: after a redirect the
        # browser would still say that the request came from elsewhere.
        answer: Response = (
            HTMLResponse(_WAY_IN_PAGE.format(path=path))
            if _from_elsewhere(request)
            else RedirectResponse(path, status_code=303)
        )
        answer.set_cookie(self._cookie, session.key, httponly=True, samesite="strict", path=path)
        return answer


def _from_elsewhere(request: Request) -> bool:
    return request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}


def _no_session(request: Request) -> Response:
    """Refuse; a browser that has the page open already goes back to it by what only this origin can read."""
    words = message("review.open_printed_address")
    if request.headers.get("sec-fetch-dest") != "document" or request.method not in _READING:
        return plain(403, words)
    return HTMLResponse(_RESUME_PAGE.format(resume=RESUME, words=words.in_both()))


# --- The pages by their address.

Page = Callable[[Workspace, PageRequest], Response]
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_SLOWEST_FORM = 20.0
"""Seconds within which a form must have arrived."""
_MOST_FIELDS = 20_000
"""Fields of a form: a code of some thousand quotations is split at once."""

_SCRIPT = "x-lbc-page"
"""The header by which the page's own script asks for an answer that it can read."""

_REMEMBERED = 1000
"""Forms of which is remembered that they are stored."""

_READ: Mapping[str, Page] = {
    "/code": coding.page, "/interviews": session.interviews, "/dashboard": dashboard.page,
    "/dashboard/agreement": dashboard.agreement_part, "/dashboard/distress": dashboard.distress_part,
    "/dashboard/saturation": dashboard.saturation_part, "/dashboard/codes": dashboard.codes_part,
    "/dashboard/themes": dashboard.themes_part, "/adjudicate": adjudication.page,
    "/codebook": codebook.page, "/codebook-history": codebook.history, "/split": codebook.split_page,
    "/export-codebook": codebook.export,
    "/quotations": quotations.page, "/export-quotations": quotations.export, "/search": search.page,
    "/memos": memos.page, "/export-memos": memos.export, "/read": reading.page, "/read-part": reading.part,
    "/matrices": matrices.page, "/export-matrix": matrices.table,
    "/themes": themes.page, "/theme": themes.theme,
}  # fmt: skip
_WRITTEN: Mapping[str, Page] = {
    "/decide": coding.decide, "/undo": coding.undo, "/memo": coding.memo, "/span": coding.span,
    "/move-span": coding.move_span, "/add-memo": memos.add, "/edit-memo": memos.edit,
    "/adjudicate": adjudication.adjudicate, "/undo-adjudication": adjudication.undo,
    "/redo-adjudication": adjudication.redo, "/redo-edit": codebook.redo_edit, "/theme-redo": themes.redo,
    "/redo": coding.redo, "/add-code": codebook.add_code, "/edit-code": codebook.edit_code,
    "/merge-codes": codebook.merge_codes, "/split-code": codebook.split_code, "/retire-code": codebook.retire_code,
    "/undo-edit": codebook.undo_edit, "/recode": quotations.recode, "/alike": quotations.answer_alike,
    "/note-code": quotations.note_code, "/theme": themes.edit, "/theme-undo": themes.undo,
    "/save-copy": session.save_copy,
}  # fmt: skip


def build(workspace: Workspace, *, address: str, token: str) -> Starlette:
    """Return the application; ``SecurityMiddleware`` stands before every route."""
    routes = [Route("/", _reads(workspace, session.start)), Route("/coder", _reads(workspace, session.ask_name))]
    routes += [Route("/coder", _writes(workspace, session.take_name), methods=["POST"])]
    routes += [Route("/choose", _writes(workspace, session.choose), methods=["POST"])]
    routes += [Route(path, _reads(workspace, _by_someone(page))) for path, page in _READ.items()]
    routes += [Route(path, _writes(workspace, _by_someone(page)), methods=["POST"]) for path, page in _WRITTEN.items()]
    routes += [Route("/static/{name}", _static), Route("/codes.css", _colours(workspace)), Route("/alive", _alive)]

    @asynccontextmanager
    async def life(_app: Starlette) -> AsyncIterator[None]:
        if workspace.learning:
            workspace.learning.start()
        workspace.state.catch_up()
        workspace.text_index(0)
        yield
        if workspace.learning:
            await run_in_threadpool(workspace.learning.stop)
        if workspace.theme_search:
            await run_in_threadpool(workspace.theme_search.stop)

    guard = Middleware(SecurityMiddleware, address=address, sessions=Sessions(token), coder=workspace.coder)
    return Starlette(routes=routes, middleware=[guard], lifespan=life)


Endpoint = Callable[[Request], Awaitable[Response]]


def _reads(workspace: Workspace, page: Page) -> Endpoint:
    async def endpoint(http: Request) -> Response:
        request = PageRequest(session=http.state.session, values=http.query_params.multi_items())
        return await run_in_threadpool(_answered, workspace, page, request)

    return endpoint


def _writes(workspace: Workspace, page: Page) -> Endpoint:
    async def endpoint(http: Request) -> Response:
        answer = await answer_form(
            http, PageRequest.of_form, partial(_answered_once, workspace, page), most_files=0,
            most_fields=_MOST_FIELDS, slowest=_SLOWEST_FORM,
        )  # fmt: skip
        return _for_script(answer) if _SCRIPT in http.headers else answer

    return endpoint


def _answered_once(workspace: Workspace, page: Page, request: PageRequest) -> Response:
    """Answer a form; one that is sent again, because its answer was lost, is stored once."""
    submission = request.one("submission")
    if not submission:
        return _answered(workspace, page, request)
    key = (request.coder, submission)
    with workspace.submission_lock:
        if key in workspace.submissions:
            return RedirectResponse(workspace.submissions[key], status_code=303)
        answer = _answered(workspace, page, request)
        if "location" in answer.headers:
            workspace.submissions[key] = answer.headers["location"]
            while len(workspace.submissions) > _REMEMBERED:
                del workspace.submissions[next(iter(workspace.submissions))]
        return answer


def _for_script(answer: Response) -> Response:
    """Return what a script needs in place of a page: where to go, or the words of a refusal."""
    if "location" in answer.headers:
        return JSONResponse({"location": answer.headers["location"]})
    return answer


def _answered(workspace: Workspace, page: Page, request: PageRequest) -> Response:
    try:
        if unwrap(page) is not session.save_copy:  # it is for a file that can no longer be read
            workspace.study.check_in_place()
            workspace.catch_up()
        return page(workspace, request)
    except LbcError as refusal:
        words = workspace.renderer.page(
            "refusal.html",
            request.session.language,
            words=refusal.said(request.session.language),
            replaced=isinstance(refusal, StudyReplacedError),
            csrf=request.session.csrf,
        )
        return HTMLResponse(words, status_code=400)


def _by_someone(page: Page) -> Page:
    @wraps(page)
    def named(workspace: Workspace, request: PageRequest) -> Response:
        if request.session.coder:
            return page(workspace, request)
        return RedirectResponse(f"/{request.session.page_key}/coder", status_code=303)

    return named


async def _static(http: Request) -> Response:
    name = http.path_params["name"]
    if name not in STATIC:
        return plain(404, message("review.no_such_file"))
    headers = {"Cache-Control": "private, max-age=86400, immutable"}
    return Response(static(name), media_type=_TYPES["." + name.rpartition(".")[2]], headers=headers)


async def _alive(_http: Request) -> Response:
    return JSONResponse({"alive": True})


def _colours(workspace: Workspace) -> Endpoint:
    async def endpoint(_request: Request) -> Response:
        return Response(workspace.renderer.colours(), media_type="text/css")

    return endpoint
