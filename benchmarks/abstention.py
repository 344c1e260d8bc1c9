"""Half of what is said in interviews carries no code; the suggester should know where to say nothing.

The suggester learns from the other folds, texts that were coded with nothing among them. A turn of photo-interviews
carries a code where either coder gave one; in teacher-talk "others" is nothing; in the demonstration, which is
invented, passages without a coding. Folds keep participants and transcripts together where they are known.

"Precision" and "recall" are those of "nothing applies": of the texts on which the suggester is silent, those that carry
no code, and of these, those on which it is silent. "Coded, silenced" is the share of texts with a code that are lost;
the threshold is set for .05. AUC and the expected calibration error are of the probability that any code applies.
Micro-F1 is that of the codes chosen, with the silence and without. "Nothing coded" knows the names of the codes, or, in
the demonstration, the codebook, alone; it goes by size and examples of small talk.
"""

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.coded_sets import Bools, Coded, demonstration, lessons, photo_interviews
from benchmarks.frame.scores import Floats, estimate
from benchmarks.learning_scores import calibration_error, micro_f1
from lbc_themes.codebook import load_codebook
from lbc_themes.suggest import CodeSuggester

NAME = "abstention"
QUESTION = "Does the suggester know where no code applies?"
DATA = ("photo-interviews", "teacher-talk")
NOTE = """
On the interviews 95 % of the turns on which the suggester is silent carry no code, and these are 73 % of those that
carry none; 3 % of the coded turns are lost. Before anything is coded, size alone does nearly as well there, for most
empty turns are back-channels, and tells nothing of lessons, where what carries no code is as long as what does.

Once codes are learned the probability is calibrated to .03 to .05. Micro-F1 hardly changes: the thresholds of the
codes were silent on these texts already. What abstention adds is a reason, and suggestions that nobody has to reject.

The bound for small talk goes by what the codebook's examples say of a sentence that is like none of them. Before, it
was fixed, and a codebook with little but small talk to compare with silenced what was new to it: of the coded passages
of the demonstration, with one example a code and 100 sentences of small talk, .39 (now .01; of those that carry none
.83 and .28), with all 792 examples and 220 sentences .13 (now .06; .56 and .40). With the codebook as it is shipped
nothing changes. A bound from left-out answers of the examples silenced .11 and .08 of the coded ones there and was
left.
"""


def main(data: Path) -> dict[str, list[dict[str, Any]]]:
    """Return one table, a row for each set and state of knowledge."""
    book = CodeSuggester(load_codebook("left-behind-children"))
    rows = []
    for name, coded, folds, empty in (
        ("photo-interviews", photo_interviews(data), 7, None),
        ("teacher-talk", lessons(data), 3, None),
        ("demonstration", demonstration()[0], 4, book),
    ):
        rows += [{"": f"{name}, {state}"} | row for state, row in _rows(coded, folds, empty)]
    return {"nothing applies": rows}


def _rows(coded: Coded, folds: int, book: CodeSuggester | None) -> list[tuple[str, dict[str, Any]]]:
    every = np.arange(len(coded.texts))
    likely = (book or coded.suggester()).predict_codable(coded.passages(every), coded.vectors)
    before = _row(coded, likely, likely < 0.5)
    likely, silent = np.zeros(len(every)), np.zeros(len(every), bool)
    chosen = {True: np.zeros(coded.gold.shape, bool), False: np.zeros(coded.gold.shape, bool)}
    for train, test in coded.folds(folds):
        fresh = book.unfitted() if book else coded.suggester()
        units = [coded.units[i] for i in train]
        fresh.fit(coded.passages(train), coded.gold[train], units, coded.vectors[train])
        learner, passages, vectors = fresh.learner_, coded.passages(test), coded.vectors[test]
        assert learner is not None
        assert learner.codable_ is not None
        likely[test] = fresh.predict_codable(passages, vectors)
        silent[test] = likely[test] < learner.codable_.threshold
        chosen[True][test] = fresh.predict(passages, vectors)
        chosen[False][test] = fresh.predict_proba(passages, vectors) > learner.thresholds_
    after = _row(coded, likely, silent) | {
        "micro-F1 with it": estimate(coded.units, lambda at: micro_f1(chosen[True][at], coded.gold[at]), draws=500),
        "without": estimate(coded.units, lambda at: micro_f1(chosen[False][at], coded.gold[at]), draws=500),
    }
    return [("nothing coded", before), ("the other folds coded", after)]


def _row(coded: Coded, likely: Floats, silent: Bools) -> dict[str, Any]:
    from sklearn.metrics import roc_auc_score

    nothing: Bools = np.asarray(~coded.gold.any(axis=1))
    return {
        "carry none": float(nothing.mean()),
        "precision": float(nothing[silent].mean()) if silent.any() else None,
        "recall": estimate(coded.units, lambda at: float(silent[at][nothing[at]].mean()), draws=500),
        "coded, silenced": float(silent[~nothing].mean()),
        "AUC": float(roc_auc_score(~nothing, likely)),
        "ECE": calibration_error(likely, ~nothing),
    }
