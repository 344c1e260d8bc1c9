"""Recorded decisions are made again, one by one, and what the review page shows is compared with the better of two.

Interviews come in an order drawn for each replay, the passages of an interview in the order of speech. Each passage is
asked for as the page does (24 ahead), the suggestion in view is stored with the decision, then the recorded codes are
decided. The champion is what the codebook alone suggests, the challenger what was learned so far. A suggestion scores
the share of the recorded codes among its first three or, where none was given, 1 if it names none. Recorded codes were
given with neither in view, so neither is favoured. Intervals are the page's own, clustered by interview.

interviews-game: the question that each answer belongs to (17 bare names). photo-interviews: all codes of either coder
on the turns of participants (46 bare names; half of the turns carry none). hlcta-appreviews: 34 themes, a draw of 600
reviews in parts of 60, for nobody is named. The demonstration is invented and decides nothing; it stands for a codebook
with definitions, where the champion is strong. What the page chooses by was set on one order each of the
demonstration and hlcta-appreviews, with an older learner, and with one order of interviews-game and of photo-interviews
in view: these rows show that it works as meant, not how it would do on a study that nobody has seen.
"""

import csv
import os
import random
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.coded_sets import Coded, demonstration, reviews
from lbc_themes.codebook import load_codebook
from lbc_themes.core.records import Bilingual, Code, Codebook, Decision, Passage, Role, Transcript, Turn, Verdict
from lbc_themes.review.online_learner import AHEAD, OnlineLearner
from lbc_themes.study import Study

NAME = "replay"
QUESTION = "Does the review page show suggestions as good as the better of learned and not learned?"
DATA = ("interviews-game", "photo-interviews", "hlcta-appreviews")
NOTE = """
What the page shows may lie at most .01 below the better of the two; it does on every set and order (0 to .008). The
study file grows by 1.0 MB at most in 200 decisions. How sure each is of its first code and whether both agree on it
was tried as a ground for the choice: it added nothing on any set.
"""
DECISIONS = int(os.environ.get("LBC_BENCH_DECISIONS", "200"))
ORDERS = int(os.environ.get("LBC_BENCH_ORDERS", "2"))
WORKERS = int(os.environ.get("LBC_BENCH_WORKERS", "4"))
PART, DRAWN = 60, 600


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What somebody said, the question it answers, and the recorded codes."""

    interview: str
    text: str
    question: str
    codes: tuple[str, ...]


def main(data: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the tables; ``data`` holds the folders of the sets."""
    sets = {
        "demonstration": demonstration_answers(),
        "hlcta-appreviews": review_parts(data),
        "interviews-game": game_answers(data),
        "photo-interviews": photo_turns(data),
    }
    jobs = [(name, *material, order) for name, material in sets.items() for order in range(ORDERS)]
    with ProcessPoolExecutor(WORKERS) as pool:
        rows = list(pool.map(replayed, *zip(*jobs, strict=True)))
    means = [mean_row(name, [row for row in rows if row["set"] == name]) for name in sets]
    return {f"Mean over {ORDERS} orders, {DECISIONS} decisions": means, "Each order": rows}


def game_answers(data: Path) -> tuple[Codebook, list[Answered]]:
    """Return the answers of interviews-game, coded with their question."""
    from benchmarks.coded_sets import answers

    coded = answers(data)
    return bare_codebook({code: code for code in coded.codes}), answered(coded, coded.units)


