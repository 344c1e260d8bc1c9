"""Cues of subtitle files: a line with two times, then lines of speech, then an empty line."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lbc_themes.reading.lines import Line, Spoken, bare, lines_of, seconds, trimmed

_CLOCK = r"(?:\d{1,3}:)?\d{1,2}:\d{2}[.,]\d{1,3}"
_TIMING = re.compile(rf"\s{{0,8}}({_CLOCK})\s{{1,8}}-->\s{{1,8}}({_CLOCK})(?:\s.*)?")


class Cue(NamedTuple):
    """One cue: its start in seconds and its lines as they stand, joined with newlines."""

    time: float | None
    text: str


class Voice(NamedTuple):
    """What one speaker says in one cue."""

    speaker: str
    text: str
    time: float | None


def cues_of(text: str) -> Iterator[Cue]:
    """Yield the cues of an .srt or .vtt file. Their numbers, notes, styles and regions are no cues."""
    time: float | None = None
    held: list[str] | None = None
    for line in lines_of(text):
        timing = _TIMING.fullmatch(line.text)
        if timing or not bare(line.text):
            if held:
                # Where the empty line is missing, the number of the next cue ends this one.
                numbered = timing is not None and len(held) > 1 and held[-1].strip().isdigit()
                yield Cue(time, "\n".join(held[:-1] if numbered else held))
            held, time = ([], seconds(timing[1])) if timing else (None, None)
        elif held is not None:
            held.append(line.text)
    if held:
        yield Cue(time, "\n".join(held))


def share_of_cues(lines: Sequence[Line]) -> float:
    """Return how many timing lines there are to three lines of text, at most 1."""
    full = [line.text for line in lines if bare(line.text)]
    timings = sum(1 for text in full if "-->" in text[:40] and _TIMING.fullmatch(text))
    return min(1.0, 3 * timings / len(full)) if full else 0.0


def joined_voices(voices: Sequence[Voice]) -> tuple[str, tuple[Spoken, ...]]:
    """Return what the voices say joined with newlines, and turns that are slices of it."""
    turns, start = [], 0
    for voice in voices:
        begin, end = trimmed(voice.text, start)
        if begin < end:
            turns.append(Spoken(speaker=voice.speaker, start=begin, end=end, time=voice.time))
        start += len(voice.text) + 1
    return "\n".join(voice.text for voice in voices), tuple(turns)
