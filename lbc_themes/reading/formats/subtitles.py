"""Subtitle files (SubRip, WebVTT, lyrics): cues with times, lines of speech, and speakers by tag or label.

A file with an ending of its own (.srt, .vtt, .sbv, .lrc) is read here or refused, never by its labels.
"""

import html
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.reading.document import (
    CLOCK,
    Document,
    Doubt,
    Form,
    Line,
    Parsed,
    Part,
    PartKind,
    Spoken,
    bare,
    seconds,
    trimmed,
)
from lbc_themes.reading.formats.furniture import is_footer
from lbc_themes.reading.formats.labels import candidates, learn
from lbc_themes.reading.vocabulary import is_speaker_word

# --- Cues: a line with two times, then lines of speech.

# Milliseconds may be missing, the comma be full width, the arrow lack a dash (-> for -->).
_CUE_CLOCK = r"(?:\d{1,3}[:：])?\d{1,3}[:：]\d{2}(?:[.,，．:：]\s?\d{1,3})?"
_TIMING = re.compile(rf"\s{{0,8}}({_CUE_CLOCK})\s{{0,8}}(?:-{{1,3}}\s?[>＞]|[→⟶])\s{{0,8}}({_CUE_CLOCK})(?:\s.*)?")
_SBV_TIMING = re.compile(rf"\s{{0,8}}({_CUE_CLOCK}),({_CUE_CLOCK})\s*")
_LYRIC = re.compile(r"\s{0,4}\[(\d{1,3}:\d{2}(?:[.:]\d{1,3})?)\]")
_BLOCK = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s.*)?")
_NUMBER = re.compile(r"\s{0,8}[\d０-９]{1,6}\s{0,8}")
_ARROW = re.compile(r"-{1,3}\s?[>＞]|[→⟶]")


class Cue(NamedTuple):
    """One cue: its start in seconds, its lines as they stand joined with newlines, and where it stands in the file."""

    time: float | None
    text: str
    start: int = 0
    end: int = 0


class Voice(NamedTuple):
    """What one speaker says in one cue."""

    speaker: str
    text: str
    time: float | None


def cues_of(text: str) -> Iterator[Cue]:
    """Yield the cues of an .srt, .vtt or .sbv file. Their numbers, notes, styles and regions are no cues.

    A cue goes on until the next timing line: an empty line inside it does not end it.
    """
    yield from _split(Document(suffix=".srt", text=text))[0]


def _split(document: Document) -> tuple[list[Cue], list[Part]]:
    """Return the cues of a document, and what its other lines are."""
    lines = document.lines
    timings = {n: match for n, line in enumerate(lines) if (match := _timing(line.text)) is not None}
    heads = sorted(timings)
    cues: list[Cue] = []
    parts = [_line_part(lines[n], PartKind.TIME, "cue times") for n in heads]
    skipped = _named_lines(lines, timings, webvtt=document.text.lstrip("\ufeff \n").startswith("WEBVTT"))
    parts += [_line_part(lines[n], PartKind.FURNITURE, why) for n, why in skipped.items()]
    for at, n in enumerate(heads):
        end = heads[at + 1] if at + 1 < len(heads) else len(lines)
        held = [lines[k] for k in range(n + 1, end) if k not in skipped]
        if any(bare(line.text) for line in held):
            words = "\n".join(line.text for line in held).strip("\n")
            cues.append(Cue(_start(timings[n]), words, held[0].start, held[-1].start + len(held[-1].text)))
    return cues, parts


def _timing(text: str) -> re.Match[str] | None:
    if not text[:40].strip()[:1].isdigit():
        return None
    return (_TIMING.fullmatch(text) if _ARROW.search(text[:48]) else None) or _SBV_TIMING.fullmatch(text)


def _start(timing: re.Match[str]) -> float | None:
    clock = re.sub(r"[，．]", ".", timing[1]).replace(" ", "").replace("：", ":")
    if clock.count(":") == 3:
        # The last part counts frames, or milliseconds where it has three digits.
        head, _, last = clock.rpartition(":")
        clock = f"{head}.{last}" if len(last) == 3 else head
    return seconds(clock)


