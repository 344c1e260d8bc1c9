"""SubRip: numbered cues; the speaker, if any, is a label before a colon."""

import re
from collections.abc import Iterator

from lbc_themes.reading.cues import Voice, cues_of, joined_voices, share_of_cues
from lbc_themes.reading.document import Document, Parsed
from lbc_themes.reading.forms.form import Form
from lbc_themes.reading.labelset import candidates, learn
from lbc_themes.reading.lines import Line, bare

_TAG = re.compile(r"</?(?:[ibu]|font)(?:\s[^<>]{0,80})?>|\{\\[^{}]{0,40}\}")


def recognise(document: Document) -> float:
    """Say how sure it is that ``document`` is a SubRip file."""
    return share_of_cues(document.lines) * 0.99 if "-->" in document.text else 0.0


def parse(document: Document) -> Parsed:
    """Read one turn a cue, or several where several people speak in it; without a label the speaker goes on.

    The text is what is said, one turn a line in the order of the file (a cue of several lines keeps its lines).
    """
    text, turns = joined_voices(list(_voices(document.text)))
    return Parsed(text=text, turns=turns)


def _voices(text: str) -> Iterator[Voice]:
    cues = [(cue.time, [Line(0, bare(line)) for line in _TAG.sub("", cue.text).split("\n")]) for cue in cues_of(text)]
    found = [candidates(lines) for _, lines in cues]
    labels, _ = learn(candidate for cue in found for candidate in cue.values())
    speaker = ""
    for (time, lines), named in zip(cues, found, strict=True):
        held: list[str] = []
        for number, line in enumerate(lines):
            offset = 0
            if number in named and named[number].label in labels:
                yield from _voice(speaker, held, time)
                held, speaker, offset = [], named[number].label, named[number].offset
            held.append(bare(line.text[offset:]))
        yield from _voice(speaker, held, time)


def _voice(speaker: str, held: list[str], time: float | None) -> Iterator[Voice]:
    words = "\n".join(line for line in held if line)
    if words:
        yield Voice(speaker, words, time)


FORM = Form(name="srt", recognise=recognise, parse=parse)
