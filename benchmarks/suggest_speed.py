"""Seconds to suggest for 5,000 passages with 51 codes, and to learn one more decision.

The passages are pairs of the codebook's own invented sentences and have vectors at hand (random ones: their values do
not change the work). "First" is the first call of a fresh process, in which the codebook's examples are compared too;
the codebook has been read. "Again" is the next call. "Another codebook" is the same one under a change of a single
word, for which nothing lies ready: its words are counted and its examples learned in the first call. ``partial_fit``
is called with one decision at a time from 300 and from 500 coded passages on; every so often it learns all anew, which
is the longest call.
"""

import dataclasses
import random
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.frame.scores import Floats
from lbc_themes.codebook import load_codebook
from lbc_themes.core.records import Codebook, Passage, Role
from lbc_themes.suggest import CodeSuggester

NAME = "suggest_speed"
QUESTION = "Is suggesting fast enough for a page to feel it?"
DATA = ()
NOTE = """
The aim, 5,000 passages in under 2 seconds, is missed by every call: 3.8 s for the first of a process, 2.7 to 4.5 s
later, 5.1 s for the first with a codebook for which nothing lies ready (aim 2.5). On 2026-11-22, with an earlier
learner, every call but the first met it. One more decision takes 15 to 31 ms; the full fit in between goes over the
0.2 seconds wished for from some 300 coded passages on, which is why the review page does it behind the page.
"""

PASSAGES = 5000
CODED = (300, 500)
DECISIONS = 60


def main(data: Path) -> dict[str, list[dict[str, Any]]]:  # noqa: ARG001 (every benchmark is called with the folder)
    """Return seconds of wall and of processor."""
    codebook, chance = load_codebook("left-behind-children"), random.Random(0)  # noqa: S311 (a sample, no secret)
    said = [u.text for u in codebook.utterances if u.language == "zh" and u.code_ids]
    texts = ["".join(chance.sample(said, 2)) for _ in range(PASSAGES)]
    passages = [_passage(number, text) for number, text in enumerate(texts)]
    vectors = np.random.default_rng(0).normal(size=(PASSAGES, 384))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    suggester = CodeSuggester(codebook)
    sets = [[chance.choice(codebook.ids)] for _ in range(max(CODED) + DECISIONS)]
    rows = {
        "suggest, nothing coded, first": _timed(lambda: suggester.suggest(passages, vectors=vectors)),
        "suggest, nothing coded, again": _timed(lambda: suggester.suggest(passages, vectors=vectors)),
    }
    decisions: dict[str, dict[str, float]] = {}
    for count in CODED:
        some = (texts[:count], sets[:count], None, vectors[:count])
        rows[f"fit, {count} coded"] = _timed(partial(suggester.fit, *some))
        rows[f"suggest, {count} coded"] = _timed(lambda: suggester.suggest(passages, vectors=vectors))
        decisions |= _decisions(suggester, texts, sets, vectors, count)
    other = CodeSuggester(_changed(codebook))
    other._encoder()  # its weights are read for one changed text, which is no part of the question
    rows["suggest, another codebook, first"] = _timed(lambda: other.suggest(passages, vectors=vectors))
    return {"seconds": _rows(rows), "partial_fit": _rows(decisions)}


def _rows(found: dict[str, dict[str, float]]) -> list[dict[str, Any]]:
    return [{"": name} | figures for name, figures in found.items()]


def _changed(codebook: Codebook) -> Codebook:
    first, *rest = codebook.utterances
    return dataclasses.replace(codebook, utterances=(dataclasses.replace(first, text=f"{first.text}真的。"), *rest))


def _decisions(
    suggester: CodeSuggester, texts: list[str], sets: list[list[str]], vectors: Floats, count: int
) -> dict[str, dict[str, float]]:
    def decide(row: int) -> None:
        suggester.partial_fit([texts[row]], [sets[row]], None, vectors[row : row + 1])

    seconds = [_timed(partial(decide, row))["wall"] for row in range(count, count + DECISIONS)]
    return {f"{DECISIONS} decisions from {count} on": {"median": statistics.median(seconds), "longest": max(seconds)}}


def _timed(action: Callable[[], object]) -> dict[str, float]:
    begin, work = time.perf_counter(), time.process_time()
    action()
    return {"wall": time.perf_counter() - begin, "processor": time.process_time() - work}


def _passage(number: int, text: str) -> Passage:
    spans = ((0, len(text)),)
    return Passage(id=f"p{number}", transcript_id=f"t{number}", spans=spans, text=text, speaker="c", role=Role.CHILD)
