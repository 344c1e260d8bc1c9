"""The suggester learns from coded texts and is tested on texts left out; the peers learn from the same ones.

Six sets: turns of interviews that two people coded (photo-interviews, 46 inductive codes), interview answers coded with
the question that they answer (interviews-game, 17), what teachers say in lessons (teacher-talk, 8 kinds of instruction
and none), posts (socialcd-3k, 12), reviews (hlcta-appreviews, 34 with a long tail) and client items (psysuicide, 10).
Folds keep a participant together where participants are known: photo-interviews and interviews-game. On the posts one
fold of five is tested on, as in ``tuning``, on the reviews one of three. In photo-interviews each turn stands twice,
once with the codes of each coder: both for learning and for testing, so that the figure is the agreement of the machine
with a person, to be held beside that of the two people with each other.

The curves give each way 20 to 200 texts drawn from the folds to learn from, one draw a fold, or the mean of five draws
where one fold is tested on. "0 coded" knows the names
of the codes alone. Top-1 is the share of texts with a code whose first suggestion is right; where each text has one
code it is accuracy. F1 is of the codes chosen; macro-F1 is over the codes that occur. Intervals are bootstrap
percentiles over participants where there are any, over texts elsewhere, with the fitted answers as they are. Seconds
are those of one fit, mean and range over folds; the logistic regressions' include their search for a threshold.

The peers see the text, and, where "with the question" is said, the question pasted before it. The suggester reads the
question as a view of its own. "Kernel ridge" is one ridge regression on vectors and character n-grams, which the
suggester was before, "nearest" the ten nearest coded texts in the same space; both choose codes as the suggester does.
Other encoders than the library's own are measured where ``LBC_BENCH_ENCODERS`` names them, parted by commas, on the
sets of fewer than a thousand texts.

How the views are joined (their kinds, the two ridges, ten steps of the logistic regression) was chosen on these sets
by cross-validation of five of them; photo-interviews decided that the question is a view, and that earlier turns, the
place in the interview and the length of the turn are none. The kept-back half of photo-interviews was not seen.
"""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.coded_sets import Coded, Rows, answers, clients, lessons, photo_interviews, posts, reviews
from benchmarks.frame.scores import Estimate, estimate
from benchmarks.learning_peers import LIBRARY, Answers, Way, kernel_ridge, library, nearest, regression
from benchmarks.learning_scores import macro_f1, micro_f1, rounded
from benchmarks.learning_tables import Folds, left_out
from lbc_themes.encoding import load_encoder
from lbc_themes.text.words import simplified

NAME = "learning"
QUESTION = "Where does the suggester stand to other ways of learning, and to a second person?"
DATA = ("photo-interviews", "interviews-game", "teacher-talk", "socialcd-3k", "hlcta-appreviews", "psysuicide")
SEED = 0
NOTE = """
On the interviews that two people coded the machine, taught by other participants, meets a person at .39, 64 in a
hundred of what two people meet each other at (.61). It is no second coder. With EmbeddingGemma it is .40: of the lead
of that encoder (.41 and .37 before) little is left. With the question as a view its first suggestion is right for .48
of the coded turns; pasting the question before the text, which helps the best peer from .26 to .30, is the weaker way.
The aim of three quarters is missed. What is missing is mostly the section of the interview that a turn belongs to,
which tells related codes apart.

With all texts coded the suggester is the best of the five ways on five sets, in micro-F1 by .02 to .09, and level on
the client items (.893 and .896), where it says the rare labels that the regressions never say (macro-F1 .28 and .10).

With 20 to 200 texts it is ahead of every peer or at most .005 behind in micro-F1, but in three places: the reviews with
20 (.395; kernel ridge .427) and the client items with 100 and 200 (.877 and .886; .879 and .887, where the commonest
code alone has about as much). On the client items with 20 and 50 texts it says the commonest code alone, as the peers
do. In macro-F1 the nearest texts or kernel ridge are ahead of it on posts (by .02 to .03 with 50 and 100) and on client
items (by .02 to .03 with 50 to 200). Where rare codes count more than micro-F1, raise ``macro_weight``.

With few texts the codebook counts by how often it was right for them, its scores are corrected by how often each code
is used (Bayes' rule; how evenly codes are used is learned from the counts), and a code that fewer than an eighth of the
passages have stays nearer to the codebook. That was chosen on two foldings of ten sets, among them dialogue acts and
emotions of cped-valid, what is no client's in psysuicide, and the demonstration; not on the draws of the tables. On a
third folding of eight of them macro-F1 rose by .014 and micro-F1 by .001 on average with 20 texts, by .004 and .000
with 50; micro-F1 fell on the answers (.53 to .51). What the question says of a code by the codebook has a weight of its
own: over three foldings of photo-interviews micro-F1 rose from .374 to .391, macro-F1 from .193 to .206 and top-1 from
.478 to .492; over three of the dialogue acts of cped-valid from .526 to .527.

Since the run the correction by how often codes are used is drawn back where fewer uses than half as many as codes are
seen: of the rows only photo-interviews with 20 texts can differ by it.

Tried and left out, for no gain beyond noise on photo-interviews: the turns before the question, a memory of what the
interviewer spoke of, the place in the interview, the length of the turn, products of text and question, scores pooled
over codes of like names; what the model says of the turns before and after (.361, without .362); names of codes in
simplified characters; the codebook's meaning and words as scores apart. A chain from code to code on left-out answers
lost (.350, without .374). An intercept for each code brought .003 there and lost as much on answers and posts. Over
another folding, with .396, .494 for top-1: a view of clauses, each compared with the clause of the other text that is
most like it, .388 and .503 (dialogue acts .488, without .482; answers .836, without .849); scores drawn by a fifth to
those of the five nearest texts that are tested too, .386 and .503 (.485; .821). With the number of codes of each turn
known beforehand the same ranking would reach .41 to .44: what is missing is order, not thresholds.
"""

