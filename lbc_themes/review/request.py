"""A browser's request: its session, the values it sent, the names of coders, and what the page refuses."""

import asyncio
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Self, TypeVar
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import Bilingual, message
from lbc_themes.core.records import Language
from lbc_themes.core.study_log import MACHINE, coder_from_label

# --- Who has opened the page: one session a browser, in memory, gone when the server ends.


def _secret() -> str:
    return secrets.token_urlsafe(32)


@dataclass(kw_only=True)
class Session:
    """One browser: the secrets in its cookie, addresses and forms, who sits there, and what they chose.

    ``order`` is "straight" or "next" (what to code next); ``keys`` says whether single keys are shortcuts. ``message``
    is shown once, on the next page; ``undo`` is the form that takes back what it speaks of ("" for none), ``redo``
    the one that does it again, and ``unstored`` what a person wrote of a code and others changed meanwhile.
    ``came_from`` is the page to go back to.
    """

    coder: str | None
    language: Language = "zh"
    order: str = "straight"
    keys: bool = True
    message: str = ""
    undo: str = ""
    redo: str = ""
    unstored: object = None
    came_from: str = ""
    key: str = field(default_factory=_secret)
    page_key: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    csrf: str = field(default_factory=_secret)

    def say(self, message: str, *, can_undo: bool = False, undo: str = "", redo: str = "") -> None:
        """Keep a message for the next page; ``undo`` names the form that takes the step back, by default "undo".

        ``redo`` names the form that does again what was taken back.
        """
        self.message, self.undo, self.redo = message, undo or ("undo" if can_undo else ""), redo

    def take_message(self) -> tuple[str, str, str]:
        """Return the message and the forms that take back or do again what it speaks of, and forget them."""
        taken = self.message, self.undo, self.redo
        self.message, self.undo, self.redo = "", "", ""
        return taken


@dataclass(frozen=True, kw_only=True)
class PageRequest:
    """A session and the values of an address or a form."""

    session: Session
    values: Sequence[tuple[str, str]]

    @property
    def coder(self) -> str:
        """The person's name."""
        return self.session.coder or ""

    @classmethod
    def of_form(cls, session: Session, items: Iterable[tuple[str, object]]) -> Self:
        """Return the request of a form without files."""
        return cls(session=session, values=[(name, value) for name, value in items if isinstance(value, str)])

    def one(self, name: str, default: str = "") -> str:
        """Return the last value of that name."""
        return next((value for key, value in reversed(self.values) if key == name), default)

    def many(self, name: str) -> tuple[str, ...]:
        """Return the different values of that name, in order."""
        return tuple(dict.fromkeys(value for key, value in self.values if key == name and value))

    def whole(self, name: str) -> int:
        """Return a value that is a whole number."""
        value = self.one(name)
        if not (value.isascii() and value.isdigit()):
            raise InputError(message("review.must_whole_number_load", name=name, value=value))
        return int(value)

    def is_own_form(self) -> bool:
        """Say whether the form was made by a page of this session."""
        return secrets.compare_digest(self.one("csrf").encode(), self.session.csrf.encode())


def download(data: bytes, name: str, media_type: str) -> Response:
    """Return an answer that a browser saves under ``name``."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(data, media_type=media_type, headers=headers)


def plain(status: int, words: Bilingual) -> Response:
    """Return ``words`` as plain text in both languages: which one a person reads is known in a session alone."""
    return PlainTextResponse(f"{words.in_both()}\n", status_code=status)


Asked = TypeVar("Asked", bound=PageRequest)


async def answer_form(
    http: Request,
    read: Callable[[Session, Sequence[tuple[str, str | UploadFile]]], Asked],
    answer: Callable[[Asked], Response],
    *,
    most_files: int,
    most_fields: int,
    slowest: float,
) -> Response:
    """Answer a form in a thread; refuse one that takes more than ``slowest`` seconds or that no page of ours made.

    ``read`` makes the request of the session and of the fields and files that came.
    """
    try:
        form = await asyncio.wait_for(http.form(max_files=most_files, max_fields=most_fields), slowest)
    except TimeoutError:
        return plain(408, message("review.form_incomplete"))
    try:
        request = read(http.state.session, form.multi_items())
        if not request.is_own_form():
            return plain(403, message("review.page_outdated"))
        return await run_in_threadpool(answer, request)
    finally:
        await form.close()


# --- Names of coders.

_LONGEST = 60


def checked_coder(name: str) -> str:
    """Return a coder's name without blanks around it; refuse none, the machine's and labels of adjudication.

    >>> checked_coder(" 李 ")
    '李'
    """
    named = name.strip()
    if not named or len(named) > _LONGEST or not named.isprintable():
        raise InputError(message("review.coder_name", most=_LONGEST))
    if named == MACHINE or coder_from_label(named)[1]:
        raise InputError(message("review.coder_name_kept", named=named))
    return named
