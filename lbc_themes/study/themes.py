"""Candidate themes of a study, found by the machine and kept in its file until there are other passages."""

import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lbc_themes.core.errors import InputError, LbcError
from lbc_themes.core.messages import message
from lbc_themes.core.records import Code, Codebook, Coding, Suggestion
from lbc_themes.encoding import Encoder, load_encoder
from lbc_themes.study.gold_labels import gold_labels
from lbc_themes.study.records import FoundTheme, StudyThemes
from lbc_themes.study.study import Study
from lbc_themes.study.theme_board import theme_board
from lbc_themes.suggest import CodeSuggester
from lbc_themes.text.words import simplified
from lbc_themes.themes import MappedTheme, ThemeModel


def find_themes(study: Study, encoder: Encoder, *, seed: int = 0) -> StudyThemes:
    """Find candidate themes among all passages, set them beside the codebook, and keep them in the study.

    The codebook in use, as far as it says anything (``telling_codebook``), and what people coded tell which passages
    are small talk or logistics: these are set aside, unless somebody gave them a code or placed them on the board.

    The codes of a passage are those that people gave it or, where nobody decided, the first that the machine suggests:
    in a run that is kept, else now. By these a theme has the status "covered", "splits", "merges", "mixed" or "new"
    (see ``map_themes``), and "" where the codebook says nothing.

    Raises:
        InputError: there are no passages.
    """
    passages = study.passages
    if not passages:
        raise InputError(message("study.themes_need_passages", path=study.path))
    vectors = np.asarray(encoder.encode([simplified(passage.text) for passage in passages]), np.float64)
    people = {t: person.id for person in reversed(study.participants) for t in person.transcript_ids}
    groups = [people.get(passage.transcript_id, passage.transcript_id) for passage in passages]
    suggester = _suggester(study, encoder, vectors)
    model = ThemeModel(encoder=encoder.name, random_state=seed).fit(passages, vectors, groups, codebook=suggester)
    kept = _in_hand(study)
    if back := [row for row in model.set_aside_ if passages[row].id in kept]:
        model.put_back(back)
    suggested = () if suggester is None else suggester.suggest(passages, 1, vectors)
    codes = _codes(study, suggested)
    mapped = model.map_to(study.codebook, codes=codes).themes if any(codes) else ()
    found = StudyThemes(
        encoder=encoder.name, seed=seed, passages=len(passages), themes=_themes(study, model, groups, mapped),
        set_aside=tuple(passages[row].id for row in model.set_aside_),
    )  # fmt: skip
    return study.add_themes(found)


# --- The codebook beside which themes are found: codes that say enough to tell passages apart.

FEWEST_CODED = 3
"""A code that has nothing but a name says enough once so many passages are coded with it."""


def telling_codebook(codebook: Codebook, codes_given: Iterable[Sequence[str]]) -> Codebook | None:
    """Return the codes that are described, shown by an example, or given to three passages; None for fewer than two.

    A code that was just made has a name alone: beside it passages lie by chance.
    """
    times = Counter(code_id for codes in codes_given for code_id in set(codes))
    shown = {code_id for utterance in codebook.utterances for code_id in utterance.code_ids}
    ids = [code.id for code in codebook if _described(code) or code.id in shown or times[code.id] >= FEWEST_CODED]
    return codebook.subset(ids, below=False) if len(ids) > 1 else None


def _described(code: Code) -> bool:
    shown = [*(rule.text for rule in code.include), *(example.text for example in (*code.typical, *code.atypical))]
    said = any(text.zh.strip() or text.en.strip() for text in (code.brief, code.definition, *shown))
    return said or bool(code.indicators)


def _suggester(study: Study, encoder: Encoder, vectors: NDArray[np.float64]) -> CodeSuggester | None:
    answers = gold_labels(study)
    codebook = telling_codebook(study.codebook, answers.values())
    if codebook is None:
        return None
    suggester, passages = CodeSuggester(codebook, encoder=encoder), study.passages
    taught = [(row, answers[passage.id]) for row, passage in enumerate(passages) if passage.id in answers]
    sets = {row: [i for i in codes if i in codebook] for row, codes in taught}
    # A passage that has only codes that say nothing yet does not teach that nothing applies.
    rows = [row for row, codes in taught if sets[row] or not codes]
    if rows:
        groups = [passages[row].transcript_id for row in rows]
        suggester.fit([passages[row] for row in rows], [sets[row] for row in rows], groups, vectors[rows])
    return suggester


def _in_hand(study: Study) -> set[str]:
    """Return the passages that somebody gave a code, or put into a theme."""
    codings: dict[str, list[Coding]] = defaultdict(list)
    for coding in study.codings(machine_top=0):
        codings[coding.transcript_id].append(coding)
    coded = {
        passage.id
        for passage in study.passages
        if any(coding.start < passage.end and passage.start < coding.end for coding in codings[passage.transcript_id])
    }
    return coded.union(*(theme.passages for theme in theme_board(study).themes if theme.by))


def _codes(study: Study, suggested: Sequence[Suggestion] = ()) -> list[tuple[str, ...]]:
    given: dict[str, dict[str, None]] = {}
    for decision in study.decisions():
        given.setdefault(decision.passage_id, {}).update(dict.fromkeys(decision.code_ids))
    first: Mapping[str, tuple[str, ...]] = {
        each.passage_id: tuple(code.code_id for code in each.codes[:1]) for each in (*suggested, *study.suggestions())
    }
    known = set(study.codebook.ids)
    rows = (tuple(given.get(passage.id, first.get(passage.id, ()))) for passage in study.passages)
    return [tuple(code_id for code_id in row if code_id in known) for row in rows]


def _themes(
    study: Study, model: ThemeModel, groups: Sequence[str], mapped: Sequence[MappedTheme]
) -> tuple[FoundTheme, ...]:
    beside = {entry.theme_id: entry for entry in mapped}
    ids = [passage.id for passage in study.passages]
    return tuple(
        FoundTheme(
            id=theme.id, name=theme.name, keywords=theme.keywords, passages=tuple(ids[i] for i in theme.passages),
            typical=tuple(ids[i] for i in theme.typical), participants=len({groups[i] for i in theme.passages}),
            stability=theme.stability, status=beside[theme.id].status if theme.id in beside else "",
            codes=beside[theme.id].codes if theme.id in beside else (),
        )
        for theme in model.themes_
    )  # fmt: skip


# --- Find the themes of a study in a process of its own: ``python -m lbc_themes.study.themes STUDY ENCODER [CACHE]``.


def main(path: str, encoder: str, cache: str = "") -> int:
    """Find and keep the themes, leaving the machine to others first; say in one line what goes wrong."""
    if hasattr(os, "nice"):
        os.nice(10)
    try:
        with Study.open(path) as study:
            find_themes(study, load_encoder(encoder, Path(cache) if cache else None))
    except LbcError as fault:
        sys.stderr.write(f"{fault}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