def photo_turns(data: Path) -> tuple[Codebook, list[Answered]]:
    """Return the turns of the participants of photo-interviews with the codes of either coder."""
    folder = data / "photo-interviews"
    with (folder / "codes.csv").open(encoding="utf-8", newline="") as file:
        names = {row["id"]: row["name"] for row in csv.DictReader(file)}
    turns: list[Answered] = []
    question = ""
    with (folder / "turns.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["speaker"] != "participant":
                question = row["text"]
                continue
            codes = {code for coder in ("coder_1", "coder_2") for code in row[coder].split(";") if code in names}
            given = tuple(sorted(codes))
            turns.append(Answered(interview=row["participant"], text=row["text"], question=question, codes=given))
    return bare_codebook(names), turns


def review_parts(data: Path) -> tuple[Codebook, list[Answered]]:
    """Return a draw of the reviews of hlcta-appreviews in parts that stand for interviews."""
    coded = reviews(data)
    drawn = np.sort(np.random.default_rng(0).permutation(len(coded.texts))[:DRAWN])
    parts = [f"part {place // PART:02d}" for place in range(len(drawn))]
    some = Coded(
        texts=[coded.texts[i] for i in drawn], codes=coded.codes, gold=coded.gold[drawn], units=parts,
        vectors=coded.vectors[drawn],
    )  # fmt: skip
    return bare_codebook({code: code for code in coded.codes}), answered(some, parts)


def demonstration_answers() -> tuple[Codebook, list[Answered]]:
    """Return the passages of the invented demonstration interviews with their coding and the shipped codebook."""
    coded, questions = demonstration()
    return load_codebook("left-behind-children"), answered(coded, coded.units, questions)


def answered(coded: Coded, interviews: Sequence[str], questions: Sequence[str] = ()) -> list[Answered]:
    """Return coded texts one by one."""
    codes = [tuple(coded.codes[int(i)] for i in np.flatnonzero(row)) for row in coded.gold]
    rows = zip(interviews, coded.texts, questions or [""] * len(coded.texts), codes, strict=True)
    return [Answered(interview=who, text=text, question=asked, codes=given) for who, text, asked, given in rows]


def bare_codebook(names: dict[str, str]) -> Codebook:
    """Return a codebook of names alone, by id."""
    nothing = Bilingual(zh="", en="")
    codes = tuple(
        Code(id=code, name=Bilingual(zh=name, en=name), brief=nothing, definition=nothing)
        for code, name in names.items()
    )
    return Codebook(id="bare", version="1", name=Bilingual(zh="bare", en="bare"), codes=codes)


Material = tuple[list[Transcript], list[Passage], dict[str, tuple[str, ...]]]


def interviews_in_order(rows: Sequence[Answered], order: int) -> Material:
    """Return transcripts in the drawn order, their passages, and the recorded codes by passage id."""
    by_interview: dict[str, list[Answered]] = {}
    for row in rows:
        by_interview.setdefault(row.interview, []).append(row)
    names = sorted(by_interview)
    random.Random(order).shuffle(names)  # noqa: S311 (an order, no secret)
    transcripts: list[Transcript] = []
    passages: list[Passage] = []
    codes: dict[str, tuple[str, ...]] = {}
    for number, name in enumerate(names):
        transcript_id = f"{number:03d}"
        text, turns = "", []
        for place, row in enumerate(by_interview[name]):
            if row.question:
                turns.append(
                    Turn(speaker="I", role=Role.INTERVIEWER, start=len(text), end=len(text) + len(row.question))
                )
                text += f"{row.question}\n"
            start, end = len(text), len(text) + len(row.text)
            turns.append(Turn(speaker="P", role=Role.OTHER, start=start, end=end))
            passage = Passage(
                id=f"{transcript_id}-{place:04d}", transcript_id=transcript_id, spans=((start, end),), text=row.text,
                speaker="P", role=Role.OTHER, question=row.question,
            )  # fmt: skip
            passages.append(passage)
            codes[passage.id] = row.codes
            text += f"{row.text}\n"
        transcripts.append(Transcript(id=transcript_id, text=text, turns=tuple(turns)))
    return transcripts, passages, codes


def replayed(name: str, book: Codebook, rows: Sequence[Answered], order: int) -> dict[str, Any]:
    """Return how both and the page did over the first decisions of one order, and by how much the file grew."""
    transcripts, passages, codes = interviews_in_order(rows, order)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "replay.lbc"
        with Study.create(path, transcripts, book, passages=passages) as study:
            before = path.stat().st_size
            learner = OnlineLearner(study, suggester=None, encoder="e5-small-zh.v1", cache=None)
            for place, passage in enumerate(study.passages[:DECISIONS]):
                learner.learn([each.id for each in study.passages[place : place + AHEAD]])
                in_view = learner.suggestion(passage.id)
                run = learner.store_shown(in_view[1], passage.id) if in_view else ""
                given = codes[passage.id]
                decision = Decision(
                    passage_id=passage.id, verdict=Verdict.CHANGED if given else Verdict.REJECTED, code_ids=given,
                    coder="replay", time="", no_code=not given,
                )  # fmt: skip
                study.record(decision, run=run)
            learner.learn([])
            found = learner.comparison
        grown = path.stat().st_size - before
    return {
        "set": name, "order": order, "compared": found.compared, "champion": round(found.champion, 3),
        "challenger": round(found.challenger, 3), "shown": round(found.shown, 3),
        "shown below the better": round(max(found.champion, found.challenger) - found.shown, 3),
        "challenger minus champion": [round(found.difference, 3), round(found.low, 3), round(found.high, 3)],
        "challenger shown": round(found.shown_challenger, 2), "file grew, MB": round(grown / 1e6, 2),
    }  # fmt: skip


def mean_row(name: str, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the means of the orders of one set."""
    means = {key: round(float(np.mean([row[key] for row in rows])), 3) for key in ("champion", "challenger", "shown")}
    below = max(means["champion"], means["challenger"]) - means["shown"]
    grown = max(row["file grew, MB"] for row in rows)
    return {"set": name, **means, "shown below the better": round(below, 3), "file grew at most, MB": grown}
