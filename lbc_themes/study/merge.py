"""The work of others taken into a study: from another copy of it, or from a project that came back."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from lbc_themes.codebook import code_description
from lbc_themes.core.messages import message, word_table
from lbc_themes.core.records import Bilingual, Code, Codebook, Coding, Decision, Passage, Transcript
from lbc_themes.core.study_log import MACHINE, Contents, LogState, Memo, contents_codings
from lbc_themes.exchange.losses import Loss, gathered
from lbc_themes.exchange.refi_qda.positions import moved, unix
from lbc_themes.exchange.refi_qda.read import UNKNOWN
from lbc_themes.exchange.refi_qda.write import code_guid, code_name
from lbc_themes.exchange.refi_qda.xml import kept_guid, without_guid
from lbc_themes.study.study import Study

_LOSSES = word_table("study.merge_losses")

# --- What another copy of a study, or a project that came back from another program, adds to a study.


@dataclass(frozen=True, kw_only=True)
class Additions:
    """What people did elsewhere and the study does not have yet, ready to be recorded, and what does not fit.

    ``decisions`` are by the name of the run that was in view, "" where none was.
    """

    decisions: Mapping[str, tuple[Decision, ...]]
    codings: tuple[Coding, ...]
    memos: tuple[Memo, ...]
    losses: tuple[Loss, ...]


def additions(given: Contents, held: Contents, *, elsewhere: bool = False) -> Additions:
    """Return what stands in ``given`` and is not in ``held``.

    Interviews are the same where id and words are; line ends may differ. Codes are known by their GUID, their id or
    their name. Of two decisions by one coder on one passage the newer counts. What was taken back or deleted elsewhere
    stays in ``held``, and what the machine did elsewhere is passed over. Where a coding stands in both and its memo
    there says something else, that is a memo on the words. Interviews, codes and participants are not changed; what
    differs is among the losses.

    Args:
        given: What came back.
        held: The study.
        elsewhere: Whether another program wrote ``given``, which may have lost what a memo is on and who wrote it:
            a memo without them is known again by its words.
    """
    losses: list[Loss] = []
    codes, places = _codes(given.codebook, held.codebook), _places(given, held)
    theirs, ours = _standing(given), _standing(held)
    decisions = _by_run(_decisions(theirs, ours, _same_passages(given, held), codes, losses))
    here = {_key(coding) for coding in contents_codings(held, machine_top=0)}
    spans = theirs.codings() if theirs.decisions() else contents_codings(given, machine_top=0)
    moved_here = [m for c in spans if c.coder != MACHINE and (m := _coding(c, places, codes, losses))]
    codings = tuple({_key(c): c for c in reversed(moved_here) if _key(c) not in here}.values())[::-1]
    here_too = _Places(given, held, places)
    known = _Known(ours, here_too, elsewhere=elsewhere)
    memos = (
        *_memos(theirs, known, here_too, held, codes, losses),
        *_coding_memos(moved_here, known, here_too, held, losses),
    )
    losses += _differences(given, held, places, codes)
    return Additions(decisions=decisions, codings=codings, memos=memos, losses=gathered(losses))


def _standing(contents: Contents) -> LogState:
    standing = LogState()
    standing.add(contents.entries)
    return standing


def _by_run(found: Iterable[tuple[str, Decision]]) -> dict[str, tuple[Decision, ...]]:
    runs: dict[str, list[Decision]] = defaultdict(list)
    for run, decision in found:
        runs[run].append(decision)
    return {run: tuple(decisions) for run, decisions in runs.items()}


def _key(coding: Coding) -> tuple[object, ...]:
    return coding.transcript_id, coding.start, coding.end, coding.code_id, coding.coder, coding.adjudication


def _content(memo: Memo) -> tuple[str, ...]:
    return " ".join(memo.text.split()), memo.coder, memo.about, memo.about_id, f"{memo.start} {memo.end}"


class _Known:
    """The memos of a study, as what comes back is known by: words, coder and place.

    Other programs keep one memo for each coder and place: memos that were joined on the way out are known too.
    """

    def __init__(self, ours: LogState, here: "_Places", *, elsewhere: bool) -> None:
        by_place: dict[tuple[str, ...], list[Memo]] = defaultdict(list)
        held = [here.normal(memo) for memo in ours.memos()]
        for memo in held:
            by_place[_content(memo)[1:]].append(memo)
        joined = (replace(memos[0], text="\n".join(memo.text for memo in memos)) for memos in by_place.values())
        self._elsewhere = elsewhere
        self._contents: set[tuple[str, ...]] = set()
        for memo in (*held, *joined):
            self.add(memo)

    def add(self, memo: Memo) -> None:
        """Know one more memo."""
        self._contents.add(_content(memo))
        if self._elsewhere:
            # What another program may have left of it: no coder, no place, or neither.
            nowhere = replace(memo, about="study", about_id="", start=None, end=None)
            left = (replace(memo, coder=UNKNOWN), nowhere, replace(nowhere, coder=UNKNOWN))
            self._contents.update(map(_content, left))

    def __contains__(self, memo: Memo) -> bool:
        return _content(memo) in self._contents


def _memos(
    theirs: LogState, known: _Known, here: "_Places", held: Contents, codes: Mapping[str, str], losses: list[Loss]
) -> Iterator[Memo]:
    """Yield the memos that the study lacks."""
    for given in theirs.memos():
        if given.coder == MACHINE:
            continue
        memo = (
            here.of(given)
            if given.about != "code"
            else replace(given, about_id=codes.get(given.about_id, given.about_id))
        )
        if memo is not None and memo in known:
            continue
        if memo is not None and _has(held, memo):
            known.add(memo)
            yield memo
        else:
            where = f"{given.about} {given.about_id}"
            losses.append(Loss(topic="memos", text=message("exchange.memo_without_place"), where=where))


class _Places:
    """Where memos of ``given`` are in ``held``: passages by overlap, spans by their words' places."""

    def __init__(self, given: Contents, held: Contents, places: Mapping[str, list[int]]) -> None:
        self._there, self._rulers = _there(given, held, places), places
        self._bounds = {(p.transcript_id, p.start, p.end): p.id for p in held.passages}

    def of(self, memo: Memo) -> Memo | None:
        """Return the memo with its place in the study, or None where its words are not there."""
        if memo.about == "passage":
            return replace(memo, about_id=self._there.get(memo.about_id, memo.about_id))
        if memo.about != "span":
            return memo
        ruler = self._rulers.get(memo.about_id)
        if ruler is None or memo.start is None or memo.end is None or memo.end >= len(ruler):
            return None
        return self.on(memo, memo.about_id, ruler[memo.start], ruler[memo.end])

    def normal(self, memo: Memo) -> Memo:
        """Return a memo of the study, one on the words of a whole passage as one on the passage."""
        if memo.about != "span" or memo.start is None or memo.end is None:
            return memo
        return self.on(memo, memo.about_id, memo.start, memo.end)

    def on(self, memo: Memo, transcript_id: str, start: int, end: int) -> Memo:
        """Return the memo as one on a slice, which may be a passage."""
        passage_id = self._bounds.get((transcript_id, start, end))
        if passage_id is not None:
            return replace(memo, about="passage", about_id=passage_id, start=None, end=None)
        return replace(memo, about="span", about_id=transcript_id, start=start, end=end)


