"""Who may come in: the right host, a session, and for writing the page's own origin. Everyone else is turned away.

A browser sends a cookie of 127.0.0.1 to every port of it, so also to a server that another user of this machine runs.
Two secrets are therefore asked for: the cookie, and the page key that stands in the path of every address of a session.
The cookie is limited to that path: no browser sends it anywhere else, and whoever holds one of the two cannot read.
"""

import secrets
import threading

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lbc_themes.review.rendering import static
from lbc_themes.review.request import Session

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
            return _refused(403, f"请用 http://{self._address} 打开。Use the address http://{self._address}.")
        if _from_elsewhere(request) and not self._is_opening(request):
            return _refused(403, "请求来自别的网页，已拒绝。The request came from another site and was refused.")
        if request.method in _READING:
            return None
        if request.headers.getlist("origin") != [f"http://{self._address}"]:
            return _refused(403, "来源不符，没有保存。Wrong origin; nothing was stored.")
        length = request.headers.get("content-length", "")
        if not (length.isascii() and length.isdigit()) or int(length) > self._largest:
            return _refused(413, "内容过长，没有保存。Too long; nothing was stored.")
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
            return _refused(403, "地址里的口令不对，请用终端里最新的地址。Wrong token; use the newest printed address.")
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
    words = "请打开终端里打印的完整地址。Open the whole address that the terminal printed."
    if request.headers.get("sec-fetch-dest") != "document" or request.method not in _READING:
        return _refused(403, words)
    return HTMLResponse(_RESUME_PAGE.format(resume=RESUME, words=words))


def _refused(status: int, words: str) -> Response:
    return PlainTextResponse(f"{words}\n", status_code=status)
