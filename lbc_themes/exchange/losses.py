"""What does not travel between two programs, said so that a person can act on it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from lbc_themes.core.records import Bilingual


@dataclass(frozen=True, kw_only=True, slots=True)
class Loss:
    """One kind of thing that an import or export leaves behind, how many of them, and an example of where."""

    topic: str
    text: Bilingual
    count: int = 1
    where: str = ""


def gathered(losses: Iterable[Loss]) -> tuple[Loss, ...]:
    """Return losses of the same topic as one, counted together, with the first place."""
    listed = list(losses)
    counts: Counter[str] = Counter()
    for loss in listed:
        counts[loss.topic] += loss.count
    first = {loss.topic: loss for loss in reversed(listed)}
    return tuple(
        Loss(topic=topic, text=first[topic].text, count=counts[topic], where=first[topic].where) for topic in counts
    )
