"""What the pages of the home page share: the request, what is going on, and how pages are drawn."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import IO, Self

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.datastructures import UploadFile
from starlette.responses import HTMLResponse, RedirectResponse, Response

from lbc_themes.core.errors import InputError, LbcError
from lbc_themes.core.messages import Bilingual, Said, message, word_table
from lbc_themes.home.intake import Intake
from lbc_themes.home.studies import OpenStudies, StudyFolder
from lbc_themes.home.tasks import Tasks
from lbc_themes.review.page import PageRequest, Session, exact, plain, static

_OWN = {"home.css": "text/css", "home.js": "text/javascript"}
_SHARED = {"review.css": "text/css", "icon.svg": "image/svg+xml"}


@dataclass(frozen=True, kw_only=True)
class HomeRequest(PageRequest):
    """A session, the values of an address or a form, and the files of a form: field, the sender's name, content."""

    files: Sequence[tuple[str, str, IO[bytes]]] = ()

    @classmethod
    def of_form(cls, session: Session, items: Iterable[tuple[str, object]]) -> Self:
        """Return the request of a form."""
        held = [*items]
        files = [(name, v.filename, v.file) for name, v in held if isinstance(v, UploadFile) and v.filename]
        return cls(session=session, values=[(name, v) for name, v in held if isinstance(v, str)], files=files)

    def uploads(self, name: str) -> list[tuple[str, IO[bytes]]]:
        """Return the files of one field, with the names that their sender gave."""
        return [(sent, opened) for field_name, sent, opened in self.files if field_name == name]

    def to(self, page: str) -> Response:
        """Send the browser to a page."""
        return RedirectResponse(page, status_code=303)

    def say(self, words: Bilingual) -> None:
        """Keep a line for the next page."""
        self.session.say(words.said(self.session.language))


@dataclass(kw_only=True)
class Home:
    """The folder, the studies that are open, the files on their way into one, and the work behind the pages."""

    folder: StudyFolder
    opened: OpenStudies
    encoder: str
    cache: Path | None
    quit_: Callable[[], object]
    tasks: Tasks = field(default_factory=Tasks)
    intakes: dict[str, Intake] = field(default_factory=dict)

    def intake(self, request: HomeRequest) -> Intake:
        """Return the files that an address or a form speaks of. Raises InputError where they are gone."""
        found = self.intakes.get(request.one("i"))
        if found is None:
            raise InputError(message("home.intake_gone"))
        return found

    def close(self) -> None:
        """End what is open and remove what was not taken in."""
        self.opened.close()
        for intake in self.intakes.values():
            intake.close()
        self.intakes.clear()

    def page(self, request: HomeRequest, name: str, *, answer: int = 200, **values: object) -> Response:
        """Return a whole page."""
        session = request.session
        remark, *_ = session.take_message()
        words = _environment().get_template(name).render(
            **_words(request), session=session, csrf=session.csrf, remark=remark, folder=self.folder.path, **values
        )  # fmt: skip
        return HTMLResponse(words, status_code=answer)

    def part(self, request: HomeRequest, name: str, **values: object) -> Response:
        """Return a part of a page, which a script puts in."""
        return HTMLResponse(_environment().get_template(name).render(**_words(request), **values))

    def refused(self, request: HomeRequest, refusal: LbcError) -> Response:
        """Return the page that says what was refused."""
        back = request.one("back", "./")
        known = back.partition("?")[0] in {"./", "study", "intake", "new"}
        return self.page(request, "refused.html", answer=400, words=refusal, back=back if known else "./")


def _words(request: HomeRequest) -> dict[str, object]:
    language = request.session.language

    def said(words: Said) -> str:
        return words.said(language)

    def m(key: str, **values: object) -> str:
        return word_table("home.page")[key].said(language).format(**values)

    return {"said": said, "m": m, "language": language}


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("lbc_themes.home"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    made.filters["exact"] = exact
    made.globals["static_url"] = lambda name: f"static/{name}?v={sha256(_content(name)).hexdigest()[:10]}"
    return made


def _content(name: str) -> bytes:
    if name in _OWN:
        return (resources.files("lbc_themes.home") / "static" / name).read_bytes()
    return static(name)


def static_file(name: str) -> Response:
    """Return a file that travels with the pages."""
    types = {**_OWN, **_SHARED}
    if name not in types:
        return plain(404, message("review.no_such_file"))
    headers = {"Cache-Control": "private, max-age=86400, immutable"}
    return Response(_content(name), media_type=types[name], headers=headers)


def choose_language(home: Home, request: HomeRequest) -> Response:
    """Change the language and go back to the page."""
    del home
    value = request.one("language")
    if value not in {"zh", "en"}:
        raise InputError(message("home.allowed", name="language", value=value, allowed=["zh", "en"]))
    request.session.language = "zh" if value == "zh" else "en"
    back = request.one("back", "./")
    return request.to(back if back.partition("?")[0] in {"./", "study", "intake", "new", "check"} else "./")
