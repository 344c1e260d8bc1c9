"""Who has which role: from settings, the file, the table of participants, labels and, failing these, behaviour."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lbc_themes.core.records import Role
from lbc_themes.reading.document import BLANK, Parsed
from lbc_themes.reading.participants import Row
from lbc_themes.reading.vocabulary import plain_label, role_of_value, role_of_word

# --- Who asks: telling the interviewer from how people speak, where no label says it.

_ASKING = re.compile(
    r"[?？]|[吗嗎呢么麼]\b|[吗嗎]|什么|什麼|怎么|怎麼|为什么|為什麼|为啥|多少|哪|几[个岁年点次]|幾[個歲年點次]|谁|誰|"
    r"(?P<verb>[\u4e00-\u9fff])[不没沒](?P=verb)|有没有|有沒有|[没沒]有$|是吧|对吧|對吧|干嘛|干啥|幹嘛|"
    r"多[大久远高长重](?=[了啊呀]?$)|请问|請問|如何|是否|呢$"
)
_BACK_CHANNEL = re.compile(
    r"(?:[嗯啊哦噢喔对對是好行哎欸呃额]|eng|er|erm|oh|ok|mm|这样|然后|[\s，。,.！!、…~])*", re.IGNORECASE
)
_END = 14
_ENOUGH_TURNS = 30
_CLEAR = 0.65


@dataclass(frozen=True, kw_only=True, slots=True)
class Habit:
    """How one person speaks.

    ``ends_asking`` and ``back_channels`` are shares of the turns, ``density`` is questions to a hundred characters.
    """

    turns: int
    characters: int
    ends_asking: float
    density: float
    back_channels: float


def habit(said: Iterable[str]) -> Habit:
    """Return the habit of somebody who said ``said``, one string a turn."""
    turns = [text.strip(BLANK) for text in said]
    content = [text for text in turns if not _BACK_CHANNEL.fullmatch(text[:200])]
    characters = sum(map(len, turns))
    asked = sum(map(asks, content))
    forms = sum(len(_ASKING.findall(text[-400:])) for text in content)
    return Habit(
        turns=len(turns), characters=characters, ends_asking=asked / max(1, len(content)),
        density=100 * forms / max(1, sum(min(400, len(text)) for text in content)),
        back_channels=(len(turns) - len(content)) / max(1, len(turns)),
    )  # fmt: skip


def asks(turn: str) -> bool:
    """Say whether a turn ends in a question, with or without a mark.

    >>> asks("你跟谁住"), asks("我跟奶奶住")
    (True, False)
    """
    return _ASKING.search(turn.strip(BLANK)[-_END:]) is not None


def asking(this: Habit, other: Habit) -> float:
    """Return the probability, between 0 and 1, that ``this`` interviews ``other`` rather than the other way round.

    A logistic of four ratios, weighted by hand: turns that end in a question, questions to a hundred characters,
    back-channels, and words (who is asked says more).
    """
    ends = math.log((this.ends_asking + 0.05) / (other.ends_asking + 0.05))
    density = math.log((this.density + 0.3) / (other.density + 0.3))
    echo = this.back_channels - other.back_channels
    words = math.log((other.characters + 50) / (this.characters + 50))
    # A few turns say little about a person, and talk in which nobody asks much about who interviews.
    clear = 0.4 + 0.6 * min(1.0, max(this.ends_asking, other.ends_asking) / 0.4)
    weight = clear * min(1.0, math.sqrt(min(this.turns, other.turns) / _ENOUGH_TURNS))
    return 1 / (1 + math.exp(-weight * (1.2 * ends + 1.2 * density + 1.0 * echo + 0.8 * words)))


def interviewers(habits: dict[str, Habit], among: Iterable[str]) -> dict[str, float]:
    """Return who of ``among`` asks rather than answers, with a confidence between 0.5 and 1.

    Everybody is held against the one who is most clearly asked; nobody is named where the confidence is below one half.
    """
    spoken = sorted(habits, key=lambda name: -habits[name].characters)[:12]
    if len(spoken) < 2:
        return {}
    asked = min(spoken, key=lambda name: sum(asking(habits[name], habits[other]) for other in spoken if other != name))
    chances = {name: asking(habits[name], habits[asked]) for name in among if name != asked}
    best = max(chances.values(), default=0.0)
    return {
        name: min(0.99, round(chance, 2)) for name, chance in chances.items() if chance >= max(0.5, min(_CLEAR, best))
    }


SURE_OF_ROLE = 0.8


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
    uncertain = "" if confidence >= SURE_OF_ROLE else "; uncertain: set it in study.toml"
    return f"role by behaviour: {speaker} is the interviewer, confidence {confidence:.2f} ({asks}){uncertain}"


def _unknown_roles(rows: Sequence[Row]) -> tuple[str, ...]:
    said = dict.fromkeys(role for row in rows if (role := row.get("role", "")) and role_of_value(role) is None)
    if not said:
        return ()
    return (
        f"the participants' table says {', '.join(said)}, which is none of {', '.join(Role)}: taken as {Role.OTHER}",
    )
