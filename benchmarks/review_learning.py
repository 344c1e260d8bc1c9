"""How long the suggester of the review page takes to learn from one more decision, and to suggest anew."""

import time
from typing import Any

import numpy as np

from benchmarks.coding import DEMO, codes_on, hand_coding
from lbc_themes.codebook import load_codebook
from lbc_themes.encoding import load_encoder
from lbc_themes.reading import read_transcripts
from lbc_themes.review.online_learner import AHEAD, BACKGROUND
from lbc_themes.segmenting import segment
from lbc_themes.suggest import CodeSuggester

_CODED = (50, 200, 400)
_MORE = 20


def learning_rows() -> list[dict[str, Any]]:
    """Return a row for each number of passages coded before; vectors are at hand, as they are on the page."""
    book, encoder = load_codebook("left-behind-children"), load_encoder("e5-small-zh.v1", None)
    passages = segment(read_transcripts(DEMO / "interviews"))
    answers = [codes_on(passage, hand_coding(), book) for passage in passages]
    vectors = np.asarray(encoder.encode([passage.text for passage in passages]), np.float64)
    rows = []
    for coded in _CODED:
        suggester = CodeSuggester(book, encoder=encoder)
        texts, groups = [p.text for p in passages], [p.transcript_id for p in passages]
        suggester.fit(texts[:coded], answers[:coded], groups[:coded], vectors[:coded])
        one_more = []
        for n in range(coded, coded + _MORE):
            begun = time.perf_counter()
            suggester.partial_fit([texts[n]], [answers[n]], [groups[n]], vectors[n : n + 1])
            one_more.append(1000 * (time.perf_counter() - begun))
        asked = [*range(AHEAD), *range(len(passages) - BACKGROUND, len(passages))]
        begun = time.perf_counter()
        suggester.suggest([passages[n] for n in asked], top=3, vectors=vectors[asked])
        again = 1000 * (time.perf_counter() - begun)
        rows.append({
            "coded before": coded, "one more decision, median": round(float(np.median(one_more)), 1),
            "slowest of 20": round(max(one_more), 1), f"suggestions for {AHEAD} passages": round(again, 1),
        })  # fmt: skip
    return rows
