"""Where to go from a passage: forward, back, to what is still open."""

from collections.abc import Mapping, Sequence

from lbc_themes.core.records import Decision, Passage, Suggestion


def neighbours(passages: Sequence[Passage], place: int) -> tuple[str | None, str | None]:
    """Return the ids of the passages before and after the one at ``place``."""
    before = passages[place - 1].id if place > 0 else None
    after = passages[place + 1].id if place + 1 < len(passages) else None
    return before, after


def next_open(passages: Sequence[Passage], decided: Mapping[str, Decision], place: int, many: int = 1) -> list[str]:
    """Return up to ``many`` undecided passages after ``place``, and then from the beginning."""
    found: list[str] = []
    for number in range(1, len(passages) + 1):
        passage_id = passages[(place + number) % len(passages)].id
        if passage_id not in decided:
            found.append(passage_id)
            if len(found) == many:
                break
    return found


def least_sure(suggestions: Mapping[str, Suggestion], decided: Mapping[str, Decision], many: int) -> list[str]:
    """Return undecided passages whose first two suggestions are nearest to each other, the nearest first."""
    open_ones = [
        (_lead(s), passage_id) for passage_id, s in suggestions.items() if passage_id not in decided and s.codes
    ]
    return [passage_id for _, passage_id in sorted(open_ones)[:many]]


def _lead(suggestion: Suggestion) -> float:
    first, second, *_ = [*(code.probability for code in suggestion.codes), 0.0, 0.0]
    return first - second
