"""What comes back into a study: sheets, projects, copies of the study, answers of participants."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lbc_themes import exchange
from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Coding, Decision, Language
from lbc_themes.core.study_log import Memo
from lbc_themes.exchange.codings_table import has_codings, read_codings
from lbc_themes.exchange.sheet_in import shows_suggestions
from lbc_themes.study import Study
from lbc_themes.study.taking import Taken, take_in


@dataclass(frozen=True, kw_only=True, slots=True)
class Import:
    """What came back; ``coder`` is whose it is, where the file does not say."""

    file: Path
    coder: str
    language: Language


def import_into(study: Study, asked: Import) -> Taken:
    """Take a file into a study by what it is, and return how much was new. Doing it twice changes nothing."""
    ending = asked.file.suffix.lower()
    if asked.file.is_dir() or ending == ".docx":
        return _members(study, asked)
    if ending in {".qdpx", ".qde"}:
        contents, losses = exchange.read_qdpx(asked.file)
        taken = take_in(study, contents)
        return Taken(
            decisions=taken.decisions, codings=taken.codings, memos=taken.memos, losses=(*losses, *taken.losses)
        )
    if ending == ".lbc":
        with Study.open(asked.file) as other:
            return take_in(study, other.contents())
    if ending == ".json":
        return _codings(study, exchange.read_label_studio(asked.file, study.contents(), coder=asked.coder))
    if ending == ".csv" and has_codings(asked.file):
        return _codings(study, read_codings(asked.file, study.contents(), coder=asked.coder))
    if ending in {".xlsx", ".csv"}:
        return _sheet(study, asked)
    raise InputError(
        f"{asked.file}: {ending or 'a file without an ending'} is not taken in; allowed are .xlsx, .csv, .qdpx, .qde, "
        ".lbc, .docx, .json, or a folder of member sheets"
    )


def _sheet(study: Study, asked: Import) -> Taken:
    decisions = exchange.read_sheet(asked.file, study.contents(), coder=asked.coder)
    new = [each for each in decisions if not _stands(each, study)]
    in_view = study.runs[-1].name if study.runs and shows_suggestions(asked.file) else ""
    study.record_all(new, run=in_view)
    return Taken(decisions=len(new), codings=0, memos=0, losses=())


def _stands(decision: Decision, study: Study) -> bool:
    held = study.decision_on(decision.passage_id, decision.coder)
    return held is not None and (held.verdict, held.code_ids, held.memo) == (
        decision.verdict, decision.code_ids, decision.memo,
    )  # fmt: skip


def _codings(study: Study, codings: Iterable[Coding]) -> Taken:
    def key(coding: Coding) -> tuple[object, ...]:
        return coding.transcript_id, coding.start, coding.end, coding.code_id, coding.coder

    here = {key(coding) for coding in study.codings(machine_top=0)}
    new = {key(coding): coding for coding in codings if key(coding) not in here and coding.coder != exchange.MACHINE}
    for coding in new.values():
        study.record_coding(coding)
    return Taken(decisions=0, codings=len(new), memos=0, losses=())


def _members(study: Study, asked: Import) -> Taken:
    contents = study.contents()
    memos = [
        memo
        for path in _sheets(asked.file)
        for memo in exchange.read_member_sheet(path, contents, coder=asked.coder, language=asked.language)
    ]
    here = {_said(memo) for memo in study.memos("participant")}
    new = [memo for memo in memos if _said(memo) not in here]
    for memo in new:
        study.record_memo(memo)
    return Taken(decisions=0, codings=0, memos=len(new), losses=())


def _said(memo: Memo) -> tuple[str, str, str]:
    return memo.text, memo.coder, memo.about_id


def _sheets(place: Path) -> Sequence[Path]:
    if place.is_file():
        return [place]
    found = sorted(path for path in place.glob("*.docx") if not path.name.startswith("~$"))
    if not found:
        raise InputError(f"{place}: the folder holds no member sheets (.docx); give the folder that came back")
    return found
