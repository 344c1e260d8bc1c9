"""The work of others taken into a study: from another copy of it, or from a project that came back."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from lbc_themes.core.messages import message
from lbc_themes.core.records import Bilingual, Codebook, Coding, Decision, Passage, Transcript
from lbc_themes.core.study_log import MACHINE, Contents, LogState, Memo, contents_codings
from lbc_themes.exchange.losses import Loss, gathered
from lbc_themes.exchange.refi_qda.positions import moved, unix
from lbc_themes.exchange.refi_qda.write import code_guid
from lbc_themes.exchange.refi_qda.xml import kept_guid
from lbc_themes.study.study import Study

# --- What another copy of a study, or a project that came back from another program, adds to a study.

_TEXT = Bilingual(
    zh="访谈不在研究里，或文字不同，其中的编码没有并入",
    en="codings in interviews that the study lacks or has with other words",
)
_CODE = Bilingual(zh="研究的编码本里没有的编码", en="codings and decisions with codes that the study's codebook lacks")
_CUT = Bilingual(zh="段落切分不同，决定没有并入", en="decisions on passages that are cut otherwise")


@dataclass(frozen=True, kw_only=True)
class Additions:
    """What people did elsewhere and the study does not have yet, ready to be recorded, and what does not fit.

    ``decisions`` are by the name of the run that was in view, "" where none was.
    """

    decisions: Mapping[str, tuple[Decision, ...]]
    codings: tuple[Coding, ...]
    memos: tuple[Memo, ...]
    losses: tuple[Loss, ...]


def additions(given: Contents, held: Contents) -> Additions:
    """Return what stands in ``given`` and is not in ``held``.

    Interviews are the same where id and words are; line ends may differ. Codes are known by their GUID, their id or
    their name. Of two decisions by one coder on one passage the newer counts. What was taken back or deleted elsewhere
    stays in ``held``, and what the machine did elsewhere is passed over.
    """
    losses: list[Loss] = []
    codes, places = _codes(given.codebook, held.codebook), _places(given, held)
    theirs, ours = _standing(given), _standing(held)
    decisions = _by_run(_decisions(theirs, ours, _same_passages(given, held), codes, losses))
    here = {_key(coding) for coding in contents_codings(held, machine_top=0)}
    spans = theirs.codings() if theirs.decisions() else contents_codings(given, machine_top=0)
    moved_here = [m for c in spans if c.coder != MACHINE and (m := _coding(c, places, codes, losses))]
    codings = tuple({_key(c): c for c in reversed(moved_here) if _key(c) not in here}.values())[::-1]
    memos = tuple(_memos(theirs, ours, _there(given, held, places), held, codes, losses))
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
    return " ".join(memo.text.split()), memo.coder, memo.about, memo.about_id


def _memos(
    theirs: LogState,
    ours: LogState,
    there: Mapping[str, str],
    held: Contents,
    codes: Mapping[str, str],
    losses: list[Loss],
) -> Iterator[Memo]:
    """Yield the memos that the study lacks; known again are those with the same words, coder and place.

    Other programs keep one memo for each coder and place: memos that were joined on the way out are known too.
    """
    known = {_content(memo) for memo in ours.memos()}
    by_place: dict[tuple[str, ...], list[Memo]] = defaultdict(list)
    for memo in ours.memos():
        by_place[_content(memo)[1:]].append(memo)
    known |= {_content(replace(memos[0], text="\n".join(memo.text for memo in memos))) for memos in by_place.values()}
    for memo in theirs.memos():
        if memo.coder == MACHINE:
            continue
        if memo.about == "passage":
            memo = replace(memo, about_id=there.get(memo.about_id, memo.about_id))
        elif memo.about == "code":
            memo = replace(memo, about_id=codes.get(memo.about_id, memo.about_id))
        if _content(memo) in known:
            continue
        if _has(held, memo):
            known.add(_content(memo))
            yield memo
        else:
            where = f"{memo.about} {memo.about_id}"
            losses.append(Loss(topic="memos", text=message("exchange.memo_without_place"), where=where))


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
        "transcript": [each.id for each in held.transcripts], "passage": [each.id for each in held.passages],
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
        losses.append(_loss("texts" if where is None else "codes", _TEXT if where is None else _CODE, coding))
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
                Loss(topic="passages" if cut else "codes", text=_CUT if cut else _CODE, where=decision.passage_id)
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


def take_in(study: Study, given: Contents) -> Taken:
    """Record what people did in ``given`` and the study does not have; doing it twice changes nothing.

    ``lbc_themes.study.merge.additions`` says what is taken. Runs of the machine come along where somebody decided
    with them in view.
    """
    found = additions(given, study.contents())
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
