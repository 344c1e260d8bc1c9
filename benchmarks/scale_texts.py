"""Interviews of any number, made by drawing sentences of the project's own invented ones anew and varying them.

They say nothing new: ids differ, sentences come back in other company, with other names, numbers and fillers. They
serve to measure time and memory, not quality.
"""

import random
import re
from pathlib import Path

from lbc_themes.codebook import load_codebook

TURNS = 100
_NUMBER = re.compile(r"[两三四五六七八九十]")
_NUMBERS = "两三四五六七八九十"
_RELATIVES = ("奶奶", "爷爷", "外婆", "外公", "姑姑", "大伯", "姐姐", "哥哥", "舅舅", "婶婶")
_OPENINGS = ("", "", "", "嗯，", "就是，", "然后吧，", "那个，", "反正", "其实")
_QUESTIONS = ("那后来呢？", "能再说说吗？", "平时谁照顾你？", "学习上呢？", "你当时怎么想的？", "家里知道吗？")


def sentences() -> list[str]:
    """Return the Chinese utterances of the codebook."""
    return [u.text for u in load_codebook("left-behind-children").utterances if u.language == "zh"]


def varied(text: str, chance: random.Random) -> str:
    """Return ``text`` with another number, another relative and perhaps an opening word."""
    text = _NUMBER.sub(lambda _: chance.choice(_NUMBERS), text, count=1)
    for relative in _RELATIVES:
        if relative in text and chance.random() < 0.5:
            text = text.replace(relative, chance.choice(_RELATIVES))
            break
    return chance.choice(_OPENINGS) + text


def write_interviews(folder: Path, passages: int, seed: int = 0, turns: int = TURNS) -> int:
    """Write interviews of ``turns`` answers each until there are ``passages``; return how many files."""
    chance, known = random.Random(seed), sentences()  # noqa: S311 (a sample, no secret)
    files = -(-passages // turns)
    for number in range(files):
        lines = []
        for _ in range(min(turns, passages - number * turns)):
            answer = "".join(varied(chance.choice(known), chance) for _ in range(chance.choice((1, 1, 2))))
            lines += [f"访谈者：{chance.choice(_QUESTIONS)}", f"小禾：{answer}"]
        place = folder / f"{number // 1000:03d}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"R{number:06d}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return files
