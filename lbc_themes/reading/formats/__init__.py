"""The forms that can be read, by name, and the choice among them.

A file with an ending of its own is read by its own form. Any other file is read by the form that leaves least of it
unexplained and whose turns hold least of what nobody says (clocks, timing lines, labels, tiers, headings).
"""

import re
from typing import NamedTuple

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.reading.document import CLOCK, Document, Doubt, Form, Line, Parsed, Part, PartKind, account, bare
from lbc_themes.reading.formats.annotations import CHAT, EXMARALDA, PRAAT
from lbc_themes.reading.formats.clocks import CLOCKS, FEISHU, IFLYTEK, TENCENT, TINGWU
from lbc_themes.reading.formats.elan import FORM as ELAN
from lbc_themes.reading.formats.furniture import head_kind, is_markdown_heading
from lbc_themes.reading.formats.headings import FORM as HEADINGS
from lbc_themes.reading.formats.labels import FORM as LABELS
from lbc_themes.reading.formats.labels import QUESTIONS, candidates, has_label_inside
from lbc_themes.reading.formats.plain import FORM as PLAIN
from lbc_themes.reading.formats.spoken_tags import FORM as SPOKEN_TAGS
from lbc_themes.reading.formats.subtitles import LRC, SRT, VTT
from lbc_themes.reading.formats.tables import (
    ANSWER_TABLE,
    TURN_TABLE,
    outside_tables,
    recognise_word_table,
    set_aside,
    word_table_turns,
)
from lbc_themes.reading.vocabulary import is_code, is_speaker_word


def parse_word_table(document: Document) -> Parsed:
    """Read one turn a row of the tables, and what stands above and below them by the labels that it has.

    The text is the whole document in its order, one paragraph a line.
    """
    inside = word_table_turns(document)
    outside = outside_tables(document)
    around = _best(outside, tuple(form for form in _BY_LINE if form is not PLAIN))
    if around is not None and around.parsed.turns and any(turn.speaker for turn in around.parsed.turns):
        turns = sorted((*inside.turns, *around.parsed.turns), key=lambda turn: turn.start)
        parts = (*inside.parts, *around.parsed.parts)
        doubts = (*inside.doubts, *around.parsed.doubts)
        return Parsed(
            text=document.text, turns=tuple(turns), roles=inside.roles, notes=around.parsed.notes, parts=parts,
            doubts=doubts,
        )  # fmt: skip
    left = [line for line in outside.lines if not line.aside and bare(line.text)]
    kinds = {line.start: "heading" if line.heading else head_kind(line.text) for line in left}
    speech = [line for line in left if not kinds[line.start]]
    around_parts = [
        Part(line.start, line.start + len(line.text), PartKind.FURNITURE, why)
        for line in left
        if (why := kinds[line.start])
    ]
    notes = (f"{len(left)} line{'s' * (len(left) != 1)} outside the tables not read as speech",) if left else ()
    doubts = (
        (*inside.doubts, Doubt("text-outside-tables", str(len(speech)), speech[0].start)) if speech else inside.doubts
    )
    return Parsed(
        text=document.text, turns=inside.turns, roles=inside.roles, notes=notes, parts=(*inside.parts, *around_parts),
        doubts=doubts,
    )  # fmt: skip


WORD_TABLE = Form(name="word-table", recognise=recognise_word_table, parse=parse_word_table)

_BY_LINE = (SPOKEN_TAGS, HEADINGS, FEISHU, TINGWU, IFLYTEK, TENCENT, CLOCKS, LABELS, QUESTIONS, PLAIN)
_ALL = (ELAN, CHAT, PRAAT, EXMARALDA, VTT, SRT, LRC, TURN_TABLE, WORD_TABLE, ANSWER_TABLE, *_BY_LINE)
FORMS: dict[str, Form] = {form.name: form for form in _ALL}

_OWN = {
    ".srt": (SRT,), ".sbv": (SRT,), ".vtt": (VTT,), ".lrc": (LRC,), ".eaf": (ELAN,), ".cha": (CHAT,),
    ".textgrid": (PRAAT,), ".exb": (EXMARALDA,),
}  # fmt: skip
"""Endings of files whose form is certain: no other form is asked."""

_NEAR = 0.12
_ARROW_LINE = re.compile(rf"\s{{0,8}}[\[(]?{CLOCK}\s{{0,4}}(?:-{{1,3}}>|→)\s{{0,4}}{CLOCK}")
_CLOCK_LINE = re.compile(rf"\s{{0,8}}(?:[(（\[【<〈{{［]\s?{CLOCK}|#?{CLOCK}#?\s{{0,4}}$)")
_TIER = re.compile(r"\s{0,4}(?:%[a-z]{3,4}:|\*[A-Z0-9]{1,7}:|@(?:Begin|End|UTF8|ID|Languages|Participants))")


