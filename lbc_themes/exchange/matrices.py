"""Matrices of what people coded: code by attribute, by interview, by code, and the parts of theories by speaker.

The unit is a quotation (`Quote`): words that people gave a code, counted once however many coders gave it to exactly
these words. What the machine suggests is never counted. NVivo calls such tables matrix coding queries, MAXQDA code
relations.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from lbc_themes.core.errors import InputError
from lbc_themes.core.frames import data_frame
from lbc_themes.core.messages import Bilingual, catalogue, message, word_table
from lbc_themes.core.records import Codebook, Passage, Role
from lbc_themes.core.study_log import Contents, Participant
from lbc_themes.exchange.quotes import Quote, quotes_of

if TYPE_CHECKING:
    import pandas as pd

Count = Literal["quotations", "participants"]
Relation = Literal["overlapping", "near", "answer"]
RELATIONS: tuple[Relation, ...] = get_args(Relation)
NOT_STATED = "–"
"""The column of quotations whose participant has no such attribute, or shares an interview with one who differs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Matrix:
    """Quotations by row and column. ``cells`` holds only cells with quotations, in the order of speech.

    ``rows`` and ``columns`` are ids: of codes, interviews, roles, or values of an attribute or a facet. A quotation may
    stand in several cells of a row or column, where a code belongs to several parts of a theory.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[tuple[str, str], tuple[Quote, ...]]

    def quotations(self, row: str, column: str | None = None) -> tuple[Quote, ...]:
        """Return the quotations of a cell or, without a column, of a row, each once."""
        columns = self.columns if column is None else (column,)
        found = dict.fromkeys(quote for each in columns for quote in self.cells.get((row, each), ()))
        return tuple(found)

    def count(self, row: str, column: str | None = None, of: Count = "quotations") -> int:
        """Return how many quotations, or different participants, stand in a cell or row."""
        found = self.quotations(row, column)
        return len(found) if of == "quotations" else len({quote.participant for quote in found})

    def to_frame(self, of: Count = "quotations") -> pd.DataFrame:
        """Return the counts as a data frame of integers, rows by columns."""
        counts = [[self.count(row, column, of) for column in self.columns] for row in self.rows]
        rows, columns = list(self.rows), list(self.columns)
        return data_frame(counts, index=rows, columns=columns, dtype=int, purpose="Matrix.to_frame()")


# --- Code by attribute and by interview.


def code_by_attribute(
    contents: Contents, attribute: str, *, coders: Collection[str] | None = None, below: bool = False
) -> Matrix:
    """Return codes by the values of an attribute of participants ("gender", "age"); "role" is that of who speaks.

    Args:
        contents: The study, as ``Study.contents()`` gives it.
        attribute: The attribute's name.
        coders: Whose codings count (labels of ``coder_label``); by default those of all people.
        below: Whether a code's row also holds the quotations of the codes below it.

    Raises:
        InputError: no participant has such an attribute.
    """
    known = attributes_of(contents)
    if attribute not in known:
        raise InputError(message("exchange.no_attribute", attribute=attribute, known=[*known]))
    quotes = quotes_of(contents, coders)
    value = _attribute_values(contents, attribute)
    stated = dict.fromkeys(value(quote) for quote in quotes)
    columns = [column for column in stated if column != NOT_STATED]
    order = [role.value for role in Role] if attribute == "role" else sorted(columns, key=_as_number)
    return _matrix(
        _code_rows(contents.codebook, quotes, below=below),
        (*(each for each in order if each in stated), *([NOT_STATED] if NOT_STATED in stated else [])),
        ((code_id, value(quote), quote) for quote in quotes for code_id in _above(contents, quote, below=below)),
    )


def code_by_interview(contents: Contents, *, coders: Collection[str] | None = None, below: bool = False) -> Matrix:
    """Return codes by interview, every interview of the study in its order; arguments as of `code_by_attribute`."""
    quotes = quotes_of(contents, coders)
    return _matrix(
        _code_rows(contents.codebook, quotes, below=below),
        [transcript.id for transcript in contents.transcripts],
        ((code_id, quote.transcript_id, quote) for quote in quotes for code_id in _above(contents, quote, below=below)),
    )


def attributes_of(contents: Contents) -> tuple[str, ...]:
    """Return the names of the participants' attributes, the role first."""
    named = (key for person in contents.participants for key, value in person.attributes.items() if value.strip())
    return tuple(dict.fromkeys(["role", *named]))


