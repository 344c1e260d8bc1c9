"""How far the coders of a study agree, on what all of them worked through."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from lbc_themes.agreement import AgreementTable, Notice, UnitKind, agreement, agreement_by_kind
from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Bilingual, Decision
from lbc_themes.core.study_log import MACHINE, turned_down
from lbc_themes.study.ground import Ground, common_ground, compared_people
from lbc_themes.study.study import Study


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
        coders: Whom to compare; by default all people, without settled codes.
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
            f"{study.path}: agreement needs two coders, or one and suggestions; people who coded: "
            f"{', '.join(people) or 'none'}; let somebody else code too, or make suggestions first"
        )
    ground = common_ground(study, people, machine=beside, leave_rejected=leave_rejected)
    used = {coding.code_id for coding in ground.codings}
    if not ground.passages or not used:
        names = ", ".join((*people, MACHINE) if beside else people)
        shared = "gave a code on" if ground.passages else "both worked through"
        raise InputError(
            f"{study.path}: there is no passage that two of {names} {shared}; let them code the same interview"
        )
    table = (agreement_by_kind if beside else agreement)(
        ground.codings, unit=unit, passages=ground.passages, transcripts=ground.transcripts, read=ground.read,
        coders=(*people, MACHINE) if beside else people, codes=[i for i in study.codebook.ids if i in used],
        participants=who_spoke(study), include_uncoded=include_uncoded, draws=draws, seed=seed,
    )  # fmt: skip
    taught = _taught(study) if beside else ()
    rejected = () if leave_rejected else _rejected(study, people, ground)
    said = (*_left_out(ground), *rejected, *_in_view(study, people), *taught, *table.notices)
    return replace(table, notices=said)


def who_spoke(study: Study) -> dict[str, str]:
    """Return the participant of each transcript, itself where none is named."""
    found = {transcript.id: transcript.id for transcript in study.transcripts}
    return found | {t: person.id for person in reversed(study.participants) for t in person.transcript_ids}


def _left_out(ground: Ground) -> Iterator[Notice]:
    if ground.left_out:
        zh = f"有 {ground.left_out} 个段落没有被该访谈的全部编码者编完，没有计入。"
        en = f"Passages that not all coders of their interview worked through are left out: {ground.left_out}."
        yield Notice(topic="partly-coded", text=Bilingual(zh=zh, en=en))


def _rejected(study: Study, people: Sequence[str], ground: Ground) -> Iterator[Notice]:
    inside = {passage.id for passage in ground.passages}
    counted = Counter(d.coder for d in study.decisions() if turned_down(d) and d.passage_id in inside)
    if any(counted[coder] for coder in people):
        listed = ", ".join(f"{coder} {counted[coder]}" for coder in people if counted[coder])
        zh = (
            f"只否定了建议、没有另给编码的段落算作“无编码”：{listed}。不想计入，用 leave_rejected（--leave-rejected）。"
        )
        en = (
            f"Passages on which suggestions were turned down and no code given count as no code: {listed}. To leave "
            "them out, use leave_rejected (--leave-rejected)."
        )
        yield Notice(topic="rejected-counted", text=Bilingual(zh=zh, en=en))


def _in_view(study: Study, people: Sequence[str]) -> Iterator[Notice]:
    shown = {entry.record for entry in study.history() if isinstance(entry.record, Decision) and entry.run}
    standing = study.decisions()
    every = Counter(decision.coder for decision in standing)
    seen = Counter(decision.coder for decision in standing if decision in shown)
    if any(seen[coder] for coder in people):
        counted = ", ".join(f"{coder} {seen[coder]}/{every[coder]}" for coder in people if seen[coder])
        zh = f"看着机器建议作出的决定：{counted}。这些决定与机器、彼此之间都不独立，一致性因此偏高。"
        en = (
            f"Decisions made with a suggestion in view: {counted}. They are independent neither of the machine nor of "
            "one another, which lifts agreement."
        )
        yield Notice(topic="suggestions-shown", text=Bilingual(zh=zh, en=en))


def _taught(study: Study) -> Iterator[Notice]:
    most = max((int(run.options.get("taught", "0")) for run in study.runs), default=0)
    if most:
        zh = f"机器的建议参考了人已编的 {most} 个段落，与这些人的一致性因此偏高。"
        en = f"The machine had learned from passages that people coded ({most}), which lifts its agreement with them."
        yield Notice(topic="machine-taught", text=Bilingual(zh=zh, en=en))
