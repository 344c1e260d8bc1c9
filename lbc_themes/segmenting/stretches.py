"""Stretches: one participant's speech from one question to the next, put together across back-channels."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lbc_themes.core.records import Role, Transcript, Turn
from lbc_themes.text.fillers import is_backchannel, is_listening

_ENDS_A_QUESTION = tuple("。！？!?.…吗呢吧嘛么呀嗎麼")


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """Slices of one participant's speech, in order, and the question before them."""

    speaker: str
    role: Role
    question: str
    spans: tuple[tuple[int, int], ...]


@dataclass(slots=True)
class _Open:
    turn: Turn
    question: str
    spans: list[tuple[int, int]]

    def continues_with(self, turn: Turn) -> bool:
        mine = self.turn
        return (mine.speaker, mine.role, mine.question) == (turn.speaker, turn.role, turn.question)

    def closed(self) -> Stretch:
        return Stretch(speaker=self.turn.speaker, role=self.turn.role, question=self.question, spans=tuple(self.spans))


@dataclass(slots=True)
class _Question:
    """The interviewer's last speech, put together where the reader or a back-channel cut it."""

    parts: list[str] = field(default_factory=list)
    answered: bool = False

    def hear(self, speech: str, *, straight_on: bool) -> None:
        ended = not straight_on and bool(self.parts) and self.parts[-1].endswith(_ENDS_A_QUESTION)
        if self.answered or ended:
            self.parts = []
        self.parts.append(speech)
        self.answered = False


def stretches(transcript: Transcript) -> Iterator[Stretch]:
    """Yield the stretches of participant speech of ``transcript`` in order.

    A change of participant, a real question of the interviewer and a change of the file's own question each begin a
    new stretch. Turns of nothing but back-channels neither begin nor break one.
    """
    heard, current, before = _Question(), None, None
    for turn in transcript.turns:
        said = transcript.said(turn)
        if turn.role is Role.INTERVIEWER:
            if not is_listening(said):
                if current:
                    yield current.closed()
                current = None
                heard.hear(said.strip(), straight_on=before is Role.INTERVIEWER)
        elif current and current.continues_with(turn):
            current.spans.append((turn.start, turn.end))
        elif not is_backchannel(said):
            if current:
                yield current.closed()
            heard.answered = True
            question = " ".join(heard.parts) if turn.question is None else turn.question
            current = _Open(turn, question, [(turn.start, turn.end)])
        before = turn.role
    if current:
        yield current.closed()
