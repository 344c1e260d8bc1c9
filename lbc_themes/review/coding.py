"""The page on which people code, and their decisions."""

from urllib.parse import urlencode

from starlette.responses import HTMLResponse, RedirectResponse, Response

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Decision, Passage, Verdict
from lbc_themes.core.study_log import NOTHING
from lbc_themes.review.asked import Asked
from lbc_themes.review.board import SpanCoded
from lbc_themes.review.desk import TOP, Desk
from lbc_themes.review.going import neighbours
from lbc_themes.review.interview import Window, window
from lbc_themes.review.learning import AHEAD
from lbc_themes.review.refusal import PageError
from lbc_themes.review.words import STORED
from lbc_themes.safeguards.distress import distress_cues


def to_passage(passage_id: str) -> Response:
    """Send the browser to a passage."""
    return RedirectResponse(f"/code?{urlencode({'p': passage_id})}", status_code=303)


def page(desk: Desk, asked: Asked) -> Response:
    """Show a passage in its interview; without one, the first that is still open."""
    board, passage_id = desk.board, asked.one("p")
    if not board.passages:
        raise PageError(
            zh="研究里还没有段落；请先用 lbc-themes study add 加入文稿",
            en="the study has no passages; add transcripts with lbc-themes study add",
        )
    if not passage_id:
        onward = desk.ahead(asked.session, -1) or [board.passages[0].id]
        return to_passage(onward[0])
    place = board.place(passage_id)
    if place < 0:
        raise PageError(
            zh=f"研究里没有段落 {passage_id!r}；请回到访谈列表",
            en=f"no passage {passage_id!r} in the study; go back to the list of interviews",
        )
    passage = board.passages[place]
    ahead = desk.ahead(asked.session, place, AHEAD)
    shown = desk.shown(passage_id)
    if desk.learning:
        desk.learning.ask([passage_id, *ahead] if shown.suggestion is None else ahead)
    before, after = neighbours(board.passages, place)
    own = board.decision(passage_id, asked.coder)
    ranked = shown.suggestion.codes if shown.suggestion else ()
    values = {
        "passage": passage, "place": place, "own": own, "before": before, "after": after,
        "onward": ahead[0] if ahead else "", "shown": shown,
        "suggested": [code for code in ranked if code.code_id in desk.codebook][:TOP],
        "window": _window(desk, asked, passage), "others": _others(desk, asked, passage_id),
        "memos": [n for n in board.memos(passage_id) if not desk.blind or n.memo.coder == asked.coder],
        "spans": _spans(desk, asked, passage), "cues": distress_cues(passage.text),
        "chosen": own.code_ids if own else (),
    }  # fmt: skip
    return drawn(desk, asked, "code.html", **values)


def drawn(desk: Desk, asked: Asked, name: str, **values: object) -> Response:
    """Return a whole page with the bar that all pages have."""
    language = asked.session.language
    words = desk.look.page(
        name, language, desk=desk, session=asked.session, csrf=asked.session.csrf, remark=asked.session.take_remark(),
        done=desk.board.count(asked.coder), total=len(desk.board.passages), code_list=desk.look.code_list(language),
        study=desk.study.path.stem, **values,
    )  # fmt: skip
    return HTMLResponse(words)


def _window(desk: Desk, asked: Asked, passage: Passage) -> Window:
    board = desk.board
    inside = board.within(passage.transcript_id)
    codes = {p.id: d.code_ids for p in inside if (d := board.decision(p.id, asked.coder)) is not None}
    spans = [s.coding for s in board.spans(passage.transcript_id) if s.coding.coder == asked.coder]
    return window(desk.transcript(passage.transcript_id), inside, (passage.start, passage.end), codes, spans)


def _others(desk: Desk, asked: Asked, passage_id: str) -> list[Decision]:
    if desk.blind:
        return []
    return [d for d in desk.board.decisions_on(passage_id) if d.coder != asked.coder]


def _spans(desk: Desk, asked: Asked, passage: Passage) -> list[SpanCoded]:
    return [s for s in desk.board.spans_in(passage) if not desk.blind or s.coding.coder == asked.coder]


def decide(desk: Desk, asked: Asked) -> Response:
    """Store what a person decided on a passage and go on to the next."""
    passage_id, action = asked.one("passage"), asked.one("action", "codes")
    place = desk.board.place(passage_id)
    if place < 0:
        raise PageError(
            zh=f"研究里没有段落 {passage_id!r}；请重新载入页面",
            en=f"no passage {passage_id!r} in the study; load the page again",
        )
    alone = asked.one("only")
    codes = (*(asked.many("code") if not alone or asked.one("ticked") else ()), alone) if alone else asked.many("code")
    codes = tuple(dict.fromkeys(codes)) if action == "codes" else ()
    if action not in {"codes", "reject", "nothing"}:
        raise InputError(f"action is {action!r}; allowed are codes, reject, nothing")
    if action == "codes" and not codes:
        asked.session.said = STORED["none"].said(asked.session.language)
        return to_passage(passage_id)
    run = desk.kept_run(asked.one("run"))
    offered = () if desk.blind else asked.many("offered")
    silent = not offered and bool(run)
    decision = Decision(
        passage_id=passage_id, verdict=_verdict(codes, offered, silent=silent and action == "nothing"), code_ids=codes,
        coder=asked.coder, time="", memo=NOTHING if action == "nothing" else "",
    )  # fmt: skip
    desk.study.record(decision, run=run)
    desk.board.catch_up()
    asked.session.said = _remark(desk, asked, action, codes)
    ahead = desk.ahead(asked.session, place, AHEAD)
    if desk.learning:
        desk.learning.ask(ahead)
    if not ahead:
        asked.session.said += " " + STORED["done"].said(asked.session.language)
    return to_passage(ahead[0] if ahead else passage_id)


def _verdict(codes: tuple[str, ...], offered: tuple[str, ...], *, silent: bool) -> Verdict:
    if not codes:
        return Verdict.ACCEPTED if silent else Verdict.REJECTED
    return Verdict.ACCEPTED if set(codes) <= set(offered) else Verdict.CHANGED


def _remark(desk: Desk, asked: Asked, action: str, codes: tuple[str, ...]) -> str:
    language = asked.session.language
    names = "、".join(desk.codebook[code].name.said(language) for code in codes)
    return STORED[action].said(language).format(names)
