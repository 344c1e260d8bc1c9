"""How the study stands: progress, and the figures that take longer, which the page asks for by themselves."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from starlette.responses import HTMLResponse, Response

from lbc_themes.agreement import MEASURES
from lbc_themes.core.records import Code
from lbc_themes.report.wording import STATUS
from lbc_themes.review.asked import Asked
from lbc_themes.review.coding import drawn
from lbc_themes.review.compared import agreement_so_far
from lbc_themes.review.desk import Desk
from lbc_themes.review.figures import Figure
from lbc_themes.review.flags import Flags, flags_in
from lbc_themes.review.settling import refuse_blind
from lbc_themes.study.compare import who_spoke
from lbc_themes.themes.saturation import Saturation

_SHOWN = ("percent", "cohen_kappa", "fleiss_kappa", "mean_cohen_kappa", "alpha", "ac1")
_SAID = ("uncoded-counted", "no-draws", "no-interval", "few-participants", "interval", "bars", "many-coders")
_MOST_THEMES = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeCount:
    """A code, how deep it stands in the tree, how many passages each coder gave it, and their roles."""

    code: Code
    depth: int
    counts: tuple[int, ...]
    roles: tuple[tuple[str, int], ...]


def page(desk: Desk, asked: Asked) -> Response:
    """Show progress; in blind coding, the person's own only."""
    shown = _people(desk, asked)
    waiting = [] if desk.blind else desk.board.differing()
    return drawn(
        desk, asked, "dashboard.html", progress=[(coder, desk.board.count(coder)) for coder in shown],
        learned=desk.learning.taught if desk.learning else None, trial=desk.learning.trial if desk.learning else None,
        fault=desk.learning.fault if desk.learning else "", waiting=waiting,
        settled=0 if desk.blind else len(desk.board.settled()),
    )  # fmt: skip


def _people(desk: Desk, asked: Asked) -> list[str]:
    return [asked.coder] if desk.blind else sorted({asked.coder, *desk.board.people()})


def _shown(desk: Desk, asked: Asked) -> list[str]:
    return [*_people(desk, asked), *([] if desk.blind else desk.board.settlers())]


def _part(asked: Asked, desk: Desk, name: str, figure: Figure[object], **values: object) -> Response:
    return HTMLResponse(desk.look.page(name, asked.session.language, figure=figure, **values))


def codes_part(desk: Desk, asked: Asked) -> Response:
    """Show how often each coder gave each code, and who speaks of it."""
    shown = _shown(desk, asked)
    state = (desk.board.catch_up(), tuple(shown))
    figure = desk.figures.get(f"codes {desk.blind and asked.coder}", state, lambda: _counted(desk, shown))
    used = [row for row in figure.value or [] if any(row.counts)]
    return _part(
        asked, desk, "counts.html", figure, people=shown, used=used, unused=len(figure.value or ()) - len(used)
    )


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


def agreement_part(desk: Desk, asked: Asked) -> Response:
    """Show how far people agree on the passages that two or more of them decided on."""
    refuse_blind(desk)
    figure = desk.figures.get(
        "agreement", desk.board.catch_up(), lambda: agreement_so_far(desk.board, who_spoke(desk.study))
    )
    table = figure.value.table if figure.value else None
    rows = [] if table is None else [table.overall, table.pooled, *(r for r in table.rows if r.scope == "code")]
    measures = [(n, MEASURES[n]) for n in _SHOWN if any(n in row.measures for row in rows)]
    notices = [notice for notice in table.notices if notice.topic in _SAID] if table else []
    return _part(asked, desk, "agreement.html", figure, table=table, rows=rows, measures=measures, notices=notices)


def distress_part(desk: Desk, asked: Asked) -> Response:
    """List the passages that somebody trained should read."""
    figure: Figure[Flags] = desk.figures.get(
        "distress", len(desk.board.passages), lambda: flags_in(desk.board.passages)
    )
    return _part(asked, desk, "distress.html", figure, found=figure.value)


def saturation_part(desk: Desk, asked: Asked) -> Response:
    """Show how many new codes each further interview brought."""
    coders = _shown(desk, asked)
    state = (desk.board.catch_up(), tuple(coders))
    name = f"saturation {desk.blind and asked.coder}"
    figure = desk.figures.get(name, state, lambda: _saturated(desk, coders))
    return _part(asked, desk, "saturation.html", figure, found=figure.value[0] if figure.value else None)


def _saturated(desk: Desk, coders: list[str]) -> tuple[Saturation | None]:
    from lbc_themes.themes.saturation import saturation

    codes: dict[str, set[str]] = {}
    for coder in coders:
        for passage_id, decision in desk.board.decided(coder).items():
            transcript_id = desk.board.passages[desk.board.place(passage_id)].transcript_id
            codes.setdefault(transcript_id, set()).update(decision.code_ids)
    ordered = {t.id: codes[t.id] for t in desk.study.transcripts if t.id in codes}
    return (saturation(ordered) if ordered else None,)


def themes_part(desk: Desk, asked: Asked) -> Response:
    """Show the candidate themes that the machine finds, beside the codebook."""
    refuse_blind(desk)
    found, running, fault = desk.themes()
    stale = found is not None and found.passages != len(desk.board.passages)
    figure: Figure[object] = Figure(value=found, current=not running, fault=fault)
    themes = found.themes[:_MOST_THEMES] if found else ()
    return _part(asked, desk, "themes.html", figure, found=found, themes=themes, stale=stale, status=STATUS)
