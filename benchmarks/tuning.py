"""The encoder is trained on coded texts as well, and tested on texts left out; the peers learn from the same ones.

Tuning takes long, so it is measured on one fold of five of the posts of socialcd-3k, which carry one or more of 12
cognitive distortions. Figures as in ``learning``; the intervals are bootstrap percentiles over posts.

How the encoder is tuned (layers, rate, pooling) was chosen by answers left out within the part of the posts that this
fold learns from, on one of three parts. The figures on its test part were seen beside them. The library has its own
8-bit weights only.
"""

from pathlib import Path
from typing import Any

from benchmarks.coded_sets import posts
from benchmarks.learning_peers import WAYS_TUNED
from benchmarks.learning_tables import all_ways, by_code, several

NAME = "tuning"
QUESTION = "Does it pay to train the encoder on coded texts, and how long does it take?"
DATA = ("socialcd-3k",)
SEED = 0
PACKAGES = ("torch", "onnx")
NOTE = ""

POST_FOLDS = 5


def main(data: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the tables; ``data`` holds the folders of the sets."""
    said = posts(data)
    train, test = said.folds(POST_FOLDS)[0]
    tuned = all_ways(said, [(train, test)], WAYS_TUNED)
    part = f"socialcd-3k, one fold of five ({len(train):,} posts to learn from, {len(test)} to be tested on)"
    return {
        part: several(said, tuned, test),
        "socialcd-3k, one fold of five, F1 by code": by_code(said, tuned, test),
    }
