"""Turns that ask, found by their words, and interviewers found by how people speak where no label says it.

Questions: turns of television dialogue (CPED, without marks) whose acts annotators labelled. A turn counts as found
when its last fourteen characters hold a question form, as the library judges. Dialogues with an even number were read
when the forms were chosen; the odd ones are measured. Peers: final particles alone, and every turn.

Roles: recordings of one-to-one interviews whose tags say who asks. The tags are replaced by numbered ones (说话人1),
and the library is asked who interviews, given the whole recording or its beginning only. "Confidence" is what its note
says.
"""

import csv
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.frame.scores import estimate
from lbc_themes.core.records import Role, Transcript
from lbc_themes.reading import read_transcripts
from lbc_themes.reading.document import Parsed, Spoken
from lbc_themes.reading.roles import asks, assign

NAME = "asking"
QUESTION = "Are questions found without question marks, and interviewers without labels?"
DATA = ("cped-valid", "spoken-l1", "pdis-interviews")
NOTE = """
Two thirds of what is marked as a question is one, and three quarters of the questions are found. Television drama is
full of questions that want no answer, and of statements that only the voice makes a question; interviews are plainer.
Whole recordings name their interviewer nearly always. Where two people chat as equals, as at the beginning of many of
the spoken-l1 recordings, some tens of turns are not enough: the note in the report then gives a lower confidence, and
below 0.80 it asks for the role. The weights behind the confidence were set by hand with these recordings at hand, so
these are development figures.
"""

_PARTICLE = re.compile(r"[吗嘛呢么][。？?]?$")
_CONFIDENCE = re.compile(r"confidence (\d\.\d\d)")
_BEGINNINGS = (None, 40, 10)


def main(data: Path) -> dict[str, Any]:
    """Return how well question turns and interviewers are found."""
    with (data / "cped-valid" / "valid_split.csv").open(encoding="utf-8-sig", newline="") as file:
        turns = [(row["Utterance"], row["DA"] == "question", row["Dialogue_ID"]) for row in csv.DictReader(file)]
        turns = [turn for turn in turns if int(turn[2].split("_")[1]) % 2]
    ways: dict[str, Callable[[str], bool]] = {
        "question forms at the end": asks,
        "吗 or 呢 at the end": lambda text: _PARTICLE.search(text) is not None,
        "every turn": lambda _text: True,
    }
    sets = {
        "spoken-l1": read_transcripts(data / "spoken-l1" / "L1-L1 transcripts"),
        "pdis-interviews, two speakers": _of_two(read_transcripts(data / "pdis-interviews" / "md")),
    }
    return {
        "Question turns": {name: _found(turns, way) for name, way in ways.items()},
        "Interviewers": {
            f"{name}, {'all' if most is None else f'the first {most}'} turns": _roles(transcripts, most)
            for name, transcripts in sets.items()
            for most in _BEGINNINGS
        },
    }


def _found(turns: Sequence[tuple[str, bool, str]], way: Callable[[str], bool]) -> dict[str, Any]:
    said = [(way(text), gold, dialogue) for text, gold, dialogue in turns]
    hits = sum(found and gold for found, gold, _ in said)
    precision = hits / max(sum(found for found, _, _ in said), 1)
    recall = hits / max(sum(gold for _, gold, _ in said), 1)
    return {
        "precision": precision,
        "recall": recall,
        "F1": 2 * precision * recall / max(precision + recall, 1e-9),
        "turns": len(said),
        "questions": sum(gold for _, gold, _ in said),
    }


def _of_two(transcripts: Sequence[Transcript]) -> list[Transcript]:
    """Return the interviews of two speakers of whom the label says that one asks."""
    return [t for t in transcripts if len(_speakers(t)) == 2 and _interviewers(t)]


def _speakers(transcript: Transcript) -> list[str]:
    return list(dict.fromkeys(turn.speaker for turn in transcript.turns))


def _interviewers(transcript: Transcript) -> set[str]:
    named = not any(note.startswith("role by behaviour") for note in transcript.notes)
    return {turn.speaker for turn in transcript.turns if turn.role is Role.INTERVIEWER} if named else set()


def _roles(transcripts: Sequence[Transcript], most: int | None) -> dict[str, Any]:
    right, confidences, named = [], [], 0
    for transcript in transcripts:
        names = {speaker: f"说话人{number}" for number, speaker in enumerate(_speakers(transcript), 1)}
        turns = tuple(
            Spoken(speaker=names[t.speaker], start=t.start, end=t.end) for t in transcript.turns[: most or None]
        )
        roles = assign(Parsed(text=transcript.text, turns=turns), (), {})
        found = {speaker for speaker, role in roles.by_speaker.items() if role is Role.INTERVIEWER}
        wanted = {names[speaker] for speaker in _interviewers(transcript)}
        right.append(float(found == wanted))
        named += bool(found)
        confidences += [float(match[1]) for note in roles.notes if (match := _CONFIDENCE.search(note))]
    return {
        "right": estimate(range(len(right)), lambda rows: mean(right[row] for row in rows)),
        "somebody named": named,
        "mean confidence": mean(confidences) if confidences else None,
        "recordings": len(right),
    }
