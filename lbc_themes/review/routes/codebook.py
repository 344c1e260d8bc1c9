"""The codebook as people work on it: all codes, every quotation of one, its definition, and many recoded at once."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from lbc_themes.codebook.draft import is_colour
from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Bilingual, Code, Coding, Decision, Language, Passage, Rule, Verdict
from lbc_themes.core.study_log import Entry, Retraction
from lbc_themes.review.rendering import STORED
from lbc_themes.review.request import PageError, PageRequest
from lbc_themes.review.routes.coding import names_of, render_page
from lbc_themes.review.workspace import Workspace
from lbc_themes.suggest.presentation import shown_codes

MOST_SHOWN = 300
_MOST_ALIKE = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Quotation:
    """One place that somebody gave a code. ``key`` names it in a form: "p:" a passage, "s:" an entry for a slice.

    ``codes`` are all codes that this coder put there; ``coder`` is a label, see ``coder_label``.
    """

    key: str
    passage: Passage
    text: str
    coder: str
    time: str
    codes: tuple[str, ...]


def page(workspace: Workspace, request: PageRequest) -> Response:
    """List the codes with the number of their quotations."""
    counts: Counter[str] = Counter()
    for quotation in _all_quotations(workspace, request):
        counts.update(quotation.codes)
    return render_page(workspace, request, "codebook.html", counts=counts)


def quotations(workspace: Workspace, request: PageRequest) -> Response:
    """Show a code: its definition, and every quotation that the filters let through."""
    code = _code(workspace, request.one("c"))
    every = [q for q in _all_quotations(workspace, request) if code.id in q.codes]
    chosen = {name: request.one(name) for name in ("interview", "role", "coder", "with")}
    shown = [q for q in every if _passes(q, chosen)]
    return render_page(
        workspace, request, "quotations.html", code=code, quotations=shown[:MOST_SHOWN], count=len(shown),
        every=len(every), chosen=chosen, interviews=list(dict.fromkeys(q.passage.transcript_id for q in every)),
        roles=sorted({q.passage.role.value for q in every}), coders=sorted({q.coder for q in every}),
        beside=[c for c in workspace.codebook if c.id != code.id and any(c.id in q.codes for q in every)],
        alike=_alike(workspace, request, code), rules=_rules_by_language(code),
        changes=[c for c in workspace.study.codebook_history() if code.id in c.code_ids],
    )  # fmt: skip


def _code(workspace: Workspace, code_id: str) -> Code:
    if code_id not in workspace.codebook:
        raise PageError(
            zh=f"编码本里没有 {code_id!r}；请回到编码本", en=f"no code {code_id!r}; go back to the codebook"
        )
    return workspace.codebook[code_id]


def _all_quotations(workspace: Workspace, request: PageRequest) -> Iterator[Quotation]:
    """Yield every place that was given codes, in the order of speech; in blind coding the person's own only."""
    state = workspace.state
    labels = [request.coder] if workspace.blind else [*state.people(), *state.adjudicators()]
    found = []
    for label in labels:
        for passage_id, decision in state.decided(label).items():
            place = state.place(passage_id)
            if decision.code_ids and place >= 0:
                passage = state.passages[place]
                given = Quotation(
                    key=f"p:{passage_id}", passage=passage, text=passage.text, coder=label, time=decision.time,
                    codes=decision.code_ids,
                )  # fmt: skip
                found.append((place, passage.start, given))
    for transcript in workspace.study.transcripts:
        for entry in state.spans(transcript.id):
            coding = entry.coding
            if not workspace.blind or coding.coder == request.coder:
                around = workspace.passage_at(coding)
                if around is not None:
                    given = Quotation(
                        key=f"s:{entry.entry_id}", passage=around, text=transcript.text[coding.start : coding.end],
                        coder=coding.coder, time=coding.time, codes=(coding.code_id,),
                    )  # fmt: skip
                    found.append((state.place(around.id), coding.start, given))
    yield from (given for _, _, given in sorted(found, key=lambda each: each[:2]))


def _passes(quotation: Quotation, chosen: dict[str, str]) -> bool:
    held = {
        "interview": (quotation.passage.transcript_id,), "role": (quotation.passage.role.value,),
        "coder": (quotation.coder,), "with": quotation.codes,
    }  # fmt: skip
    return all(not value or value in held[name] for name, value in chosen.items())


