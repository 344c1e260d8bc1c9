"""Search in what was said: all interviews at once, simplified and traditional characters alike, with filters."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.core.records import Passage, Verdict
from lbc_themes.review.page import PageRequest
from lbc_themes.review.quotations import attributes_by_interview
from lbc_themes.review.routes.coding import render_page
from lbc_themes.review.workspace import Workspace

PAGE_SIZE = 100
FILTERS = ("interview", "role", "attribute", "code", "open", "memo", "refused")
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
    values = {name: value for name, value in request.values if name in {"q", "any", *FILTERS} and value}
    text, state = values.get("q", "").strip(), workspace.state
    places = found(workspace, request.coder, values)
    words = words_of(text, workspace.simplified)
    number = max(1, request.whole("page") if request.one("page") else 1)
    here = places[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    hits = [hit_in(state.passages[place], words, workspace) for place in here]
    at = int(text) if text.isascii() and text.isdigit() else 0
    numbered = state.passages[at - 1] if 0 < at <= len(state.passages) else None
    people = attributes_by_interview(workspace)
    pairs = {pair for held in people.values() for pair in held.items() if pair[0] not in {"participant", "role"}}
    return render_page(
        workspace, request, "search.html", text=text, any_of=values.get("any") == "1", hits=hits, count=len(places),
        decided=state.decided(request.coder), numbered=numbered, passage_number=at, words=words, chosen=values,
        page=number, pages=-(-len(places) // PAGE_SIZE), address=urlencode(values),
        asked=bool(words or any(name in values for name in FILTERS)),
        interviews=[transcript.id for transcript in workspace.study.transcripts],
        roles=state.roles, attributes=sorted(f"{k}={v}" for k, v in pairs),
    )  # fmt: skip


def found(workspace: Workspace, coder: str, values: Mapping[str, str]) -> list[int]:
    """Return the places of the passages that a query and its filters let through."""
    state = workspace.state
    words = words_of(values.get("q", ""), workspace.simplified)
    held = {name: values[name] for name in FILTERS if values.get(name)}
    if not words and not held:
        return []
    places: Iterable[int] = range(len(state.passages))
    if words:
        index = workspace.text_index()
        if index is None:
            raise InputError(message("review.not_indexed_yet"))
        places = index.find(words, any_of=values.get("any") == "1")
    passes = [_filter(workspace, coder, name, value) for name, value in held.items()]
    return [place for place in places if all(each(state.passages[place]) for each in passes)]


def _filter(workspace: Workspace, coder: str, name: str, value: str) -> Callable[[Passage], bool]:
    """Return what one filter asks of a passage."""
    state = workspace.state
    if name == "interview":
        return lambda p: p.transcript_id == value
    if name == "role":
        return lambda p: p.role.value == value
    if name == "attribute":
        key, _, wanted = value.partition("=")
        ids = {i for i, about in attributes_by_interview(workspace).items() if about.get(key) == wanted}
        return lambda p: p.transcript_id in ids
    if name == "code":
        coded = {passage_id for label, passage_id in state.quoted(value) if not workspace.blind or label == coder}
        spans = [s.coding for s in state.spans_with(value) if not workspace.blind or s.coding.coder == coder]
        coded |= {p.id for coding in spans for p in state.overlapping(coding)}
        return lambda p: p.id in coded
    if name == "open":
        done = state.worked_on(coder)
        return lambda p: p.id not in done
    if name == "memo":
        noted = _noted(workspace, coder)
        return lambda p: p.id in noted
    refused = {r.passage_id for r in state.refusals() if r.coder == coder}
    refused |= {i for i, decision in state.decided(coder).items() if decision.verdict is Verdict.REJECTED}
    return lambda p: p.id in refused


def _noted(workspace: Workspace, coder: str) -> set[str]:
    """Return the passages about which, or about a part of which, there is a memo."""
    ids = set()
    for each in workspace.state.all_memos():
        memo = each.memo
        if workspace.blind and memo.coder != coder:
            continue
        if memo.about == "passage":
            ids.add(memo.about_id)
        elif memo.about == "span" and memo.start is not None and memo.end is not None:
            inside = workspace.state.within(memo.about_id)
            ids |= {p.id for p in inside if p.start < memo.end and p.end > memo.start}
    return ids


def words_of(text: str, simplified: Callable[[str], str]) -> tuple[str, ...]:
    """Return the words and quoted phrases of a query, simplified and in lower case."""
    parts = (one or other for one, other in _PARTS.findall(text))
    return tuple(dict.fromkeys(simplified(part).casefold() for part in parts if part.strip()))


def hit_in(passage: Passage, words: Sequence[str], workspace: Workspace) -> Hit:
    """Return where the words stand in a passage or in the question before it."""
    said, asked = workspace.simplified(passage.text).casefold(), workspace.simplified(passage.question).casefold()
    places = sorted((m.start(), m.end()) for word in words for m in re.finditer(re.escape(word), said))
    cuts, at = [], 0
    if len(said) == len(passage.text):  # otherwise lower case changed the length, and nothing is marked
        for start, end in places:
            if start >= at:
                cuts += [passage.text[at:start], passage.text[start:end]]
                at = end
    return Hit(passage=passage, cuts=(*cuts, passage.text[at:]), question=any(word in asked for word in words))
