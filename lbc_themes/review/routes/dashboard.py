"""How the study stands: progress, and the results that take longer, which the page asks for by themselves."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from starlette.responses import HTMLResponse, Response

from lbc_themes.agreement import MEASURES, AgreementTable, agreement
from lbc_themes.core.messages import word_table
from lbc_themes.core.records import Code, Coding, Passage
from lbc_themes.core.study_log import codings_of
from lbc_themes.review.background import BackgroundResult
from lbc_themes.review.page import PageRequest
from lbc_themes.review.routes.adjudication import refuse_blind
from lbc_themes.review.routes.coding import render_page
from lbc_themes.review.state import StudyState
from lbc_themes.review.workspace import Workspace
from lbc_themes.safeguards.distress import status_given
from lbc_themes.study.compare import who_spoke
from lbc_themes.themes.saturation import Saturation

# --- How far people agree so far, on the passages that two or more of them decided on.

DRAWS = 200
MOST_FOR_INTERVALS = 1500


@dataclass(frozen=True, kw_only=True, slots=True)
class AgreementSoFar:
    """The table, or None where nothing can be compared yet."""

    table: AgreementTable | None


def agreement_so_far(state: StudyState, participants: Mapping[str, str] | None = None) -> AgreementSoFar:
    """Return how far people agree, codes on parts of passages included.

    ``participants`` maps transcript ids to participants, for the intervals; by default each transcript is one. There
    are no intervals where there are more than 1,500 passages.
    """
    by_coder = {coder: state.decided(coder) for coder in state.people()}
    times = Counter(passage_id for held in by_coder.values() for passage_id in held)
    both = [p for p in state.passages if times[p.id] > 1]
    read = {coder: {p.id for p in both if p.id in held} for coder, held in by_coder.items()}
    coders = [coder for coder, ids in read.items() if ids]
    codings = list(_codings(state, both, read))
    if len(coders) < 2 or not codings:
        return AgreementSoFar(table=None)
    draws = DRAWS if len(both) <= MOST_FOR_INTERVALS else 0
    spoke = {p.id: (participants or {}).get(p.transcript_id, p.transcript_id) for p in both}
    # Each passage stands for a text of its own: one that a coder has not come to yet is missing, not without a code.
    apart = [replace(p, transcript_id=p.id) for p in both]
    return AgreementSoFar(
        table=agreement(codings, passages=apart, coders=coders, read=read, participants=spoke, draws=draws)
    )


def _codings(state: StudyState, passages: Sequence[Passage], read: Mapping[str, set[str]]) -> Iterator[Coding]:
    for passage in passages:
        for decision in state.decisions_on(passage.id):
            if decision.coder in read and not decision.adjudication:
                yield from (replace(c, transcript_id=passage.id) for c in codings_of(decision, passage))
        for coding in (each.coding for each in state.spans_in(passage)):
            if passage.id in read.get(coding.coder, ()) and not coding.adjudication:
                yield replace(coding, transcript_id=passage.id)


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


def page(workspace: Workspace, request: PageRequest) -> Response:
    """Show progress; in blind coding, the person's own only."""
    shown = _people(workspace, request)
    waiting = [] if workspace.blind else workspace.state.differing()
    return render_page(
        workspace,
        request,
        "dashboard.html",
        progress=[(coder, workspace.state.count(coder)) for coder in shown],
        learned=workspace.learning.taught if workspace.learning else None,
        comparison=workspace.learning.comparison if workspace.learning else None,
        fault=workspace.learning.fault if workspace.learning else "",
        waiting=waiting,
        adjudicated=0 if workspace.blind else len(workspace.state.adjudicated()),
    )


def _people(workspace: Workspace, request: PageRequest) -> list[str]:
    return [request.coder] if workspace.blind else sorted({request.coder, *workspace.state.people()})


def _shown(workspace: Workspace, request: PageRequest) -> list[str]:
    return [*_people(workspace, request), *([] if workspace.blind else workspace.state.adjudicators())]


def _part(
    request: PageRequest, workspace: Workspace, name: str, figure: BackgroundResult[object], **values: object
) -> Response:
    return HTMLResponse(workspace.renderer.page(name, request.session.language, figure=figure, **values))


