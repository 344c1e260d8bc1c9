"""The board of themes: what the machine found, and what people made of it, from theme to code (axial coding).

The machine finds candidate themes anew when interviews are added. What a person did with a theme stays: as soon as
somebody renames, merges, splits or fills a theme, it is theirs, with the passages that it had, and later findings only
say which new passages are like it. Each step is a line of the log (a memo about a theme that says what was done in
words and, in ``about_id``, as a record), so that it has a person, a time and a reason, can be taken back, and travels.
"""

import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import Bilingual, Language, message
from lbc_themes.core.records import Evidence, RankedCode, Suggestion
from lbc_themes.core.serialisation import from_json, to_json
from lbc_themes.core.study_log import THEME_EDIT, Entry, Memo, Retraction, is_theme_edit
from lbc_themes.study.records import FoundTheme, KeptTheme, StudyThemes, ThemeEdit
from lbc_themes.study.study import Study, check_person

ASIDE = "aside"
"""The place of passages that a person put in no theme."""
SET_ASIDE = "set-aside"
"""The place of passages that the machine took to be small talk or logistics, and that no one has placed."""
LOOSE = "loose"
"""The place of passages that nobody placed, and that the machine neither put into a theme nor set aside."""
_INDICATORS = 6
_UNKNOWN_STABILITY = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardTheme:
    """A theme on the board.

    ``passages`` are ids, the most typical first; of a theme that people have in hand they change by people alone.
    ``alike`` are passages that no one has placed and that the machine found together with this theme since. ``by`` are
    the people who worked on it, nobody for one that is the machine's still. ``code`` is the code that it belongs to or
    was taken as (``taken``), "" for none. ``status`` and ``codes`` say how the machine set it beside the codebook.
    """

    key: str
    name: str
    passages: tuple[str, ...]
    keywords: tuple[str, ...] = ()
    participants: int = 0
    alike: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    code: str = ""
    taken: bool = False
    stability: float | None = None
    status: str = ""
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Board:
    """Themes, those in people's hands first and then by size; passages put aside; and the steps, oldest first.

    ``set_aside`` are passages that the machine took to be small talk or logistics, and that no one has placed.
    ``loose`` are the others in no theme, in the order of the study: like too few, or added since themes were found.
    """

    themes: tuple[BoardTheme, ...]
    aside: tuple[str, ...]
    steps: tuple[tuple[Entry, ThemeEdit], ...]
    set_aside: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()

    @property
    def beside(self) -> dict[str, tuple[str, ...]]:
        """The passages that are in no theme, by the key of their place."""
        return {ASIDE: self.aside, SET_ASIDE: self.set_aside, LOOSE: self.loose}

    def theme(self, key: str) -> BoardTheme:
        """Return the theme of that key. Raises InputError if there is none."""
        found = next((theme for theme in self.themes if theme.key == key), None)
        if found is None:
            raise InputError(message("study.no_theme", theme=key))
        return found


# --- The board as it stands: the steps of the log, one after the other, over what the machine found last.


@dataclass(kw_only=True)
class _Held:
    name: str
    keywords: tuple[str, ...]
    stability: float | None
    by: dict[str, None] = field(default_factory=dict)
    code: str = ""
    taken: bool = False


class _Replay:
    """The themes that people have in hand, and where each passage is."""

    def __init__(self, passages: Iterable[str]) -> None:
        self.known = set(passages)
        self.held: dict[str, _Held] = {}
        self.place: dict[str, str] = {}
        self.since: dict[str, str] = {}
        self._gone: set[str] = set()

    def do(self, edit: ThemeEdit, who: str, time: str) -> None:
        for key, kept in edit.kept.items():
            if key not in self.held and key not in self._gone:
                self.held[key] = _Held(name=kept.name, keywords=kept.keywords, stability=kept.stability)
                self._put((p for p in kept.passages if p not in self.place), key, time)
        if edit.action == "split":
            self.held[edit.theme] = _Held(name=edit.name, keywords=(), stability=None)
        if edit.theme not in self.held and edit.theme != ASIDE:
            return  # the step that made it was taken back
        theme = self.held.get(edit.theme)
        if theme is not None:
            theme.by[who] = None
            theme.name = edit.name or theme.name
            if edit.action in {"map", "take"}:
                theme.code, theme.taken = edit.code, edit.action == "take"
        if edit.action in {"move", "split"}:
            self._put(edit.passages, edit.theme, time)
        for other in edit.others:
            if other in self.held and other != edit.theme:
                self._put([p for p, key in self.place.items() if key == other], edit.theme, time)
                del self.held[other]
                self._gone.add(other)

    def _put(self, passages: Iterable[str], key: str, time: str) -> None:
        for passage in list(passages):
            if passage in self.known:
                self.place.pop(passage, None)
                self.place[passage], self.since[passage] = key, time

    def inside(self, key: str) -> tuple[str, ...]:
        return tuple(passage for passage, place in self.place.items() if place == key)


