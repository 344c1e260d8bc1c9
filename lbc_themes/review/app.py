"""The application: routes, and the two shapes that every page has."""

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
from lbc_themes.review import choices, coding, dashboard, marking, settling
from lbc_themes.review.asked import Asked
from lbc_themes.review.desk import Desk
from lbc_themes.review.guard import Guard
from lbc_themes.review.look import static
from lbc_themes.review.refusal import said
from lbc_themes.review.sessions import Sessions

Page = Callable[[Desk, Asked], Response]
_TYPES = {"review.css": "text/css", "review.js": "text/javascript", "icon.svg": "image/svg+xml"}
_READ: Mapping[str, Page] = {
    "/code": coding.page, "/interviews": choices.interviews, "/dashboard": dashboard.page,
    "/dashboard/agreement": dashboard.agreement_part, "/dashboard/distress": dashboard.distress_part,
    "/dashboard/saturation": dashboard.saturation_part, "/dashboard/codes": dashboard.codes_part,
    "/dashboard/themes": dashboard.themes_part, "/settle": settling.page,
}  # fmt: skip
_WRITTEN: Mapping[str, Page] = {
    "/decide": coding.decide, "/undo": marking.undo, "/memo": marking.memo, "/span": marking.span,
    "/settle": settling.settle, "/choose": choices.choose,
}  # fmt: skip


def build(desk: Desk, *, address: str, token: str) -> Starlette:
    """Return the application; the guard stands before every route."""
    routes = [Route("/", _reads(desk, choices.start)), Route("/coder", _reads(desk, choices.ask_name))]
    routes += [Route("/coder", _writes(desk, choices.take_name), methods=["POST"])]
    routes += [Route(path, _reads(desk, _by_someone(page))) for path, page in _READ.items()]
    routes += [Route(path, _writes(desk, _by_someone(page)), methods=["POST"]) for path, page in _WRITTEN.items()]
    routes += [Route("/static/{name}", _static), Route("/codes.css", _colours(desk))]

    @asynccontextmanager
    async def life(_app: Starlette) -> AsyncIterator[None]:
        if desk.learning:
            desk.learning.start()
        yield
        if desk.learning:
            await run_in_threadpool(desk.learning.stop)
        if desk.finder:
            await run_in_threadpool(desk.finder.stop)

    guard = Middleware(Guard, address=address, sessions=Sessions(token), coder=desk.coder)
    return Starlette(routes=routes, middleware=[guard], lifespan=life)


Endpoint = Callable[[Request], Awaitable[Response]]


def _reads(desk: Desk, page: Page) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        asked = Asked(session=request.state.session, values=request.query_params.multi_items())
        return await run_in_threadpool(_answered, desk, page, asked)

    return endpoint


def _writes(desk: Desk, page: Page) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        form: FormData = await request.form(max_files=0, max_fields=500)
        values: Sequence[tuple[str, Any]] = form.multi_items()
        asked = Asked(session=request.state.session, values=[(k, v) for k, v in values if isinstance(v, str)])
        if not asked.is_own_form():
            return PlainTextResponse(
                "页面已过期，没有保存。The page is out of date; nothing was stored.\n", status_code=403
            )
        return await run_in_threadpool(_answered, desk, page, asked)

    return endpoint


def _answered(desk: Desk, page: Page, asked: Asked) -> Response:
    try:
        desk.board.catch_up()
        return page(desk, asked)
    except LbcError as refusal:
        words = desk.look.page("refusal.html", asked.session.language, words=said(refusal, asked.session.language))
        return HTMLResponse(words, status_code=400)


def _by_someone(page: Page) -> Page:
    def named(desk: Desk, asked: Asked) -> Response:
        return page(desk, asked) if asked.session.coder else RedirectResponse("/coder", status_code=303)

    return named


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _TYPES:
        return PlainTextResponse("没有这个文件。No such file.\n", status_code=404)
    return Response(static(name), media_type=_TYPES[name])


def _colours(desk: Desk) -> Endpoint:
    async def endpoint(_request: Request) -> Response:
        return Response(desk.look.colours(), media_type="text/css")

    return endpoint
