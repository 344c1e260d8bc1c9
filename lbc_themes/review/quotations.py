"""The quotations of a code: gathered, filtered, sorted, and as rows of a file."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from lbc_themes.core.records import Language, Passage
from lbc_themes.core.study_log import coder_from_label, coder_label
from lbc_themes.exchange.code_quotations import QuotationRow
from lbc_themes.review.similar import PassageVectors
from lbc_themes.review.state import SpanEntry
from lbc_themes.review.workspace import Workspace

FILTERS = ("interview", "role", "attribute", "coder", "with", "from", "to")
SORTS = ("place", "typical", "time")


@dataclass(frozen=True, kw_only=True, slots=True)
class Quotation:
    """One place that somebody gave a code. ``key`` names it in a form: "p:" a passage, "s:" an entry for a slice.

    ``codes`` are all codes that this coder put there; ``coder`` is a label, see ``coder_label``.
    """

    key: str
    passage: Passage
    text: str
    start: int
    end: int
    coder: str
    time: str
    codes: tuple[str, ...]
    memo: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """What a person filters by and how they sort: values by the names of ``FILTERS``, and one of ``SORTS``."""

    values: Mapping[str, str]
    sort: str = "place"

    @classmethod
    def of(cls, one: Mapping[str, str]) -> "Chosen":
        """Return the choices among the values of an address."""
        values = {name: value for name in FILTERS if (value := one.get(name, "").strip())}
        sort = one.get("sort", "")
        return cls(values=values, sort=sort if sort in SORTS else "place")

    @property
    def query(self) -> str:
        """The choices as a part of an address, with an ampersand before it where there are any."""
        held = {**self.values, **({"sort": self.sort} if self.sort != "place" else {})}
        return f"&{urlencode(held)}" if held else ""


def quotations_of(workspace: Workspace, code_id: str, coder: str) -> list[Quotation]:
    """Return the quotations of a code in the order of speech; in blind coding those of ``coder`` alone."""
    state = workspace.state
    found = []
    for label, passage_id in state.quoted(code_id):
        place = state.place(passage_id)
        decision = state.decided_by(label, passage_id)
        if place >= 0 and decision is not None and (not workspace.blind or label == coder):
            passage = state.passages[place]
            quotation = Quotation(
                key=f"p:{passage_id}", passage=passage, text=passage.text, start=passage.start, end=passage.end,
                coder=label, time=decision.time, codes=decision.code_ids, memo=decision.memo,
            )  # fmt: skip
            found.append((place, passage.start, quotation))
    for entry in state.spans_with(code_id):
        if not workspace.blind or entry.coding.coder == coder:
            made = _of_span(workspace, entry)
            if made is not None:
                found.append((state.place(made.passage.id), made.start, made))
    return [quotation for _, _, quotation in sorted(found, key=lambda each: each[:2])]


def _of_span(workspace: Workspace, entry: SpanEntry) -> Quotation | None:
    coding, state = entry.coding, workspace.state
    around = workspace.passage_at(coding)
    if around is None:
        return None
    label = coder_label(coding)
    beside = [s.coding for s in state.spans(coding.transcript_id) if coder_label(s.coding) == label]
    codes = [c.code_id for c in beside if c.start < coding.end and c.end > coding.start]
    whole = state.decided_by(label, around.id)
    text = workspace.transcript(coding.transcript_id).text[coding.start : coding.end]
    return Quotation(
        key=f"s:{entry.entry_id}", passage=around, text=text, start=coding.start, end=coding.end, coder=label,
        time=coding.time, codes=tuple(dict.fromkeys([coding.code_id, *codes, *(whole.code_ids if whole else ())])),
        memo=coding.memo,
    )  # fmt: skip


def attributes_by_interview(workspace: Workspace) -> dict[str, dict[str, str]]:
    """Return the attributes of those who spoke, by interview; with several people, those that they share."""
    found: dict[str, dict[str, str]] = {}
    for person in workspace.study.participants:
        for transcript_id in person.transcript_ids:
            held = found.get(transcript_id)
            mine = {"participant": person.id, **person.attributes}
            found[transcript_id] = mine if held is None else dict(held.items() & mine.items())
    return found


def filtered(
    quotations: Iterable[Quotation], chosen: Chosen, attributes: Mapping[str, Mapping[str, str]]
) -> list[Quotation]:
    """Return the quotations that pass every filter. An attribute is written as ``name=value``, dates as 2026-03-01."""
    return [q for q in quotations if all(_passes(q, *each, attributes) for each in chosen.values.items())]


def _passes(q: Quotation, name: str, value: str, attributes: Mapping[str, Mapping[str, str]]) -> bool:
    if name == "attribute":
        key, _, wanted = value.partition("=")
        return attributes.get(q.passage.transcript_id, {}).get(key) == wanted
    if name in {"from", "to"}:
        return q.time[:10] >= value if name == "from" else q.time[:10] <= value
    held = {
        "interview": (q.passage.transcript_id,), "role": (q.passage.role.value,), "coder": (q.coder,), "with": q.codes,
    }  # fmt: skip
    return value in held[name]


def ordered(quotations: Sequence[Quotation], sort: str, vectors: PassageVectors | None) -> list[Quotation]:
    """Return quotations in the order asked for; by how typical only where the vectors are there."""
    if sort == "time":
        return sorted(quotations, key=lambda q: q.time, reverse=True)
    if sort == "typical" and vectors is not None:
        ids = [q.passage.id for q in quotations]
        scores = vectors.typicality(ids, set(ids))
        return [quotations[n] for n in sorted(range(len(ids)), key=lambda n: -scores[n])]
    return list(quotations)


def rows_of(
    workspace: Workspace, code_id: str, quotations: Iterable[Quotation], language: Language
) -> Iterator[QuotationRow]:
    """Yield quotations as rows of a file."""
    people = attributes_by_interview(workspace)
    names = {code.id: code.name.said(language) for code in workspace.codebook}
    for q in quotations:
        coder, adjudication = coder_from_label(q.coder)
        about = dict(people.get(q.passage.transcript_id, {}))
        memos = [each.memo.text for each in workspace.state.memos(q.passage.id) if each.memo.coder == coder]
        yield QuotationRow(
            code=names.get(code_id, code_id), transcript_id=q.passage.transcript_id, passage_id=q.passage.id,
            participant=about.pop("participant", ""), speaker=q.passage.speaker, role=q.passage.role,
            question=q.passage.question, quote=q.text, start=q.start, end=q.end, coder=coder,
            adjudication=adjudication, time=q.time, memo="\n".join(filter(None, [q.memo, *memos])),
            other_codes=tuple(names.get(i, i) for i in q.codes if i != code_id), attributes=about,
        )  # fmt: skip
