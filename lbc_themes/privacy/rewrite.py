"""Putting pseudonyms into a text and taking them out again, with every offset moved along."""

from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate

from lbc_themes.core.errors import InputError
from lbc_themes.privacy.found import Found
from lbc_themes.privacy.key import Replaced, TranscriptKey
from lbc_themes.privacy.kinds import Kind


def replaced(text: str, found: Iterable[Found], name: Callable[[Kind, str], str]) -> tuple[str, tuple[Replaced, ...]]:
    """Return ``text`` with each finding put under its pseudonym, and the spans of the new text that were changed."""
    pieces, spans, at, length = [], [], 0, 0
    for item in found:
        pseudonym = name(item.kind, text[item.start : item.end])
        start = length + item.start - at
        spans.append(
            Replaced(start=start, end=start + len(pseudonym), real=text[item.start : item.end], kind=item.kind)
        )
        pieces += [text[at : item.start], pseudonym]
        at, length = item.end, start + len(pseudonym)
    return "".join([*pieces, text[at:]]), tuple(spans)


def moved(offsets: Sequence[int], spans: Sequence[Replaced]) -> list[int]:
    """Return where ordered ``offsets`` of the real text are in the new one. None may lie inside a replaced slice."""
    gains = list(accumulate((span.end - span.start - len(span.real) for span in spans), initial=0))
    ends = [span.end - gain for span, gain in zip(spans, gains[1:], strict=True)]
    places, at = [], 0
    for offset in offsets:
        while at < len(ends) and ends[at] <= offset:
            at += 1
        places.append(offset + gains[at])
    return places


def restored(text: str, key: TranscriptKey) -> str:
    """Return the real text. Refuses a text that is not the one the key was made with."""
    if len(text) != key.length:
        raise InputError(
            f"transcript {key.id} has {len(text)} characters and the key was made for {key.length}; give the text as "
            "deidentify returned it"
        )
    pieces, at = [], 0
    for span in key.spans:
        pieces += [text[at : span.start], span.real]
        at = span.end
    return "".join([*pieces, text[at:]])