def theme_key(found: StudyThemes, theme: FoundTheme) -> str:
    """Return the key of a theme that the machine found: it says when it was found, for ids begin anew each time."""
    return f"{found.time}#{theme.id}"


def edit_of(memo: Memo) -> ThemeEdit:
    """Return the step that a line of the log holds."""
    return from_json(ThemeEdit, memo.about_id.removeprefix(THEME_EDIT))


def _steps(study: Study) -> list[tuple[Entry, ThemeEdit]]:
    return [(entry, edit_of(entry.record)) for entry in study.theme_steps() if isinstance(entry.record, Memo)]


def theme_board(study: Study) -> Board:
    """Return the board of a study; it has no themes where none were found yet."""
    steps = _steps(study)
    replay = _Replay(passage.id for passage in study.passages)
    for entry, edit in steps:
        replay.do(edit, entry.coder, entry.time)
    found = study.themes()
    alike, free = _machine(found, replay)
    people = _people(study)

    def speakers(passages: Iterable[str]) -> int:
        return len({people[passage] for passage in passages if passage in people})

    mine = [
        BoardTheme(
            key=key, name=held.name, passages=(inside := replay.inside(key)), keywords=held.keywords,
            participants=speakers(inside), alike=tuple(alike.get(key, ())), by=tuple(held.by),
            code=_code_of_today(study, held.code), taken=held.taken, stability=held.stability,
        )
        for key, held in replay.held.items()
    ]  # fmt: skip
    others = [
        BoardTheme(
            key=theme_key(found, theme), name=theme.name, passages=passages, keywords=theme.keywords,
            participants=speakers(passages), stability=theme.stability, status=theme.status, codes=theme.codes,
        )
        for theme, passages in free
        if found is not None
    ]  # fmt: skip
    order = [*sorted(mine, key=lambda t: -len(t.passages)), *sorted(others, key=lambda t: -len(t.passages))]
    set_aside = tuple(p for p in found.set_aside if p in replay.known and p not in replay.place) if found else ()
    shown = {*replay.place, *set_aside, *(p for theme in order for p in (*theme.passages, *theme.alike))}
    loose = tuple(passage.id for passage in study.passages if passage.id not in shown) if order else ()
    return Board(
        themes=tuple(order), aside=replay.inside(ASIDE), steps=tuple(steps), set_aside=set_aside, loose=loose
    )  # fmt: skip


def _machine(
    found: StudyThemes | None, replay: _Replay
) -> tuple[dict[str, list[str]], list[tuple[FoundTheme, tuple[str, ...]]]]:
    """Return the passages that nobody placed: those found together with a theme that people hold, and the rest."""
    alike: dict[str, list[str]] = {}
    free = []
    for theme in found.themes if found is not None else ():
        inside = [*dict.fromkeys((*theme.typical, *theme.passages))]
        rest = tuple(p for p in inside if p not in replay.place and p in replay.known)
        # What was moved after the machine found this says that it is not alike, and not that it is.
        placed = Counter(
            replay.place[p]
            for p in inside
            if replay.place.get(p, ASIDE) in replay.held and found is not None and replay.since[p] < found.time
        )
        key, count = (placed.most_common(1) or [("", 0)])[0]
        if rest and 2 * count >= len(inside):
            alike.setdefault(key, []).extend(rest)
        elif rest:
            free.append((theme, rest))
    return alike, free


def _people(study: Study) -> dict[str, str]:
    spoke = {t: person.id for person in reversed(study.participants) for t in person.transcript_ids}
    return {passage.id: spoke.get(passage.transcript_id, passage.transcript_id) for passage in study.passages}


def _code_of_today(study: Study, code_id: str) -> str:
    """Return the code, or the one into which it was merged since."""
    merged = {old: edit.into for edit in study.codebook_history() if edit.action == "merge" for old in edit.code_ids}
    seen: set[str] = set()
    while code_id and code_id not in study.codebook and code_id in merged and code_id not in seen:
        seen.add(code_id)
        code_id = merged[code_id]
    return code_id


# --- Steps. Each is said in words in the language of the person who does it.


def rename_theme(study: Study, key: str, name: str, *, by: str, why: str = "", language: Language = "zh") -> int:
    """Give a theme a name and return the number of the line in the log.

    Raises:
        InputError: no such theme, no name, or ``by`` names nobody.
    """
    board = theme_board(study)
    theme, new = board.theme(key), _named(name)
    edit = ThemeEdit(action="rename", theme=key, name=new, why=why, kept=_kept(theme))
    return _record(study, board, edit, by, language)


