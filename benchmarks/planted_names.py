"""Invented sentences with marked names, and how much of the marks `deidentify` replaces."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from pathlib import Path

from lbc_themes.core.records import Role, Transcript, Turn
from lbc_themes.safeguards.privacy import Key, TranscriptKey, deidentify
from lbc_themes.safeguards.privacy.entities import Method
from lbc_themes.safeguards.privacy.report import doubtful

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


def hard(name: str, method: Method = "lac") -> dict[str, float]:
    """Return what became of each mark of the interviews in ``planted/<name>.txt``, and what the list costs to read.

    A mark is "marked" where every character of it was replaced, "half" where some were, "listed" where none was and the
    report's list of doubtful places covers it whole, and "missed" otherwise. Precision is by character replaced; the
    burden is how many places are listed for a person to look at, and how many different words, per 1,000 characters.
    """
    counts: Counter[str] = Counter()
    for transcript, gold in hard_interviews(name):
        (new,), key = deidentify([transcript], method=method)
        replaced = covered(new.text, key.of(new.id))
        listed = doubtful_in(new, key, method)
        golden = {at for _, start, end in gold for at in range(start, end)}
        for _, start, end in gold:
            counts[became(start, end, replaced, listed)] += 1
        spoken = {at for turn in transcript.turns for at in range(turn.start, turn.end)}
        counts["given"] += len(replaced & spoken)
        counts["right"] += len(replaced & golden)
        counts["places"] += len(listed)
        counts["words"] += len({transcript.text[start:end] for start, end in listed})
        counts["characters"] += len(transcript.text)
    marks = sum(counts[what] for what in ("marked", "half", "listed", "missed"))
    return {
        "marked": counts["marked"] / marks,
        "marked or listed": (counts["marked"] + counts["listed"]) / marks,
        "half replaced": counts["half"] / marks,
        "missed": counts["missed"] / marks,
        "precision": counts["right"] / max(counts["given"], 1),
        "listed places per 1,000 characters": 1000 * counts["places"] / counts["characters"],
        "listed words per 1,000 characters": 1000 * counts["words"] / counts["characters"],
        "marks": marks,
    }


def became(start: int, end: int, replaced: set[int], listed: Collection[tuple[int, int]]) -> str:
    """Return what became of a mark: marked, half, listed or missed."""
    gone = sum(at in replaced for at in range(start, end))
    if gone == end - start:
        return "marked"
    if gone:
        return "half"
    return "listed" if any(a <= start and end <= b for a, b in listed) else "missed"


def doubtful_in(new: Transcript, key: Key, method: Method) -> list[tuple[int, int]]:
    """Return the places that the report lists, as slices of the text as it was."""
    entry = key.of(new.id)
    doubts = doubtful([new], key, method=method)
    return [(entry.real_offset(doubt.start), entry.real_offset(doubt.end)) for doubt in doubts]


def hard_interviews(name: str) -> Iterator[tuple[Transcript, Gold]]:
    """Yield the interviews of ``planted/<name>.txt``, and the kind, start and end of each mark."""
    blocks = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").split("---\n")
    for number, block in enumerate(blocks):
        text, gold, turns = "", Gold(), []
        for line in block.splitlines():
            if line.startswith("#"):
                continue
            label, _, speech = line.partition("：")
            said, marks = marked(speech)
            start = len(text) + len(label) + 1
            role = Role.INTERVIEWER if label == "访谈者" else Role.OTHER
            turns.append(Turn(speaker=label, role=role, start=start, end=start + len(said)))
            gold += [(kind, start + a, start + b) for kind, a, b in marks]
            text += f"{label}：{said}\n"
        yield Transcript(id=f"h{number}", text=text, turns=tuple(turns)), gold


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
