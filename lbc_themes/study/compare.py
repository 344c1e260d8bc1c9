"""How far the coders of a study agree, on what all of them worked through."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lbc_themes.agreement import AgreementTable, Notice, UnitKind, agreement, agreement_by_kind, confusions
from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.core.records import Coding, Decision, Passage, Transcript
from lbc_themes.core.study_log import MACHINE, coder_from_label, coder_label, labelled, only_rejected
from lbc_themes.study.study import Study

# --- What the coders of a study can be compared on: what everybody who worked on an interview worked through.

_ByTranscript = Mapping[str, Sequence[Passage]]


@dataclass(frozen=True, kw_only=True)
class SharedMaterial:
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
    """Return the people to compare: ``coders``, or everybody who coded, adjudication apart. Refuse unknown ones."""
    given: list[Decision | Coding] = [*study.decisions(), *study.codings(machine_top=0)]
    found = sorted(set(map(coder_label, given)) - {MACHINE})
    if coders is None:
        return tuple(name for name in found if not coder_from_label(name)[1])
    unknown = [name for name in coders if name not in found]
    if unknown:
        raise InputError(
            message(
                "study.coded_nothing_people_who",
                path=study.path,
                unknown=[*unknown],
                found=", ".join(found) or message("core.none"),
            )
        )
    return tuple(coders)


def shared_material(
    study: Study, people: Sequence[str], *, machine: bool, leave_rejected: bool = False
) -> SharedMaterial:
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
    codings = (coding for coding in map(labelled, study.codings()) if coding.coder in worked)
    return SharedMaterial(
        passages=tuple(shared), transcripts=tuple(_cut(study.transcripts, near, apart)), read=read,
        codings=tuple(c for c in codings if _touches(c, near) or not _touches(c, apart)),
        left_out=touched - len(shared),
    )  # fmt: skip


def _worked(study: Study, coder: str, grouped: _ByTranscript, *, leave_rejected: bool) -> set[str]:
    """Return the passages that a person decided on, and all of an interview in which they only coded words."""
    person, adjudication = coder_from_label(coder)
    decisions = study.decisions(coder=person, adjudication=adjudication)
    decided = {decision.passage_id for decision in decisions}
    rejected = {d.passage_id for d in decisions if only_rejected(d)} if leave_rejected else set()
    coded = {coding.transcript_id for coding in study.codings(coder=person, machine_top=0, adjudication=adjudication)}
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


def compare(
    study: Study,
    *,
    unit: UnitKind = "passage",
    coders: Sequence[str] | None = None,
    machine: bool = True,
    include_uncoded: bool = True,
    leave_rejected: bool = False,
    draws: int = 1000,
    seed: int = 0,
) -> AgreementTable:
    """Return how far the people of a study agree and, beside it, each of them with the machine.

    A coder worked through a passage by deciding on it (that nothing applies too) and, in an interview without any
    decision of theirs, by coding any of its words. Compared is what everybody who worked on an interview worked
    through; a notice says how much is left out, and another how many decisions were made with suggestions in view.

    Args:
        study: The study.
        unit: What is counted, as in ``lbc_themes.agreement``.
        coders: Whom to compare; by default all people. "adjudication:NAME" stands for what NAME decided in
            adjudication, which is left out otherwise.
        machine: Whether to compare with the machine too, where it has made suggestions.
        include_uncoded: Whether units to which no coder gave a code count as agreement.
        leave_rejected: Whether to leave out passages on which a person turned suggestions down (``x``) and gave no
            code. By default these count as "no code", as every export of the codings shows them; a notice counts them.
        draws: Bootstrap draws of participants; 0 for no intervals.
        seed: Seed of the draws.

    Raises:
        InputError: there are not two coders, one of them is unknown, or nothing that two of them worked through.
    """
    people = compared_people(study, coders)
    beside = machine and bool(people) and any(each.codes for each in study.suggestions())
    if len(people) + beside < 2:
        raise InputError(
            message(
                "study.agreement_needs_two_coders", path=study.path, people=", ".join(people) or message("core.none")
            )
        )
    shared = shared_material(study, people, machine=beside, leave_rejected=leave_rejected)
    used = {coding.code_id for coding in shared.codings}
    if not shared.passages or not used:
        names = ", ".join((*people, MACHINE) if beside else people)
        common = message("study.both_coded") if shared.passages else message("study.both_worked_through")
        raise InputError(message("study.no_passage_two_let", path=study.path, names=names, common=common))
    table = (agreement_by_kind if beside else agreement)(
        shared.codings, unit=unit, passages=shared.passages, transcripts=shared.transcripts, read=shared.read,
        coders=(*people, MACHINE) if beside else people, codes=[i for i in study.codebook.ids if i in used],
        participants=who_spoke(study), include_uncoded=include_uncoded, draws=draws, seed=seed,
    )  # fmt: skip
    taught = _taught(study) if beside else ()
    rejected = () if leave_rejected else _rejected(study, people, shared)
    said = (*_left_out(shared), *rejected, *_in_view(study, people), *taught, *table.notices)
    return replace(table, notices=said)


def who_spoke(study: Study) -> dict[str, str]:
    """Return the participant of each transcript, itself where none is named."""
    found = {transcript.id: transcript.id for transcript in study.transcripts}
    return found | {t: person.id for person in reversed(study.participants) for t in person.transcript_ids}


def _left_out(shared: SharedMaterial) -> Iterator[Notice]:
    if shared.left_out:
        yield Notice(topic="partly-coded", text=message("study.partly_coded", left_out=shared.left_out))


def _rejected(study: Study, people: Sequence[str], shared: SharedMaterial) -> Iterator[Notice]:
    inside = {passage.id for passage in shared.passages}
    counted = Counter(coder_label(d) for d in study.decisions() if only_rejected(d) and d.passage_id in inside)
    if any(counted[coder] for coder in people):
        listed = ", ".join(f"{coder} {counted[coder]}" for coder in people if counted[coder])
        yield Notice(topic="rejected-counted", text=message("study.rejected_counted", listed=listed))


def _in_view(study: Study, people: Sequence[str]) -> Iterator[Notice]:
    shown = {entry.record for entry in study.history() if isinstance(entry.record, Decision) and entry.run}
    standing = study.decisions()
    every = Counter(map(coder_label, standing))
    seen = Counter(coder_label(decision) for decision in standing if decision in shown)
    if any(seen[coder] for coder in people):
        counted = ", ".join(f"{coder} {seen[coder]}/{every[coder]}" for coder in people if seen[coder])
        yield Notice(topic="suggestions-shown", text=message("study.suggestions_shown", counted=counted))


def _taught(study: Study) -> Iterator[Notice]:
    most = max((int(run.options.get("taught", "0")) for run in study.runs), default=0)
    if most:
        yield Notice(topic="machine-taught", text=message("study.machine_taught", most=most))


# --- The places where coders of a study gave different codes, as a table to talk through.

HEAD = ("codes", "times", "transcript", "start", "end", "text", "coder_1", "code_1", "coder_2", "code_2")


def mixed_up_rows(study: Study, *, unit: UnitKind = "passage", coders: Sequence[str] | None = None) -> list[list[str]]:
    """Return the head and one row for each unit on which two people gave one of two codes each, most mixed up first.

    ``times`` is on how many units (for "character": characters) the two codes are mixed up. Refuses what
    ``lbc_themes.agreement.confusions`` refuses.
    """
    people = compared_people(study, coders)
    shared = shared_material(study, people, machine=False)
    names = {code.id: code.name.zh for code in study.codebook}
    texts = {transcript.id: transcript.text for transcript in study.transcripts}
    used = {coding.code_id for coding in shared.codings}
    rows = [list(HEAD)]
    for found in confusions(
        shared.codings, unit=unit, passages=shared.passages, transcripts=shared.transcripts, coders=people,
        codes=[*(code_id for code_id in names if code_id in used), *sorted(used - set(names))], read=shared.read,
    ):  # fmt: skip
        both = " / ".join(names.get(code_id, code_id) for code_id in found.codes)
        for mixup in found.mixups:
            text = "".join(texts[mixup.unit.transcript_id][a:b] for a, b in mixup.unit.spans)
            start, end = mixup.unit.spans[0][0], mixup.unit.spans[-1][1]
            who = (mixup.coder, mixup.code_id, mixup.other_coder, mixup.other_code_id)
            place = (mixup.unit.transcript_id, str(start), str(end))
            rows.append([both, str(found.count), *place, text, *who])
    return rows
