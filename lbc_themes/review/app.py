"""The application: which address leads to which page."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from lbc_themes.core.errors import LbcError
from lbc_themes.review.rendering import static
from lbc_themes.review.request import PageRequest, message_of
from lbc_themes.review.routes import adjudication, coding, dashboard, session
from lbc_themes.review.security import SecurityMiddleware, Sessions
from lbc_themes.review.workspace import Workspace

Page = Callable[[Workspace, PageRequest], Response]
_TYPES = {"review.css": "text/css", "review.js": "text/javascript", "icon.svg": "image/svg+xml"}
_READ: Mapping[str, Page] = {
    "/code": coding.page, "/interviews": session.interviews, "/dashboard": dashboard.page,
    "/dashboard/agreement": dashboard.agreement_part, "/dashboard/distress": dashboard.distress_part,
    "/dashboard/saturation": dashboard.saturation_part, "/dashboard/codes": dashboard.codes_part,
    "/dashboard/themes": dashboard.themes_part, "/settle": adjudication.page,
}  # fmt: skip
_WRITTEN: Mapping[str, Page] = {
    "/decide": coding.decide, "/undo": coding.undo, "/memo": coding.memo, "/span": coding.span,
    "/settle": adjudication.adjudicate, "/choose": session.choose,
}  # fmt: skip


def build(workspace: Workspace, *, address: str, token: str) -> Starlette:
    """Return the application; the guard stands before every route."""
    routes = [Route("/", _reads(workspace, session.start)), Route("/coder", _reads(workspace, session.ask_name))]
    routes += [Route("/coder", _writes(workspace, session.take_name), methods=["POST"])]
    routes += [Route(path, _reads(workspace, _by_someone(page))) for path, page in _READ.items()]
    routes += [Route(path, _writes(workspace, _by_someone(page)), methods=["POST"]) for path, page in _WRITTEN.items()]
    routes += [Route("/static/{name}", _static), Route("/codes.css", _colours(workspace))]

    @asynccontextmanager
    async def life(_app: Starlette) -> AsyncIterator[None]:
        if workspace.learning:
            workspace.learning.start()
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
        form: FormData = await http.form(max_files=0, max_fields=500)
        values: Sequence[tuple[str, Any]] = form.multi_items()
        request = PageRequest(session=http.state.session, values=[(k, v) for k, v in values if isinstance(v, str)])
        if not request.is_own_form():
            return PlainTextResponse(
                "页面已过期，没有保存。The page is out of date; nothing was stored.\n", status_code=403
            )
        return await run_in_threadpool(_answered, workspace, page, request)

    return endpoint


def _answered(workspace: Workspace, page: Page, request: PageRequest) -> Response:
    try:
        workspace.state.catch_up()
        return page(workspace, request)
    except LbcError as refusal:
        words = workspace.renderer.page(
            "refusal.html", request.session.language, words=message_of(refusal, request.session.language)
        )
        return HTMLResponse(words, status_code=400)


def _by_someone(page: Page) -> Page:
    def named(workspace: Workspace, request: PageRequest) -> Response:
        return page(workspace, request) if request.session.coder else RedirectResponse("/coder", status_code=303)

    return named


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _TYPES:
        return PlainTextResponse("没有这个文件。No such file.\n", status_code=404)
    return Response(static(name), media_type=_TYPES[name])


def _colours(workspace: Workspace) -> Endpoint:
    async def endpoint(_request: Request) -> Response:
        return Response(workspace.renderer.colours(), media_type="text/css")

    return endpoint
