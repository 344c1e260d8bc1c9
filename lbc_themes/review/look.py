"""How pages are drawn: templates that escape everything, the codes' colours as a style sheet."""

from collections.abc import Callable, Sequence
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from lbc_themes.codebook.colours import GREY, is_colour
from lbc_themes.core.records import Bilingual, Codebook, Language
from lbc_themes.core.study_log import is_settled
from lbc_themes.review.people import person_of
from lbc_themes.review.words import WORDS

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


class Look:
    """Draws pages for one codebook."""

    def __init__(self, codebook: Codebook) -> None:
        """Read the templates' folder and number the codes."""
        self.codebook = codebook
        self._number = {code.id: number for number, code in enumerate(codebook)}
        self._environment = Environment(
            loader=PackageLoader("lbc_themes.review"), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True, auto_reload=False,
        )  # fmt: skip
        self._environment.filters |= {"exact": exact, "person": person_of}
        self._environment.tests["settled"] = is_settled
        self._environment.globals |= {"codebook": codebook, "number": self.number, "WORDS": WORDS}
        self._lists: dict[Language, Markup] = {}

    def number(self, code_id: str) -> int:
        """Return the place of a code in the codebook, -1 where it is not in it; its colour is the class c<place>."""
        return self._number.get(code_id, -1)

    def page(self, name: str, language: Language, **values: object) -> str:
        """Return one page or part of a page."""
        return self._environment.get_template(name).render(**_in(language), language=language, **values)

    def code_list(self, language: Language) -> Markup:
        """Return the codebook as a list to choose from: drawn once, for it is the same on every page."""
        if language not in self._lists:
            self._lists[language] = Markup(self.page("codes.html", language))  # noqa: S704 (drawn by the template)
        return self._lists[language]

    def colours(self) -> str:
        """Return the style sheet of the codes' colours."""
        kept = [code.colour if is_colour(code.colour) else GREY for code in self.codebook]
        return "".join(f".c{n}{{--code:{c};--ink:{ink_on(c)};--tint:{tint_of(c)}}}\n" for n, c in enumerate(kept))


def _in(language: Language) -> dict[str, Callable[..., str]]:
    def t(zh: str, en: str) -> str:
        return zh if language == "zh" else en

    def said(words: Bilingual) -> str:
        return words.said(language)

    return {"t": t, "said": said}


def static(name: str) -> bytes:
    """Return a file that travels with the pages."""
    return (resources.files("lbc_themes.review") / "static" / name).read_bytes()