def move_passages(
    study: Study, passages: Sequence[str], to: str, *, by: str, why: str = "", language: Language = "zh"
) -> int:
    """Put passages into a theme, or aside (`ASIDE`), out of whatever theme they are in.

    Raises:
        InputError: no passages, one that is not in the study, or no such theme.
    """
    board = theme_board(study)
    wanted = _checked(study, passages)
    # The theme that they leave stays the machine's, if it is: nobody said anything of what is left in it.
    kept = _kept(board.theme(to)) if to != ASIDE else {}
    edit = ThemeEdit(action="move", theme=to, passages=wanted, why=why, kept=kept)
    return _record(study, board, edit, by, language)


def merge_themes(
    study: Study, keys: Sequence[str], *, by: str, name: str = "", why: str = "", language: Language = "zh"
) -> str:
    """Merge two or more themes into the first of them, renamed where a name is given, and return its key.

    Raises:
        InputError: fewer than two themes, or no such theme.
    """
    board, wanted = theme_board(study), tuple(dict.fromkeys(keys))
    if len(wanted) < 2:
        raise InputError(message("study.merge_two_themes"))
    themes = [board.theme(key) for key in wanted]
    edit = ThemeEdit(
        action="merge", theme=wanted[0], others=wanted[1:], name=name.strip(), why=why, kept=_kept(*themes)
    )
    _record(study, board, edit, by, language)
    return wanted[0]


def split_theme(
    study: Study, passages: Sequence[str], name: str, *, by: str, why: str = "", language: Language = "zh"
) -> str:
    """Make a theme of its own of passages, whichever themes they are in, and return its key.

    Raises:
        InputError: no passages, one that is not in the study, or no name.
    """
    wanted, new = _checked(study, passages), _named(name)
    key = f"own-{secrets.token_hex(5)}"
    edit = ThemeEdit(action="split", theme=key, passages=wanted, name=new, why=why)
    _record(study, theme_board(study), edit, by, language)
    return key


def map_theme(study: Study, key: str, code_id: str, *, by: str, why: str = "", language: Language = "zh") -> int:
    """Say that a theme belongs to a code, or with "" to none; nothing is coded by it.

    Raises:
        InputError: no such theme or code.
    """
    board = theme_board(study)
    kept = _kept(board.theme(key))
    code = study.codebook[code_id].id if code_id else ""
    return _record(study, board, ThemeEdit(action="map", theme=key, code=code, why=why, kept=kept), by, language)


def take_as_code(
    study: Study,
    key: str,
    *,
    by: str,
    name: str = "",
    parent: str | None = None,
    why: str = "",
    language: Language = "zh",
) -> str:
    """Make a code of a theme, and suggest it for the theme's passages; return the id of the code.

    The definition is a draft, to be written anew by a person. Nothing is coded: the passages get suggestions, before
    those that they have already. All of it is stored, or nothing. The step can be taken back by `undo_theme_step`.

    Raises:
        InputError: no such theme, a theme without passages, or a code of that name.
    """
    check_person(by, "theme")
    board = theme_board(study)
    theme = board.theme(key)
    if not theme.passages:
        raise InputError(message("study.empty_theme", theme=theme.name))
    new = _named(name or theme.name)
    with study.together():
        code_id = study.codebook.add(
            new, by=by, why=why or message("study.taken_from_theme", theme=theme.name).said(language), parent=parent,
            definition=_draft(theme), indicators=theme.keywords[:_INDICATORS],
        )  # fmt: skip
        suggestions = list(_suggested(study, theme, new, code_id))
        study.add_suggestions(suggestions, options={"theme": theme.name, "code": code_id})
        edit = ThemeEdit(action="take", theme=key, code=code_id, why=why, kept=_kept(theme))
        _record(study, board, edit, by, language)
    return code_id


def undo_theme_step(study: Study, *, by: str) -> ThemeEdit | None:
    """Take back the person's last step on the board and return it; None where there is none.

    A code that was made of a theme is retired with it where nothing is coded with it; otherwise it stays.
    """
    steps = [(entry, edit) for entry, edit in _steps(study) if entry.coder == by]
    if not steps:
        return None
    entry, edit = steps[-1]
    with study.together():
        study.undo(by, entry.id)
        keep_code_with_step(study, edit, by=by)
    return edit


