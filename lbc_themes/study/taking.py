"""The work of others taken into a study: from another copy of it, or from a project that came back."""

from dataclasses import dataclass

from lbc_themes.core.study_log import Contents
from lbc_themes.exchange.loss import Loss
from lbc_themes.exchange.merge import additions
from lbc_themes.study.study import Study


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """How many decisions, codings and memos were taken in, and what did not fit."""

    decisions: int
    codings: int
    memos: int
    losses: tuple[Loss, ...]


def take_in(study: Study, given: Contents) -> Taken:
    """Record what people did in ``given`` and the study does not have; doing it twice changes nothing.

    ``lbc_themes.exchange.merge.additions`` says what is taken. Runs of the machine come along where somebody decided
    with them in view.
    """
    found = additions(given, study.contents())
    here, runs = {run.name for run in study.runs}, {run.name: run for run in given.runs}
    ids = {passage.id for passage in study.passages}
    for name, decisions in found.decisions.items():
        if name and name not in here:
            suggestions = [each for each in runs[name].suggestions if each.passage_id in ids]
            study.add_suggestions(suggestions, run=name, options=runs[name].options)
        study.record_all(decisions, run=name)
    for coding in found.codings:
        study.record_coding(coding)
    for memo in found.memos:
        study.record_memo(memo)
    return Taken(
        decisions=sum(map(len, found.decisions.values())), codings=len(found.codings), memos=len(found.memos),
        losses=found.losses,
    )  # fmt: skip
