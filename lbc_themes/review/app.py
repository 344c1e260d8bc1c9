"""The application: which address leads to which page."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import wraps
from inspect import unwrap
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from lbc_themes.core.errors import LbcError
from lbc_themes.review.rendering import STATIC, static
from lbc_themes.review.request import PageRequest
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
from lbc_themes.review.security import SecurityMiddleware, Sessions
from lbc_themes.review.workspace import Workspace
from lbc_themes.study import StudyReplacedError

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
    "/matrices": matrices.page, "/matrices.csv": matrices.table,
    "/themes": themes.page, "/theme": themes.theme,
}  # fmt: skip
_WRITTEN: Mapping[str, Page] = {
    "/decide": coding.decide, "/undo": coding.undo, "/memo": coding.memo, "/span": coding.span,
    "/move-span": coding.move_span, "/add-memo": memos.add, "/edit-memo": memos.edit,
    "/adjudicate": adjudication.adjudicate, "/undo-adjudication": adjudication.undo,
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
        try:
            form: FormData = await asyncio.wait_for(http.form(max_files=0, max_fields=_MOST_FIELDS), _SLOWEST_FORM)
        except TimeoutError:
            return PlainTextResponse("表单没有传完，没有保存。The form did not arrive; nothing was stored.\n", 408)
        values: Sequence[tuple[str, Any]] = form.multi_items()
        request = PageRequest(session=http.state.session, values=[(k, v) for k, v in values if isinstance(v, str)])
        if not request.is_own_form():
            return PlainTextResponse(
                "页面已过期，没有保存。The page is out of date; nothing was stored.\n", status_code=403
            )
        answer = await run_in_threadpool(_answered_once, workspace, page, request)
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
        return PlainTextResponse("没有这个文件。No such file.\n", status_code=404)
    headers = {"Cache-Control": "private, max-age=86400, immutable"}
    return Response(static(name), media_type=_TYPES["." + name.rpartition(".")[2]], headers=headers)


async def _alive(_http: Request) -> Response:
    return JSONResponse({"alive": True})


def _colours(workspace: Workspace) -> Endpoint:
    async def endpoint(_request: Request) -> Response:
        return Response(workspace.renderer.colours(), media_type="text/css")

    return endpoint
