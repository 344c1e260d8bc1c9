"""Invented sentences with marked names, and how much of the marks `deidentify` replaces."""

import re
from collections import Counter, defaultdict
from pathlib import Path

from lbc_themes.core.records import Role, Transcript, Turn
from lbc_themes.safeguards.privacy import TranscriptKey, deidentify
from lbc_themes.safeguards.privacy.entities import Method

FOLDER = Path(__file__).parent / "planted"
KINDS = ("person", "place", "school", "number", "organisation")
_MARK = re.compile(r"\[\[(\w+)\|(.+?)\]\]")

Gold = list[tuple[str, int, int]]


def planted(name: str, method: Method = "lac") -> dict[str, float]:
    """Return recall by kind and precision by character on the sentences of ``planted/<name>.txt``.

    Every sentence stands alone, so no name is known from elsewhere.
    """
    total, hit = Counter[str](), Counter[str]()
    counts: dict[str, int] = defaultdict(int)
    for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        text, gold = marked(line)
        replaced = _replaced(text, method)
        golden = {at for _, start, end in gold for at in range(start, end)}
        for kind, start, end in gold:
            total[kind] += 1
            hit[kind] += set(range(start, end)) <= replaced
        counts["given"] += len(replaced)
        counts["right"] += len(replaced & golden)
    recall = {f"{kind} recall": hit[kind] / total[kind] for kind in KINDS if total[kind]}
    return {
        **(recall if len(recall) > 1 else {}),
        "recall": hit.total() / total.total(),
        "precision": counts["right"] / max(counts["given"], 1),
        "marks": total.total(),
    }


def _replaced(text: str, method: Method) -> set[int]:
    turns = (Turn(speaker="说话人1", role=Role.OTHER, start=0, end=len(text)),)
    (new,), key = deidentify([Transcript(id="p", text=text, turns=turns)], method=method)
    return covered(new.text, key.of("p"))


def marked(line: str) -> tuple[str, Gold]:
    """Return a planted line without its marks, and the kind, start and end of each mark."""
    text, gold, at = "", Gold(), 0
    for match in _MARK.finditer(line):
        text += line[at : match.start()]
        gold.append((match[1], len(text), len(text) + len(match[2])))
        text += match[2]
        at = match.end()
    return text + line[at:], gold


def covered(text: str, key: TranscriptKey) -> set[int]:
    """Return the offsets of the real text whose characters went; titles that stay (老师) are not among them."""
    found, shift = set[int](), 0
    for span in key.spans:
        stays = _same_end(text[span.start : span.end], span.real)
        found |= set(range(span.start + shift, span.start + shift + len(span.real) - stays))
        shift += len(span.real) - (span.end - span.start)
    return found


def _same_end(one: str, other: str) -> int:
    same = 0
    while same < min(len(one), len(other)) and one[-1 - same] == other[-1 - same]:
        same += 1
    return same