def _alike(workspace: Workspace, request: PageRequest, code: Code) -> list[tuple[float, Passage]]:
    """Return passages that the person has not decided on and for which the code is suggested, the likeliest first."""
    if workspace.blind:
        return []
    decided = workspace.state.decided(request.coder)
    found = []
    for suggestion in workspace.study.suggestions():
        ranked = next((each for each in shown_codes(suggestion) if each.code_id == code.id), None)
        place = workspace.state.place(suggestion.passage_id)
        if ranked is not None and suggestion.passage_id not in decided and place >= 0:
            found.append((ranked.probability, workspace.state.passages[place]))
    return sorted(found, key=lambda each: -each[0])[:_MOST_ALIKE]


# --- The definition of a code.


def add_code(workspace: Workspace, request: PageRequest) -> Response:
    """Add a code by its name, and show it."""
    code = workspace.study.add_code(request.one("name"), coder=request.coder, parent=request.one("parent") or None)
    request.session.say(STORED["code-added"].said(request.session.language).format(code.name.zh))
    return _to(code.id)


def edit_code(workspace: Workspace, request: PageRequest) -> Response:
    """Store the name, definition, rules, parent and colour of a code."""
    code, language = _code(workspace, request.one("c")), request.session.language
    name = Bilingual(zh=request.one("name_zh").strip(), en=request.one("name_en").strip())
    if not name.zh and not name.en:
        raise PageError(zh="编码要有名字", en="a code has a name")
    colour, parent = request.one("colour", code.colour), request.one("parent") or None
    if not is_colour(colour) or (parent is not None and parent not in workspace.codebook):
        raise InputError(f"colour {colour!r} or parent {parent!r} is none; load the page again")
    definition = Bilingual(zh=_text(request, "definition_zh"), en=_text(request, "definition_en"))
    changed = replace(
        code, name=Bilingual(zh=name.zh or name.en, en=name.en or name.zh), definition=definition, parent=parent,
        brief=code.brief if code.brief.zh or code.brief.en else definition, colour=colour,
        include=_rules(code.include, _text(request, "include"), language),
        exclude=_rules(code.exclude, _text(request, "exclude"), language),
    )  # fmt: skip
    workspace.study.edit_code(changed, coder=request.coder, reason=_text(request, "reason"))
    request.session.say(STORED["code-stored"].said(language).format(changed.name.said(language)))
    return _to(code.id)


def _text(request: PageRequest, name: str) -> str:
    return request.one(name).replace("\r\n", "\n").strip()


def _rules_by_language(code: Code) -> dict[str, dict[Language, str]]:
    parts = {"include": code.include, "exclude": code.exclude}
    languages: tuple[Language, ...] = ("zh", "en")
    return {n: {k: "\n".join(r.text.said(k) for r in rules) for k in languages} for n, rules in parts.items()}


def _rules(before: Sequence[Rule], lines: str, language: Language) -> tuple[Rule, ...]:
    """Return a rule a line; those whose words in this language stand as they were keep the other language."""
    held = {rule.text.said(language): rule for rule in before}
    said = (line.strip() for line in lines.split("\n"))
    return tuple(held.get(line, Rule(text=Bilingual(zh=line, en=line))) for line in said if line)


def _to(code_id: str) -> Response:
    return RedirectResponse(f"quotations?{urlencode({'c': code_id})}", status_code=303)


# --- Many at once.


@dataclass(frozen=True, kw_only=True, slots=True)
class Recoding:
    """What a step changed, for taking all of it back: decisions and codings as they were, and what took their place.

    ``opened`` are passages on which nothing stood before the step.
    """

    back: str
    decisions: tuple[Decision, ...]
    opened: tuple[str, ...]
    codings: tuple[Coding, ...]
    new_entries: tuple[int, ...]


