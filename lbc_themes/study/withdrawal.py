"""A participant withdraws: everything of theirs leaves the study file, and the log keeps only that it did."""

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.core.records import Role, Transcript
from lbc_themes.core.serialisation import from_json, to_json
from lbc_themes.core.study_log import THEME_EDIT, Participant
from lbc_themes.study.records import ThemeEdit
from lbc_themes.study.store import GUARDS, UNGUARD, packed, unpacked
from lbc_themes.text.words import simplified

# --- The words of one person wherever else they were quoted: found by what only they said, and blanked.

RUN = 8
"""Characters in a row that count as a quotation; fewer may be anybody's."""
BLANK = "［已撤回 withdrawn］"


class Quoted:
    """What only these transcripts' participants said, as runs of ``RUN`` characters."""

    def __init__(self, gone: Iterable[Transcript], kept: Iterable[Transcript]) -> None:
        """Take in what is gone, and what stays, of which nothing is blanked."""
        self._runs = {run for transcript in gone for said in _said(transcript) for run in _runs(said)}
        self._others = "\n".join(transcript.text for transcript in kept)

    def blanked(self, text: str) -> str:
        """Return ``text`` with every run of their words replaced by ``BLANK``.

        What stands in a kept transcript too, such as a proverb, stays.
        """
        hits = [at for at, run in enumerate(_runs(text)) if run in self._runs and run not in self._others]
        parts, done = [], 0
        for start, end in _joined(hits):
            parts += [text[done:start], BLANK]
            done = end
        return "".join([*parts, text[done:]])

    def blanked_in(self, value: Any) -> Any:  # noqa: ANN401 (what JSON can hold)
        """Return lists and mappings, as JSON holds them, with their words blanked in every text."""
        if isinstance(value, str):
            return self.blanked(value)
        if isinstance(value, Mapping):
            return {key: self.blanked_in(part) for key, part in value.items()}
        return [self.blanked_in(part) for part in value] if isinstance(value, list) else value


def _said(transcript: Transcript) -> list[str]:
    own = [turn for turn in transcript.turns if turn.role is not Role.INTERVIEWER]
    said = [transcript.text[turn.start : turn.end] for turn in own] if transcript.turns else [transcript.text]
    return [line for stretch in said for line in stretch.splitlines()]


def _runs(text: str) -> list[str]:
    return [text[at : at + RUN] for at in range(len(text) - RUN + 1)]


def _joined(starts: Iterable[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start in starts:
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], start + RUN)
        else:
            found.append((start, start + RUN))
    return found