def codes_part(workspace: Workspace, request: PageRequest) -> Response:
    """Show how often each coder gave each code, and who speaks of it."""
    shown = _shown(workspace, request)
    version = (workspace.state.catch_up(), tuple(shown))
    figure = workspace.results.get(
        f"codes {workspace.blind and request.coder}", version, lambda: _counted(workspace, shown)
    )
    used = [row for row in figure.value or [] if any(row.counts)]
    return _part(
        request, workspace, "counts.html", figure, people=shown, used=used, unused=len(figure.value or ()) - len(used)
    )


def _counted(workspace: Workspace, coders: list[str]) -> list[CodeCount]:
    by_coder = [workspace.state.decided(coder) for coder in coders]
    counts = [Counter(code for decision in held.values() for code in decision.code_ids) for held in by_coder]
    given: dict[str, set[str]] = defaultdict(set)
    for held in by_coder:
        for passage_id, decision in held.items():
            for code_id in decision.code_ids:
                given[code_id].add(passage_id)
    state = workspace.state
    roles = {i: Counter(state.passages[state.place(p)].role.value for p in inside) for i, inside in given.items()}
    return [
        CodeCount(
            code=code,
            depth=len(workspace.codebook.ancestors(code.id)),
            counts=tuple(count[code.id] for count in counts),
            roles=tuple(sorted(roles.get(code.id, Counter()).items())),
        )
        for code in workspace.codebook
    ]


def agreement_part(workspace: Workspace, request: PageRequest) -> Response:
    """Show how far people agree on the passages that two or more of them decided on."""
    refuse_blind(workspace)
    figure = workspace.results.get(
        "agreement", workspace.state.catch_up(), lambda: agreement_so_far(workspace.state, who_spoke(workspace.study))
    )
    table = figure.value.table if figure.value else None
    rows = [] if table is None else [table.overall, table.pooled, *(r for r in table.rows if r.scope == "code")]
    measures = [(n, MEASURES[n]) for n in _SHOWN if any(n in row.measures for row in rows)]
    notices = [notice for notice in table.notices if notice.topic in _SAID] if table else []
    return _part(
        request, workspace, "agreement.html", figure, table=table, rows=rows, measures=measures, notices=notices
    )


def distress_part(workspace: Workspace, request: PageRequest) -> Response:
    """List the passages that somebody trained should read."""
    figure = workspace.flags()
    return _part(request, workspace, "distress.html", figure, found=figure.value)


def saturation_part(workspace: Workspace, request: PageRequest) -> Response:
    """Show how many new codes each further interview brought."""
    coders = _shown(workspace, request)
    version = (workspace.state.catch_up(), tuple(coders))
    name = f"saturation {workspace.blind and request.coder}"
    figure = workspace.results.get(name, version, lambda: _saturated(workspace, coders))
    return _part(request, workspace, "saturation.html", figure, found=figure.value[0] if figure.value else None)


def _saturated(workspace: Workspace, coders: list[str]) -> tuple[Saturation | None]:
    from lbc_themes.themes.saturation import saturation

    codes: dict[str, set[str]] = {}
    for coder in coders:
        for passage_id, decision in workspace.state.decided(coder).items():
            transcript_id = workspace.state.passages[workspace.state.place(passage_id)].transcript_id
            codes.setdefault(transcript_id, set()).update(decision.code_ids)
    ordered = {t.id: codes[t.id] for t in workspace.study.transcripts if t.id in codes}
    return (saturation(ordered) if ordered else None,)


def themes_part(workspace: Workspace, request: PageRequest) -> Response:
    """Show the candidate themes that the machine finds, beside the codebook."""
    refuse_blind(workspace)
    found, running, fault = workspace.themes()
    stale = found is not None and found.passages != len(workspace.state.passages)
    figure: BackgroundResult[object] = BackgroundResult(value=found, current=not running, fault=fault)
    themes = found.themes[:_MOST_THEMES] if found else ()
    words = word_table("words.status")
    status = {
        theme.id: words[status_given(theme.status, (workspace.cues_of(i) for i in theme.passages))]
        for theme in themes
        if theme.status
    }
    return _part(request, workspace, "themes.html", figure, found=found, themes=themes, stale=stale, status=status)
