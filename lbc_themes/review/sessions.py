"""Who has opened the page: one session a browser, in memory, gone when the server ends."""

import secrets
import threading
from dataclasses import dataclass, field

from lbc_themes.core.records import Language


def _secret() -> str:
    return secrets.token_urlsafe(32)


@dataclass(kw_only=True)
class Session:
    """One browser: the secret in its cookie, the secret in its forms, who sits there, and what they chose.

    ``order`` is "straight" or "next" (what to code next); ``keys`` says whether single keys are shortcuts. ``said`` is
    a remark to be shown once.
    """

    coder: str | None
    language: Language = "zh"
    order: str = "straight"
    keys: bool = True
    said: str = ""
    key: str = field(default_factory=_secret)
    csrf: str = field(default_factory=_secret)

    def take_remark(self) -> str:
        """Return the remark and forget it."""
        said, self.said = self.said, ""
        return said


class Sessions:
    """The open sessions by the secret in their cookies."""

    def __init__(self, token: str) -> None:
        """Remember the token that opens one."""
        self._token = token.encode()
        self._lock = threading.Lock()
        self._held: dict[str, Session] = {}

    def opened(self, token: str, coder: str | None) -> Session | None:
        """Return a new session where ``token`` is the right one."""
        if not secrets.compare_digest(token.encode(), self._token):
            return None
        session = Session(coder=coder)
        with self._lock:
            self._held[session.key] = session
        return session

    def find(self, key: str) -> Session | None:
        """Return the session of a cookie."""
        return self._held.get(key)
