"""Who asks: telling the interviewer from how people speak, where no label says it."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from lbc_themes.reading.lines import BLANK

_ASKING = re.compile(
    r"[?？]|[吗嗎呢么麼]\b|[吗嗎]|什么|什麼|怎么|怎麼|为什么|為什麼|为啥|多少|哪|几[个岁年点次]|幾[個歲年點次]|谁|誰|"
    r"(?P<verb>[\u4e00-\u9fff])[不没沒](?P=verb)|有没有|有沒有|[没沒]有$|是吧|对吧|對吧|干嘛|干啥|幹嘛|"
    r"多[大久远高长重](?=[了啊呀]?$)|请问|請問|如何|是否|呢$"
)
_BACK_CHANNEL = re.compile(
    r"(?:[嗯啊哦噢喔对對是好行哎欸呃额]|eng|er|erm|oh|ok|mm|这样|然后|[\s，。,.！!、…~])*", re.IGNORECASE
)
_END = 14
_ENOUGH = 30
_SURE = 0.65


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
    weight = clear * min(1.0, math.sqrt(min(this.turns, other.turns) / _ENOUGH))
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
        name: min(0.99, round(chance, 2)) for name, chance in chances.items() if chance >= max(0.5, min(_SURE, best))
    }