def _named_lines(lines: Sequence[Line], timings: Mapping[int, re.Match[str]], *, webvtt: bool) -> dict[int, str]:
    """Return the lines that are numbers, identifiers, notes or styles, by the names of the furniture they are."""
    found: dict[int, str] = {}
    for n in timings:
        above = n - 1
        while above >= 0 and not bare(lines[above].text) and n - above < 3:
            above -= 1
        if above < 0 or above in timings:
            continue
        apart = above == 0 or not bare(lines[above - 1].text)
        numbered = _NUMBER.fullmatch(lines[above].text) is not None
        if numbered or (webvtt and apart and above == n - 1 and not _BLOCK.fullmatch(lines[above].text)):
            found[above] = "cue number"
    inside = False
    for n, line in enumerate(lines):
        if n in timings or not bare(line.text):
            inside = False
        elif webvtt and _BLOCK.fullmatch(line.text.strip()) and (n == 0 or not bare(lines[n - 1].text)):
            inside = True
        if inside:
            found.setdefault(n, "markup")
    first = min(timings, default=0)
    for n in range(first):
        if webvtt and bare(lines[n].text):
            found.setdefault(n, "markup")
    return found


def _line_part(line: Line, kind: PartKind, why: str) -> Part:
    return Part(line.start, line.start + len(line.text), kind, why)


def share_of_cues(lines: Sequence[Line]) -> float:
    """Return how many timing lines there are to four lines of text, at most 1."""
    full = [line.text for line in lines if bare(line.text)]
    timings = sum(1 for text in full if _ARROW.search(text[:48]) and _TIMING.fullmatch(text))
    return min(1.0, 4 * timings / len(full)) if full else 0.0


def joined_voices(voices: Sequence[Voice]) -> tuple[str, tuple[Spoken, ...]]:
    """Return what the voices say joined with newlines, and turns that are slices of it."""
    turns, start = [], 0
    for voice in voices:
        begin, end = trimmed(voice.text, start)
        if begin < end:
            turns.append(Spoken(speaker=voice.speaker, start=begin, end=end, time=voice.time))
        start += len(voice.text) + 1
    return "\n".join(voice.text for voice in voices), tuple(turns)


# --- What repeats or translates: rolling captions and bilingual cues.

_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]{2,}")


def _rows(text: str) -> list[str]:
    return [row for line in text.split("\n") if (row := bare(line))]


def without_repeats(cues: Sequence[Cue]) -> tuple[list[Cue], int]:
    """Return the cues without the lines that rolling captions show again, and how many lines those were.

    Captions roll where at least a third of the cues begin with what the cue before them ended with, or with a text that
    goes on where it ended.
    """
    rows = [_rows(cue.text) for cue in cues]
    again = sum(1 for before, now in pairwise(rows) if before and now and _carries(before, now))
    if len(cues) < 3 or again * 3 < len(cues) - 1:
        return list(cues), 0
    kept: list[Cue] = []
    shown: list[str] = []
    dropped = 0
    for cue, now in zip(cues, rows, strict=True):
        new = [row for row in now if row not in shown]
        if kept and new and shown and new[0] != shown[-1] and new[0].startswith(shown[-1]) and len(shown[-1]) > 1:
            # The last line grew: what was shown of it before is part of it.
            kept[-1] = kept[-1]._replace(text=kept[-1].text + new[0].removeprefix(shown[-1]))
            dropped += 1
            shown, new = now, new[1:]
        dropped += len(now) - len(new)
        if now:
            shown = now
        if new:
            kept.append(cue._replace(text="\n".join(new)))
    return kept, dropped


def _carries(before: Sequence[str], now: Sequence[str]) -> bool:
    return now[0] == before[-1] or (len(before[-1]) > 1 and now[0].startswith(before[-1])) or now[0] in before


