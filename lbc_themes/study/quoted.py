"""The words of one person wherever else they were quoted: found by what only they said, and blanked."""

from collections.abc import Iterable, Mapping
from typing import Any

from lbc_themes.core.records import Role, Transcript

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
