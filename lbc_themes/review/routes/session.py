"""Who sits here, which language and order, and the list of interviews."""

from collections import defaultdict
from datetime import UTC, datetime

from starlette.responses import HTMLResponse, RedirectResponse, Response

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.core.records import Severity
from lbc_themes.reading import advice, line_in_question, wording_of
from lbc_themes.reading.notes import in_both
from lbc_themes.review.page import STORED, PageRequest, checked_coder
from lbc_themes.review.routes.coding import render_page
from lbc_themes.review.workspace import Workspace

_ALLOWED = {"language": ("zh", "en"), "order": ("straight", "next"), "keys": ("on", "off")}
_PAGES = (
    "code", "interviews", "dashboard", "adjudicate", "coder", "codebook", "quotations", "search", "codebook-history",
    "split", "memos", "read", "matrices", "themes", "theme",
)  # fmt: skip


def start(workspace: Workspace, request: PageRequest) -> Response:
    """Send a person to work, or ask their name first."""
    del workspace
    return RedirectResponse("code" if request.session.coder else "coder", status_code=303)


def ask_name(workspace: Workspace, request: PageRequest) -> Response:
    """Ask who is coding."""
    if workspace.coder:
        return RedirectResponse("code", status_code=303)
    return render_page(workspace, request, "coder.html", people=[] if workspace.blind else workspace.state.people())


def take_name(workspace: Workspace, request: PageRequest) -> Response:
    """Remember who is coding; a name given on the command line stays."""
    if not workspace.coder:
        request.session.coder = checked_coder(request.one("name"))
    return RedirectResponse("code", status_code=303)


def choose(workspace: Workspace, request: PageRequest) -> Response:
    """Change the language, the order or the shortcuts, and go back to the page."""
    del workspace
    for name, allowed in _ALLOWED.items():
        value = request.one(name)
        if value and value not in allowed:
            raise InputError(message("review.allowed", name=name, value=value, allowed=[*allowed]))
        if value:
            setattr(request.session, name, value == "on" if name == "keys" else value)
    back = request.one("back", "code")
    known = back.partition("?")[0] in _PAGES
    return RedirectResponse(back if known else "code", status_code=303)


def interviews(workspace: Workspace, request: PageRequest) -> Response:
    """List the interviews with how far the person has come in each."""
    state = workspace.state
    decided = state.worked_on(request.coder)
    flags, risky = workspace.flags().value, defaultdict[str, list[str]](list)
    for passage, _ in flags.plain if flags else ():
        risky[passage.transcript_id].append(passage.id)
    rows = []
    for transcript in workspace.study.transcripts:
        inside = state.within(transcript.id)
        still = [p for p in inside if p.id not in decided]
        role = inside[0].role.value if inside else ""
        found = [
            (wording_of(finding), advice(finding), line_in_question(transcript, finding))
            for finding in transcript.findings
            if finding.severity is not Severity.NOTE
        ]
        rows.append({
            "id": transcript.id, "role": role, "passages": len(inside), "done": len(inside) - len(still),
            "first": (still or inside)[0].id if inside else "", "findings": found,
            "notes": [in_both(n) for n in transcript.notes if not any(n.startswith(says.en) for says, _, _ in found)],
            "risky": risky.get(transcript.id, []),
        })  # fmt: skip
    rows.sort(key=lambda row: not row["findings"])
    return render_page(workspace, request, "interviews.html", rows=rows)


def save_copy(workspace: Workspace, request: PageRequest) -> Response:
    """Write what the open study holds beside its file, where that file was moved, removed or replaced."""
    path = workspace.study.path
    time = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    copy = workspace.study.save_copy(path.with_name(f"{path.stem}-{time}{path.suffix}"))
    language = request.session.language
    words = STORED["copy-saved"].said(language).format(copy)
    return HTMLResponse(
        workspace.renderer.page("refusal.html", language, words=words, replaced=False, csrf=request.session.csrf)
    )