def without_translation(cues: Sequence[Cue]) -> tuple[list[Cue], int]:
    """Return the cues without the line that says the same in Latin letters, and how many lines those were.

    Cues are bilingual where more than half of them hold lines with Chinese characters beside lines without any.
    """
    rows = [_rows(cue.text) for cue in cues]
    both = [any(map(_HAN.search, each)) and any(_is_foreign(row) for row in each) for each in rows]
    if sum(both) * 2 <= len(cues):
        return list(cues), 0
    kept, dropped = [], 0
    for cue, each in zip(cues, rows, strict=True):
        own = [row for row in each if not _is_foreign(row)]
        if own:
            dropped += len(each) - len(own)
            kept.append(cue._replace(text="\n".join(own)))
        else:
            kept.append(cue)
    return kept, dropped


def _is_foreign(row: str) -> bool:
    return _HAN.search(row) is None and _LATIN.search(row) is not None


# --- Speakers of cues that are named before a colon, in brackets, or not at all.

_BRACKETS = re.compile(
    r"\s{0,4}[(（\[【<＜〈{]\s?(?P<label>[^()（）\[\]【】<>:：\n]{1,24}?)\s?[)）\]】>＞〉}]\s{0,3}[：:]?\s{0,3}"
)
_CHEVRON = re.compile(r"\s{0,4}(?:>{2,3}|＞{2,3}|»)\s{0,3}")
_DASH = re.compile(r"\s{0,4}[-–—]\s{0,2}(?=\S)")
_NUMBERED = re.compile(
    r"(?:speaker|spk|说话人|說話人|发言人|發言人|讲话人|嘉宾|person|voice)[\s_-]?[\dA-Z]{1,3}|[SN]\d{1,3}",
    re.IGNORECASE,
)
_SOUND = re.compile(
    r".{0,4}(?:笑|哭|音乐|音樂|掌声|掌聲|咳嗽|沉默|叹气|嘆氣|停顿|听不清|聽不清|模糊|哽咽|铃声|噪音|杂音|鼓掌)(?:声|聲)?|"
    r"(?:music|laugh\w*|applause|silence|noise|inaudible|crosstalk|crying|cough\w*)",
    re.IGNORECASE,
)


def labelled_voices(cues: Sequence[Cue]) -> tuple[list[Voice], tuple[Doubt, ...]]:
    """Return what is said in ``cues`` whose markup is gone, and what to look at.

    Without a label the speaker of the cue before goes on. A mark that says only that somebody else speaks (>>, a dash)
    is left out; where it is all there is, nobody is named.
    """
    cues, doubts = _without_change_marks(cues)
    boxed = _names_in_brackets(cues)
    above = _names_above(cues)
    split = [(cue.time, [Line(0, bare(line)) for line in cue.text.split("\n")]) for cue in cues]
    found = [candidates(lines) for _, lines in split]
    labels, _ = learn((candidate for cue in found for candidate in cue.values()), len(cues))
    labels -= {label for label in labels if _SOUND.fullmatch(label)}
    voices: list[Voice] = []
    speaker = ""
    for (time, lines), named in zip(split, found, strict=True):
        held: list[str] = []
        for number, line in enumerate(lines):
            offset = 0
            match = _BRACKETS.match(line.text)
            if number == 0 and line.text in above and len(lines) > 1:
                speaker = line.text
                continue
            if match is not None and bare(match["label"]) in boxed:
                voices += _said_by(speaker, held, time)
                held, speaker, offset = [], bare(match["label"]), match.end()
            elif number in named and named[number].label in labels:
                voices += _said_by(speaker, held, time)
                held, speaker, offset = [], named[number].label, named[number].offset
            held.append(bare(line.text[offset:]))
        voices += _said_by(speaker, held, time)
    return voices, () if any(voice.speaker for voice in voices) else doubts


def _without_change_marks(cues: Sequence[Cue]) -> tuple[list[Cue], tuple[Doubt, ...]]:
    rows = [row for cue in cues for row in _rows(cue.text)]
    dashes = sum(1 for row in rows if _DASH.match(row))
    chevrons = sum(1 for row in rows if _CHEVRON.match(row))
    if not chevrons and dashes * 10 < len(rows):
        return list(cues), ()
    mark = _CHEVRON if chevrons else _DASH
    plain = [cue._replace(text="\n".join(mark.sub("", row, count=1) for row in _rows(cue.text))) for cue in cues]
    return plain, (Doubt("speaker-changes-unnamed", str(chevrons or dashes)),)


