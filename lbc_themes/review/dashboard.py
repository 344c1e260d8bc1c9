"""How the study stands: progress, codes, and the figures that take longer, which the page asks for by themselves."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from starlette.responses import HTMLResponse, Response

from lbc_themes.agreement import MEASURES, AgreementTable, agreement
from lbc_themes.distress import DistressCue, distress_cues
from lbc_themes.exchange.standing import codings_of
from lbc_themes.records import Code, Coding, Decision, Passage
from lbc_themes.review.asked import Asked
from lbc_themes.review.coding import drawn
from lbc_themes.review.desk import Desk
from lbc_themes.review.settling import differing, refuse_blind

DRAWS = 200
MOST_FOR_INTERVALS = 1500
_SHOWN = ("percent", "cohen_kappa", "fleiss_kappa", "alpha", "ac1")


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeCount:
    """A code, how deep it stands in the tree, how many passages each coder gave it, and their roles."""

    code: Code
    depth: int
    counts: tuple[int, ...]
    roles: tuple[tuple[str, int], ...]


def page(desk: Desk, asked: Asked) -> Response:
    """Show progress and codes; in blind coding, the person's own only."""
    people = [asked.coder] if desk.blind else sorted({asked.coder, *desk.board.people()})
    shown = [*people, *([] if desk.blind else desk.board.settlers())]
    state = (desk.board.catch_up(), tuple(shown))
    counts = desk.remembered.value("counts", state, lambda: _counted(desk, shown))
    used = [row for row in counts if any(row.counts)]
    most = max((sum(row.counts) for row in used), default=1)
    return drawn(
        desk, asked, "dashboard.html", people=shown, used=used, most=most, unused=len(counts) - len(used),
        progress=[(coder, desk.board.count(coder)) for coder in shown],
        learned=desk.learning.taught if desk.learning else None,
        fault=desk.learning.fault if desk.learning else "", waiting=[] if desk.blind else differing(desk),
    )  # fmt: skip


def _counted(desk: Desk, coders: list[str]) -> list[CodeCount]:
    by_coder = [desk.board.decided(coder) for coder in coders]
    counts = [Counter(code for decision in held.values() for code in decision.code_ids) for held in by_coder]
    given: dict[str, set[str]] = defaultdict(set)
    for held in by_coder:
        for passage_id, decision in held.items():
            for code_id in decision.code_ids:
                given[code_id].add(passage_id)
    board = desk.board
    roles = {i: Counter(board.passages[board.place(p)].role.value for p in inside) for i, inside in given.items()}
    return [
        CodeCount(
            code=code, depth=len(desk.codebook.ancestors(code.id)), counts=tuple(count[code.id] for count in counts),
            roles=tuple(sorted(roles.get(code.id, Counter()).items())),
        )
        for code in desk.codebook
    ]  # fmt: skip


def _part(desk: Desk, asked: Asked, name: str, **values: object) -> Response:
    return HTMLResponse(desk.look.page(name, asked.session.language, **values))


def agreement_part(desk: Desk, asked: Asked) -> Response:
    """Show how far people agree on the passages that two or more of them decided on."""
    refuse_blind(desk)
    state = desk.board.catch_up()
    table = desk.remembered.value("agreement", state, lambda: _agreement(desk))
    rows = [] if table is None else [table.overall, table.pooled, *(r for r in table.rows if r.scope == "code")]
    measures = [(n, MEASURES[n]) for n in _SHOWN if any(n in row.measures for row in rows)]
    return _part(desk, asked, "agreement.html", table=table, rows=rows, measures=measures)


def _agreement(desk: Desk) -> AgreementTable | None:
    by_coder = {coder: desk.board.decided(coder) for coder in desk.board.people()}
    times = Counter(passage_id for held in by_coder.values() for passage_id in held)
    both = [p for p in desk.board.passages if times[p.id] > 1]
    inside = {p.id: p for p in both}
    coders = [coder for coder, held in by_coder.items() if inside.keys() & held.keys()]
    codings = [c for coder in coders for c in _codings(by_coder[coder].values(), inside)]
    if len(coders) < 2 or not codings:
        return None
    read = {coder: {inside[i].transcript_id for i in by_coder[coder] if i in inside} for coder in coders}
    draws = DRAWS if len(both) <= MOST_FOR_INTERVALS else 0
    return agreement(codings, passages=both, coders=coders, read=read, draws=draws)


def _codings(decisions: Iterable[Decision], inside: Mapping[str, Passage]) -> Iterator[Coding]:
    for decision in decisions:
        if decision.passage_id in inside:
            yield from codings_of(decision, inside[decision.passage_id])


def distress_part(desk: Desk, asked: Asked) -> Response:
    """List the passages that somebody trained should read."""
    found = desk.remembered.value("distress", len(desk.board.passages), lambda: _flags(desk.board.passages))
    return _part(desk, asked, "distress.html", found=found)


def _flags(passages: tuple[Passage, ...]) -> list[tuple[Passage, tuple[DistressCue, ...]]]:
    return [(passage, cues) for passage in passages if (cues := distress_cues(passage.text))]


def saturation_part(desk: Desk, asked: Asked) -> Response:
    """Show how many new codes each further interview brought."""
    from lbc_themes.themes.saturation import saturation

    coders = [asked.coder] if desk.blind else [*desk.board.people(), *desk.board.settlers()]
    codes: dict[str, set[str]] = {}
    for coder in coders:
        for passage_id, decision in desk.board.decided(coder).items():
            transcript_id = desk.board.passages[desk.board.place(passage_id)].transcript_id
            codes.setdefault(transcript_id, set()).update(decision.code_ids)
    ordered = {t.id: codes[t.id] for t in desk.study.transcripts if t.id in codes}
    state = (desk.board.catch_up(), tuple(coders))
    found = desk.remembered.value("saturation", state, lambda: saturation(ordered)) if ordered else None
    return _part(desk, asked, "saturation.html", found=found)