class Reading(NamedTuple):
    """A document read: the form that did, and what it made of it."""

    form: Form
    parsed: Parsed
    score: float = 0.0


def read_document(document: Document, name: str | None = None) -> Reading:
    """Read ``document`` as the form called ``name`` or, without a name, as the form that explains it best.

    Raises:
        InputError: no such form, no words in the document, or a form of its own that does not fit.
    """
    document = set_aside(document)
    if name is not None:
        form = named(name)
        return Reading(form, _with_doubts(form.parse(document), document))
    own = _OWN.get(document.suffix)
    if own is not None and bare(document.text):
        return Reading(own[0], _with_doubts(own[0].parse(document), document))
    best = _best(document, _ALL)
    if best is None:
        raise InputError(message("reading.no_words_read_transcript"))
    return best._replace(parsed=_with_doubts(best.parsed, document))


def _with_doubts(parsed: Parsed, document: Document) -> Parsed:
    if not document.doubts:
        return parsed
    return Parsed(
        text=parsed.text, turns=parsed.turns, roles=parsed.roles, notes=parsed.notes, parts=parsed.parts,
        doubts=(*document.doubts, *parsed.doubts),
    )  # fmt: skip


def _best(document: Document, forms: tuple[Form, ...]) -> Reading | None:
    """Return the reading that explains a document best, with a doubt where another that differs comes near."""
    sure = [(form, sureness) for form in forms if (sureness := form.recognise(document)) > 0]
    # Forms that read a document alike (the tools that write a speaker and a time) are parsed once.
    first: dict[object, tuple[Form, float]] = {}
    for form, sureness in sure:
        if form.parse not in first or first[form.parse][1] < sureness:
            first[form.parse] = (form, sureness)
    readings = []
    for form, sureness in first.values():
        parsed = form.parse(document)
        if parsed.turns:
            readings.append(Reading(form, parsed, sureness - misread(document, parsed)))
    if not readings:
        return None
    best, *others = sorted(readings, key=lambda reading: -reading.score)
    rival = next((r for r in others if best.score - r.score < _NEAR and _differ(best.parsed, r.parsed)), None)
    if rival is not None and rival.form is not PLAIN and best.form is not TURN_TABLE:
        doubt = Doubt("two-forms-near", f"{best.form.name}, {rival.form.name}")
        parsed = best.parsed
        best = best._replace(
            parsed=Parsed(
                text=parsed.text, turns=parsed.turns, roles=parsed.roles, notes=parsed.notes, parts=parsed.parts,
                doubts=(*parsed.doubts, doubt),
            )
        )  # fmt: skip
    return best


def _differ(one: Parsed, other: Parsed) -> bool:
    """Say whether two readings differ in who says what in more than a few turns."""
    if one.text != other.text:
        return True
    a = {(turn.speaker, turn.start) for turn in one.turns}
    b = {(turn.speaker, turn.start) for turn in other.turns}
    return len(a & b) * 10 < 9 * max(len(a), len(b))


def misread(document: Document, parsed: Parsed) -> float:
    """Return how much of a reading looks like what nobody says, from 0 to about 2.

    Counted are the share of lines of speech that are clocks, timings, labels, tiers or headings, the share of
    turns whose
    speaker comes only once, and the share of the file that nothing explains.
    """
    lines = [line for turn in parsed.turns for line in parsed.text[turn.start : turn.end].split("\n")]
    wrong = sum(map(_is_no_speech, lines)) / max(1, len(lines))
    times: dict[str, int] = {}
    for turn in parsed.turns:
        times[turn.speaker] = times.get(turn.speaker, 0) + 1
    once = sum(1 for number in times.values() if number == 1)
    stray = (
        once / len(parsed.turns)
        if len(parsed.turns) > 3 and once > 2 and any(t.question is None for t in parsed.turns)
        else 0.0
    )
    left = sum(p.end - p.start for p in account(document.text, parsed.parts) if p.kind is PartKind.UNEXPLAINED)
    return 2.0 * wrong + 0.8 * stray + left / max(1, len(document.text))


def _is_no_speech(line: str) -> bool:
    if not line.strip():
        return False
    if _CLOCK_LINE.match(line) or _ARROW_LINE.match(line) or _TIER.match(line) or is_markdown_heading(line):
        return True
    if re.match(r"\d{2}[)）\]】]", line.strip()):
        return True
    if ":" not in line and "：" not in line:
        return False
    if has_label_inside(line):
        return True
    found = candidates([Line(0, line)]).get(0)
    return found is not None and found.sure and is_speaker_word(found.label) and not is_code(found.label)


def named(name: str) -> Form:
    """Return the form called ``name``."""
    if name not in FORMS:
        raise InputError(message("reading.form_known_choose_one", name=name, forms=[*FORMS]))
    return FORMS[name]
