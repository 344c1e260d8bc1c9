"""What the page refuses, said in the language of the page."""

from lbc_themes.core.errors import InputError, LbcError
from lbc_themes.core.records import Bilingual, Language


class PageError(InputError):
    """A refusal in both languages; on the command line it is said in English."""

    def __init__(self, *, zh: str, en: str) -> None:
        """Take one line in each language."""
        super().__init__(en)
        self.words = Bilingual(zh=zh, en=en)


def said(refusal: LbcError, language: Language) -> str:
    """Return the line of a refusal in ``language``; those from below the page are in English only."""
    return refusal.words.said(language) if isinstance(refusal, PageError) else str(refusal)