def _attribute_values(contents: Contents, attribute: str) -> Callable[[Quote], str]:
    people: dict[str, list[Participant]] = defaultdict(list)
    for person in contents.participants:
        for transcript_id in person.transcript_ids:
            people[transcript_id].append(person)

    def value(quote: Quote) -> str:
        if attribute == "role":
            return quote.role.value
        # Whose words they are is not known where several were interviewed together, unless all say the same.
        values = {person.attributes.get(attribute, "").strip() for person in people[quote.transcript_id]}
        return next(iter(values)) or NOT_STATED if len(values) == 1 else NOT_STATED

    return value


def _as_number(value: str) -> tuple[float, str]:
    digits = "".join(each for each in value if each.isdigit() and each.isascii())
    return (float(digits) if digits else float("inf"), value)


# --- Code by code.


def code_by_code(
    contents: Contents,
    relation: Relation = "overlapping",
    *,
    distance: int = 1,
    coders: Collection[str] | None = None,
) -> Matrix:
    """Return codes by codes: a cell holds the quotations of the row's code that have one of the column's code by them.

    Both must come from the same coder: where two coders give different codes to the same words, they disagree, which
    is no co-occurrence.

    Args:
        contents: The study, as ``Study.contents()`` gives it.
        relation: "overlapping", they have words in common; "near", the passages they stand in are at most ``distance``
            passages apart; "answer", they stand in the answer to the same question.
        distance: In passages; for "near" only.
        coders: Whose codings count; by default those of all people.

    Raises:
        InputError: an unknown relation, or a negative distance.
    """
    if relation not in RELATIONS:
        raise InputError(message("exchange.no_relation", relation=relation, known=[*RELATIONS]))
    if distance < 0:
        raise InputError(message("exchange.negative_distance", distance=distance))
    quotes = quotes_of(contents, coders)
    rows = _code_rows(contents.codebook, quotes, below=False)
    spans = _spans(contents, quotes, relation, distance)
    return _matrix(rows, rows, _together(quotes, spans))


def _spans(
    contents: Contents, quotes: Sequence[Quote], relation: Relation, distance: int
) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return for each quotation the half-open stretch it takes and the one in which others count as by it.

    In characters for "overlapping", in numbers of passages for "near", in numbers of answers for "answer".
    """
    if relation == "overlapping":
        return [((quote.start, quote.end),) * 2 for quote in quotes]
    places = _PassagePlaces(contents.passages)
    found = []
    for quote in quotes:
        first, last = places.within(quote, answers=relation == "answer")
        reach = distance if relation == "near" else 0
        found.append(((first, last + 1), (first - reach, last + 1 + reach)))
    return found


class _PassagePlaces:
    """In which passages, and in which answers, a slice of a transcript stands."""

    def __init__(self, passages: Iterable[Passage]) -> None:
        self._ends: dict[str, list[int]] = defaultdict(list)
        self._starts: dict[str, list[int]] = defaultdict(list)
        self._answers: dict[str, list[int]] = defaultdict(list)
        before: dict[str, str] = {}
        for passage in passages:
            key = passage.transcript_id
            answers = self._answers[key]
            # Without a question every passage stands for itself; else a whole monologue would be one answer.
            same = bool(passage.question) and before.get(key) == passage.question
            answers.append(answers[-1] + (not same) if answers else 0)
            before[key] = passage.question
            self._starts[key].append(passage.start)
            self._ends[key].append(passage.end)

    def within(self, quote: Quote, *, answers: bool) -> tuple[int, int]:
        """Return the numbers of the first and last passage, or answer, with words of the quotation."""
        starts, ends = self._starts[quote.transcript_id], self._ends[quote.transcript_id]
        if not starts:
            return quote.start, quote.start
        first = min(bisect_left(ends, quote.start + 1), len(ends) - 1)
        last = max(bisect_left(starts, quote.end) - 1, first)
        numbers = self._answers[quote.transcript_id]
        return (numbers[first], numbers[last]) if answers else (first, last)


def _together(
    quotes: Sequence[Quote], spans: Sequence[tuple[tuple[int, int], tuple[int, int]]]
) -> Iterator[tuple[str, str, Quote]]:
    by_interview: dict[str, list[int]] = defaultdict(list)
    for number, quote in enumerate(quotes):
        by_interview[quote.transcript_id].append(number)
    for numbers in by_interview.values():
        # Quotations come in the order of speech, and so do the stretches that they take.
        longest = max(spans[n][0][1] - spans[n][0][0] for n in numbers)
        starts = [spans[n][0][0] for n in numbers]
        for number in numbers:
            low, high = spans[number][1]
            for other in numbers[bisect_left(starts, low - longest) : bisect_left(starts, high)]:
                one, two = quotes[number], quotes[other]
                beside = spans[other][0][1] > low and one.code_id != two.code_id
                if beside and not set(one.coders).isdisjoint(two.coders):
                    yield one.code_id, two.code_id, one


# --- The parts of a theory, or of the model of intervention, by who speaks.


@dataclass(frozen=True, kw_only=True, slots=True)
class FacetEvidence:
    """What in the data supports one part of a theory: ``quotations`` of its ``codes``, and codes that nothing carries.

    ``facet`` and ``value`` name the part, as codes do in ``Code.facets``.
    """

    facet: str
    value: str
    codes: tuple[str, ...]
    quotations: tuple[Quote, ...]

    @property
    def participants(self) -> tuple[str, ...]:
        """Who speaks of it, each once, in the order of speech."""
        return tuple(dict.fromkeys(quote.participant for quote in self.quotations))

    @property
    def unsupported(self) -> tuple[str, ...]:
        """Its codes without a quotation."""
        used = {quote.code_id for quote in self.quotations}
        return tuple(code_id for code_id in self.codes if code_id not in used)


def facets_of(codebook: Codebook) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return the codes that belong to each value of each facet, in codebook order.

    Values of the library's own facets stand in the order of their theory and are there also where no code has them.
    """
    found: dict[str, dict[str, list[str]]] = {}
    for code in codebook:
        for facet, values in code.facets.items():
            known = found.setdefault(facet, {value: [] for value in _known_values(facet)})
            for value in values:
                known.setdefault(value, []).append(code.id)
    order = [*(facet for facet in word_table("words.facets") if facet in found), *found]
    return {f: {value: tuple(codes) for value, codes in found[f].items()} for f in dict.fromkeys(order)}


