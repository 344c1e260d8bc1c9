"""Typed by hand: ``访谈者：`` and ``受访者：``, ``问：`` and ``答：``, ``I:`` and ``P:``, or names before a colon."""

import re
from collections import Counter
from collections.abc import Sequence

from lbc_themes.reading.document import Document, Parsed
from lbc_themes.reading.edges import footer, preamble_note, section_titles
from lbc_themes.reading.forms.form import Form
from lbc_themes.reading.inline_labels import cut_at_labels
from lbc_themes.reading.labelset import candidates, learn, metadata_end
from lbc_themes.reading.lines import Line, Mark, bare, seconds, turns_of
from lbc_themes.reading.vocabulary import is_speaker_word, plain_label

_NUMBERED = re.compile(r"([QA问答問])[.\s]?\d{1,3}", re.IGNORECASE)


def recognise(document: Document) -> float:
    """Say how sure it is that ``document`` labels its speakers at the start of lines."""
    lines = cut_at_labels(document.lines)
    marks, _ = _marks(lines)
    if not marks or (len(marks) == 1 and document.spoken_lines > 1):
        return 0.0
    speakers = {mark.speaker for mark in marks.values()}
    known = any(map(is_speaker_word, speakers))
    one = len(speakers) == 1 and not known
    dense = min(1.0, 3 * len(marks) / document.spoken_lines)
    return dense * 0.3 if one else 0.3 + 0.4 * dense + 0.1 * known


def parse(document: Document) -> Parsed:
    """Read speech after each label, until the next label.

    Which words are labels is learned from the file: see `lbc_themes.reading.labelset.learn`. The numbers of numbered
    questions and answers (Q1, A1) are not part of the speaker's name. A time on a line of its own before a label is the
    time of what that label says.
    """
    lines = cut_at_labels(document.lines)
    marks, once = _marks(lines)
    marks, clocks = _timed(lines, marks)
    doubts = (f"read as speech, for they come only once before a colon: {', '.join(once[:5])}",) if once else ()
    turns = turns_of(lines, marks, footer(lines, marks) | clocks | section_titles(lines, marks))
    return Parsed(text=document.text, turns=turns, notes=(*preamble_note(lines, clocks | set(marks)), *doubts))


def _marks(lines: Sequence[Line]) -> tuple[dict[int, Mark], tuple[str, ...]]:
    found = candidates(lines)
    first = metadata_end(lines, found)
    found = {number: candidate for number, candidate in found.items() if number >= first}
    labels, once = learn(found.values(), sum(1 for line in lines[first:] if bare(line.text)))
    marks = {n: Mark(c.label, c.offset, c.time) for n, c in found.items() if c.label in labels}
    return _unnumbered(marks) if marks else _alone(lines), once


def _timed(lines: Sequence[Line], marks: dict[int, Mark]) -> tuple[dict[int, Mark], set[int]]:
    timed, clocks = dict(marks), set[int]()
    for number, mark in marks.items():
        above = next((n for n in range(number - 1, max(-1, number - 3), -1) if bare(lines[n].text)), None)
        word = bare(lines[above].text).strip("[]【】()（）") if above is not None and above not in marks else ""
        if above is not None and mark.time is None and ":" in word and seconds(word) is not None:
            timed[number] = mark._replace(time=seconds(word))
            clocks.add(above)
    return timed, clocks


def _unnumbered(marks: dict[int, Mark]) -> dict[int, Mark]:
    speakers = {mark.speaker for mark in marks.values()}
    letters = {speaker: match[1] for speaker in speakers if (match := _NUMBERED.fullmatch(plain_label(speaker)))}
    if len({letter.upper() for letter in letters.values()}) < 2:
        return marks
    return {n: mark._replace(speaker=letters.get(mark.speaker, mark.speaker)) for n, mark in marks.items()}


def _alone(lines: Sequence[Line]) -> dict[int, Mark]:
    plain = {number: bare(line.text) for number, line in enumerate(lines)}
    bold = {number: word.strip("*") for number, word in plain.items() if word.startswith("**") and word.endswith("**")}
    words = bold or {number: word for number, word in plain.items() if 1 < len(word) <= 8}
    times = Counter(word for word in words.values() if is_speaker_word(word))
    if len(times) < 2 or min(times.values()) < 2:
        return {}
    return {number: Mark(word, len(lines[number].text)) for number, word in words.items() if word in times}


FORM = Form(name="labels", recognise=recognise, parse=parse)
