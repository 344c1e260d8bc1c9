"""What comes back into a study: sheets, projects, copies of the study, answers of participants."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from lbc_themes import exchange
from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.core.records import Coding, Decision, Language
from lbc_themes.core.study_log import Memo, labelled_codings
from lbc_themes.exchange import Contents, Loss
from lbc_themes.exchange.codings_table import has_codings, read_codings, write_codings
from lbc_themes.study.merge import Taken, additions_of_codings, take_in
from lbc_themes.study.study import Study


@dataclass(frozen=True, kw_only=True, slots=True)
class Import:
    """What came back; ``coder`` is whose it is, where the file does not say; ``positions`` is for ``read_qdpx``."""

    file: Path
    coder: str
    language: Language
    positions: str = ""


_SPANS: dict[str, Callable[..., list[Coding]]] = {
    ".jsonl": exchange.read_spans_jsonl,
    ".xmi": exchange.read_cas,
    ".tsv": exchange.read_webanno_tsv,
}


def _is_webanno(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            return opened.read(20).startswith(b"#FORMAT=WebAnno")
    except OSError as fault:
        raise InputError(message("study.cannot_opened_check_exists", file=file, strerror=fault.strerror)) from fault


def import_into(study: Study, asked: Import) -> Taken:
    """Take a file into a study by what it is, and return how much was new. Doing it twice changes nothing."""
    ending = asked.file.suffix.lower()
    if asked.file.is_dir() and (
        spans := sorted(p for p in asked.file.iterdir() if p.suffix.lower() in {".xmi", ".tsv"})
    ):
        found = [coding for path in spans for coding in _span_codings(study, path, asked.coder)]
        return _import_codings(study, found, [loss for path in spans for loss in exchange.left_in_spans(path)])
    if asked.file.is_dir() or (ending == ".docx" and not exchange.has_segments(asked.file)):
        return _import_members(study, asked)
    if ending in {".sqlite3", ".db", ".taguette"}:
        segments = exchange.taguette_segments(asked.file)
        return _import_segments(study, *exchange.place_segments(segments, study.contents(), coder=asked.coder))
    if ending in {".qdpx", ".qde"}:
        contents, losses = exchange.read_qdpx(asked.file, positions=asked.positions)
        # A project of our own that nobody changed comes back whole, without losses.
        taken = take_in(study, contents, elsewhere=bool(losses))
        return Taken(
            decisions=taken.decisions, codings=taken.codings, memos=taken.memos, losses=(*losses, *taken.losses)
        )
    if ending == ".lbc":
        with Study.open(asked.file) as other:
            return take_in(study, other.contents())
    if ending == ".json":
        found = exchange.read_label_studio(asked.file, study.contents(), coder=asked.coder)
        return _import_codings(study, found, exchange.left_in_label_studio(asked.file))
    if ending in _SPANS and not (ending == ".tsv" and not _is_webanno(asked.file)):
        found = _span_codings(study, asked.file, asked.coder)
        return _import_codings(study, found, exchange.left_in_spans(asked.file))
    if ending == ".csv" and has_codings(asked.file):
        return _import_codings(study, read_codings(asked.file, study.contents(), coder=asked.coder))
    if ending in {".xlsx", ".csv", ".tsv", ".docx"} or (ending == ".txt" and exchange.has_segments(asked.file)):
        if ending != ".txt" and exchange.is_decision_table(asked.file):
            return _import_sheet(study, asked)
        return _import_segments(study, *exchange.read_segments(asked.file, study.contents(), coder=asked.coder))
    raise InputError(message("study.not_taken_in", file=asked.file, ending=ending or message("study.no_ending")))


def _span_codings(study: Study, file: Path, coder: str) -> list[Coding]:
    return _SPANS[file.suffix.lower()](file, study.contents(), coder=coder)


def _import_segments(study: Study, codings: Iterable[Coding], losses: tuple[Loss, ...]) -> Taken:
    return _import_codings(study, codings, losses)


def _import_sheet(study: Study, asked: Import) -> Taken:
    contents = study.contents()
    new: dict[str, list[Decision]] = defaultdict(list)
    for decision, run in exchange.read_sheet_runs(asked.file, contents, coder=asked.coder):
        if not _stands(decision, study):
            new[run].append(decision)
    memos = exchange.read_sheet_memos(asked.file, contents, coder=asked.coder)
    here = {_memo_key(memo) for memo in study.memos("passage")}
    new_memos = [memo for memo in memos if _memo_key(memo) not in here]
    for run, decisions in new.items():
        study.record_all(decisions, run=run)
    for memo in new_memos:
        study.record_memo(memo)
    return Taken(decisions=sum(map(len, new.values())), codings=0, memos=len(new_memos), losses=())


def _stands(decision: Decision, study: Study) -> bool:
    held = study.decision_on(decision.passage_id, decision.coder, adjudication=decision.adjudication)
    if held is None:
        return False
    # Where no code applies, a sheet does not tell whether something had been suggested.
    verdict = held.verdict if held.no_code and decision.no_code else decision.verdict
    return replace(held, time=decision.time) == replace(decision, verdict=verdict)


def _import_codings(study: Study, codings: Iterable[Coding], losses: Iterable[Loss] = ()) -> Taken:
    found = additions_of_codings(codings, study.contents())
    for coding in found.codings:
        study.record_coding(coding)
    for memo in found.memos:
        study.record_memo(memo)
    told = exchange.gathered([*losses, *found.losses])
    return Taken(decisions=0, codings=len(found.codings), memos=len(found.memos), losses=told)


def _import_members(study: Study, asked: Import) -> Taken:
    contents = study.contents()
    memos = [
        memo
        for path in _sheets(asked.file)
        for memo in exchange.read_member_sheet(path, contents, coder=asked.coder, language=asked.language)
    ]
    here = {_memo_key(memo) for memo in study.memos("participant")}
    new = [memo for memo in memos if _memo_key(memo) not in here]
    for memo in new:
        study.record_memo(memo)
    return Taken(decisions=0, codings=0, memos=len(new), losses=())


def _memo_key(memo: Memo) -> tuple[str, str, str]:
    return memo.text, memo.coder, memo.about_id


def _sheets(place: Path) -> Sequence[Path]:
    if place.is_file():
        return [place]
    found = sorted(path for path in place.glob("*.docx") if not path.name.startswith("~$"))
    if not found:
        raise InputError(message("study.folder_holds_no_member", place=place))
    return found


def pull_into(study: Study, address: str, token: str, project: int, *, coder: str, allow_remote: bool) -> Taken:
    """Fetch the codings of a Label Studio project into a study; doing it twice changes nothing."""
    server = exchange.label_studio_server(address, allow_remote=allow_remote)
    return _import_codings(study, exchange.pull_label_studio(study.contents(), server, token, project, coder=coder))


# --- What a study can be written as.


@dataclass(frozen=True, kw_only=True, slots=True)
class Export:
    """What is asked for: ``kind`` is one of ``EXPORTS``, no ``coders`` means everybody."""

    kind: str
    out: Path
    coders: tuple[str, ...]
    language: Language
    blind: bool
    force: bool
    suggestions: Literal["codings", "set", "none"] = "codings"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kind:
    """How a kind is written, the endings its file may have, and how many coders it can be asked for."""

    write: Callable[[Contents, Export], tuple[Loss, ...] | None]
    endings: tuple[str, ...] = ()
    most_coders: int | None = None


def _export_sheet(contents: Contents, asked: Export) -> None:
    shown = replace(contents, runs=()) if asked.blind else contents
    exchange.write_sheet(shown, asked.out, coder="".join(asked.coders), language=asked.language)


def _export_quotations(contents: Contents, asked: Export) -> None:
    exchange.write_quotations(contents, asked.out, coders=asked.coders or None, language=asked.language)


def _export_members(contents: Contents, asked: Export) -> None:
    paths = exchange.write_member_sheets(contents, asked.out, coders=asked.coders or None, language=asked.language)
    if not paths:
        raise InputError(message("study.nobody_s_words_coded"))


def _export_triangulation(contents: Contents, asked: Export) -> None:
    rows = exchange.triangulate(contents, coders=asked.coders or None)
    exchange.write_triangulation(rows, contents, asked.out, language=asked.language)


def _export_structured_text(contents: Contents, asked: Export) -> tuple[Loss, ...]:
    coder = asked.coders[0] if asked.coders else None
    return exchange.write_structured_text(contents, asked.out, coder=coder, language=asked.language)


def _export_cas(contents: Contents, asked: Export) -> tuple[Loss, ...]:
    exchange.write_cas(contents, asked.out, coders=asked.coders or None)
    return exchange.span_losses(contents)


def _export_webanno(contents: Contents, asked: Export) -> tuple[Loss, ...]:
    exchange.write_webanno_tsv(contents, asked.out, coders=asked.coders or None)
    return exchange.span_losses(contents)


def _export_jsonl(contents: Contents, asked: Export) -> tuple[Loss, ...]:
    style: Literal["doccano", "prodigy"] = "doccano" if asked.kind == "doccano" else "prodigy"
    exchange.write_spans_jsonl(contents, asked.out, style=style, coders=asked.coders or None)
    return exchange.span_losses(contents)


def _export_docbin(contents: Contents, asked: Export) -> tuple[Loss, ...]:
    exchange.write_docbin(contents, asked.out)
    return exchange.span_losses(contents, memos=False)


def _export_label_studio(contents: Contents, asked: Export) -> tuple[Loss, ...]:
    exchange.write_label_studio(contents, asked.out, coders=asked.coders or None, language=asked.language)
    return exchange.span_losses(contents)


def _export_taguette(contents: Contents, asked: Export) -> tuple[Loss, ...]:
    exchange.write_taguette_codebook(contents.codebook, asked.out, language=asked.language)
    return (Loss(topic="code-details", text=message("exchange.taguette_losses"), count=len(contents.codebook)),)


EXPORTS = {
    "qdpx": _Kind(
        write=lambda c, a: exchange.write_qdpx(
            c, a.out, language=a.language, coders=a.coders or None, suggestions=a.suggestions
        ),
        endings=(".qdpx",),
    ),
    "qdc": _Kind(
        write=lambda c, a: exchange.write_qdc(c.codebook, a.out, language=a.language), endings=(".qdc",), most_coders=0
    ),
    "xlsx": _Kind(write=_export_sheet, endings=(".xlsx",), most_coders=1),
    "docx": _Kind(write=_export_quotations, endings=(".docx",)),
    "members": _Kind(write=_export_members),
    "triangulation": _Kind(write=_export_triangulation, endings=(".docx", ".csv")),
    "taguette": _Kind(write=_export_taguette, endings=(".csv",), most_coders=0),
    "maxqda": _Kind(write=_export_structured_text, endings=(".txt",), most_coders=1),
    "label-studio": _Kind(write=_export_label_studio, endings=(".json",)),
    "docbin": _Kind(write=_export_docbin, endings=(".spacy",), most_coders=0),
    "doccano": _Kind(write=_export_jsonl, endings=(".jsonl",)),
    "prodigy": _Kind(write=_export_jsonl, endings=(".jsonl",)),
    "cas": _Kind(write=_export_cas),
    "webanno": _Kind(write=_export_webanno),
    "codings.csv": _Kind(
        write=lambda c, a: write_codings(c, a.out, coders=a.coders or None), endings=(".csv",)
    ),
}  # fmt: skip


def export(contents: Contents, asked: Export) -> tuple[Loss, ...]:
    """Write a study as what is asked for, and return what it has no place for.

    Refuses an unknown kind, a file of another ending, a coder without codings, and a file or a folder of sheets that
    is there already unless ``force`` is given.
    """
    kind = EXPORTS.get(asked.kind)
    if kind is None:
        raise InputError(message("study.allowed", kind=asked.kind, exports=[*EXPORTS]))
    if kind.endings and asked.out.suffix.lower() not in kind.endings:
        raise InputError(message("study.writes_name_file", out=asked.out, kind=asked.kind, endings=[*kind.endings]))
    if asked.blind and asked.kind != "xlsx":
        raise InputError(message("study.blind_leaves_suggestions_out"))
    if asked.suggestions != "codings" and asked.kind != "qdpx":
        raise InputError(message("exchange.suggestions_option"))
    _refuse_coders(contents, asked, kind)
    _refuse_to_overwrite(asked)
    return kind.write(contents, asked) or ()


def _refuse_coders(contents: Contents, asked: Export, kind: _Kind) -> None:
    if kind.most_coders is not None and len(asked.coders) > kind.most_coders:
        allowed = message("study.takes_one_coder") if kind.most_coders else message("study.takes_no_coder")
        raise InputError(
            message("study.takes", kind=asked.kind, allowed=allowed, count=len(asked.coders), coders=[*asked.coders])
        )
    # A sheet is often written for somebody who has not begun.
    known = {coding.coder for coding in labelled_codings(contents)}
    unknown = [name for name in asked.coders if name not in known and asked.kind != "xlsx"]
    if unknown:
        raise InputError(
            message(
                "study.coder_no_codings_theirs",
                unknown=unknown[0],
                known=", ".join(sorted(known)) or message("core.none"),
            )
        )


def _refuse_to_overwrite(asked: Export) -> None:
    if asked.force:
        return
    beside = asked.out.with_suffix(".xml") if asked.kind == "label-studio" else asked.out
    there = [path for path in (asked.out, beside) if path.is_file()]
    ending = {"members": ".docx", "cas": ".xmi", "webanno": ".tsv"}.get(asked.kind)
    there += sorted(asked.out.glob(f"*{ending}"))[:1] if ending and asked.out.is_dir() else []
    if there:
        raise InputError(message("study.already_name_another_give", there=there[0]))