def facet_evidence(contents: Contents, facet: str, *, coders: Collection[str] | None = None) -> list[FacetEvidence]:
    """Return for each part of a theory what supports it, parts that nothing supports too.

    Raises:
        InputError: the codebook has no such facet.
    """
    parts = _parts(contents.codebook, facet)
    quotes = quotes_of(contents, coders)
    return [
        FacetEvidence(facet=facet, value=v, codes=codes, quotations=tuple(q for q in quotes if q.code_id in codes))
        for v, codes in parts.items()
    ]


def facet_by_role(contents: Contents, facet: str, *, coders: Collection[str] | None = None) -> Matrix:
    """Return the parts of a theory by the role of who speaks; refuses an unknown facet."""
    parts = _parts(contents.codebook, facet)
    quotes = quotes_of(contents, coders)
    spoke = {quote.role for quote in quotes}
    by_code: dict[str, list[str]] = defaultdict(list)
    for value, codes in parts.items():
        for code_id in codes:
            by_code[code_id].append(value)
    return _matrix(
        list(parts),
        [role.value for role in Role if role in spoke],
        ((value, quote.role.value, quote) for quote in quotes for value in by_code[quote.code_id]),
    )


def facet_name(facet: str) -> Bilingual:
    """Return what a facet is called; a codebook's own facets go by their ids."""
    return word_table("words.facets").get(facet, Bilingual(zh=facet, en=facet))


def facet_value_name(facet: str, value: str) -> Bilingual:
    """Return what a value of a facet is called."""
    return catalogue("words").get(f"words.facet_values.{facet}.{value}", Bilingual(zh=value, en=value))


def _known_values(facet: str) -> list[str]:
    start = f"words.facet_values.{facet}."
    return [key.removeprefix(start) for key in catalogue("words") if key.startswith(start)]


def _parts(codebook: Codebook, facet: str) -> dict[str, tuple[str, ...]]:
    facets = facets_of(codebook)
    if facet not in facets:
        raise InputError(message("exchange.no_facet", facet=facet, known=[*facets] or message("core.none")))
    return facets[facet]


# --- What all of them share.


def _code_rows(codebook: Codebook, quotes: Iterable[Quote], *, below: bool) -> list[str]:
    used = {quote.code_id for quote in quotes}
    if below:
        used |= {above for code_id in used & {*codebook.ids} for above in codebook.ancestors(code_id)}
    return [code_id for code_id in codebook.ids if code_id in used]


def _above(contents: Contents, quote: Quote, *, below: bool) -> tuple[str, ...]:
    known = quote.code_id in contents.codebook
    return (quote.code_id, *(contents.codebook.ancestors(quote.code_id) if below and known else ()))


def _matrix(rows: Sequence[str], columns: Sequence[str], places: Iterable[tuple[str, str, Quote]]) -> Matrix:
    cells: dict[tuple[str, str], dict[Quote, None]] = defaultdict(dict)
    known = set(rows)
    for row, column, quote in places:
        if row in known:
            cells[row, column][quote] = None
    return Matrix(
        rows=tuple(rows), columns=tuple(columns), cells={place: tuple(quotes) for place, quotes in cells.items()}
    )