def additions_of_codings(codings: Iterable[Coding], held: Contents) -> Additions:
    """Return which of ``codings``, which fit the study, it does not have, and their memos on those that it has."""
    standing, losses = _standing(held), list[Loss]()
    listed = [coding for coding in codings if coding.coder != MACHINE]
    here = {_key(coding) for coding in contents_codings(held, machine_top=0)}
    new = {_key(c): c for c in reversed(listed) if _key(c) not in here}
    here_too = _Places(held, held, {})
    memos = tuple(_coding_memos(listed, _Known(standing, here_too, elsewhere=False), here_too, held, losses))
    return Additions(decisions={}, codings=tuple(new.values())[::-1], memos=memos, losses=gathered(losses))


def _coding_memos(
    given: Iterable[Coding], known: _Known, here: "_Places", held: Contents, losses: list[Loss]
) -> Iterator[Memo]:
    """Yield what memos on codings that stand in both say there and not here, as memos on the same words."""
    said: dict[tuple[object, ...], str] = defaultdict(str)
    for coding in contents_codings(held, machine_top=0):
        said[_key(coding)] += f" {_plain(coding.memo)}"
    for coding in given:
        if _key(coding) not in said or not coding.memo.strip() or _plain(coding.memo) in said[_key(coding)]:
            continue
        memo = Memo(text=coding.memo, coder=coding.coder, time=coding.time)
        memo = here.on(memo, coding.transcript_id, coding.start, coding.end)
        if memo not in known:
            known.add(memo)
            losses.append(Loss(topic="coding-memos", text=message("exchange.coding_memos"), where=memo.about_id))
            yield memo


