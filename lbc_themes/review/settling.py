"""Adjudication: what coders gave side by side, and the code on which they settle."""

from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from lbc_themes.core.records import Decision, Verdict
from lbc_themes.core.study_log import NOTHING, is_settled
from lbc_themes.review.asked import Asked
from lbc_themes.review.coding import drawn
from lbc_themes.review.desk import Desk
from lbc_themes.review.people import settled_by
from lbc_themes.review.refusal import PageError
from lbc_themes.review.words import STORED


def page(desk: Desk, asked: Asked) -> Response:
    """Show a passage on which coders differ; without one, the first that is not settled."""
    refuse_blind(desk)
    waiting, settled = desk.board.differing(), desk.board.settled()
    opened = [passage_id for passage_id in waiting if passage_id not in settled]
    passage_id = asked.one("p") or next(iter(opened), "")
    if desk.board.place(passage_id) < 0:
        return drawn(desk, asked, "settle.html", passage=None, waiting=waiting, opened=opened)
    passage = desk.study.passage(passage_id)
    given = [d for d in desk.board.decisions_on(passage_id) if not is_settled(d.coder)]
    candidates = tuple(dict.fromkeys(code for decision in given for code in decision.code_ids))
    place = waiting.index(passage_id) if passage_id in waiting else -1
    values = {
        "waiting": waiting, "opened": opened, "passage": passage, "given": given,
        "candidates": candidates, "settled": desk.board.settled_on(passage_id),
        "memos": desk.board.memos(passage_id), "place": place, "spans": desk.board.spans_in(passage),
        "before": waiting[place - 1] if place > 0 else None,
        "after": waiting[place + 1] if 0 <= place < len(waiting) - 1 else None,
    }  # fmt: skip
    return drawn(desk, asked, "settle.html", **values)


def settle(desk: Desk, asked: Asked) -> Response:
    """Record the settled codes of a passage, under a name of their own, and go on to the next."""
    refuse_blind(desk)
    passage_id, nothing = asked.one("passage"), asked.one("action") == "nothing"
    alone = asked.one("only")
    codes = () if nothing else (tuple(alone.split("\n")) if alone else asked.many("code"))
    language = asked.session.language
    if not codes and not nothing:
        asked.session.said = STORED["none"].said(language)
        return RedirectResponse(f"/settle?{urlencode({'p': passage_id})}", status_code=303)
    desk.study.record(
        Decision(
            passage_id=passage_id, verdict=Verdict.CHANGED if codes else Verdict.REJECTED, code_ids=codes,
            coder=settled_by(asked.coder), time="", memo=asked.one("memo").strip() or ("" if codes else NOTHING),
        )
    )  # fmt: skip
    desk.board.catch_up()
    names = "、".join(desk.codebook[code].name.said(language) for code in codes)
    asked.session.said = STORED["settled" if codes else "settled-nothing"].said(language).format(names)
    if desk.learning:
        desk.learning.ask([])
    return RedirectResponse("/settle", status_code=303)


def refuse_blind(desk: Desk) -> None:
    """Refuse to show others' codes in blind coding."""
    if desk.blind:
        raise PageError(
            zh="现在是盲编，不显示别人的编码；要裁定，启动时请去掉 --blind",
            en="coding is blind, so the codes of others are not shown; start the page without --blind",
        )