def _names_in_brackets(cues: Sequence[Cue]) -> set[str]:
    """Return what stands in brackets at the head of cues and names a speaker rather than a sound."""
    found = Counter(
        bare(match["label"]) for cue in cues for row in _rows(cue.text) if (match := _BRACKETS.match(row)) is not None
    )
    mostly = sum(found.values()) * 5 >= len(cues) * 3 and len(found) > 1 and len(found) * 2 <= sum(found.values())
    return {
        label
        for label, times in found.items()
        if _SOUND.fullmatch(label) is None
        and (_NUMBERED.fullmatch(label) or is_speaker_word(label) or (mostly and times > 1))
    }


def _names_above(cues: Sequence[Cue]) -> set[str]:
    """Return what stands on the first line of most cues, above the speech, and names a speaker (as Teams writes it)."""
    rows = [each for cue in cues if len(each := _rows(cue.text)) > 1]
    times = Counter(each[0] for each in rows if _SHORT_NAME.fullmatch(each[0]))
    names = {name for name, number in times.items() if number > 1 or is_speaker_word(name)}
    again = sum(times[name] for name in names)
    return names if again * 10 >= len(cues) * 7 and len(names) * 2 <= max(again, 4) else set()


_SHORT_NAME = re.compile(r"(?=.*[^\W\d_])[^。，？！,.?!；;：:…]{1,20}")


def _said_by(speaker: str, held: list[str], time: float | None) -> list[Voice]:
    words = "\n".join(line for line in held if line)
    return [Voice(speaker, words, time)] if words else []


def _read(cues: Sequence[Cue], parts: Sequence[Part], *, tagged: bool = False) -> Parsed:
    """Return the turns of ``cues`` whose voices are tagged, labelled or not named."""
    if not cues:
        raise InputError(message("reading.no_cue_was_found"))
    doubts: tuple[Doubt, ...] = ()
    notes: list[str] = []
    voices: list[Voice]
    spoken = [Part(cue.start, cue.end, PartKind.SPEECH) for cue in cues]
    if tagged:
        voices = list(_tagged_voices(cues))
    else:
        all_cues = cues
        cues, repeats = without_repeats(cues)
        cues, foreign = without_translation(cues)
        looping = _longest_run([bare(cue.text) for cue in all_cues])
        voices, doubts = labelled_voices(cues)
        if looping > 3:
            doubts = (*doubts, Doubt("captions-repeat", str(looping)))
        if repeats:
            doubts = (*doubts, Doubt("captions-rolling", str(repeats)))
        if foreign:
            notes.append(f"{foreign} line{'s' * (foreign != 1)} of translation left out")
            doubts = (*doubts, Doubt("captions-bilingual", str(foreign)))
    while len(voices) > 1 and is_footer(voices[-1].text) and "\n" not in voices[-1].text:
        notes.append(f"footer left out: {voices[-1].text}")
        voices.pop()
    text, turns = joined_voices(voices)
    return Parsed(text=text, turns=turns, notes=tuple(notes), parts=(*parts, *spoken), doubts=doubts)


def _longest_run(texts: Sequence[str]) -> int:
    """Return how often the same text comes at most one after the other."""
    longest = run = 1
    for before, now in pairwise(texts):
        run = run + 1 if now == before and now else 1
        longest = max(longest, run)
    return longest


# --- SubRip: numbered cues; the speaker, if any, is a label before a colon or in brackets.

_SRT_TAG = re.compile(
    r"</?(?:[ibuc]|font|v|ruby|rt|span)(?:[\s.][^<>]{0,80})?>|\{\\[^{}]{0,40}\}|\{[ybiuYBIU]:[^{}]{0,20}\}"
)


