"""What the library says when it refuses: one line that names what, where, what is allowed and what to do."""

from functools import partial
from typing import Any

from lbc_themes.core.messages import Bilingual, Language, message


class LbcError(Exception):
    """Any refusal of this library, as one line meant for the person at the keyboard.

    ``str(error)`` is the English line; ``error.said("zh")`` is the Chinese one.

    >>> LbcError(Bilingual(zh="没有这个文件", en="no such file")).said("zh")
    '没有这个文件'
    """

    def __init__(self, line: str | Bilingual) -> None:
        """Take a message of the catalogue, or a line that reads the same in both languages."""
        self.words = Bilingual(zh=line, en=line) if isinstance(line, str) else line
        super().__init__(self.words.en)

    def said(self, language: Language) -> str:
        """Return the line in ``language``."""
        return self.words.said(language)


class InputError(LbcError, ValueError):
    """The input is not what it must be: a file, a line, an argument.

    >>> InputError("draws is -1; it must be 0 or more").said("en")
    'draws is -1; it must be 0 or more'
    """


class MissingExtraError(LbcError, ImportError):
    """An optional part is not installed. The text names the command that installs it.

    >>> print(MissingExtraError(package="plotly", extra="plots", purpose="a plot"))
    a plot needs the package plotly: pip install 'lbc_themes[plots]'
    """

    def __init__(self, *, package: str, extra: str, purpose: str | Bilingual) -> None:
        """Say what needs which package and how to install it."""
        super().__init__(message("core.missing_extra", package=package, extra=extra, purpose=purpose))
        self.package = package
        self.extra = extra
        self.purpose = purpose

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel between processes with the arguments by name."""
        return partial(MissingExtraError, package=self.package, extra=self.extra, purpose=self.purpose), ()
