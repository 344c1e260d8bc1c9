"""A page: the session, values and coder of the request for it, and the templates that draw it."""

import asyncio
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Self, TypeVar
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from opencc import OpenCC
from pypinyin import Style, lazy_pinyin
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from lbc_themes.codebook.draft import GREY, is_colour
from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import catalogue, filled, message, word_table
from lbc_themes.core.records import Bilingual, Code, Codebook, Language, Rule
from lbc_themes.core.study_log import MACHINE, coder_from_label
from lbc_themes.safeguards.distress import DistressCue

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


# --- How a page is drawn: templates that escape everything, the codes' colours as a style sheet.

VERDICTS = word_table("review.verdicts")
STORED = word_table("review.stored")
WORDS = {name: word_table(f"words.{name}") for name in ("roles", "reasons", "distress")} | {
    "verdicts": VERDICTS, "code_parts": word_table("study.code_parts"), "memo_about": word_table("words.memo_about"),
}  # fmt: skip
_INDENT = "\u3000"
_BLACK, _WHITE = "#000000", "#ffffff"
_LIGHT = 0.6
_MIDDLE = 0.179
"""The luminance on which black and white stand out equally, at 4.58 to 1."""


def exact(text: str) -> Markup:
    r"""Return ``text`` escaped so that a browser counts the same characters: carriage returns stay, nulls show.

    >>> str(exact("a\r<b>"))
    'a&#13;&lt;b&gt;'
    """
    return Markup(str(escape(text)).replace("\r", "&#13;").replace("\0", "\ufffd"))  # noqa: S704 (escaped just before)


def marked(text: str, cues: Iterable[DistressCue]) -> Markup:
    """Return ``text`` escaped, with the words of the cues marked."""
    at, parts = 0, []
    for cue in sorted(cues, key=lambda cue: cue.start):
        start = max(at, cue.start)
        if start < cue.end:
            parts += [exact(text[at:start]), Markup("<mark>{}</mark>").format(exact(text[start : cue.end]))]
            at = cue.end
    return Markup("").join([*parts, exact(text[at:])])


def ink_on(colour: str) -> str:
    """Return black or white, whichever can be read on ``colour`` (relative luminance, WCAG 2.2).

    >>> ink_on("#FFFFFF"), ink_on("#202080")
    ('#000000', '#ffffff')
    """
    return _BLACK if _luminance(_parts(colour)) > _MIDDLE else _WHITE


def tint_of(colour: str) -> str:
    """Return ``colour``, mixed with white where it is dark: a ground on which long black text reads well.

    >>> tint_of("#ffe8a0"), tint_of("#aa3300")
    ('#ffe8a0', '#eaccbf')
    """
    parts, mixed, share = _parts(colour), _parts(colour), 1.0
    while _luminance(mixed) < _LIGHT:
        share -= 0.05
        mixed = [share * part + 1 - share for part in parts]
    return "#" + "".join(f"{round(255 * part):02x}" for part in mixed)


def _parts(colour: str) -> list[float]:
    return [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]


def _luminance(parts: Sequence[float]) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


