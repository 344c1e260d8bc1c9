"""The coded material that learning is measured on: texts, codes, who said them, and vectors made once a run."""

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.frame.scores import Floats
from benchmarks.zero_shot import interview_answers
from lbc_themes.core.records import Passage, Role
from lbc_themes.encoding import load_encoder
from lbc_themes.suggest import CodeSuggester
from lbc_themes.suggest.suggester import Tune
from lbc_themes.text.words import simplified

Bools = NDArray[np.bool_]
Rows = NDArray[np.intp]
_CLIENTS = ("client_machine", "client_counselor")


@dataclass(frozen=True, kw_only=True)
class Coded:
    """Texts with their codes (``gold``, shape ``(n, codes)``), vectors, and the unit that folds must not split.

    ``questions`` are the questions that the texts answer, where they are known. ``coders`` holds the codes of each of
    two coders where there are two, of the shape of ``gold``, which then has what either gave.
    """

    texts: list[str]
    codes: list[str]
    gold: Bools
    units: list[str]
    vectors: Floats
    questions: tuple[str, ...] = ()
    coders: tuple[Bools, ...] = ()
    encoder: str = "e5-small-zh.v1"

    def passages(self, rows: Rows) -> "list[Passage] | list[str]":
        """Return the texts at ``rows``, as answers to their questions where there are any."""
        if not self.questions:
            return [self.texts[row] for row in rows]
        return [
            Passage(
                id=str(row), transcript_id=self.units[row], spans=((0, len(self.texts[row])),), text=self.texts[row],
                speaker="", role=Role.OTHER, question=self.questions[row],
            )
            for row in rows
        ]  # fmt: skip

    def suggester(self) -> CodeSuggester:
        """Return a suggester that has learned nothing yet, with the encoder that made the vectors."""
        return CodeSuggester(codes=self.codes, encoder=self.encoder)

    def fitted(self, rows: Rows, tune: Tune = "") -> CodeSuggester:
        """Return a suggester fitted to the texts at ``rows``."""
        units = [self.units[i] for i in rows]
        return self.suggester().fit(self.passages(rows), self.gold[rows], units, self.vectors[rows], tune)

    def folds(self, count: int, seed: int = 0) -> list[tuple[Rows, Rows]]:
        """Return the rows to learn from and to be tested on; the texts of a unit stay together."""
        from sklearn.model_selection import GroupKFold

        return list(GroupKFold(count, shuffle=True, random_state=seed).split(self.texts, groups=self.units))


@cache
def answers(data: Path) -> Coded:
    """Return the answers of interviews-game with the question that each answers; the unit is the respondent."""
    task = interview_answers(data / "interviews-game")
    return _coded(task.texts, task.codes, task.gold, task.units)


