"""What the coders of a study can be compared on: what everybody who worked on an interview worked through."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Coding, Passage, Transcript
from lbc_themes.core.study_log import MACHINE, is_settled, turned_down
from lbc_themes.study.study import Study

_ByTranscript = Mapping[str, Sequence[Passage]]


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Passages, and transcripts with the turns, that all who worked on an interview worked through.

    ``codings`` are those in reach; ``read`` names each coder's interviews; ``left_out`` counts passages of these
    interviews that some worked through and others did not.
    """

    passages: tuple[Passage, ...]
    transcripts: tuple[Transcript, ...]
    codings: tuple[Coding, ...]
    read: Mapping[str, set[str]]
    left_out: int


def compared_people(study: Study, coders: Sequence[str] | None) -> tuple[str, ...]:
    """Return the people to compare: ``coders``, or everybody who coded, without settled codes. Refuse unknown ones."""
    decided = {decision.coder for decision in study.decisions()}
    found = sorted((decided | {coding.coder for coding in study.codings(machine_top=0)}) - {MACHINE})
    if coders is None:
        return tuple(name for name in found if not is_settled(name))
    unknown = [name for name in coders if name not in found]
    if unknown:
        raise InputError(
            f"{study.path}: {', '.join(unknown)} coded nothing; people who coded: {', '.join(found) or 'none'}"
        )
    return tuple(coders)


def common_ground(study: Study, people: Sequence[str], *, machine: bool, leave_rejected: bool = False) -> Ground:
    """Return what ``people``, and the machine, can be compared on.

    ``leave_rejected`` leaves passages out on which a person turned suggestions down and said no more.
    """
    grouped: dict[str, list[Passage]] = defaultdict(list)
    for passage in study.passages:
        grouped[passage.transcript_id].append(passage)
    worked = {coder: _worked(study, coder, grouped, leave_rejected=leave_rejected) for coder in people}
    if machine:
        worked[MACHINE] = {each.passage_id for each in study.suggestions()}
    read: dict[str, set[str]] = {coder: set() for coder in worked}
    shared: list[Passage] = []
    touched = 0
    for transcript_id, passages in grouped.items():
        ids = {passage.id for passage in passages}
        here = [coder for coder, done in worked.items() if done & ids]
        if len(here) < 2:
            continue
        touched += len(ids.intersection(*[set().union(*(worked[coder] for coder in here if coder != MACHINE))]))
        common = ids.intersection(*(worked[coder] for coder in here))
        shared += [passage for passage in passages if passage.id in common]
        for coder in here if common else ():
            read[coder].add(transcript_id)
    inside = {passage.id for passage in shared}
    apart = {key: [p for p in passages if p.id not in inside] for key, passages in grouped.items()}
    near = {key: [p for p in passages if p.id in inside] for key, passages in grouped.items()}
    codings = (c for c in study.codings() if c.coder in worked)
    return Ground(
        passages=tuple(shared), transcripts=tuple(_cut(study.transcripts, near, apart)), read=read,
        codings=tuple(c for c in codings if _touches(c, near) or not _touches(c, apart)),
        left_out=touched - len(shared),
    )  # fmt: skip


def _worked(study: Study, coder: str, grouped: _ByTranscript, *, leave_rejected: bool) -> set[str]:
    """Return the passages that a person decided on, and all of an interview in which they only coded words."""
    decisions = study.decisions(coder=coder)
    decided = {decision.passage_id for decision in decisions}
    rejected = {d.passage_id for d in decisions if turned_down(d)} if leave_rejected else set()
    coded = {coding.transcript_id for coding in study.codings(coder=coder, machine_top=0)}
    whole = [{passage.id for passage in grouped.get(transcript_id, ())} for transcript_id in coded]
    return decided.union(*(ids for ids in whole if not decided & ids)) - rejected


def _cut(transcripts: Sequence[Transcript], near: _ByTranscript, apart: _ByTranscript) -> Iterator[Transcript]:
    """Yield transcripts with the turns of which no passage is left out."""
    for transcript in transcripts:
        out = [span for passage in apart.get(transcript.id, ()) for span in passage.spans]
        turns = tuple(t for t in transcript.turns if not any(a < t.end and t.start < b for a, b in out))
        if near.get(transcript.id) and (turns or not transcript.turns):
            yield replace(transcript, turns=turns)


def _touches(coding: Coding, grouped: _ByTranscript) -> bool:
    passages = grouped.get(coding.transcript_id, ())
    return any(passage.start < coding.end and coding.start < passage.end for passage in passages)