_OF_INTERVIEW = (
    "SELECT entry_id FROM decision WHERE passage_id IN (SELECT id FROM passage WHERE transcript_id = ?)",
    "SELECT entry_id FROM coding WHERE transcript_id = ?",
    "SELECT entry_id FROM memo WHERE about IN ('transcript', 'span') AND about_id = ?",
    "SELECT entry_id FROM refusal WHERE passage_id IN (SELECT id FROM passage WHERE transcript_id = ?)",
    "SELECT entry_id FROM memo WHERE about = 'passage'"
    " AND about_id IN (SELECT id FROM passage WHERE transcript_id = ?)",
)
_OF_PERSON = "SELECT entry_id FROM memo WHERE about = 'participant' AND about_id = ?"
_ERASE_ENTRY = (
    "DELETE FROM retraction WHERE target = ?", "DELETE FROM decision WHERE entry_id = ?",
    "DELETE FROM coding WHERE entry_id = ?", "DELETE FROM memo WHERE entry_id = ?",
    "DELETE FROM refusal WHERE entry_id = ?",
)  # fmt: skip
_ERASE_INTERVIEW = (
    "DELETE FROM suggestion WHERE passage_id IN (SELECT id FROM passage WHERE transcript_id = ?)",
    "DELETE FROM passage WHERE transcript_id = ?", "DELETE FROM spoke WHERE transcript_id = ?",
    "DELETE FROM transcript WHERE id = ?",
)  # fmt: skip
_QUOTING = {
    "SELECT record, number FROM codebook": "UPDATE codebook SET record = ? WHERE number = ?",
    "SELECT change, number FROM codebook WHERE change IS NOT NULL": "UPDATE codebook SET change = ? WHERE number = ?",
}
_NOTING = {
    "SELECT memo, entry_id FROM decision": "UPDATE decision SET memo = ? WHERE entry_id = ?",
    "SELECT memo, entry_id FROM coding": "UPDATE coding SET memo = ? WHERE entry_id = ?",
    "SELECT text, entry_id FROM memo": "UPDATE memo SET text = ? WHERE entry_id = ?",
    "SELECT about_id, entry_id FROM memo WHERE about = 'theme'": "UPDATE memo SET about_id = ? WHERE entry_id = ?",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Mention:
    """A name from a withdrawn interview that also stands in what stays, for a person to decide on.

    ``kind`` is "transcript", "memo", "decision", "coding", "codebook" or "participant", ``where`` its id or number,
    ``count`` how often the name stands there, ``excerpt`` the words around its first place.
    """

    word: str
    kind: str
    where: str
    count: int
    excerpt: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Withdrawal:
    """What was taken out, in numbers: nothing that is stored says who it was or what was said.

    ``entries`` are lines of the log, which stay as empty lines; ``blanked`` are records of others in which words of
    the participant were replaced. ``compacted`` is false where the disk had no room to write the file anew without
    gaps: the erased content is overwritten all the same. ``remaining``, which is not stored, are names of people and
    places from the withdrawn interviews that others mention too (a classmate, a village): nothing was done to them.
    """

    coder: str
    time: str
    transcripts: int
    passages: int
    suggestions: int
    entries: int
    blanked: int
    compacted: bool = True
    remaining: tuple[Mention, ...] = ()


def chosen(people: Sequence[Participant], participant_id: str, *, whole_interviews: bool) -> tuple[str, ...]:
    """Return the transcripts to take out; refuse an unknown participant, and interviews shared with others."""
    found = next((each for each in people if each.id == participant_id), None)
    if found is None:
        raise InputError(
            message(
                "study.no_participant_2",
                participant_id=participant_id,
                people=", ".join(p.id for p in people) or message("core.none"),
            )
        )
    for transcript_id in found.transcript_ids:
        others = [p.id for p in people if p.id != participant_id and transcript_id in p.transcript_ids]
        if others and not whole_interviews:
            raise InputError(message("study.interview_also_take_whole", transcript_id=transcript_id, others=[*others]))
    return found.transcript_ids


_GENERIC = re.compile(
    r"(?:说话人|受访者|被访者|访谈对象|学生|孩子|老师|家长|speaker|participant|child)?\s*[A-Za-z]?\d*"
)
_AROUND = 12


def names_in(gone: Sequence[Transcript], participant_id: str) -> tuple[str, ...]:
    """Return names of people and places in interviews, of two characters or more, longest first.

    They are what `lbc_themes.safeguards.privacy` finds by the forms that names have, speakers' labels and metadata, and
    what people of these names may be called besides (雨雨 and 阿雨 for 王小雨).
    """
    from lbc_themes.safeguards.privacy import deidentify, nicknames_of

    _, key = deidentify(gone, method="patterns")
    found = {entry.real for entry in key.entries} | {participant_id}
    found |= {turn.speaker for each in gone for turn in each.turns if turn.role is not Role.INTERVIEWER}
    found |= {value for each in gone for name, value in each.metadata.items() if name not in {"role", "gender", "age"}}
    found = found.union(*(nicknames_of(simplified(name)) for name in found))
    return tuple(sorted((w for w in found if len(w) > 1 and not _GENERIC.fullmatch(w)), key=lambda w: (-len(w), w)))


def mentions(words: Sequence[str], texts: Iterable[tuple[str, str, str]]) -> Iterator[Mention]:
    """Yield where ``words`` stand in ``texts``, which are kind, id and text each."""
    for kind, where, text in texts:
        for word in words:
            count = text.count(word)
            if count:
                at = text.index(word)
                excerpt = text[max(0, at - _AROUND) : at + len(word) + _AROUND].replace("\n", " ")
                yield Mention(word=word, kind=kind, where=where, count=count, excerpt=excerpt)


def erase(
    db: sqlite3.Connection,
    participant_id: str,
    gone: Sequence[Transcript],
    kept: Iterable[Transcript],
    who: str,
    time: str,
) -> Withdrawal:
    """Take everything of a participant out of the tables, within a transaction of the caller."""
    for statement in UNGUARD:
        db.execute(statement)
    ids = [transcript.id for transcript in gone]
    _leave_themes(db, ids)
    entries = _erase_entries(db, participant_id, ids)
    counts = [sum(db.execute(sql, (each,)).rowcount for each in ids) for sql in _ERASE_INTERVIEW]
    db.execute("DELETE FROM themes")
    db.execute("DELETE FROM participant WHERE id = ?", (participant_id,))
    blanked = _blank(db, Quoted(gone, kept))
    done = Withdrawal(
        coder=who, time=time, transcripts=counts[3], passages=counts[1], suggestions=counts[0], entries=entries,
        blanked=blanked,
    )  # fmt: skip
    for statement in GUARDS:
        db.execute(statement)
    db.execute("INSERT INTO withdrawal (time, coder, record) VALUES (?, ?, ?)", (time, who, to_json(done)))
    return done


def _leave_themes(db: sqlite3.Connection, ids: Sequence[str]) -> None:
    """Take the passages of interviews out of the steps on the board of themes; the steps themselves stay."""
    of_interview = "SELECT id FROM passage WHERE transcript_id = ?"
    passages = {str(passage) for each in ids for (passage,) in db.execute(of_interview, (each,))}
    steps = db.execute("SELECT about_id, entry_id FROM memo WHERE about = 'theme'").fetchall()
    for about_id, entry_id in steps:
        if str(about_id).startswith(THEME_EDIT):
            step = from_json(ThemeEdit, str(about_id).removeprefix(THEME_EDIT))
            left = replace(
                step, passages=tuple(p for p in step.passages if p not in passages),
                kept={
                    key: replace(theme, passages=tuple(p for p in theme.passages if p not in passages))
                    for key, theme in step.kept.items()
                },
            )  # fmt: skip
            db.execute("UPDATE memo SET about_id = ? WHERE entry_id = ?", (THEME_EDIT + to_json(left), entry_id))


def _erase_entries(db: sqlite3.Connection, participant_id: str, ids: Sequence[str]) -> int:
    found = [(number,) for sql in _OF_INTERVIEW for each in ids for (number,) in db.execute(sql, (each,))]
    found += db.execute(_OF_PERSON, (participant_id,)).fetchall()
    numbers = sorted(set(found))
    for sql in _ERASE_ENTRY:
        db.executemany(sql, numbers)
    return len(numbers)


def _blank(db: sqlite3.Connection, quoted: Quoted) -> int:
    """Blank the participant's words in what others hold, and return in how many records."""
    count = 0
    for read, write in (_QUOTING | _NOTING).items():
        for text, *key in db.execute(read).fetchall():
            clean = _clean(str(text), quoted, as_json=read in _QUOTING)
            if clean != text:
                db.execute(write, (clean, *key))
                count += 1
    return count + _blank_suggestions(db, quoted)


def _blank_suggestions(db: sqlite3.Connection, quoted: Quoted) -> int:
    """Blank quotations in suggestions; where one of a passage changes, all later ones are packed anew with it."""
    first: dict[str, str] = {}
    clean_first: dict[str, str] = {}
    count = 0
    rows = db.execute("SELECT run_number, passage_id, record FROM suggestion ORDER BY run_number").fetchall()
    for number, passage_id, record in rows:
        text = unpacked(record, first.get(passage_id))
        clean = _clean(text, quoted, as_json=True)
        stored = packed(clean, clean_first.get(passage_id))
        if isinstance(record, str):
            first.setdefault(passage_id, record)
        if isinstance(stored, str):
            clean_first.setdefault(passage_id, stored)
        if stored != record:
            db.execute(
                "UPDATE suggestion SET record = ? WHERE run_number = ? AND passage_id = ?", (stored, number, passage_id)
            )
        count += clean != text
    return count


def _clean(text: str, quoted: Quoted, *, as_json: bool) -> str:
    if not as_json:
        return quoted.blanked(text)
    value = json.loads(text)
    clean = quoted.blanked_in(value)
    return text if clean == value else json.dumps(clean, ensure_ascii=False, separators=(",", ":"))
