"""Who may come in: the right host, a session, and for writing the page's own origin. Everyone else is turned away."""

import secrets
import threading

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lbc_themes.review.request import Session

LARGEST_FORM = 1_000_000
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


class Sessions:
    """The open sessions by the secret in their cookies."""

    def __init__(self, token: str) -> None:
        """Remember the token that opens one."""
        self._token = token.encode()
        self._lock = threading.Lock()
        self._held: dict[str, Session] = {}

    def opened(self, token: str, coder: str | None) -> Session | None:
        """Return a new session where ``token`` is the right one."""
        if not secrets.compare_digest(token.encode(), self._token):
            return None
        session = Session(coder=coder)
        with self._lock:
            self._held[session.key] = session
        return session

    def find(self, key: str) -> Session | None:
        """Return the session of a cookie."""
        return self._held.get(key)


class SecurityMiddleware:
    """Stands before the application. What it lets through has ``request.state.session``."""

    def __init__(self, app: ASGIApp, *, address: str, sessions: Sessions, coder: str | None) -> None:
        """Remember whom to let in; ``address`` is host and port."""
        self._app, self._address, self._sessions, self._coder = app, address, sessions, coder
        self._cookie = f"lbc_review_{address.rpartition(':')[2]}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a refusal, or hand on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        request = Request(scope)
        answer = self._refusal(request) or self._opened(request)
        if answer is None:
            session = self._session(request)
            if session is not None:
                scope.setdefault("state", {})["session"] = session
                await self._app(scope, receive, marked)
                return
            answer = _refused(403, "请打开终端里打印的完整地址。Open the whole address that the terminal printed.")
        await answer(scope, receive, marked)

    def _refusal(self, request: Request) -> Response | None:
        if request.headers.getlist("host") != [self._address]:
            return _refused(403, f"请用 http://{self._address} 打开。Use the address http://{self._address}.")
        from_elsewhere = request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}
        if from_elsewhere and not (request.method in _READING and "token" in request.query_params):
            return _refused(403, "请求来自别的网页，已拒绝。The request came from another site and was refused.")
        if request.method in _READING:
            return None
        if request.headers.getlist("origin") != [f"http://{self._address}"]:
            return _refused(403, "来源不符，没有保存。Wrong origin; nothing was stored.")
        length = request.headers.get("content-length", "")
        if not (length.isascii() and length.isdigit()) or int(length) > LARGEST_FORM:
            return _refused(413, "内容过长，没有保存。Too long; nothing was stored.")
        return None

    def _opened(self, request: Request) -> Response | None:
        token = request.query_params.get("token")
        if request.url.path != "/" or token is None or request.method not in _READING:
            return None
        session = self._sessions.opened(token, self._coder)
        if session is None:
            return _refused(403, "地址里的口令不对，请用终端里最新的地址。Wrong token; use the newest printed address.")
        answer = RedirectResponse("/", status_code=303)
        answer.set_cookie(self._cookie, session.key, httponly=True, samesite="strict", path="/")
        return answer

    def _session(self, request: Request) -> Session | None:
        return self._sessions.find(request.cookies.get(self._cookie, ""))


def _refused(status: int, words: str) -> Response:
    return PlainTextResponse(f"{words}\n", status_code=status)