def recognise_srt(document: Document) -> float:
    """Say how sure it is that ``document`` is a SubRip file."""
    if document.suffix in {".srt", ".sbv"}:
        return 1.0
    return share_of_cues(document.lines) * 0.99 if _ARROW.search(document.text) else 0.0


def parse_srt(document: Document) -> Parsed:
    """Read one turn a cue, or several where several people speak in it; without a label the speaker goes on.

    The text is what is said, one turn a line in the order of the file (a cue of several lines keeps its lines).
    """
    cues, parts = _split(document)
    tagged = any(_VOICE.search(cue.text) for cue in cues)
    if tagged:
        return _read(cues, parts, tagged=True)
    return _read([cue._replace(text=html.unescape(_SRT_TAG.sub("", cue.text))) for cue in cues], parts)


SRT = Form(name="srt", recognise=recognise_srt, parse=parse_srt)


# --- WebVTT: cues with ``<v 奶奶>`` voice tags or labels before a colon; other tags are markup, not text.

_VOICE = re.compile(r"<v(?:\.[^\s<>]{1,60})?[ \t\xa0]{1,8}([^<>\n]{1,80})>")
_VTT_TAG = re.compile(r"</?(?:[cibuv]|ruby|rt|lang)(?:[.\s][^<>]{0,80})?>|<(?:\d{1,3}:)?\d{1,2}:\d{2}[.,]\d{1,3}>")


def recognise_vtt(document: Document) -> float:
    """Say how sure it is that ``document`` is a WebVTT file."""
    headed = re.match(r"[\s\ufeff]{0,20}WEBVTT(?:\s|$)", document.text) is not None
    return 1.0 if headed or document.suffix == ".vtt" else 0.0


def parse_vtt(document: Document) -> Parsed:
    """Read one turn a voice of a cue. A cue without a voice is said by the voice before it.

    Where no cue of the file has a voice tag, labels before a colon name the speakers, as meeting tools write them.

    The text is what is said, one turn a line in the order of the file (a cue of several lines keeps its lines).
    """
    cues, parts = _split(document)
    tagged = any(_VOICE.search(cue.text) for cue in cues)
    plain = cues if tagged else [cue._replace(text=_without_tags(cue.text)) for cue in cues]
    return _read(plain, parts, tagged=tagged)


def _tagged_voices(cues: Sequence[Cue]) -> Iterator[Voice]:
    speaker = ""
    for cue in cues:
        first, *parts = _VOICE.split(cue.text)
        for name, words in zip(["", *parts[::2]], [first, *parts[1::2]], strict=True):
            speaker = bare(html.unescape(name)) or speaker
            if plain := _without_tags(words):
                yield Voice(speaker, plain, cue.time)


def _without_tags(words: str) -> str:
    return "\n".join(_rows(html.unescape(_VTT_TAG.sub("", words))))


VTT = Form(name="vtt", recognise=recognise_vtt, parse=parse_vtt)


# --- Lyrics: [00:12.30]speech, a line a cue.


def recognise_lrc(document: Document) -> float:
    """Say how sure it is that ``document`` is a file of lyrics."""
    return 1.0 if document.suffix == ".lrc" else 0.0


def parse_lrc(document: Document) -> Parsed:
    """Read one turn a line that begins with a time in brackets."""
    cues, parts = [], []
    for line in document.lines:
        match = _LYRIC.match(line.text)
        if match is not None:
            parts.append(Part(line.start, line.start + match.end(), PartKind.TIME, "cue times"))
            if bare(line.text[match.end() :]):
                end = line.start + len(line.text)
                cues.append(Cue(seconds(match[1]), line.text[match.end() :], line.start + match.end(), end))
        elif re.match(r"\s*\[[a-z]{2,8}:", line.text):
            parts.append(_line_part(line, PartKind.FURNITURE, "markup"))
    return _read(cues, parts)


LRC = Form(name="lrc", recognise=recognise_lrc, parse=parse_lrc)

__all__ = ["CLOCK", "LRC", "SRT", "VTT", "Cue", "Voice", "cues_of", "joined_voices", "labelled_voices", "share_of_cues"]