def _plain(text: str) -> str:
    return " ".join(text.split())


def _differences(
    given: Contents, held: Contents, places: Mapping[str, list[int]], codes: Mapping[str, str]
) -> Iterator[Loss]:
    """Yield what differs there of interviews, codes and participants, none of which is taken in."""
    for transcript in given.transcripts:
        if transcript.id not in places:
            yield Loss(topic="new-texts", text=message("exchange.new_texts"), where=transcript.id)
    ours_alone = _suggestion_codes(given.codebook)
    for code in given.codebook:
        if code.id not in codes and code.id in ours_alone:
            continue
        if code.id not in codes:
            yield Loss(topic="new-codes", text=message("exchange.new_codes"), where=code.name.zh or code.id)
        elif not _same_code(code, held.codebook[codes[code.id]], codes, held.codebook):
            yield Loss(topic="changed-codes", text=message("exchange.changed_codes"), where=codes[code.id])
    ours = {person.id: person.attributes for person in held.participants}
    for person in given.participants:
        if person.id not in ours or any(
            value and ours[person.id].get(n) != value for n, value in person.attributes.items()
        ):
            yield Loss(topic="participants", text=message("exchange.other_attributes"), where=person.id)


def _suggestion_codes(book: Codebook) -> set[str]:
    """Return the codes that hold the machine's suggestions apart, as ``write_qdpx`` makes them, and their heading."""
    heading = message("exchange.suggestions_heading")
    tops = {code.id for code in book if code.name.zh in {heading.zh, heading.en}}
    return tops | {code.id for code in book if tops.intersection(book.ancestors(code.id))}


def _same_code(theirs: Code, ours: Code, codes: Mapping[str, str], book: Codebook) -> bool:
    """Say whether a code came back as it went out, in whichever language."""
    if theirs == ours:
        return True
    names = {code_name(book, ours, language) for language in ("zh", "en")} | {ours.name.zh, ours.name.en}
    above = codes.get(theirs.parent, theirs.parent) if theirs.parent else None
    same = theirs.name.zh in names and above == ours.parent and theirs.colour == ours.colour
    return same and code_description(_bare(theirs)) == code_description(_bare(ours))


def _bare(code: Code) -> Code:
    return replace(code, source=without_guid(code.source))


def _there(given: Contents, held: Contents, places: Mapping[str, list[int]]) -> dict[str, str]:
    """Return which of our passages each of theirs is: the one that overlaps it most."""
    ours: dict[str, list[Passage]] = defaultdict(list)
    for passage in held.passages:
        ours[passage.transcript_id].append(passage)
    found = {}
    for passage in given.passages:
        ruler = places.get(passage.transcript_id)
        if ruler is not None and ours[passage.transcript_id]:
            start, end = ruler[passage.start], ruler[passage.end]
            best = max(ours[passage.transcript_id], key=lambda p: min(p.end, end) - max(p.start, start))
            if min(best.end, end) > max(best.start, start):
                found[passage.id] = best.id
    return found


def _has(held: Contents, memo: Memo) -> bool:
    things = {
        "transcript": [each.id for each in held.transcripts], "span": [each.id for each in held.transcripts],
        "passage": [each.id for each in held.passages],
        "code": held.codebook.ids, "participant": [each.id for each in held.participants],
    }  # fmt: skip
    return memo.about not in things or memo.about_id in things[memo.about]


def _codes(given: Codebook, held: Codebook) -> dict[str, str]:
    """Return which of our codes each of theirs is."""
    names = [name for code in held for name in {code.name.zh, code.name.en}]
    known = {name: code.id for code in held for name in (code.name.zh, code.name.en) if names.count(name) == 1}
    known |= {code.id: code.id for code in held} | {code_guid(held, code): code.id for code in held}
    keys = {c.id: (kept_guid(c.source), c.id, c.name.zh, c.name.en) for c in given}
    return {code_id: next(known[key] for key in tried if key in known) for code_id, tried in keys.items()
            if any(key in known for key in tried)}  # fmt: skip


