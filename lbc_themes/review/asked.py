"""What a browser asks: whose session it is, and the values it sent."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from lbc_themes.core.errors import InputError
from lbc_themes.review.sessions import Session


@dataclass(frozen=True, kw_only=True)
class Asked:
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
        said = self.one(name)
        if not (said.isascii() and said.isdigit()):
            raise InputError(f"{name} is {said!r}; it must be a whole number; load the page again")
        return int(said)

    def is_own_form(self) -> bool:
        """Say whether the form was made by a page of this session."""
        return secrets.compare_digest(self.one("csrf").encode(), self.session.csrf.encode())
