"""How many names `deidentify` finds: in interviews with named speakers, and in planted sentences."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lbc_themes.privacy import TranscriptKey, deidentify
from lbc_themes.privacy.model import Method
from lbc_themes.reading import read_transcripts
from lbc_themes.records import Role, Transcript, Turn
from lbc_themes.segmenting.simplify import simplified

_PLANTED = Path(__file__).parent / "privacy_planted.txt"
_MARK = re.compile(r"\[\[(.+?)\]\]")
_ROLE_LABEL = re.compile(r"[問问答]|.*(?:提[問问]|[記记]者|翻[譯译]|[訪访][問问]者).*")


def main(data: Path) -> dict[str, dict[str, float]]:
    """Return recall of names by method: mentions in speech with labels known and hidden, and planted names."""
    results: dict[str, dict[str, float]] = {}
    interviews = read_transcripts(data / "pdis-interviews" / "md")
    methods: tuple[Method, ...] = ("lac", "patterns")
    for method in methods:
        results[f"pdis, labels known, {method}"] = _mentions(interviews, method, hidden=False)
        results[f"pdis, labels hidden, {method}"] = _mentions(interviews, method, hidden=True)
        results[f"planted, {method}"] = planted(method)
    results["pdis, jieba's name tags, labels hidden"] = _by_jieba(interviews)
    return results


def names_of(transcript: Transcript) -> set[str]:
    """Return the speakers' names of a transcript: labels of two characters or more that are no role."""
    labels = {turn.speaker.strip() for turn in transcript.turns}
    return {label for label in labels if len(label) > 1 and _ROLE_LABEL.fullmatch(label) is None}


def _mentions(transcripts: Sequence[Transcript], method: Method, *, hidden: bool) -> dict[str, float]:
    """Return the share of the speakers' names inside speech of which every character was replaced."""
    given = [_nameless(t) if hidden else t for t in transcripts]
    changed, key = deidentify(given, method=method)
    total = found = 0
    for transcript, unnamed, new in zip(transcripts, given, changed, strict=True):
        replaced = _covered(new.text, key.of(new.id))
        for start, end in _places(unnamed, names_of(transcript)):
            total += 1
            found += set(range(start, end)) <= replaced
    return {"recall": found / max(total, 1), "mentions": total}


def _covered(text: str, key: TranscriptKey) -> set[int]:
    """Return the offsets of the real text whose characters went; titles that stay (老师) are not among them."""
    covered, shift = set[int](), 0
    for span in key.spans:
        pseudonym = text[span.start : span.end]
        stays = _same_end(pseudonym, span.real)
        covered |= set(range(span.start + shift, span.start + shift + len(span.real) - stays))
        shift += len(span.real) - (span.end - span.start)
    return covered


def _same_end(one: str, other: str) -> int:
    same = 0
    while same < min(len(one), len(other)) and one[-1 - same] == other[-1 - same]:
        same += 1
    return same


def _places(transcript: Transcript, names: set[str]) -> list[tuple[int, int]]:
    rules = [re.compile(re.escape(simplified(name))) for name in names]
    return [
        (turn.start + match.start(), turn.start + match.end())
        for turn in transcript.turns
        for rule in rules
        for match in rule.finditer(simplified(transcript.said(turn)))
    ]


def _nameless(transcript: Transcript) -> Transcript:
    """Return the speech alone, its speakers numbered."""
    numbers: dict[str, str] = {}
    text, turns = "", []
    for turn in transcript.turns:
        label = numbers.setdefault(turn.speaker, f"说话人{len(numbers) + 1}")
        said = transcript.said(turn)
        turns.append(Turn(speaker=label, role=turn.role, start=len(text), end=len(text) + len(said)))
        text += said + "\n"
    return replace(transcript, text=text, turns=tuple(turns), metadata={}, notes=())


def _by_jieba(transcripts: Sequence[Transcript]) -> dict[str, float]:
    from jieba import posseg

    total = found = 0
    for transcript in transcripts:
        bare = _nameless(transcript)
        places = _places(bare, names_of(transcript))
        lines = {start: bare.text.rfind("\n", 0, start) + 1 for start, _ in places}
        for start, end in places:
            at, copy = lines[start], simplified(bare.text[lines[start] : bare.text.find("\n", end)])
            named: set[int] = set()
            for word in posseg.cut(copy):
                named |= set(range(at, at + len(word.word))) if word.flag.startswith("nr") else set()
                at += len(word.word)
            total, found = total + 1, found + (set(range(start, end)) <= named)
    return {"recall": found / max(total, 1), "mentions": total}


def planted(method: Method = "lac") -> dict[str, float]:
    """Return recall and precision on invented sentences whose names and numbers are marked.

    Every sentence stands alone, so no name is known from elsewhere.
    """
    total = found = right = given = 0
    for line in _PLANTED.read_text(encoding="utf-8").splitlines():
        text, gold = marked(line)
        turns = (Turn(speaker="说话人1", role=Role.OTHER, start=0, end=len(text)),)
        (new,), key = deidentify([Transcript(id="p", text=text, turns=turns)], method=method)
        covered = _covered(new.text, key.of("p"))
        golden = {at for start, end in gold for at in range(start, end)}
        total += len(gold)
        found += sum(set(range(start, end)) <= covered for start, end in gold)
        given, right = given + len(covered), right + len(covered & golden)
    return {"recall": found / max(total, 1), "precision of characters": right / max(given, 1), "names": total}


def marked(line: str) -> tuple[str, list[tuple[int, int]]]:
    """Return a planted line without its marks, and the slices that were marked."""
    text, slices, at = "", [], 0
    for match in _MARK.finditer(line):
        text += line[at : match.start()]
        slices.append((len(text), len(text) + len(match[1])))
        text += match[1]
        at = match.end()
    return text + line[at:], slices
