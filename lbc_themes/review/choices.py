"""Who sits here, which language and order, and the list of interviews."""

from starlette.responses import RedirectResponse, Response

from lbc_themes.core.errors import InputError
from lbc_themes.review.asked import Asked
from lbc_themes.review.coding import drawn
from lbc_themes.review.desk import Desk
from lbc_themes.review.people import checked_coder

_ALLOWED = {"language": ("zh", "en"), "order": ("straight", "next"), "keys": ("on", "off")}
_PAGES = ("/code", "/interviews", "/dashboard", "/settle", "/coder")


def start(desk: Desk, asked: Asked) -> Response:
    """Send a person to work, or ask their name first."""
    del desk
    return RedirectResponse("/code" if asked.session.coder else "/coder", status_code=303)


def ask_name(desk: Desk, asked: Asked) -> Response:
    """Ask who is coding."""
    if desk.coder:
        return RedirectResponse("/code", status_code=303)
    return drawn(desk, asked, "coder.html", people=[] if desk.blind else desk.board.people())


def take_name(desk: Desk, asked: Asked) -> Response:
    """Remember who is coding; a name given on the command line stays."""
    if not desk.coder:
        asked.session.coder = checked_coder(asked.one("name"))
    return RedirectResponse("/code", status_code=303)


def choose(desk: Desk, asked: Asked) -> Response:
    """Change the language, the order or the shortcuts, and go back to the page."""
    del desk
    for name, allowed in _ALLOWED.items():
        value = asked.one(name)
        if value and value not in allowed:
            raise InputError(f"{name} is {value!r}; allowed are {', '.join(allowed)}")
        if value:
            setattr(asked.session, name, value == "on" if name == "keys" else value)
    back = asked.one("back", "/code")
    known = back.partition("?")[0] in _PAGES
    return RedirectResponse(back if known else "/code", status_code=303)


def interviews(desk: Desk, asked: Asked) -> Response:
    """List the interviews with how far the person has come in each."""
    board = desk.board
    decided = board.decided(asked.coder)
    rows = []
    for transcript in desk.study.transcripts:
        inside = board.within(transcript.id)
        still = [p for p in inside if p.id not in decided]
        role = inside[0].role.value if inside else ""
        rows.append({
            "id": transcript.id, "role": role, "passages": len(inside), "done": len(inside) - len(still),
            "first": (still or inside)[0].id if inside else "", "notes": transcript.notes,
        })  # fmt: skip
    return drawn(desk, asked, "interviews.html", rows=rows)
