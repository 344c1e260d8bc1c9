"""Who has which role: from settings, the file, the table of participants, labels and, failing these, behaviour."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lbc_themes.core.records import Role
from lbc_themes.reading.behaviour import Habit, habit, interviewers
from lbc_themes.reading.document import Parsed
from lbc_themes.reading.participants import Row
from lbc_themes.reading.vocabulary import plain_label, role_of_value, role_of_word

_SURE = 0.8


class Roles(NamedTuple):
    """The role of every speaker, and what a person should know of how they were found."""

    by_speaker: Mapping[str, Role]
    notes: tuple[str, ...]


def assign(parsed: Parsed, rows: Sequence[Row], settings: Mapping[str, Role]) -> Roles:
    """Return the role of every speaker of ``parsed``.

    Settings come first, then what the file itself states, the row of the table that names the speaker, the label, and
    at last behaviour: it names interviewers only where nothing before did, and always leaves a note with its
    confidence. Whoever is left takes the role of the table's row about the file, or is ``other``.
    """
    speakers = list(dict.fromkeys(turn.speaker for turn in parsed.turns))
    stated = {**_from_labels(speakers), **_from_rows(rows, speakers), **parsed.roles, **settings}
    known = {speaker: stated[speaker] for speaker in speakers if speaker in stated}
    notes: list[str] = []
    if Role.INTERVIEWER not in known.values() and len(speakers) > 1 and not _are_respondents(parsed):
        found, notes = _from_behaviour(parsed, [speaker for speaker in speakers if speaker not in known])
        known |= found
    rest = _role_of_rest(rows)
    roles = {speaker: known.get(speaker, rest) for speaker in speakers}
    return Roles(roles, (*notes, *_unknown_roles(rows)))


def _are_respondents(parsed: Parsed) -> bool:
    return all(turn.question is not None for turn in parsed.turns)


def _from_labels(speakers: Sequence[str]) -> dict[str, Role]:
    words = {speaker: role_of_word(speaker) for speaker in speakers}
    found = {speaker: role for speaker, role in words.items() if role is not None}
    for speaker in speakers:
        if plain_label(speaker).upper().rstrip("0123456789") == "I" and len(speakers) > 1:
            found[speaker] = Role.INTERVIEWER
    return found


def _from_rows(rows: Sequence[Row], speakers: Sequence[str]) -> dict[str, Role]:
    wanted = set(speakers)
    roles = {row.get("participant", ""): role_of_value(row.get("role", "")) for row in rows}
    return {name: role for name, role in roles.items() if name in wanted and role is not None}


def _role_of_rest(rows: Sequence[Row]) -> Role:
    roles = {role_of_value(row.get("role", "")) for row in rows} - {Role.INTERVIEWER, None}
    return (roles.pop() or Role.OTHER) if len(roles) == 1 else Role.OTHER


def _from_behaviour(parsed: Parsed, among: Sequence[str]) -> tuple[dict[str, Role], list[str]]:
    said: dict[str, list[str]] = {}
    for turn in parsed.turns:
        said.setdefault(turn.speaker, []).append(parsed.text[turn.start : turn.end])
    habits = {speaker: habit(texts) for speaker, texts in said.items()}
    found = interviewers(habits, among)
    if not found:
        most = max(habits, key=lambda speaker: habits[speaker].ends_asking)
        asks = f"{most} asks most, at the end of {habits[most].ends_asking:.0%} of turns"
        return {}, [f"no interviewer was found ({asks}): set the roles in study.toml, or every speaker is coded"]
    notes = [_note(speaker, confidence, habits[speaker]) for speaker, confidence in list(found.items())[:5]]
    return dict.fromkeys(found, Role.INTERVIEWER), notes


def _note(speaker: str, confidence: float, habit: Habit) -> str:
    asks = f"asks at the end of {habit.ends_asking:.0%} of turns"
    uncertain = "" if confidence >= _SURE else "; uncertain: set it in study.toml"
    return f"role by behaviour: {speaker} is the interviewer, confidence {confidence:.2f} ({asks}){uncertain}"


def _unknown_roles(rows: Sequence[Row]) -> tuple[str, ...]:
    said = dict.fromkeys(role for row in rows if (role := row.get("role", "")) and role_of_value(role) is None)
    if not said:
        return ()
    return (
        f"the participants' table says {', '.join(said)}, which is none of {', '.join(Role)}: taken as {Role.OTHER}",
    )
