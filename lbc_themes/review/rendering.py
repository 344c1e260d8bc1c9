"""How pages are render_page: templates that escape everything, the codes' colours as a style sheet."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from opencc import OpenCC
from pypinyin import Style, lazy_pinyin

from lbc_themes.codebook.draft import GREY, is_colour
from lbc_themes.core.messages import word_table
from lbc_themes.core.records import Bilingual, Code, Codebook, Language, Rule
from lbc_themes.core.study_log import coder_from_label
from lbc_themes.safeguards.distress import DistressCue

# --- Words that several pages share, in both languages.

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
    def t(zh: str, en: str) -> str:
        return zh if language == "zh" else en

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
