"""Studies with a known truth, for the benchmarks of themes."""

import csv
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lbc_themes.core.records import Role, Transcript, Turn
from lbc_themes.encoding import load_encoder
from lbc_themes.reading import read_transcripts
from lbc_themes.segmenting import content_words, segment


@dataclass(frozen=True)
class Study:
    """Texts, the truth of each, and who said it."""

    texts: tuple[str, ...]
    truth: tuple[str, ...]
    groups: tuple[str, ...]

    @cached_property
    def reordered(self) -> bool:
        """Whether it is another study in another order."""
        return False

    @cached_property
    def vectors(self) -> NDArray[np.float32]:
        """The default encoder's vectors, made once."""
        return load_encoder().encode(self.texts)

    @cached_property
    def words(self) -> list[list[str]]:
        """Content words, cut once."""
        return [content_words(text) for text in self.texts]

    def shuffled(self, seed: int) -> tuple["Study", NDArray[np.int64]]:
        """Return the study in another order, and that order."""
        order = np.random.default_rng(seed).permutation(len(self.texts))
        other = Study(*(tuple(own[i] for i in order) for own in (self.texts, self.truth, self.groups)))
        other.__dict__["vectors"] = self.vectors[order]
        other.__dict__["words"] = [self.words[i] for i in order]
        other.__dict__["reordered"] = True
        return other, order


def interview_answers(data: Path) -> Study:
    """Return the answers of interviews-game; the truth is the question."""
    with (data / "interviews-game" / "answers.csv").open(encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(file)
    found = [(said.strip(), head[at], row[0]) for row in rows for at, said in enumerate(row) if at and said.strip()]
    return Study(*(tuple(column) for column in zip(*found, strict=True)))


def help_seekers(data: Path) -> Study:
    """Return the passages of psyqa-sample; the truth is the question they belong to, the group its writer."""
    rows = json.loads((data / "psyqa-sample" / "first50.json").read_text(encoding="utf-8"))
    found = []
    for row in rows:
        for at, text in enumerate([row["description"], *(answer["answer_text"] for answer in row["answers"])]):
            turn = Turn(speaker="-", role=Role.OTHER, start=0, end=len(text))
            whole = Transcript(id=f"{row['questionID']}-{at}", text=text, turns=(turn,))
            found += [(passage.text, row["question"], whole.id) for passage in segment(whole)]
    return Study(*(tuple(column) for column in zip(*found, strict=True)))


def app_reviews(data: Path) -> Study:
    """Return the reviews of hlcta-appreviews; the truth is the first theme that the researchers gave."""
    import pandas as pd

    frame = pd.read_excel(data / "hlcta-appreviews" / "Coded data.xlsx", sheet_name="Sheet1").fillna("")
    found = [
        (str(said).strip(), re.split("[，,、;；]", str(theme).strip())[0], str(app))
        for said, theme, app in zip(frame["Comment"], frame["Theme"], frame["APP"], strict=True)
    ]
    return Study(*(tuple(column) for column in zip(*(row for row in found if row[0] and row[1]), strict=True)))


def spoken_interviews(data: Path) -> Study:
    """Return the passages of spoken-l1; the truth is the recording, which is weak, the group the participant."""
    found = [
        (passage.text, transcript.id, transcript.id.split("-")[0])
        for transcript in read_transcripts(data / "spoken-l1" / "L1-L1 transcripts")
        for passage in segment(transcript)
    ]
    return Study(*(tuple(column) for column in zip(*found, strict=True)))


READERS: dict[str, Callable[[Path], Study]] = {
    "interviews-game": interview_answers,
    "psyqa-sample": help_seekers,
    "hlcta-appreviews": app_reviews,
    "spoken-l1": spoken_interviews,
}
