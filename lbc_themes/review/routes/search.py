"""Search in what was said: all interviews at once, simplified and traditional characters alike."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from lbc_themes.core.records import Passage
from lbc_themes.review.request import PageRequest
from lbc_themes.review.routes.coding import render_page
from lbc_themes.review.workspace import Workspace

MOST_SHOWN = 300
_PARTS = re.compile(r'["“”]([^"“”]+)["“”]|(\S+)')


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """A passage in which words were found. ``cuts`` are its text in turn outside and inside of what was found.

    ``question`` says that the words stand in the question before it.
    """

    passage: Passage
    cuts: tuple[str, ...]
    question: bool


def page(workspace: Workspace, request: PageRequest) -> Response:
    """Show the passages in which all words stand, or any of them, in the order of speech."""
    text, any_of = request.one("q").strip(), request.one("any") == "1"
    state, decided = workspace.state, workspace.state.decided(request.coder)
    hits = []
    words = words_of(text, workspace.simplified)
    undecided = request.one("open") == "1"
    for passage in state.passages if words else ():
        if undecided and passage.id in decided:
            continue
        hit = hit_in(passage, words, workspace, any_of=any_of)
        if hit is not None:
            hits.append(hit)
    number = int(text) if text.isascii() and text.isdigit() else 0
    numbered = state.passages[number - 1] if 0 < number <= len(state.passages) else None
    return render_page(
        workspace, request, "search.html", text=text, any_of=any_of, undecided=undecided, hits=hits[:MOST_SHOWN],
        count=len(hits), decided=decided, numbered=numbered, passage_number=number, words=words,
    )  # fmt: skip


def words_of(text: str, simplified: Callable[[str], str]) -> tuple[str, ...]:
    """Return the words and quoted phrases of a query, simplified and in lower case."""
    parts = (one or other for one, other in _PARTS.findall(text))
    return tuple(dict.fromkeys(simplified(part).casefold() for part in parts if part.strip()))


def hit_in(passage: Passage, words: Sequence[str], workspace: Workspace, *, any_of: bool) -> Hit | None:
    """Return where the words stand in a passage or in the question before it."""
    said, asked = workspace.simplified(passage.text).casefold(), workspace.simplified(passage.question).casefold()
    found = [word in said or word in asked for word in words]
    if not (any(found) if any_of else all(found)):
        return None
    places = sorted((m.start(), m.end()) for word in words for m in re.finditer(re.escape(word), said))
    cuts, at = [], 0
    if len(said) == len(passage.text):  # otherwise lower case changed the length, and nothing is marked
        for start, end in places:
            if start >= at:
                cuts += [passage.text[at:start], passage.text[start:end]]
                at = end
    return Hit(passage=passage, cuts=(*cuts, passage.text[at:]), question=any(word in asked for word in words))
