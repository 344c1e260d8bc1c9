"""Words that a person sees, in Chinese and English."""

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Bilingual:
    """One wording in both languages.

    >>> Bilingual(zh="心理压力", en="Psychological stress").said("zh")
    '心理压力'
    """

    zh: str
    en: str

    def said(self, language: Language) -> str:
        """Return the wording in ``language``."""
        return self.zh if language == "zh" else self.en
