"""All memos of a study: on passages, parts of them, codes, participants, interviews and the study itself."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from markupsafe import Markup, escape
from starlette.responses import RedirectResponse, Response

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.core.records import Passage
from lbc_themes.core.study_log import About, Memo, Retraction, is_theme_edit
from lbc_themes.exchange.code_quotations import KINDS
from lbc_themes.exchange.memo_table import memos_file, place_of
from lbc_themes.review.page import STORED, PageRequest, download
from lbc_themes.review.routes.coding import own_page, render_page
from lbc_themes.review.state import MemoEntry
from lbc_themes.review.workspace import Workspace

ABOUT: tuple[About, ...] = ("study", "participant", "transcript", "code", "passage", "span")
_TOKEN = re.compile(r"[\w.\-]+:\d+|@[\w.\-]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class MemoRow:
    """A memo as it is listed: where it leads, what that is called, and the words that it is about."""

    entry_id: int
    memo: Memo
    link: str
    name: str
    quote: str
    text: Markup


def page(workspace: Workspace, request: PageRequest) -> Response:
    """List the memos, the newest first, filtered by what they are about, by coder and by words."""
    chosen = {name: request.one(name).strip() for name in ("about", "coder", "q")}
    passages = workspace.passages_by_id
    rows = [_row(workspace, request, each, passages) for each in _memos(workspace, request, chosen)]
    every = {each.memo.coder for each in workspace.state.all_memos()}
    return render_page(
        workspace, request, "memos.html", rows=rows, chosen=chosen, about=ABOUT, address=urlencode(chosen),
        coders=[request.coder] if workspace.blind else sorted(every),
        participants=[person.id for person in workspace.study.participants],
        interviews=[transcript.id for transcript in workspace.study.transcripts],
    )  # fmt: skip


def _memos(workspace: Workspace, request: PageRequest, chosen: dict[str, str]) -> list[MemoEntry]:
    words = workspace.simplified(chosen["q"]).casefold().split()
    found = []
    for each in reversed(workspace.state.all_memos()):
        memo = each.memo
        if is_theme_edit(memo):
            continue  # the board of themes has its own history
        if workspace.blind and memo.coder != request.coder:
            continue
        if chosen["about"] not in ("", memo.about) or chosen["coder"] not in ("", memo.coder):
            continue
        text = workspace.simplified(memo.text).casefold()
        if all(word in text for word in words):
            found.append(each)
    return found


def _row(workspace: Workspace, request: PageRequest, each: MemoEntry, passages: Mapping[str, Passage]) -> MemoRow:
    memo, state, language = each.memo, workspace.state, request.session.language
    interview, start, end = place_of(memo, passages)
    quote = workspace.transcript(interview).text[start:end] if end is not None else ""
    name, link = memo.about_id, ""
    if memo.about == "code" and memo.about_id in workspace.codebook:
        name = workspace.codebook[memo.about_id].name.said(language)
        link = f"quotations?{urlencode({'c': memo.about_id})}"
    elif memo.about == "passage" and state.place(memo.about_id) >= 0:
        link = f"code?{urlencode({'p': memo.about_id, 'from': 'memos'})}"
    elif memo.about == "span" and memo.start is not None and memo.end is not None:
        here = next((p for p in state.within(interview) if p.start < memo.end and p.end > memo.start), None)
        link = f"code?{urlencode({'p': here.id, 'from': 'memos'})}" if here else ""
        name = here.id if here else memo.about_id
    elif memo.about == "transcript":
        link = f"read?{urlencode({'t': memo.about_id})}"
    return MemoRow(
        entry_id=each.entry_id, memo=memo, link=link, name=name, quote=quote, text=linked(workspace, memo.text)
    )


def linked(workspace: Workspace, text: str) -> Markup:
    """Return the words of a memo, escaped, in which ids of passages and ``@`` with the id of a code are links."""
    parts, at = [], 0
    for found in _TOKEN.finditer(text):
        token = found.group()
        if token.startswith("@") and token[1:] in workspace.codebook:
            link = f"quotations?{urlencode({'c': token[1:]})}"
        elif workspace.state.place(token) >= 0:
            link = f"code?{urlencode({'p': token, 'from': 'memos'})}"
        else:
            continue
        parts += [escape(text[at : found.start()]), Markup('<a href="{}">{}</a>').format(link, token)]
        at = found.end()
    return Markup("").join([*parts, escape(text[at:])])


def add(workspace: Workspace, request: PageRequest) -> Response:
    """Store a memo about the study, a participant, an interview, or words that a person selected."""
    about, about_id = request.one("about"), request.one("about_id")
    kind = next((each for each in ABOUT if each == about), None)
    if kind is None:
        raise InputError(message("review.allowed", name="about", value=about, allowed=[*ABOUT]))
    text = request.one("text").replace("\r\n", "\n")
    memo = Memo(text=text, coder=request.coder, about=kind, about_id="" if kind == "study" else about_id)
    if kind == "span":
        memo = replace(memo, start=request.whole("start"), end=request.whole("end"))
    workspace.study.record_memo(memo)
    request.session.say(STORED["memo"].said(request.session.language), can_undo=True)
    return RedirectResponse(own_page(request.one("back", "memos")), status_code=303)


def edit(workspace: Workspace, request: PageRequest) -> Response:
    """Put other words in place of a memo of one's own; the words before stay in the log."""
    number, text = request.whole("entry"), request.one("text").replace("\r\n", "\n")
    held = next((each.memo for each in workspace.state.all_memos() if each.entry_id == number), None)
    language = request.session.language
    if held is None or held.coder != request.coder or held.text == text:
        request.session.say(STORED["memo-unchanged"].said(language))
    else:
        gone, new = Retraction(entry_id=number), replace(held, text=text, time="")
        workspace.study.record_step([gone, new] if text.strip() else [gone], coder=request.coder)
        request.session.say(STORED["memo"].said(language), can_undo=True)
    return RedirectResponse(own_page(request.one("back", "memos")), status_code=303)


def export(workspace: Workspace, request: PageRequest) -> Response:
    """Return the memos that the filters let through as a file."""
    chosen = {name: request.one(name).strip() for name in ("about", "coder", "q")}
    kind = request.one("format")
    data = memos_file(
        [each.memo for each in _memos(workspace, request, chosen)], kind, passages=workspace.passages_by_id,
        transcripts={transcript.id: transcript for transcript in workspace.study.transcripts},
        codebook=workspace.codebook, language=request.session.language,
    )  # fmt: skip
    return download(data, f"{workspace.study.path.stem} memos.{kind}", KINDS[kind])
