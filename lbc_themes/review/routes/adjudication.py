"""Adjudication: what coders gave side by side, and the codes on which they agree."""

from typing import Literal
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.core.records import Decision, Language, Verdict
from lbc_themes.core.study_log import ADJUDICATION_LABEL, Entry
from lbc_themes.review.page import STORED, PageRequest
from lbc_themes.review.routes.coding import names_of, render_page
from lbc_themes.review.workspace import Workspace


def page(workspace: Workspace, request: PageRequest) -> Response:
    """Show a passage on which coders differ; without one, the first that is not adjudicated."""
    refuse_blind(workspace)
    waiting, adjudicated = workspace.state.differing(), workspace.state.adjudicated()
    opened = [passage_id for passage_id in waiting if passage_id not in adjudicated]
    passage_id = request.one("p") or next(iter(opened), "")
    if workspace.state.place(passage_id) < 0:
        return render_page(workspace, request, "adjudicate.html", passage=None, waiting=waiting, opened=opened)
    passage = workspace.study.passage(passage_id)
    given = [d for d in workspace.state.decisions_on(passage_id) if not d.adjudication]
    candidates = tuple(dict.fromkeys(code for decision in given for code in decision.code_ids))
    place = waiting.index(passage_id) if passage_id in waiting else -1
    values = {
        "waiting": waiting,
        "opened": opened,
        "passage": passage,
        "given": given,
        "candidates": candidates,
        "adjudicated": workspace.state.adjudicated_on(passage_id),
        "memos": workspace.state.memos(passage_id),
        "place": place,
        "spans": workspace.state.spans_in(passage),
        "before": waiting[place - 1] if place > 0 else None,
        "after": waiting[place + 1] if 0 <= place < len(waiting) - 1 else None,
    }
    return render_page(workspace, request, "adjudicate.html", **values)


def adjudicate(workspace: Workspace, request: PageRequest) -> Response:
    """Record the adjudicated codes of a passage, and go on to the next."""
    refuse_blind(workspace)
    passage_id, nothing = request.one("passage"), request.one("action") == "nothing"
    alone, language = request.one("only"), request.session.language
    codes = () if nothing else (tuple(alone.split("\n")) if alone else request.many("code"))
    if not codes and not nothing:
        request.session.say(STORED["none"].said(language))
        return to_passage(passage_id)
    before = workspace.state.decision(passage_id, f"{ADJUDICATION_LABEL}{request.coder}")
    workspace.study.record(
        Decision(
            passage_id=passage_id,
            verdict=Verdict.CHANGED if codes else Verdict.REJECTED,
            code_ids=codes,
            coder=request.coder,
            time="",
            memo=request.one("memo").strip(),
            no_code=nothing,
            adjudication=True,
        )
    )
    workspace.state.catch_up()
    if workspace.learning:
        workspace.learning.ask([])
    now = _named(workspace, codes, language)
    if before is not None:
        was = _named(workspace, before.code_ids, language)
        request.session.say(STORED["replaced"].said(language).format(was, now), undo="undo-adjudication")
        return to_passage(passage_id)
    request.session.say(STORED["adjudicated"].said(language).format(now), undo="undo-adjudication")
    return RedirectResponse("adjudicate", status_code=303)


def undo(workspace: Workspace, request: PageRequest) -> Response:
    """Take back the person's last adjudication and show its passage."""
    refuse_blind(workspace)
    return _reversed(workspace, request, workspace.study.undo(request.coder, adjudication=True), "undo")


def redo(workspace: Workspace, request: PageRequest) -> Response:
    """Do again the person's adjudication that they took back last, and show its passage."""
    refuse_blind(workspace)
    return _reversed(workspace, request, workspace.study.redo(request.coder, adjudication=True), "redo")


def _reversed(
    workspace: Workspace, request: PageRequest, entry: Entry | None, way: Literal["undo", "redo"]
) -> Response:
    workspace.state.catch_up()
    language = request.session.language
    if entry is None or not isinstance(entry.record, Decision):
        request.session.say(STORED[f"{way}-nothing"].said(language))
        return to_passage(request.one("passage")) if request.one("passage") else RedirectResponse("adjudicate", 303)
    if way == "undo":
        request.session.say(STORED["undone"].said(language), redo="redo-adjudication")
    else:
        request.session.say(STORED["redone"].said(language), undo="undo-adjudication")
    if workspace.learning:
        workspace.learning.ask([])
    return to_passage(entry.record.passage_id)


def to_passage(passage_id: str) -> Response:
    """Send the browser to the adjudication of a passage."""
    return RedirectResponse(f"adjudicate?{urlencode({'p': passage_id})}", status_code=303)


def _named(workspace: Workspace, codes: tuple[str, ...], language: Language) -> str:
    return names_of(workspace, codes, language) if codes else STORED["nothing"].said(language)


def refuse_blind(workspace: Workspace) -> None:
    """Refuse to show others' codes in blind coding."""
    if workspace.blind:
        raise InputError(message("review.blind_hides_others"))