def _places(given: Contents, held: Contents) -> dict[str, list[int]]:
    """Return for each interview of both where each position of theirs is in ours."""
    ours = {transcript.id: transcript for transcript in held.transcripts}
    found = ((each, ours.get(each.id)) for each in given.transcripts)
    return {
        theirs.id: _ruler(theirs, own) for theirs, own in found if own and unix(theirs.text)[0] == unix(own.text)[0]
    }


def _ruler(theirs: Transcript, own: Transcript) -> list[int]:
    gone, away = unix(own.text)[1], unix(theirs.text)[1]
    back = {moved(position, gone): position for position in reversed(range(len(own.text) + 1))}
    return [back[moved(position, away)] for position in range(len(theirs.text) + 1)]


def _coding(
    coding: Coding, places: Mapping[str, list[int]], codes: Mapping[str, str], losses: list[Loss]
) -> Coding | None:
    where, code_id = places.get(coding.transcript_id), codes.get(coding.code_id)
    if where is None or code_id is None:
        topic, text = ("texts", "other_text") if where is None else ("codes", "unknown_code")
        losses.append(_loss(topic, _LOSSES[text], coding))
        return None
    return replace(coding, start=where[coding.start], end=where[coding.end], code_id=code_id)


def _loss(topic: str, text: Bilingual, coding: Coding) -> Loss:
    return Loss(topic=topic, text=text, where=f"{coding.transcript_id} {coding.code_id}")


def _same_passages(given: Contents, held: Contents) -> set[str]:
    def cut(passage: Passage) -> tuple[object, ...]:
        return passage.id, passage.transcript_id, passage.spans, passage.text

    ours = {cut(passage) for passage in held.passages}
    return {passage.id for passage in given.passages if cut(passage) in ours}


def _decisions(
    theirs: LogState, ours: LogState, same: set[str], codes: Mapping[str, str], losses: list[Loss]
) -> Iterator[tuple[str, Decision]]:
    runs = {entry.record: entry.run for entry in theirs.entries_.values() if isinstance(entry.record, Decision)}
    for decision in theirs.decisions():
        before = ours.decision_on(decision.passage_id, decision.coder, adjudication=decision.adjudication)
        if before is not None and before.time >= decision.time:
            continue
        if decision.passage_id not in same or any(code_id not in codes for code_id in decision.code_ids):
            cut = decision.passage_id not in same
            losses.append(
                Loss(
                    topic="passages" if cut else "codes",
                    text=_LOSSES["cut_otherwise" if cut else "unknown_code"],
                    where=decision.passage_id,
                )
            )
            continue
        code_ids = tuple(dict.fromkeys(codes[code_id] for code_id in decision.code_ids))
        yield runs[decision], replace(decision, code_ids=code_ids)


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """How many decisions, codings and memos were taken in, and what did not fit."""

    decisions: int
    codings: int
    memos: int
    losses: tuple[Loss, ...]


def take_in(study: Study, given: Contents, *, elsewhere: bool = False) -> Taken:
    """Record what people did in ``given`` and the study does not have; doing it twice changes nothing.

    ``lbc_themes.study.merge.additions`` says what is taken. Runs of the machine come along where somebody decided
    with them in view.
    """
    found = additions(given, study.contents(), elsewhere=elsewhere)
    here, runs = {run.name for run in study.runs}, {run.name: run for run in given.runs}
    ids = {passage.id for passage in study.passages}
    for name, decisions in found.decisions.items():
        if name and name not in here:
            suggestions = [each for each in runs[name].suggestions if each.passage_id in ids]
            study.add_suggestions(suggestions, run=name, options=runs[name].options)
        study.record_all(decisions, run=name)
    for coding in found.codings:
        study.record_coding(coding)
    for memo in found.memos:
        study.record_memo(memo)
    return Taken(
        decisions=sum(map(len, found.decisions.values())), codings=len(found.codings), memos=len(found.memos),
        losses=found.losses,
    )  # fmt: skip
