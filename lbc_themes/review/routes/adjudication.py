"""Adjudication: what coders gave side by side, and the code on which they settle."""

from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from lbc_themes.core.records import Decision, Verdict
from lbc_themes.review.rendering import STORED
from lbc_themes.review.request import PageError, PageRequest
from lbc_themes.review.routes.coding import render_page
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
    alone = request.one("only")
    codes = () if nothing else (tuple(alone.split("\n")) if alone else request.many("code"))
    language = request.session.language
    if not codes and not nothing:
        request.session.message = STORED["none"].said(language)
        return RedirectResponse(f"/settle?{urlencode({'p': passage_id})}", status_code=303)
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
    names = "、".join(workspace.codebook[code].name.said(language) for code in codes)
    request.session.message = STORED["adjudicated" if codes else "adjudicated-nothing"].said(language).format(names)
    if workspace.learning:
        workspace.learning.ask([])
    return RedirectResponse("/settle", status_code=303)


def refuse_blind(workspace: Workspace) -> None:
    """Refuse to show others' codes in blind coding."""
    if workspace.blind:
        raise PageError(
            zh="现在是盲编，不显示别人的编码；要裁定，启动时请去掉 --blind",
            en="coding is blind, so the codes of others are not shown; start the page without --blind",
        )
