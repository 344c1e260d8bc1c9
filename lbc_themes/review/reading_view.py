"""A whole interview to be read in one scroll: its turns in parts of a size that loads at once, codes as stripes."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lbc_themes.core.records import Decision, Passage
from lbc_themes.core.study_log import coder_label
from lbc_themes.review.state import Block, SpanEntry, blocks_of
from lbc_themes.review.workspace import Workspace

TURNS = 120
"""Turns of a part: so many are drawn at once, the others are fetched while one reads."""

LANES = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """A code on a stretch of an interview, from the start of one coding to the end of the last that follows on it."""

    code_id: str
    start: int
    end: int
    lane: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Striped:
    """A block with the stripes beside it; ``begins`` are those that begin in it."""

    block: Block
    stripes: tuple[Run, ...]
    begins: tuple[Run, ...]


def parts_of(workspace: Workspace, transcript_id: str) -> int:
    """Return how many parts an interview has."""
    return max(1, -(-len(workspace.transcript(transcript_id).turns) // TURNS))


def part_with(workspace: Workspace, passage: Passage) -> int:
    """Return the number of the part in which a passage begins, from 0."""
    turns = workspace.transcript(passage.transcript_id).turns
    return max(0, bisect_left(turns, passage.start + 1, key=lambda turn: turn.start) - 1) // TURNS


def striped_part(workspace: Workspace, transcript_id: str, number: int, who: str) -> list[Striped]:
    """Return the blocks of one part with the codes of ``who``: the label of a coder, or "" for everybody's."""
    transcript, state = workspace.transcript(transcript_id), workspace.state
    passages = state.within(transcript_id)
    turns = transcript.turns[number * TURNS : (number + 1) * TURNS]
    low, high = (turns[0].start, turns[-1].end) if turns else (0, len(transcript.text))
    near = [p for p in passages if p.start < high and p.end > low]
    decided = {p.id: d for p in near if (d := _decision(workspace, p, who)) is not None}
    spans = [s for s in spans_of(workspace, transcript_id, who) if s.coding.start < high and s.coding.end > low]
    runs = runs_of(workspace, transcript_id, who)
    blocks = blocks_of(transcript, near, (low, high), decided, spans)
    found = []
    for block in blocks:
        start = block.pieces[0].start
        end = block.pieces[-1].start + len(block.pieces[-1].text)
        beside = tuple(run for run in runs if run.start < end and run.end > start)
        found.append(Striped(block=block, stripes=beside, begins=tuple(r for r in beside if start <= r.start < end)))
    return found


def _decision(workspace: Workspace, passage: Passage, who: str) -> Decision | None:
    if who:
        return workspace.state.decided_by(who, passage.id)
    every = workspace.state.decisions_on(passage.id)
    if not every:
        return None
    codes = tuple(dict.fromkeys(code_id for decision in every for code_id in decision.code_ids))
    return Decision(
        passage_id=passage.id, verdict=every[0].verdict, code_ids=codes, coder="", time="",
        no_code=not codes and any(d.no_code for d in every),
    )  # fmt: skip


def spans_of(workspace: Workspace, transcript_id: str, who: str) -> list[SpanEntry]:
    """Return the codes on slices of an interview by ``who``, or everybody's."""
    return [s for s in workspace.state.spans(transcript_id) if who in ("", coder_label(s.coding))]


def runs_of(workspace: Workspace, transcript_id: str, who: str) -> list[Run]:
    """Return the stripes of an interview, each in a lane in which no other runs beside it as far as lanes suffice."""
    order = {passage.id: number for number, passage in enumerate(workspace.state.within(transcript_id))}
    coded: list[tuple[int, int, str, int]] = []
    for passage in workspace.state.within(transcript_id):
        decision = _decision(workspace, passage, who)
        given = decision.code_ids if decision else ()
        coded += [(passage.start, passage.end, code_id, order[passage.id]) for code_id in given]
    codings = (span.coding for span in spans_of(workspace, transcript_id, who))
    coded += [(c.start, c.end, c.code_id, -1) for c in codings]
    return _in_lanes(_joined(sorted(coded)))


def _joined(coded: Sequence[tuple[int, int, str, int]]) -> Iterable[Run]:
    """Join codings with one code that follow on each other, passage after passage."""
    open_: dict[str, tuple[int, int, int]] = {}
    found: list[Run] = []
    for start, end, code_id, number in coded:
        held = open_.get(code_id)
        if held is not None and (start < held[1] or (number >= 0 <= held[2] and number - held[2] <= 1)):
            open_[code_id] = (held[0], max(end, held[1]), number if number >= 0 else held[2])
            continue
        if held is not None:
            found.append(Run(code_id=code_id, start=held[0], end=held[1]))
        open_[code_id] = (start, end, number)
    found += [Run(code_id=code_id, start=start, end=end) for code_id, (start, end, _) in open_.items()]
    return sorted(found, key=lambda run: (run.start, run.end))


def _in_lanes(runs: Iterable[Run]) -> list[Run]:
    ends = [0] * LANES
    found = []
    for run in runs:
        lane = next((n for n, end in enumerate(ends) if end <= run.start), LANES - 1)
        ends[lane] = max(ends[lane], run.end)
        found.append(Run(code_id=run.code_id, start=run.start, end=run.end, lane=lane))
    return found
