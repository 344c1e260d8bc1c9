"""The page on which a whole interview is read, with code stripes in its margin."""

from collections import Counter

from starlette.responses import HTMLResponse, Response

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.review.page import PageRequest
from lbc_themes.review.reading_view import part_with, parts_of, runs_of, striped_part
from lbc_themes.review.routes.coding import render_page
from lbc_themes.review.workspace import Workspace


def page(workspace: Workspace, request: PageRequest) -> Response:
    """Show an interview from the passage named, or from its beginning."""
    transcript_id, passage_id, who = _interview(workspace, request), request.one("p"), _who(workspace, request)
    place = workspace.state.place(passage_id)
    passage = workspace.state.passages[place] if place >= 0 else None
    first = part_with(workspace, passage) if passage and passage.transcript_id == transcript_id else 0
    counts = Counter(run.code_id for run in runs_of(workspace, transcript_id, who))
    state = workspace.state
    people = [request.coder] if workspace.blind else sorted({request.coder, *state.people(), *state.adjudicators()})
    return render_page(
        workspace, request, "read.html", transcript_id=transcript_id, first=first, who=who, people=people,
        parts=parts_of(workspace, transcript_id), blocks=striped_part(workspace, transcript_id, first, who),
        counts=counts, at=passage_id, memos=_memos(workspace, request, transcript_id),
        interviews=[transcript.id for transcript in workspace.study.transcripts],
    )  # fmt: skip


def part(workspace: Workspace, request: PageRequest) -> Response:
    """Return one part of an interview, to be put into the page."""
    transcript_id, number = _interview(workspace, request), request.whole("part")
    who = _who(workspace, request)
    if number >= parts_of(workspace, transcript_id):
        raise InputError(message("review.no_part"))
    words = workspace.renderer.page(
        "read_part.html", request.session.language, workspace=workspace, session=request.session,
        transcript_id=transcript_id, blocks=striped_part(workspace, transcript_id, number, who), who=who, at="",
        memos=_memos(workspace, request, transcript_id), csrf=request.session.csrf,
    )  # fmt: skip
    return HTMLResponse(words)


def _interview(workspace: Workspace, request: PageRequest) -> str:
    ids = [transcript.id for transcript in workspace.study.transcripts]
    place = workspace.state.place(request.one("p"))
    wanted = request.one("t") or (workspace.state.passages[place].transcript_id if place >= 0 else "")
    if wanted not in ids:
        raise InputError(message("review.no_interview", wanted=wanted))
    return wanted


def _who(workspace: Workspace, request: PageRequest) -> str:
    """Return whose codes are shown: the person's own by default, "" for everybody's; in blind coding one's own."""
    wanted = request.one("who", request.coder)
    return request.coder if workspace.blind else "" if wanted == "*" else wanted


def _memos(workspace: Workspace, request: PageRequest, transcript_id: str) -> dict[str, list[str]]:
    """Return the memos about passages and parts of them, by the passage at which they are marked."""
    found: dict[str, list[str]] = {}
    for passage in workspace.state.within(transcript_id):
        for each in workspace.state.memos(passage.id):
            if not workspace.blind or each.memo.coder == request.coder:
                found.setdefault(passage.id, []).append(each.memo.text)
    for each in workspace.state.memos(transcript_id, "span"):
        memo = each.memo
        if memo.start is not None and memo.end is not None and (not workspace.blind or memo.coder == request.coder):
            inside = (p for p in workspace.state.within(transcript_id) if p.start < memo.end and p.end > memo.start)
            for passage in list(inside)[:1]:
                found.setdefault(passage.id, []).append(memo.text)
    return found