class Renderer:
    """Draws pages for one codebook."""

    def __init__(self, codebook: Codebook, words: Mapping[str, tuple[Code, str, str]] | None = None) -> None:
        """Take the codes, numbered; ``words`` are the search words that a renderer of an earlier version made."""
        self.codebook = codebook
        self._number = {code.id: number for number, code in enumerate(codebook)}
        held = words or {}
        self.words = {
            code.id: held[code.id]
            if code.id in held and held[code.id][0] is code
            else (code, search_words(code), "\n".join(search_names(code)).lower())
            for code in codebook
        }
        self._lists: dict[Language, Markup] = {}
        self._options: dict[Language, dict[str, tuple[str, str]]] = {}

    def number(self, code_id: str) -> int:
        """Return the place of a code in the codebook, -1 where it is not in it; its colour is the class c<place>."""
        return self._number.get(code_id, -1)

    def page(self, name: str, language: Language, **values: object) -> str:
        """Return one page or part of a page."""
        book = {
            "codebook": self.codebook, "number": self.number, "search_words": lambda code: self.words[code.id][1],
            "search_names": lambda code: self.words[code.id][2],
            "options": lambda chosen="", but="": self.options(language, chosen, but),
        }  # fmt: skip
        return _environment().get_template(name).render(**_in(language), **book, language=language, **values)

    def code_list(self, language: Language) -> Markup:
        """Return the codebook as a list to choose from: drawn once, for it is the same on every page."""
        if language not in self._lists:
            self._lists[language] = Markup(self.page("codes.html", language))  # noqa: S704 (drawn by the template)
        return self._lists[language]

    def options(self, language: Language, chosen: str = "", but: str = "") -> Markup:
        """Return the codes as options of a list to select from, ``chosen`` selected and the code ``but`` left out."""
        if language not in self._options:
            self._options[language] = {
                code.id: (
                    f'<option value="{escape(code.id)}"',
                    f">{_INDENT * len(self.codebook.ancestors(code.id))}{escape(code.name.said(language))}</option>",
                )
                for code in self.codebook
            }
        drawn = self._options[language].items()
        made = (f"{a}{' selected' if i == chosen else ''}{b}" for i, (a, b) in drawn if i != but)
        return Markup("".join(made))  # noqa: S704 (escaped just before)

    def colours(self) -> str:
        """Return the style sheet of the codes' colours."""
        kept = [code.colour if is_colour(code.colour) else GREY for code in self.codebook]
        return "".join(f".c{n}{{--code:{c};--ink:{ink_on(c)};--tint:{tint_of(c)}}}\n" for n, c in enumerate(kept))


@cache
def _environment() -> Environment:
    """Return the templates, read once: a codebook may change with every passage."""
    made = Environment(
        loader=PackageLoader("lbc_themes.review"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    made.filters |= {"exact": exact, "person": lambda label: coder_from_label(label)[0]}
    made.tests["adjudication"] = lambda label: coder_from_label(label)[1]
    made.globals |= {"WORDS": WORDS, "static_url": static_url, "marked": marked}
    return made


def _shown_part(value: object, language: Language) -> str:
    """Return a part of a code in words, for two versions of it to be compared."""
    if isinstance(value, Bilingual):
        return value.said(language)
    if isinstance(value, tuple):
        return " / ".join(each.text.said(language) if isinstance(each, Rule) else str(each) for each in value)
    return str(value or "—")


def _in(language: Language) -> dict[str, Callable[..., str]]:
    def t(key: str, **values: object) -> str:
        return filled(catalogue("pages")[f"pages.{key}"], **values).said(language)

    def said(words: Bilingual) -> str:
        return words.said(language)

    return {"t": t, "said": said, "shown_part": lambda value: _shown_part(value, language)}


def search_words(code: Code) -> str:
    """Return what a code is found by: id, names, indicators, definition, pinyin with initials, traditional characters.

    >>> empty = Bilingual(zh="", en="")
    >>> code = Code(id="a", name=Bilingual(zh="家务", en="Chores"), brief=empty, definition=empty)
    >>> search_words(code)
    'a 家务 chores jiawu jw 家務'
    """
    parts = [*search_names(code), code.brief.zh, code.brief.en, code.definition.zh, *code.indicators]
    return " ".join(dict.fromkeys(part for part in parts if part)).lower()


def search_names(code: Code) -> list[str]:
    """Return what a code is called: id, names, pinyin with initials, traditional characters."""
    name = code.name.zh
    initials = "".join(lazy_pinyin(name, style=Style.FIRST_LETTER))
    return [code.id, name, code.name.en, "".join(lazy_pinyin(name)), initials, _traditional()(name)]


@cache
def _traditional() -> Callable[[str], str]:
    convert: Callable[[str], str] = OpenCC("s2t").convert
    return convert


STATIC = (
    "review.css",
    "codebook.css",
    "composition.js",
    "drafts.js",
    "review.js",
    "codebook.js",
    "themes.js",
    "icon.svg",
    "resume.js",
)


@cache
def static(name: str) -> bytes:
    """Return a file that travels with the pages."""
    return (resources.files("lbc_themes.review") / "static" / name).read_bytes()


def static_url(name: str) -> str:
    """Return the address of a file that travels with the pages, relative to them; it changes with its content."""
    return f"static/{name}?v={sha256(static(name)).hexdigest()[:10]}"
