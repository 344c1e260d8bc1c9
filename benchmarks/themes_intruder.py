"""Are three passages of a theme told from one of another? An intruder test (Chang et al. 2009, NIPS) on whole passages.

An item is three typical passages of a theme and one of another theme of the same method, shuffled with the seed: the
library's own typical passages, and for BERTopic tuned for small data its passages nearest the topic's mean vector. A
reader who knows neither the method nor the themes says which of the four does not belong. Readings are kept in
``data/intruder_readings.csv`` with who or what read them; an item is known by a digest of its four passages, so that a
reading counts only for what was read. By chance a quarter is found. ``python -m benchmarks.themes_intruder DATA``
prints the items, methods mixed and unnamed, for another reader.
"""

import csv
import hashlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.theme_methods import bertopic_tuned
from benchmarks.theme_scores import Labels
from benchmarks.theme_studies import READERS, Study
from lbc_themes.themes import ThemeModel

NAME = "themes_intruder"
QUESTION = "Do the typical passages of a theme belong together for a blind reader?"
DATA = ("interviews-game",)
SEED = 0
PACKAGES = ("bertopic", "hdbscan", "umap-learn")
NOTE = """
Read by a language model, blind to method and theme, once, from about the first fifty characters of each passage; not by
a person. A dozen items a method tell little: that all are found says that typical passages belong together
in this set, not that one method does better than the other.
"""

ITEMS = 12
READINGS = Path(__file__).parent / "data" / "intruder_readings.csv"


@dataclass(frozen=True, kw_only=True)
class Item:
    """Four passages, the place of the one that does not belong, and what the four are known by."""

    method: str
    texts: tuple[str, ...]
    intruder: int

    @property
    def digest(self) -> str:
        """Return what the passages are known by, in this order."""
        return hashlib.sha256("\0".join(self.texts).encode()).hexdigest()[:16]


def main(data: Path) -> dict[str, Any]:
    """Return, for each set, one row a method: how many items were read, and which share was found."""
    with READINGS.open(encoding="utf-8", newline="") as file:
        read = {(row["item"], row["reader"]): int(row["place"]) - 1 for row in csv.DictReader(file)}
    found: dict[str, Any] = {}
    for name in DATA:
        rows: dict[str, list[bool]] = {}
        for item in items_of(READERS[name](data)):
            for (digest, reader), place in read.items():
                if digest == item.digest:
                    rows.setdefault(f"{item.method}, read by {reader}", []).append(place == item.intruder)
        found[name] = {row: {"items read": len(seen), "found": float(np.mean(seen))} for row, seen in rows.items()}
    return found


def items_of(study: Study) -> list[Item]:
    """Return the items of both methods, mixed; the same study gives the same."""
    model = ThemeModel(random_state=SEED).fit(study.texts, vectors=study.vectors, groups=study.groups)
    ours = [[study.texts[i] for i in theme.typical] for theme in model.themes_]
    theirs = list(_nearest(study, bertopic_tuned(study, SEED)))
    chance = np.random.default_rng(SEED)
    made = [*_items("ours", ours, chance), *_items("BERTopic tuned for small data", theirs, chance)]
    return [made[i] for i in chance.permutation(len(made))]


def _nearest(study: Study, labels: Labels) -> Iterator[list[str]]:
    for topic in np.unique(labels[labels >= 0]):
        own = np.flatnonzero(labels == topic)
        near = study.vectors[own] @ study.vectors[own].mean(axis=0)
        yield [study.texts[i] for i in own[np.argsort(-near, kind="stable")[:5]]]


def _items(method: str, typical: Sequence[Sequence[str]], chance: np.random.Generator) -> Iterator[Item]:
    enough = [list(dict.fromkeys(own)) for own in typical]
    enough = [own for own in enough if len(own) >= 3]
    for at in chance.permutation(len(enough))[:ITEMS]:
        other = int(chance.choice([i for i in range(len(enough)) if i != at]))
        place = int(chance.integers(4))
        texts = enough[at][:3]
        texts.insert(place, enough[other][0])
        yield Item(method=method, texts=tuple(texts), intruder=place)


if __name__ == "__main__":
    for set_name in DATA:
        for item in items_of(READERS[set_name](Path(sys.argv[1]))):
            print(item.digest, *(f"  {place}. {text}" for place, text in enumerate(item.texts, 1)), sep="\n")
