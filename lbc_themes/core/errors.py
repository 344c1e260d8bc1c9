"""What the library says when it refuses: one line that names what, where, what is allowed and what to do."""


class LbcError(Exception):
    """Any refusal of this library. Its text is one line meant for the person at the keyboard."""


class InputError(LbcError, ValueError):
    """The input is not what it must be: a file, a line, an argument."""


class MissingExtraError(LbcError, ImportError):
    """An optional part is not installed. The text names the command that installs it."""

    def __init__(self, *, package: str, extra: str, purpose: str) -> None:
        """Say what needs which package and how to install it."""
        super().__init__(f"{purpose} needs the package {package}: pip install 'lbc_themes[{extra}]'")
        self.package = package
        self.extra = extra
