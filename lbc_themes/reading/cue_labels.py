"""Speakers of cues that are named by a label before a colon."""

from collections.abc import Iterator, Sequence

from lbc_themes.reading.cues import Cue, Voice
from lbc_themes.reading.labelset import candidates, learn
from lbc_themes.reading.lines import Line, bare


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
                yield from _voice(speaker, held, time)
                held, speaker, offset = [], named[number].label, named[number].offset
            held.append(bare(line.text[offset:]))
        yield from _voice(speaker, held, time)


def _voice(speaker: str, held: list[str], time: float | None) -> Iterator[Voice]:
    words = "\n".join(line for line in held if line)
    if words:
        yield Voice(speaker, words, time)