def redo_theme_step(study: Study, *, by: str) -> ThemeEdit | None:
    """Do again the person's last step on the board that they took back; None where there is none, or a newer step.

    A code that was retired with it is in use again.
    """
    memo = _taken_back(study, by)
    if memo is None:
        return None
    edit = edit_of(memo)
    with study.together():
        study.record_memo(replace(memo, time=""))
        keep_code_with_step(study, edit, by=by)
    return edit


def keep_code_with_step(study: Study, edit: ThemeEdit, *, by: str) -> None:
    """After a step was taken back or done again by whatever way: retire the code that it made, or have it in use again.

    A code with which something is coded, or that has codes below it, stays.
    """
    if edit.action != "take":
        return
    book = study.codebook
    stands = any(step.action == "take" and step.code == edit.code for _, step in _steps(study))
    if stands and edit.code not in book:
        gone = [c for c in study.codebook_history() if edit.code in c.code_ids]  # the last is what took it away
        book.undo(by=by, version=gone[-1].version)
    elif not stands and edit.code in book:
        used = edit.code in {coding.code_id for coding in study.codings(machine_top=0)}
        if not used and not book.children(edit.code):
            book.retire(edit.code, by=by)


def _taken_back(study: Study, by: str) -> Memo | None:
    steps: dict[int, Memo] = {}
    again: list[Memo] = []
    for entry in study.history():
        record = entry.record
        if entry.coder == by and isinstance(record, Memo) and is_theme_edit(record):
            steps[entry.id] = record
            if again and again[-1].about_id == record.about_id:
                again.pop()
            else:
                again.clear()
        elif isinstance(record, Retraction) and record.entry_id in steps:
            again.append(steps[record.entry_id])
    return again[-1] if again else None


def _draft(theme: BoardTheme) -> Bilingual:
    values = {"theme": theme.name, "passages": len(theme.passages), "participants": theme.participants}
    return message("study.drafted_definition", **values, keywords=list(theme.keywords[:10]) or "–")


def _suggested(study: Study, theme: BoardTheme, name: str, code_id: str) -> Iterator[Suggestion]:
    why = message("study.why_theme", theme=theme.name, code=name)
    share = _UNKNOWN_STABILITY if theme.stability is None else theme.stability
    for passage_id in theme.passages:
        text, before = study.passage(passage_id).text, study.suggestion_for(passage_id)
        rest = before.codes if before is not None else ()
        words = tuple(word for word in theme.keywords if word in text)
        ranked = RankedCode(
            code_id=code_id, score=max([share, *(each.score for each in rest)]), probability=min(1.0, max(0.0, share)),
            evidence=Evidence(words=words, why_zh=why.zh, why_en=why.en),
        )  # fmt: skip
        yield Suggestion(passage_id=passage_id, codes=(ranked, *rest), options=before.options if before else {})


def _kept(*themes: BoardTheme) -> dict[str, KeptTheme]:
    """Return the themes that are the machine's still, as they are now."""
    return {
        theme.key: KeptTheme(
            name=theme.name, passages=theme.passages, keywords=theme.keywords, stability=theme.stability
        )
        for theme in themes
        if not theme.by
    }


def _named(name: str) -> str:
    if not name.strip():
        raise InputError(message("study.theme_name"))
    return name.strip()


def _checked(study: Study, passages: Sequence[str]) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(passages))
    if not wanted:
        raise InputError(message("study.no_passages_chosen"))
    for passage_id in wanted:
        study.passage(passage_id)
    return wanted


def _record(study: Study, board: Board, edit: ThemeEdit, by: str, language: Language) -> int:
    """Write a step on a board as it stood before into the log."""
    check_person(by, "theme")
    memo = Memo(text=_words(study, board, edit, language), coder=by, about="theme", about_id=THEME_EDIT + to_json(edit))
    return study.record_memo(memo)


def _words(study: Study, board: Board, edit: ThemeEdit, language: Language) -> str:
    """Return what a step did, in words, for whoever reads the log or the memos in another program."""
    names = {theme.key: theme.name for theme in board.themes} | {ASIDE: message("study.theme_aside").said(language)}
    theme = names.get(edit.theme, edit.name)
    code = study.codebook[edit.code].name.said(language) if edit.code in study.codebook else edit.code or "–"
    lines: dict[str, Bilingual] = {
        "rename": message("study.step_rename", theme=theme, name=edit.name),
        "move": message("study.step_move", theme=theme, count=len(edit.passages)),
        "merge": message("study.step_merge", theme=edit.name or theme, others=[names.get(k, k) for k in edit.others]),
        "split": message("study.step_split", name=edit.name, count=len(edit.passages)),
        "map": message("study.step_map", theme=theme, code=code),
        "take": message("study.step_take", theme=theme, code=code),
    }
    said = lines[edit.action].said(language)
    return f"{said}\n{edit.why}" if edit.why else said
