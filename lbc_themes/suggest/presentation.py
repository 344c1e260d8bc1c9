"""What of a suggestion is shown to people; files keep all of it."""

from dataclasses import replace

from lbc_themes.core.records import RankedCode, Suggestion

LEAST_SHARE = 0.05
"""The share below which a second or further suggestion is not shown: it would be read as advice."""


def shown_codes(suggestion: Suggestion) -> tuple[RankedCode, ...]:
    """Return the codes of a suggestion that are shown: the first, and further ones of 5 % or more."""
    return suggestion.codes[:1] + tuple(code for code in suggestion.codes[1:] if code.probability >= LEAST_SHARE)


def as_shown(suggestion: Suggestion) -> Suggestion:
    """Return ``suggestion`` with the codes that are shown."""
    codes = shown_codes(suggestion)
    return suggestion if codes == suggestion.codes else replace(suggestion, codes=codes)