SIZES = (20, 50, 100, 200)
DRAWS = 5
"""Where one fold is tested on, so many draws are averaged: one of 20 texts says little."""
DRAWN_APART = 100

MOST_FOR_OTHERS = 1000
"""Other encoders are slower; they are measured on the sets of fewer texts than this."""

PEERS: dict[str, Way] = {
    "logistic regression, vectors and TF-IDF": regression("vectors and TF-IDF"),
    "logistic regression, TF-IDF": regression("TF-IDF"),
    "kernel ridge": kernel_ridge,
    "nearest": nearest,
}
WITH_QUESTION: dict[str, Way] = {
    "logistic regression, vectors and TF-IDF, with the question": regression("vectors and TF-IDF", question=True),
}


def main(data: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the tables; ``data`` holds the folders of the sets."""
    sets: dict[str, tuple[Coded, Folds]] = {}
    for name, (coded, count, tested) in {
        "photo-interviews": (by_both_coders(photo_interviews(data)), 7, 7),
        "interviews-game": (answers(data), 6, 6),
        "teacher-talk": (lessons(data), 3, 3),
        "socialcd-3k": (posts(data), 5, 1),
        "hlcta-appreviews": (reviews(data), 3, 1),
        "psysuicide": (clients(data), 3, 3),
    }.items():
        sets[name] = (coded, coded.folds(count)[:tested])
    standing: list[dict[str, Any]] = []
    detail: dict[str, list[dict[str, Any]]] = {}
    curves: dict[str, list[dict[str, Any]]] = {}
    for name, (coded, folds) in sets.items():
        ways = {LIBRARY: library(), **PEERS, **(WITH_QUESTION if coded.questions else {})}
        at = np.concatenate([test for _, test in folds])
        found = {way: left_out(coded, folds, take) for way, take in ways.items()}
        rows = {way: _row(coded, said, seconds, at) for way, (said, seconds) in found.items()}
        detail[f"{name} ({len(set(coded.texts)):,} texts, {len(coded.codes)} codes), all coded"] = [
            {"": way} | row for way, row in rows.items()
        ]
        standing += _standing(name, coded, folds, rows, at)
        curves |= _curves(name, coded, folds, ways, rows)
    return {"where the machine stands": standing} | detail | curves


def by_both_coders(coded: Coded) -> Coded:
    """Return every text twice, with the codes of the first coder and then with those of the second."""
    return replace(
        coded, texts=coded.texts * 2, gold=np.concatenate(coded.coders), units=coded.units * 2,
        vectors=np.concatenate([coded.vectors] * 2), questions=coded.questions * 2,
    )  # fmt: skip


def _row(coded: Coded, said: Answers, seconds: list[float], at: Rows) -> dict[str, Any]:
    gold, chosen, units = coded.gold[at], said.chosen[at], [coded.units[i] for i in at]
    right = _first_right(coded, said, at)
    carrying = [unit for unit, row in zip(units, gold, strict=True) if row.any()]
    return {
        "micro-F1": estimate(units, lambda some: micro_f1(chosen[some], gold[some]), draws=500),
        "macro-F1": estimate(units, lambda some: macro_f1(chosen[some], gold[some]), draws=200),
        "top-1": estimate(carrying, lambda some: float(right[some].mean()), draws=500),
        "never said": int((gold.any(axis=0) & ~chosen.any(axis=0)).sum()),
        "seconds to fit": rounded(seconds),
    }


def _first_right(coded: Coded, said: Answers, at: Rows) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    some = at[coded.gold[at].any(axis=1)]
    return np.asarray(coded.gold[some, said.scores[some].argmax(axis=1)])


def _standing(name: str, coded: Coded, folds: Folds, rows: dict[str, dict[str, Any]], at: Rows) -> list[dict[str, Any]]:
    best = max((way for way in rows if way != LIBRARY), key=lambda way: _value(rows[way]["micro-F1"]))
    people: Estimate | None = None
    if coded.coders:
        first, second = coded.coders
        units = coded.units[: len(first)]
        people = estimate(units, lambda some: micro_f1(first[some], second[some]), draws=500)
    own = rows[LIBRARY]["micro-F1"]
    row: dict[str, Any] = {
        "task": name, "encoder": "e5-small-zh.v1", "suggester, micro-F1": own, "macro-F1": rows[LIBRARY]["macro-F1"],
        "best peer, micro-F1": rows[best]["micro-F1"], "which": best, "two people, micro-F1": people,
        "of the two people": None if people is None else _value(own) / _value(people),
    }  # fmt: skip
    others = [encoder for encoder in os.environ.get("LBC_BENCH_ENCODERS", "").split(",") if encoder]
    if len(set(coded.texts)) > MOST_FOR_OTHERS:
        return [row]
    return [row, *(_with_encoder(row, coded, folds, encoder, at) for encoder in others)]


def _with_encoder(row: dict[str, Any], coded: Coded, folds: Folds, encoder: str, at: Rows) -> dict[str, Any]:
    distinct = list(dict.fromkeys(coded.texts))
    made = load_encoder(encoder).encode([simplified(text) for text in distinct]).astype(np.float64)
    place = {text: row for row, text in enumerate(distinct)}
    vectors = made[[place[text] for text in coded.texts]]
    other = replace(coded, vectors=vectors, encoder=encoder)
    found = _row(other, *left_out(other, folds, library()), at)
    people = row["two people, micro-F1"]
    return row | {
        "encoder": encoder, "suggester, micro-F1": found["micro-F1"], "macro-F1": found["macro-F1"],
        "of the two people": None if people is None else _value(found["micro-F1"]) / _value(people),
    }  # fmt: skip


def _value(found: Any) -> float:  # noqa: ANN401 (an estimate)
    return float(found["value"])


def _curves(
    name: str, coded: Coded, folds: Folds, ways: dict[str, Way], rows: dict[str, dict[str, Any]]
) -> dict[str, list[dict[str, Any]]]:
    at = np.concatenate([test for _, test in folds])
    draws = DRAWS if len(folds) == 1 else 1
    f1, first = [], []
    nothing = [(train[:0], test) for train, test in folds]
    for way, take in ways.items():
        micro: dict[str, Any] = {"": way}
        top: dict[str, Any] = {"": way}
        if way == LIBRARY:
            top["0 coded"] = float(_first_right(coded, left_out(coded, nothing, take)[0], at).mean())
        for size in SIZES:
            figures = np.mean([_drawn_figures(coded, folds, take, at, size, draw) for draw in range(draws)], axis=0)
            micro[f"{size} coded"], micro[f"{size}, macro"], top[f"{size} coded"] = figures.tolist()
        f1.append(micro | {"all coded": _value(rows[way]["micro-F1"]), "all, macro": _value(rows[way]["macro-F1"])})
        first.append(top | {"all coded": _value(rows[way]["top-1"])})
    return {f"{name}, micro-F1 by the number of coded texts": f1, f"{name}, top-1 by the number of coded texts": first}


def _drawn_figures(coded: Coded, folds: Folds, take: Way, at: Rows, size: int, draw: int) -> tuple[float, float, float]:
    some = [(drawn(train, size, seed=fold + DRAWN_APART * draw), test) for fold, (train, test) in enumerate(folds)]
    said, _ = left_out(coded, some, take)
    chosen, gold = said.chosen[at], coded.gold[at]
    return micro_f1(chosen, gold), macro_f1(chosen, gold), float(_first_right(coded, said, at).mean())


def drawn(rows: Rows, size: int, seed: int) -> Rows:
    """Return ``size`` of ``rows`` drawn without replacement."""
    picked: Rows = np.random.default_rng(seed).permutation(rows)[:size]
    return picked