@cache
def posts(data: Path) -> Coded:
    """Return the posts of socialcd-3k with their cognitive distortions."""
    lines = (data / "socialcd-3k" / "train.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line.strip()]
    gold = np.array([[cell == "1" for cell in row[:-1]] for row in rows[1:]])
    texts = [row[-1].strip() for row in rows[1:]]
    return _coded(texts, rows[0][:-1], gold, texts)


@cache
def reviews(data: Path) -> Coded:
    """Return the distinct reviews of hlcta-appreviews with their themes."""
    import openpyxl

    sheet = openpyxl.load_workbook(data / "hlcta-appreviews" / "Coded data.xlsx", read_only=True).worksheets[0]
    themes: dict[str, set[str]] = {}
    for row in list(sheet.iter_rows(values_only=True))[1:]:
        themes.setdefault(str(row[2]), set()).add(str(row[5]))
    return _of_sets(list(themes), list(themes.values()))


@cache
def clients(data: Path) -> Coded:
    """Return what real clients wrote in psysuicide, with the labels of its authors that occur there."""
    items = json.loads((data / "psysuicide" / "valid.json").read_text(encoding="utf-8"))
    real = [item for item in items if item["data_source"] in _CLIENTS]
    return _of_sets([item["text"] for item in real], [set(item["labels"]) for item in real])


@cache
def photo_interviews(data: Path) -> Coded:
    """Return what participants said in photo-interviews with the codes that either of two coders gave each turn.

    The question of a turn is the interviewer's turn before it. The unit is the participant.
    """
    folder = data / "photo-interviews"
    names = {row["id"]: row["name"] for row in _rows_of(folder / "codes.csv")}
    texts, questions, units, given = [], [], [], []
    before: dict[str, str] = {}
    for row in _rows_of(folder / "turns.csv"):
        if row["speaker"] == "interviewer":
            before = {row["participant"]: row["text"]}
            continue
        texts.append(row["text"])
        questions.append(before.get(row["participant"], ""))
        units.append(row["participant"])
        given.append([[code in row[coder].split(";") for code in names] for coder in ("coder_1", "coder_2")])
    first, second = np.array(given).transpose(1, 0, 2)
    coded = _coded(texts, list(names.values()), first | second, units)
    return replace(coded, questions=tuple(questions), coders=(first, second))


@cache
def lessons(data: Path) -> Coded:
    """Return what teachers say in teacher-talk with its kind of instruction, the first ``LESSONS`` drawn at random.

    The eight kinds are codes; "others" is a text that was coded, and nothing applies. Who teaches is not known.
    """
    rows = _rows_of(data / "teacher-talk" / "dev.csv")
    chosen = np.sort(np.random.default_rng(0).permutation(len(rows))[:LESSONS])
    gold = np.array([[rows[row]["label"] == str(code) for code in range(len(DIALOGIC))] for row in chosen])
    texts = [rows[row]["text"] for row in chosen]
    return _coded(texts, list(DIALOGIC), gold, [str(row) for row in chosen])


@cache
def dialogue_acts(data: Path) -> Coded:
    """Return turns of 160 dialogues of cped-valid with their dialogue act; the question is the other's turn before.

    Turns that follow one of the same speaker, or none, are left out. The unit is the dialogue.
    """
    rows = _rows_of(data / "cped-valid" / "valid_split.csv")
    pairs = [
        (before, row)
        for before, row in pairwise(rows)
        if before["Dialogue_ID"] == row["Dialogue_ID"] and before["Speaker"] != row["Speaker"]
    ]
    dialogues = sorted({row["Dialogue_ID"] for _, row in pairs})
    drawn = set(np.random.default_rng(0).permutation(dialogues)[:DIALOGUES].tolist())
    kept = [(before["Utterance"], row) for before, row in pairs if row["Dialogue_ID"] in drawn]
    codes = sorted({row["DA"] for _, row in kept})
    gold = np.array([[row["DA"] == code for code in codes] for _, row in kept])
    coded = _coded([row["Utterance"] for _, row in kept], codes, gold, [row["Dialogue_ID"] for _, row in kept])
    return replace(coded, questions=tuple(before for before, _ in kept))


DIALOGUES = 160
LESSONS = 1500
DIALOGIC = (
    "commending", "guidance", "summarization", "greeting", "note-taking", "repeating", "reviewing", "example-giving",
)  # fmt: skip


def _rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@cache
def demonstration() -> tuple[Coded, list[str]]:
    """Return the invented demonstration interviews with their coding, and the question that each passage answers."""
    from lbc_themes.codebook import load_codebook
    from lbc_themes.core.records import Coding
    from lbc_themes.reading import read_transcripts
    from lbc_themes.segmenting import segment
    from lbc_themes.suggest.disagreements import coded_sets

    folder = Path(__file__).parent.parent / "corpora" / "zhuzhai-demo"
    spoken = segment(read_transcripts(folder / "interviews"))
    passages = [passage for passage in spoken if passage.role is not Role.INTERVIEWER]
    with (folder / "codings.csv").open(encoding="utf-8-sig", newline="") as file:
        codings = [
            Coding(
                transcript_id=row["transcript"], start=int(row["start"]), end=int(row["end"]), code_id=row["code"],
                coder="hand",
            )
            for row in csv.DictReader(file)
        ]  # fmt: skip
    sets = coded_sets(codings, passages)
    codes = list(load_codebook("left-behind-children").ids)
    gold = np.array([[code in some for code in codes] for some in sets])
    texts, units = [p.text for p in passages], [p.transcript_id for p in passages]
    questions = [passage.question for passage in passages]
    return replace(_coded(texts, codes, gold, units), questions=tuple(questions)), questions


def _of_sets(texts: Sequence[str], sets: Sequence[Iterable[str]]) -> Coded:
    codes = sorted(set().union(*sets))
    gold = np.array([[code in some for code in codes] for some in sets])
    return _coded(list(texts), codes, gold, list(texts))


def _coded(texts: list[str], codes: list[str], gold: Bools, units: list[str]) -> Coded:
    vectors = load_encoder().encode([simplified(text) for text in texts]).astype(np.float64)
    return Coded(texts=texts, codes=codes, gold=gold, units=units, vectors=vectors)
