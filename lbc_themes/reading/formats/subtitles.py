"""Subtitle files (SubRip, WebVTT): cues with two times, lines of speech, and speakers by tag or label."""

import html
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lbc_themes.reading.document import Document, Form, Line, Parsed, Spoken, bare, lines_of, seconds, trimmed
from lbc_themes.reading.formats.labels import candidates, learn

_CUE_CLOCK = r"(?:\d{1,3}:)?\d{1,2}:\d{2}[.,]\d{1,3}"
_TIMING = re.compile(rf"\s{{0,8}}({_CUE_CLOCK})\s{{1,8}}-->\s{{1,8}}({_CUE_CLOCK})(?:\s.*)?")


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


# --- Speakers of cues that are named by a label before a colon.


def labelled_voices(cues: Sequence[Cue]) -> Iterator[Voice]:
    """Yield what is said in ``cues`` whose markup is gone; without a label the speaker of the cue before goes on."""
    split = [(cue.time, [Line(0, bare(line)) for line in cue.text.split("\n")]) for cue in cues]
    found = [candidates(lines) for _, lines in split]
    labels, _ = learn((candidate for cue in found for candidate in cue.values()), len(cues))
    speaker = ""
    for (time, lines), named in zip(split, found, strict=True):
        held: list[str] = []
        for number, line in enumerate(lines):
            offset = 0
            if number in named and named[number].label in labels:
                yield from _said_by(speaker, held, time)
                held, speaker, offset = [], named[number].label, named[number].offset
            held.append(bare(line.text[offset:]))
        yield from _said_by(speaker, held, time)


def _said_by(speaker: str, held: list[str], time: float | None) -> Iterator[Voice]:
    words = "\n".join(line for line in held if line)
    if words:
        yield Voice(speaker, words, time)


# --- SubRip: numbered cues; the speaker, if any, is a label before a colon.

_SRT_TAG = re.compile(r"</?(?:[ibu]|font)(?:\s[^<>]{0,80})?>|\{\\[^{}]{0,40}\}")


def recognise_srt(document: Document) -> float:
    """Say how sure it is that ``document`` is a SubRip file."""
    return share_of_cues(document.lines) * 0.99 if "-->" in document.text else 0.0


def parse_srt(document: Document) -> Parsed:
    """Read one turn a cue, or several where several people speak in it; without a label the speaker goes on.

    The text is what is said, one turn a line in the order of the file (a cue of several lines keeps its lines).
    """
    cues = [cue._replace(text=_SRT_TAG.sub("", cue.text)) for cue in cues_of(document.text)]
    text, turns = joined_voices(list(labelled_voices(cues)))
    return Parsed(text=text, turns=turns)


SRT = Form(name="srt", recognise=recognise_srt, parse=parse_srt)


# --- WebVTT: cues with ``<v 奶奶>`` voice tags or labels before a colon; other tags are markup, not text.

_VOICE = re.compile(r"<v(?:\.[^\s<>]{1,60})?[ \t]{1,8}([^<>\n]{1,80})>")
_VTT_TAG = re.compile(r"</?(?:[cibuv]|ruby|rt|lang)(?:[.\s][^<>]{0,80})?>|<(?:\d{1,3}:)?\d{1,2}:\d{2}[.,]\d{1,3}>")


def recognise_vtt(document: Document) -> float:
    """Say how sure it is that ``document`` is a WebVTT file."""
    return 1.0 if re.match(r"\s{0,20}WEBVTT(?:\s|$)", document.text) else 0.0


def parse_vtt(document: Document) -> Parsed:
    """Read one turn a voice of a cue. A cue without a voice is said by the voice before it.

    Where no cue of the file has a voice tag, labels before a colon name the speakers, as meeting tools write them.

    The text is what is said, one turn a line in the order of the file (a cue of several lines keeps its lines).
    """
    cues = list(cues_of(document.text))
    tagged = any(_VOICE.search(cue.text) for cue in cues)
    voices = (
        _tagged_voices(cues)
        if tagged
        else labelled_voices([cue._replace(text=_without_tags(cue.text)) for cue in cues])
    )
    text, turns = joined_voices(list(voices))
    return Parsed(text=text, turns=turns)


def _tagged_voices(cues: list[Cue]) -> Iterator[Voice]:
    speaker = ""
    for cue in cues:
        first, *parts = _VOICE.split(cue.text)
        for name, words in zip(["", *parts[::2]], [first, *parts[1::2]], strict=True):
            speaker = bare(html.unescape(name)) or speaker
            if plain := _without_tags(words):
                yield Voice(speaker, plain, cue.time)


def _without_tags(words: str) -> str:
    return bare(html.unescape(_VTT_TAG.sub("", words)))


VTT = Form(name="vtt", recognise=recognise_vtt, parse=parse_vtt)
