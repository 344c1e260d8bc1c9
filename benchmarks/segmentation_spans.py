"""Cuts are compared with the borders of spans that trained annotators set in written answers to people in distress.

The answers (PsyQA) are monologues; a span holds one strategy (restatement, guidance, ...), so its borders are where the
purpose changes, which is nearer to a coder's unit than a sentence. Borders drift by a few characters in the set, so a
cut within six characters counts. Each answer is taken as it stands and with its punctuation out. The first half of the
answers is for development (the weight of the semantic view); the second half is measured.

"segment" is the library. "with semantic drops" adds to the cost of each boundary the similarity of the forty characters
before and after it (cosine of the library's encoder, standardised within the answer), with the weight that was best on
the first half. "semantic drops alone" cuts where that similarity is least, as many times as segment does. The others
are cuts every 60 characters, before discourse markers, and at spaCy's sentences. "Codable size" is the share of
passages of 20 to 120 characters.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.segmentation import by_length, by_marker, by_segment, by_spacy
from lbc_themes.core.records import Role, Transcript, Turn
from lbc_themes.encoding import Encoder, load_encoder
from lbc_themes.segmenting.boundaries import Boundaries, SizePlan, best_cuts, boundaries, size_of
from lbc_themes.text.words import word_cutter

NAME = "segmentation_spans"
QUESTION = "Do cuts fall where the purpose of what is said changes, and does meaning help to find the place?"
DATA = ("psyqa-sample",)
NOTE = """
In written text with punctuation a cut at every sentence meets more borders than the library, which puts sentences
together until a passage is of a codable size: nearly a third of the bare sentences are too short to code. Without
punctuation sentences cannot be seen at all; the library then meets about one border in five, hardly more than a cut
every 60 characters, but never cuts inside a word and keeps nearly every passage at a codable size.

Meaning helps little where there is punctuation. Where there is none it lifts F1 by seven hundredths and loses some
passages of a codable size. It needs two runs of the encoder for every candidate, some hundred times the work of
segmenting, so it is not part of the library. The weight lay at the end of those tried, so more may be possible, with
an encoder that is much faster.
"""

TOLERANCE = 6
WINDOW = 40
WEIGHTS = (0.0, 0.25, 0.5, 1.0, 2.0)
_PLAN = SizePlan(shortest=20, longest=120)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer as a transcript of one turn, its candidates with their similarity, and the borders of its spans."""

    transcript: Transcript
    gold: frozenset[int]
    found: Boundaries
    drops: tuple[float, ...]


def main(data: Path) -> dict[str, Any]:
    """Return boundary F1 and sizes for each way of cutting, with and without punctuation."""
    raw = _spans(data / "psyqa-sample" / "first50.json")
    encoder = load_encoder("e5-small-zh.v1")
    tables = {}
    for name, keep in (("As written", True), ("Without punctuation", False)):
        answers = [_answer(text, borders, encoder, keep=keep) for text, borders in raw]
        half = len(answers) // 2
        development, measured = answers[:half], answers[half:]
        best = max(WEIGHTS[1:], key=lambda weight: _score(development, _semantic(weight))["F1"])
        ways = {
            "segment": _of_transcript(by_segment),
            f"with semantic drops, weight {best:g}": _semantic(best),
            "semantic drops alone": _drops_alone,
            "fixed length": _of_transcript(by_length),
            "discourse markers": _of_transcript(by_marker),
            "spaCy sentencizer": _of_transcript(by_spacy),
        }
        tables[name] = {title: _score(measured, way) for title, way in ways.items()}
        tables[f"{name}: first half, F1 by weight"] = {
            "semantic drops": {f"{weight:g}": _score(development, _semantic(weight))["F1"] for weight in WEIGHTS}
        }
    return tables


def _spans(path: Path) -> list[tuple[str, list[int]]]:
    """Return the labelled answers and the borders between their spans."""
    found = []
    for question in json.loads(path.read_text(encoding="utf-8")):
        for answer in question["answers"]:
            if answer["has_label"]:
                ends = {span["end"] for span in answer["labels_sequence"]}
                text = answer["answer_text"]
                found.append((text, sorted(end for end in ends if TOLERANCE < end < len(text) - TOLERANCE)))
    return found


def _answer(text: str, borders: Sequence[int], encoder: Encoder, *, keep: bool) -> Answer:
    kept = [0]
    for character in text:
        kept.append(kept[-1] + (keep or character.isalnum()))
    if not keep:
        text = "".join(character for character in text if character.isalnum())
    turn = Turn(speaker="A", role=Role.OTHER, start=0, end=len(text))
    found = boundaries([text], word_cutter(), _PLAN.longest)
    return Answer(
        transcript=Transcript(id="a", text=text, turns=(turn,)), gold=frozenset(kept[at] for at in borders),
        found=found, drops=_drops(text, found.offsets[1:-1], encoder),
    )  # fmt: skip


def _drops(text: str, offsets: Sequence[int], encoder: Encoder) -> tuple[float, ...]:
    """Return how alike the text before and after each offset is, standardised; low where the topic turns."""
    if not offsets:
        return ()
    before = encoder.encode([text[max(0, at - WINDOW) : at] for at in offsets])
    after = encoder.encode([text[at : at + WINDOW] for at in offsets])
    alike = (before * after).sum(axis=1)
    return tuple(((alike - alike.mean()) / (alike.std() or 1.0)).tolist())


def _of_transcript(way: Callable[[Transcript], set[int]]) -> Callable[[Answer], set[int]]:
    return lambda answer: way(answer.transcript)


def _semantic(weight: float) -> Callable[[Answer], set[int]]:
    def cuts(answer: Answer) -> set[int]:
        inner = [cost + weight * drop for cost, drop in zip(answer.found.weakness[1:-1], answer.drops, strict=True)]
        chosen = best_cuts(answer.found.sizes, [0.0, *inner, 0.0], _PLAN)
        return {answer.found.offsets[at] for at in chosen}

    return cuts


def _drops_alone(answer: Answer) -> set[int]:
    many = len(_inner(by_segment(answer.transcript), answer))
    order = np.argsort(answer.drops)[:many]
    return {answer.found.offsets[1:-1][at] for at in order}


def _inner(places: set[int], answer: Answer) -> set[int]:
    return {place for place in places if 0 < place < len(answer.transcript.text)}


def _score(answers: Sequence[Answer], way: Callable[[Answer], set[int]]) -> dict[str, float]:
    hits = found = cuts = gold = 0
    sizes: list[int] = []
    for answer in answers:
        places = _inner(way(answer), answer)
        hits += sum(any(abs(place - border) <= TOLERANCE for border in answer.gold) for place in places)
        found += sum(any(abs(place - border) <= TOLERANCE for place in places) for border in answer.gold)
        cuts, gold = cuts + len(places), gold + len(answer.gold)
        text = answer.transcript.text
        sizes += [size_of(text[a:b]) for a, b in pairwise([0, *sorted(places), len(text)])]
    precision, recall = hits / max(cuts, 1), found / max(gold, 1)
    return {
        "F1": 2 * precision * recall / max(precision + recall, 1e-9),
        "precision": precision,
        "recall": recall,
        "codable size": sum(20 <= size <= 120 for size in sizes) / max(len(sizes), 1),
        "mean size": sum(sizes) / max(len(sizes), 1),
        "borders": gold,
    }
