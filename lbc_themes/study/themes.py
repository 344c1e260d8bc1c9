"""Candidate themes of a study, found by the machine and kept in its file until there are other passages."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from lbc_themes.core.errors import InputError, LbcError
from lbc_themes.core.messages import message
from lbc_themes.encoding import Encoder, load_encoder
from lbc_themes.study.records import FoundTheme, StudyThemes
from lbc_themes.study.study import Study
from lbc_themes.text.simplify import simplified
from lbc_themes.themes import MappedTheme, ThemeModel


def find_themes(study: Study, encoder: Encoder, *, seed: int = 0) -> StudyThemes:
    """Find candidate themes among all passages, set them beside the codebook, and keep them in the study.

    The codes of a passage are those that people gave it or, where nobody decided, the first that the machine suggests;
    without either, themes are found but not set beside the codebook. A theme then has the status "covered", "splits",
    "merges", "mixed" or "new" (see ``map_themes``), else "".

    Raises:
        InputError: there are no passages.
    """
    passages = study.passages
    if not passages:
        raise InputError(message("study.themes_need_passages", path=study.path))
    vectors = np.asarray(encoder.encode([simplified(passage.text) for passage in passages]), np.float64)
    people = {t: person.id for person in reversed(study.participants) for t in person.transcript_ids}
    groups = [people.get(passage.transcript_id, passage.transcript_id) for passage in passages]
    model = ThemeModel(encoder=encoder.name, random_state=seed).fit(passages, vectors, groups)
    codes = _codes(study)
    mapped = model.map_to(study.codebook, codes=codes).themes if any(codes) else ()
    found = StudyThemes(
        encoder=encoder.name, seed=seed, passages=len(passages), themes=_themes(study, model, groups, mapped)
    )  # fmt: skip
    return study.add_themes(found)


def _codes(study: Study) -> list[tuple[str, ...]]:
    given: dict[str, dict[str, None]] = {}
    for decision in study.decisions():
        given.setdefault(decision.passage_id, {}).update(dict.fromkeys(decision.code_ids))
    first: Mapping[str, tuple[str, ...]] = {
        each.passage_id: tuple(code.code_id for code in each.codes[:1]) for each in study.suggestions()
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
