"""The part of an interview around a passage, cut into pieces at every edge of a passage or coding."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lbc_themes.core.records import Decision, Passage, Role, Transcript, Turn
from lbc_themes.core.study_log import only_rejected
from lbc_themes.review.state import SpanEntry

AROUND = 5000
"""Characters shown before and after a passage: a page stays small in an interview of any length."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A slice of the text from ``start``, the passage it belongs to, and the codes on it, as ids in order.

    ``whole`` are the codes of the whole passage, ``spans`` the codings of slices that run over this piece, the longest
    first, and ``closing`` those of them that end with it. ``ends`` names the passage that ends with this piece.
    ``read`` says what a person decided on the passage without giving a code: "nothing" where no code applies, "reject"
    where only the suggestions were turned down, else "".
    """

    start: int
    text: str
    passage_id: str
    code_ids: tuple[str, ...]
    ends: str
    read: str = ""
    whole: tuple[str, ...] = ()
    spans: tuple[SpanEntry, ...] = ()
    closing: tuple[SpanEntry, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """One turn, or the part of it that is near enough. ``speaker`` is empty where the file names none."""

    speaker: str
    role: Role
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """Blocks in order, and whether there is more before and after."""

    blocks: tuple[Block, ...]
    more_before: bool
    more_after: bool


def window(
    transcript: Transcript,
    passages: Sequence[Passage],
    around: tuple[int, int],
    decided: Mapping[str, Decision],
    spans: Sequence[SpanEntry],
) -> Window:
    """Return what stands within ``AROUND`` characters of the slice ``around``.

    ``decided`` are a person's decisions by passage id, ``spans`` are codings of slices.
    """
    low, high = max(0, around[0] - AROUND), min(len(transcript.text), around[1] + AROUND)
    blocks = blocks_of(transcript, passages, (low, high), decided, spans)
    return Window(blocks=tuple(blocks), more_before=low > 0, more_after=high < len(transcript.text))


def blocks_of(
    transcript: Transcript,
    passages: Sequence[Passage],
    limits: tuple[int, int],
    decided: Mapping[str, Decision],
    spans: Sequence[SpanEntry],
) -> list[Block]:
    """Return the turns within ``limits``, cut into pieces; ``decided`` and ``spans`` as for `window`."""
    low, high = limits
    near = [p for p in passages if p.start < high and p.end > low]
    marks = [s for s in spans if s.coding.start < high and s.coding.end > low]
    cuts = sorted(_edges(near, marks))
    turns = transcript.turns or (Turn(speaker="", role=Role.OTHER, start=0, end=len(transcript.text)),)
    blocks = []
    for turn in turns:
        start, end = max(turn.start, low), min(turn.end, high)
        if start < end:
            pieces = tuple(_pieces(transcript, (start, end), cuts, (near, decided, marks)))
            blocks.append(Block(speaker=turn.speaker, role=turn.role, pieces=pieces))
    return blocks


def _edges(passages: Iterable[Passage], spans: Iterable[SpanEntry]) -> set[int]:
    return {edge for p in passages for span in p.spans for edge in span} | {
        edge for s in spans for edge in (s.coding.start, s.coding.end)
    }


def _pieces(
    transcript: Transcript,
    limits: tuple[int, int],
    cuts: Sequence[int],
    marks: tuple[Sequence[Passage], Mapping[str, Decision], Sequence[SpanEntry]],
) -> Iterable[Piece]:
    passages, decided, spans = marks
    inner = cuts[bisect_right(cuts, limits[0]) : bisect_left(cuts, limits[1])]
    edges = [limits[0], *inner, limits[1]]
    here = [p for p in passages if p.start < limits[1] and p.end > limits[0]]
    over = [s for s in spans if s.coding.start < limits[1] and s.coding.end > limits[0]]
    for start, end in pairwise(edges):
        passage = next((p for p in here if any(a <= start < b for a, b in p.spans)), None)
        decision = decided.get(passage.id) if passage else None
        own = decision.code_ids if decision else ()
        added = [s for s in over if s.coding.start <= start < s.coding.end]
        added.sort(key=lambda s: (s.coding.start - s.coding.end, s.entry_id))
        yield Piece(
            start=start, text=transcript.text[start:end], passage_id=passage.id if passage else "",
            code_ids=tuple(dict.fromkeys([*own, *(s.coding.code_id for s in added)])),
            ends=passage.id if passage and passage.end == end else "", read=_read_without_code(decision), whole=own,
            spans=tuple(added), closing=tuple(s for s in added if s.coding.end == end),
        )  # fmt: skip


def _read_without_code(decision: Decision | None) -> str:
    if decision is None or decision.code_ids:
        return ""
    return "reject" if only_rejected(decision) else "nothing"


def matches_slice(text: str, start: int, end: int, *, head: str, tail: str) -> bool:
    """Say whether the slice begins with ``head`` and ends with ``tail``, which a browser has sent along.

    Browsers may turn a carriage return or a null character of the text into something else.

    >>> matches_slice("我想我妈。", 1, 4, head="想", tail="我妈")
    True
    >>> matches_slice("我想我妈。", 1, 4, head="我", tail="妈")
    False
    """
    if not (0 <= start < end <= len(text)) or not head or not tail:
        return False
    here = text[start:end]
    return _alike(here[: len(head)], head) and _alike(here[-len(tail) :], tail)


def _alike(one: str, other: str) -> bool:
    table = str.maketrans({"\r": "\n", "\0": "\ufffd"})
    return one.translate(table) == other.translate(table)