def recode(workspace: Workspace, request: PageRequest) -> Response:
    """Give the person's own codings at the chosen places another code, one more, or none; all of it can be undone."""
    action, language, state = request.one("action"), request.session.language, workspace.state
    old, new = request.one("c"), request.one("to")
    if action not in {"move", "add", "remove"}:
        raise InputError(f"action is {action!r}; allowed are move, add, remove")
    target = _code(workspace, new).id if action != "remove" else ""
    keys = request.many("at")
    back = request.one("back", "codebook")
    if not keys:
        request.session.say(STORED["none-chosen"].said(language))
        return RedirectResponse(_own(back), status_code=303)
    before, after, emptied, opened = [], [], [], []
    for passage_id in (key[2:] for key in keys if key.startswith("p:")):
        if state.place(passage_id) < 0:
            continue
        held = state.decision(passage_id, request.coder)
        codes = held.code_ids if held else ()
        wanted = _recoded(codes, action, old, target)
        if wanted == codes:
            continue
        (before.append(held) if held else opened.append(passage_id))
        if wanted:
            after.append(
                Decision(
                    passage_id=passage_id, verdict=Verdict.CHANGED, code_ids=wanted, coder=request.coder, time="",
                    memo=held.memo if held else "",
                )
            )  # fmt: skip
        else:
            emptied.append(passage_id)
    workspace.study.record_all(after)
    _open_again(workspace, request.coder, emptied)
    codings, entries = _recode_slices(workspace, request, [k[2:] for k in keys if k.startswith("s:")], action, target)
    count = len(after) + len(emptied) + len(codings)
    request.session.recoding = Recoding(
        back=_own(back), decisions=tuple(before), opened=tuple(opened), codings=tuple(codings),
        new_entries=tuple(entries),
    )  # fmt: skip
    state.catch_up()
    if workspace.learning:
        workspace.learning.ask([])
    words = STORED[f"recoded-{action}"].said(language)
    names = (names_of(workspace, [each], language) if each else "" for each in (old, target))
    request.session.say(words.format(count, *names), can_undo=bool(count))
    return RedirectResponse(_own(back), status_code=303)


def _recoded(codes: tuple[str, ...], action: str, old: str, target: str) -> tuple[str, ...]:
    if action == "add":
        return tuple(dict.fromkeys((*codes, target)))
    if action == "move":
        return tuple(dict.fromkeys(target if code == old else code for code in codes))
    return tuple(code for code in codes if code != old)


def _recode_slices(
    workspace: Workspace, request: PageRequest, entry_ids: Iterable[str], action: str, target: str
) -> tuple[list[Coding], list[int]]:
    """Recode the person's own codes on slices; return those taken away and the entries of new ones."""
    own = {
        str(each.entry_id): each.coding
        for transcript in workspace.study.transcripts
        for each in workspace.state.spans(transcript.id)
        if each.coding.coder == request.coder
    }
    taken, entries = [], []
    for entry_id in entry_ids:
        coding = own.get(entry_id)
        if coding is None or coding.code_id == target:
            continue
        if action != "add":
            workspace.study.undo(request.coder, int(entry_id))
            taken.append(coding)
        if target:
            entries.append(workspace.study.record_coding(replace(coding, code_id=target, time="")))
    return taken, entries


def _open_again(workspace: Workspace, coder: str, passage_ids: Iterable[str]) -> None:
    """Take back every decision of a person on passages: nobody decided that no code applies there."""
    wanted = set(passage_ids)
    if not wanted:
        return
    history = workspace.study.history()
    gone = {e.record.entry_id for e in history if isinstance(e.record, Retraction)}
    for entry in reversed(history):
        if _is_own(entry, coder) and entry.id not in gone and getattr(entry.record, "passage_id", "") in wanted:
            workspace.study.undo(coder, entry.id)


def _is_own(entry: Entry, coder: str) -> bool:
    record = entry.record
    return isinstance(record, Decision) and record.coder == coder and not record.adjudication


def undo_recode(workspace: Workspace, request: PageRequest) -> Response:
    """Take back the last step that recoded many places: what stood there stands again."""
    done, language = request.session.recoding, request.session.language
    if not isinstance(done, Recoding):
        request.session.say(STORED["undo-nothing"].said(language))
        return RedirectResponse(_own(request.one("back", "codebook")), status_code=303)
    request.session.recoding = None
    workspace.study.record_all([replace(decision, time="") for decision in done.decisions])
    _open_again(workspace, request.coder, done.opened)
    for entry_id in done.new_entries:
        workspace.study.undo(request.coder, entry_id)
    for coding in done.codings:
        workspace.study.record_coding(replace(coding, time=""))
    workspace.state.catch_up()
    request.session.say(STORED["undone"].said(language))
    return RedirectResponse(done.back, status_code=303)


def _own(back: str) -> str:
    return back if back.partition("?")[0] in {"codebook", "quotations", "search"} else "codebook"
