"""The application of the home page: which address leads to which page."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lbc_themes.core.errors import LbcError
from lbc_themes.home import care, making
from lbc_themes.home.pages import Home, HomeRequest, choose_language, static_file
from lbc_themes.review.app import SecurityMiddleware, Sessions
from lbc_themes.review.page import answer_form

Page = Callable[[Home, HomeRequest], Response]
LARGEST_UPLOAD = 600_000_000
"""Bytes that one form with files may have."""
_SLOWEST_FORM = 300.0
"""Seconds within which a form must have arrived, files too."""
_MOST_FILES = 500
_MOST_FIELDS = 100

_READ: Mapping[str, Page] = {
    "/": making.start, "/new": making.ask_new, "/intake": making.intake, "/study": care.study, "/task": care.task_part,
    "/open": care.open_study, "/check": care.check, "/export": care.export_file, "/agreement": care.agreement_file,
}  # fmt: skip
_WRITTEN: Mapping[str, Page] = {
    "/folder": making.use_folder, "/project": making.make_from_project, "/new": making.make_intake,
    "/add": making.add_to_study,
    "/files": making.add_files, "/remove": making.remove_file, "/role": making.set_role,
    "/deidentify": making.deidentify, "/take-in": making.take_in, "/cancel": making.cancel,
    "/suggest": care.suggest, "/themes": care.themes, "/import": care.import_file, "/backup": care.backup,
    "/restore": care.restore, "/rescue": care.rescue, "/withdraw": care.withdraw, "/push": care.push,
    "/pull": care.pull, "/close": care.close_study, "/quit": care.quit_program, "/choose": choose_language,
}  # fmt: skip


def build(home: Home, *, address: str, token: str) -> Starlette:
    """Return the application; ``SecurityMiddleware`` stands before every route, as before the review page."""
    routes = [Route(path, _reads(home, page)) for path, page in _READ.items()]
    routes += [Route(path, _writes(home, page), methods=["POST"]) for path, page in _WRITTEN.items()]
    routes += [Route("/static/{name}", _static)]

    @asynccontextmanager
    async def life(_app: Starlette) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(home.close)

    guard = Middleware(
        SecurityMiddleware, address=address, sessions=Sessions(token), coder=None, largest=LARGEST_UPLOAD
    )
    return Starlette(routes=routes, middleware=[guard], lifespan=life)


Endpoint = Callable[[Request], Awaitable[Response]]


def _reads(home: Home, page: Page) -> Endpoint:
    async def endpoint(http: Request) -> Response:
        request = HomeRequest(session=http.state.session, values=http.query_params.multi_items())
        return await run_in_threadpool(_answered, home, page, request)

    return endpoint


def _writes(home: Home, page: Page) -> Endpoint:
    async def endpoint(http: Request) -> Response:
        return await answer_form(
            http, HomeRequest.of_form, partial(_answered, home, page), most_files=_MOST_FILES,
            most_fields=_MOST_FIELDS, slowest=_SLOWEST_FORM,
        )  # fmt: skip

    return endpoint


def _answered(home: Home, page: Page, request: HomeRequest) -> Response:
    try:
        return page(home, request)
    except LbcError as refusal:
        return home.refused(request, refusal)


async def _static(http: Request) -> Response:
    return static_file(http.path_params["name"])
