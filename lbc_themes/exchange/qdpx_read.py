"""A REFI-QDA project of any program as the contents of a study."""

from collections import Counter
from collections.abc import Mapping, Sequence

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Codebook, Coding, Passage, Transcript
from lbc_themes.core.study_log import About, Contents, Entry, Memo, Participant
from lbc_themes.exchange.codes_in import codebook_in, set_losses
from lbc_themes.exchange.codings_in import Context, Remark, marks_of, readings_of
from lbc_themes.exchange.loss import Loss
from lbc_themes.exchange.notes_in import hung, memos_of, notes_of
from lbc_themes.exchange.package import Package
from lbc_themes.exchange.people_in import Case, cases_of, users_of, values_of, variables_of
from lbc_themes.exchange.sources_in import Source, sources_of
from lbc_themes.exchange.tree import tag_of
from lbc_themes.exchange.turns_in import transcript_of
from lbc_themes.text.safe_xml import parse_xml


def contents_of(package: Package) -> tuple[Contents, list[Loss]]:
    """Return what a project holds, and what of it has no place in a study."""
    try:
        return _contents(package)
    except InputError as fault:
        raise InputError(f"{package.where}: {fault}") from fault


def _contents(package: Package) -> tuple[Contents, list[Loss]]:
    project = parse_xml(package.project, "the project")
    if tag_of(project) != "Project":
        raise InputError(
            f"the root element is {tag_of(project)}; a REFI-QDA project has Project, so export it as .qdpx"
        )
    losses = set_losses(project)
    name = (project.get("name") or package.name).strip()
    users, variables = users_of(project), variables_of(project)
    notes = notes_of(project, package, users, losses)
    on = hung(project, notes, losses)
    codebook, codes = codebook_in(project, name, losses)
    cases = cases_of(project, variables, losses)
    sources = sources_of(project, package, losses)
    if not sources and not len(codebook):
        raise InputError("the project holds no text and no codes; export it with its sources included")
    known = Context(
        users=users, codes=codes, on=on, cases=frozenset(case.guid for case in cases if case.name),
        unnamed=users.get((project.get("creatingUserGUID") or "").strip("{}").lower(), "unknown"), losses=losses,
    )  # fmt: skip
    ids, readings = _ids(sources), readings_of(sources, project.get("origin") or "", losses)
    marks = {s.guid: list(marks_of(s, ids[s.guid], readings[s.guid], known)) for s in sources}
    coded = {s.guid: {mark for mark in marks[s.guid] if isinstance(mark, str)} for s in sources}
    transcripts = tuple(_transcript(s, ids[s.guid], _rows(s, cases, variables, coded[s.guid])) for s in sources)
    passages = _passages(transcripts)
    things = _things(sources, ids, codes, cases)
    memos = [*_remarks(marks, ids, passages), *memos_of(project, notes, on, things, known.used)]
    codings = [mark for s in sources for mark in marks[s.guid] if isinstance(mark, Coding)]
    contents = Contents(
        name=name, transcripts=transcripts, codebooks=(codebook,), passages=passages,
        participants=_participants(cases, sources, ids, coded), entries=_entries(codings, memos, codebook),
    )  # fmt: skip
    return contents, losses


def _ids(sources: Sequence[Source]) -> dict[str, str]:
    seen: Counter[str] = Counter()
    ids = {}
    for source in sources:
        seen[source.name] += 1
        ids[source.guid] = source.name if seen[source.name] == 1 else f"{source.name}-{seen[source.name]}"
    return ids


def _rows(source: Source, cases: Sequence[Case], variables: Mapping[str, str], coded: set[str]) -> list[dict[str, str]]:
    mine = [case for case in cases if _takes_part(case, source, coded)]
    own = values_of(source.element, variables)
    rows = [{"participant": case.name, **case.values, **own} for case in mine if case.name]
    unnamed = {key: value for case in mine if not case.name for key, value in case.values.items()}
    if unnamed or (own and not rows):
        rows = [{**row, **unnamed} for row in rows] or [{**unnamed, **own}]
    return rows


def _takes_part(case: Case, source: Source, coded: set[str]) -> bool:
    return source.guid in case.parts or case.guid in coded or bool(case.parts & source.selections.keys())


def _transcript(source: Source, name: str, rows: Sequence[Mapping[str, str]]) -> Transcript:
    return transcript_of(name, source.text, rows, f"refi-qda:{source.guid}")


def _passages(transcripts: Sequence[Transcript]) -> tuple[Passage, ...]:
    from lbc_themes.segmenting import segment

    return tuple(segment(transcripts))


def _participants(
    cases: Sequence[Case], sources: Sequence[Source], ids: Mapping[str, str], coded: Mapping[str, set[str]]
) -> tuple[Participant, ...]:
    named = {case.name: case for case in cases if case.name}
    return tuple(
        Participant(
            id=name, attributes=dict(case.values),
            transcript_ids=tuple(ids[s.guid] for s in sources if _takes_part(case, s, coded[s.guid])),
        )
        for name, case in named.items()
    )  # fmt: skip


def _things(
    sources: Sequence[Source], ids: Mapping[str, str], codes: Mapping[str, str], cases: Sequence[Case]
) -> dict[str, tuple[About, str]]:
    found: dict[str, tuple[About, str]] = {guid: ("code", code_id) for guid, code_id in codes.items()}
    found |= {source.guid: ("transcript", ids[source.guid]) for source in sources}
    return found | {case.guid: ("participant", case.name) for case in cases if case.name}


def _remarks(marks: Mapping[str, Sequence[object]], ids: Mapping[str, str], passages: Sequence[Passage]) -> list[Memo]:
    """Return remarks on slices as memos on the passage that they are in, or else on the transcript."""
    memos = []
    for guid, listed in marks.items():
        here = [p for p in passages if p.transcript_id == ids[guid]]
        for mark in listed:
            if isinstance(mark, Remark):
                passage = next((p for p in here if p.start <= mark.start and mark.end <= p.end), None)
                about: About = "passage" if passage else "transcript"
                about_id = passage.id if passage else ids[guid]
                memos.append(Memo(text=mark.text, coder=mark.coder, about=about, about_id=about_id, time=mark.time))
    return memos


def _entries(codings: Sequence[Coding], memos: Sequence[Memo], codebook: Codebook) -> tuple[Entry, ...]:
    records: list[Coding | Memo] = [*(coding for coding in codings if coding.code_id in codebook), *memos]
    return tuple(
        Entry(id=number, coder=record.coder, time=record.time, record=record)
        for number, record in enumerate(records, 1)
    )
