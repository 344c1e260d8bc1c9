"""Punctuation is taken out of interviews, and cuts are compared with the places where sentences ended.

Every second file is kept back from development and measured here. Ends count as hit within two characters; only the
inside of participants' turns counts. The peers are a cut every 60 characters, a cut before each discourse marker, and
spaCy's sentencizer, which has nothing to go by when there is no punctuation. "Codable size" is the share of passages of
20 to 120 characters. "Stories kept whole" looks at real recordings: passages that go on over a back-channel of the
interviewer. "Words" is F1 of word spans against sentences cut by hand.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, pairwise
from pathlib import Path

from lbc_themes.core.records import Role, Transcript, Turn
from lbc_themes.reading import read_transcripts
from lbc_themes.segmenting import cut, segment
from lbc_themes.segmenting.boundaries import size_of
from lbc_themes.text.words import is_listening, simplified

NAME = "segmentation"
QUESTION = "Do cuts fall where sentences end, and are passages of a size that a coder would code?"
DATA = ("pdis-interviews", "spoken-l1", "ud-chinese")
NOTE = """
Without punctuation the exact end of a sentence is found seldom, though five times as often as by a fixed length, and
more often than by cutting at discourse markers. What a coder sees is kinder: more than nine cuts in ten fall where a
mark of some kind stood (a fixed length meets one by chance in four of ten, within two characters), and nearly all
passages are of a codable size. spaCy's sentencizer cuts at punctuation and finds none. The punctuation is that of
transcribers, who differ. pkuseg could not be measured beside jieba: the wheels of spacy-pkuseg 1.0.2 hold no model, and
the library fetches nothing. The words of film dialogue gain more from the library's word list than those of Wikipedia,
for which it was not made.
"""

TOLERANCE = 2
FIXED = 60
_SENTENCE = re.compile(r"[。！？!?]+[”’」』）)]*(?![，、；：,;:])|；|\n+")
_CLAUSE = re.compile(r"[，、：]|,(?!\d)")
_DROPPED = re.compile(r"[^\w<>]|_")
_MARKERS = re.compile(r"然后|但是|可是|不过|所以|因为|就是说|后来|结果|还有|反正|其实|而且|完了")

Cutter = Callable[[Transcript], set[int]]
Bare = tuple[Transcript, set[int], set[int]]


def main(data: Path) -> dict[str, dict[str, float]]:
    """Return, for each way of cutting, F1 of sentence ends and what the passages are like, on the files kept back."""
    pdis = sorted(read_transcripts(data / "pdis-interviews" / "md"), key=lambda transcript: transcript.id)
    spoken = sorted(read_transcripts(data / "spoken-l1" / "L1-L1 transcripts"), key=lambda transcript: transcript.id)
    return {
        **compare([without_marks(t) for t in pdis[1::2]]),
        "stories kept whole": stories(spoken[1::2]),
        **{f"words of {path.parent.name}": words(path) for path in sorted((data / "ud-chinese").glob("*/*.seg.tsv"))},
    }


def compare(bare: Sequence[Bare]) -> dict[str, dict[str, float]]:
    """Return the scores of each way of cutting transcripts without marks."""
    ways: dict[str, Cutter] = {
        "segment": by_segment,
        "fixed length": by_length,
        "discourse markers": by_marker,
        "spaCy sentencizer": by_spacy,
    }
    return {name: score(bare, way) for name, way in ways.items()}


def without_marks(transcript: Transcript) -> Bare:
    """Return the transcript with punctuation taken out, and where sentences and clauses ended inside its turns."""
    text, turns, sentences, clauses = "", [], set[int](), set[int]()
    for turn in transcript.turns:
        said = transcript.said(turn).strip()
        marked = [{m.end() for m in pattern.finditer(said)} for pattern in (_SENTENCE, _CLAUSE)]
        start = len(text)
        kept = [0]
        for character in said:
            kept.append(kept[-1] + (not _DROPPED.match(character)))
        text += "".join(c for c in said if not _DROPPED.match(c))
        for found, gold in zip(marked, (sentences, clauses), strict=True):
            gold |= {start + kept[at] for at in found} - {start, len(text)}
        turns.append(Turn(speaker=turn.speaker, role=turn.role, start=start, end=len(text)))
        text += "\n"
    bare = Transcript(id=transcript.id, text=text, turns=tuple(turns))
    asked = [(turn.start, turn.end) for turn in turns if turn.role is Role.INTERVIEWER]
    return bare, _outside(sentences, asked), _outside(clauses, asked)


def _outside(places: set[int], spans: Iterable[tuple[int, int]]) -> set[int]:
    inside = {place for start, end in spans for place in range(start, end + 1)}
    return places - inside


def score(bare: Sequence[Bare], way: Cutter) -> dict[str, float]:
    """Return boundary F1 (tolerance two characters), the share of cuts at any mark, and the share of codable sizes."""
    hits = found = cuts = gold = at_mark = 0
    sizes: list[int] = []
    for transcript, sentences, clauses in bare:
        inner = {p for turn in _answers(transcript) for p in range(turn.start + 1, turn.end)}
        places = way(transcript)
        inside = sorted(places & inner)
        hits += sum(_near(place, sorted(sentences)) for place in inside)
        found += sum(_near(place, inside) for place in sentences)
        at_mark += sum(_near(place, sorted(sentences | clauses)) for place in inside)
        cuts, gold = cuts + len(inside), gold + len(sentences)
        sizes += _sizes(transcript, places)
    precision, recall = hits / max(cuts, 1), found / max(gold, 1)
    return {
        "sentence F1": 2 * precision * recall / max(precision + recall, 1e-9),
        "precision": precision,
        "recall": recall,
        "cuts at any mark": at_mark / max(cuts, 1),
        **_of_sizes(sizes),
    }


def _of_sizes(sizes: Sequence[int]) -> dict[str, float]:
    every = max(len(sizes), 1)
    return {
        "codable size": sum(20 <= size <= 120 for size in sizes) / every,
        "too long": sum(size > 120 for size in sizes) / every,
        "mean size": sum(sizes) / every,
    }


def _near(place: int, places: Sequence[int]) -> bool:
    at = bisect_left(places, place - TOLERANCE)
    return at < len(places) and places[at] <= place + TOLERANCE


def _answers(transcript: Transcript) -> list[Turn]:
    return [turn for turn in transcript.turns if turn.role is not Role.INTERVIEWER]


def _sizes(transcript: Transcript, places: set[int]) -> list[int]:
    sizes = []
    for turn in _answers(transcript):
        ends = [turn.start, *sorted(p for p in places if turn.start < p < turn.end), turn.end]
        if turn.end - turn.start >= 2 * 20:
            sizes += [size_of(transcript.text[a:b]) for a, b in pairwise(ends)]
    return sizes


def by_segment(transcript: Transcript) -> set[int]:
    """Cut as the library does."""
    return {passage.end for passage in segment([transcript])}


def by_length(transcript: Transcript) -> set[int]:
    """Cut every 60 characters."""
    return {place for turn in _answers(transcript) for place in range(turn.start + FIXED, turn.end, FIXED)}


def by_marker(transcript: Transcript) -> set[int]:
    """Cut before each discourse marker."""
    said = {turn.start: simplified(transcript.said(turn)) for turn in _answers(transcript)}
    return {start + match.start() for start, copy in said.items() for match in _MARKERS.finditer(copy)}


def by_spacy(transcript: Transcript) -> set[int]:
    """Cut where spaCy's sentencizer does, given jieba's words."""
    from lbc_themes.segmenting.spacy_parts import chinese

    nlp = chinese()
    nlp.add_pipe("sentencizer")
    return {turn.start + sent.end_char for turn in _answers(transcript) for sent in nlp(transcript.said(turn)).sents}


def stories(transcripts: Sequence[Transcript]) -> dict[str, float]:
    """Return what the passages of real interviews are like, and how many back-channels of the interviewer they span."""
    passages = segment(transcripts)
    listening = sum(
        is_listening(t.said(turn)) for t in transcripts for turn in t.turns if turn.role is Role.INTERVIEWER
    )
    return {
        "passages": len(passages),
        "over several turns": sum(len(passage.spans) > 1 for passage in passages) / len(passages),
        "back-channels": listening,
        "spanned": sum(len(passage.spans) - 1 for passage in passages) / max(listening, 1),
        **_of_sizes([size_of(passage.text) for passage in passages]),
    }


def words(path: Path) -> dict[str, float]:
    """Return F1 of word spans against hand-cut sentences, of our words and of plain jieba's."""
    import jieba

    rows = [line.split("\t")[2].split() for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    return {"ours": _word_f1(rows, cut), "plain jieba": _word_f1(rows, jieba.Tokenizer().lcut)}


def _word_f1(rows: Sequence[Sequence[str]], cutter: Callable[[str], list[str]]) -> float:
    both = [(_spans(row), _spans(cutter("".join(row)))) for row in rows]
    return 2 * sum(len(a & b) for a, b in both) / sum(len(a) + len(b) for a, b in both)


def _spans(row: Sequence[str]) -> set[tuple[int, int]]:
    return set(pairwise([0, *accumulate(map(len, row))]))
