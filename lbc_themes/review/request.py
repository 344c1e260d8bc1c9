"""A browser's request: its session, the values it sent, the names of coders, and what the page refuses."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.core.records import Language
from lbc_themes.core.study_log import MACHINE, coder_from_label

# --- Who has opened the page: one session a browser, in memory, gone when the server ends.


def _secret() -> str:
    return secrets.token_urlsafe(32)


@dataclass(kw_only=True)
class Session:
    """One browser: the secrets in its cookie, addresses and forms, who sits there, and what they chose.

    ``order`` is "straight" or "next" (what to code next); ``keys`` says whether single keys are shortcuts. ``message``
    is shown once, on the next page; ``undo`` is the form that takes back what it speaks of ("" for none), and
    ``unstored`` what a person wrote of a code and others changed meanwhile. ``came_from`` is the page to go back to.
    """

    coder: str | None
    language: Language = "zh"
    order: str = "straight"
    keys: bool = True
    message: str = ""
    undo: str = ""
    unstored: object = None
    came_from: str = ""
    key: str = field(default_factory=_secret)
    page_key: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    csrf: str = field(default_factory=_secret)

    def say(self, message: str, *, can_undo: bool = False, undo: str = "") -> None:
        """Keep a message for the next page; ``undo`` names the form that takes the step back, by default "undo"."""
        self.message, self.undo = message, undo or ("undo" if can_undo else "")

    def take_message(self) -> tuple[str, str]:
        """Return the message and the form that takes back what it speaks of, and forget both."""
        taken = self.message, self.undo
        self.message, self.undo = "", ""
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


# --- What the page refuses, said in the language of the page.


class PageError(InputError):
    """A refusal in both languages."""


# --- Names of coders.

_LONGEST = 60


def checked_coder(name: str) -> str:
    """Return a coder's name without blanks around it; refuse none, the machine's and labels of adjudication.

    >>> checked_coder(" 李 ")
    '李'
    """
    named = name.strip()
    if not named or len(named) > _LONGEST or not named.isprintable():
        raise PageError(message("review.coder_name", most=_LONGEST))
    if named == MACHINE or coder_from_label(named)[1]:
        raise PageError(message("review.coder_name_kept", named=named))
    return named
