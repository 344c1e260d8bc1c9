"""Undo, memos, and codes on slices that a person selected."""

from starlette.responses import Response

from lbc_themes.core.records import Coding, Decision
from lbc_themes.core.study_log import Memo
from lbc_themes.review.asked import Asked
from lbc_themes.review.coding import to_passage
from lbc_themes.review.desk import Desk
from lbc_themes.review.interview import said_in_slice
from lbc_themes.review.refusal import PageError
from lbc_themes.review.words import STORED


def undo(desk: Desk, asked: Asked) -> Response:
    """Take back the person's last step, or the one named, and show where it was."""
    entry = desk.study.undo(asked.coder, asked.whole("entry") if asked.one("entry") else None)
    desk.board.catch_up()
    here = asked.one("passage")
    if entry is None:
        return _back(asked, "undo-nothing", here)
    record = entry.record
    if isinstance(record, Decision):
        here = record.passage_id
    elif isinstance(record, Memo) and record.about == "passage":
        here = record.about_id
    elif isinstance(record, Coding):
        here = _at(desk, record, here)
    if desk.learning:
        desk.learning.ask([here] if desk.board.place(here) >= 0 else [])
    return _back(asked, "undone", here)


def _at(desk: Desk, coding: Coding, here: str) -> str:
    inside = desk.board.within(coding.transcript_id)
    return next((p.id for p in inside if p.start < coding.end and p.end > coding.start), here)


def memo(desk: Desk, asked: Asked) -> Response:
    """Store a memo about a passage."""
    passage_id = asked.one("passage")
    text = asked.one("text").replace("\r\n", "\n")
    desk.study.record_memo(Memo(text=text, coder=asked.coder, about="passage", about_id=passage_id))
    return _back(asked, "memo", passage_id)


def span(desk: Desk, asked: Asked) -> Response:
    """Put a code on the slice that a person selected, after making sure that it is the one they saw."""
    passage = desk.study.passage(asked.one("passage"))
    transcript = desk.transcript(passage.transcript_id)
    start, end = asked.whole("start"), asked.whole("end")
    if not said_in_slice(transcript.text, start, end, head=asked.one("head"), tail=asked.one("tail")):
        raise PageError(
            zh=f"选中的文字与 {transcript.id} 第 {start} 到 {end} 字不符；请重新选择",
            en=f"the selection is not what stands at {start} to {end} of {transcript.id}; select it again",
        )
    codes = asked.many("code")
    if not codes:
        return _back(asked, "none", passage.id)
    for code_id in codes:
        coding = Coding(transcript_id=transcript.id, start=start, end=end, code_id=code_id, coder=asked.coder)
        desk.study.record_coding(coding)
    names = "、".join(desk.codebook[code_id].name.said(asked.session.language) for code_id in codes)
    return _back(asked, "span", passage.id, names)


def _back(asked: Asked, remark: str, passage_id: str, names: str = "") -> Response:
    asked.session.said = STORED[remark].said(asked.session.language).format(names)
    return to_passage(passage_id)
