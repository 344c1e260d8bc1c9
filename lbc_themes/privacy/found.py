"""Something found in a text that points to a person, and how overlaps are settled."""

from collections.abc import Iterable
from dataclasses import dataclass

from lbc_themes.privacy.kinds import Kind


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """The half-open slice ``[start, end)`` of a text, its kind, and how sure the finder is (the higher wins)."""

    start: int
    end: int
    kind: Kind
    rank: int


def without_overlaps(found: Iterable[Found]) -> list[Found]:
    """Return findings in the order of the text; of two that overlap the surer stays, then the longer."""
    kept: dict[int, Found] = {}
    for item in sorted(found, key=lambda f: (-f.rank, f.start - f.end, f.start)):
        if not any(at in kept for at in range(item.start, item.end)):
            kept.update(dict.fromkeys(range(item.start, item.end), item))
    return sorted(set(kept.values()), key=lambda f: f.start)
