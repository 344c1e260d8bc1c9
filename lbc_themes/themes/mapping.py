"""Which themes the codebook covers, splits or merges, which it lacks, and which codes were seen."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Code, Codebook
from lbc_themes.suggest import CodeSuggester
from lbc_themes.themes.drafting import draft_code
from lbc_themes.themes.leading import Claims, claims_of_codings, claims_of_scores, none_leads
from lbc_themes.themes.rest import groups_of_rest
from lbc_themes.themes.weights import Weights, checked_scores, weights_of_codes, weights_of_scores

if TYPE_CHECKING:
    import pandas as pd

    from lbc_themes.themes.model import ThemeModel

Status = Literal["covered", "splits", "merges", "mixed", "new"]
Seen = Literal["well seen", "rare", "never seen"]
Source = Literal["codings", "suggestions"]

OFTEN = 5
PEOPLE = 2


class Ranker(Protocol):
    """Anything that scores codes for texts, such as ``CodeSuggester``; ``codes_`` names the columns."""

    @property
    def codes_(self) -> Sequence[str]:
        """Code ids, one a column."""
        ...

    def rank(self, texts: Sequence[str]) -> ArrayLike:
        """Return scores of shape ``(len(texts), len(codes_))``, higher is likelier."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class MappedTheme:
    """A theme beside the codebook.

    ``shares`` are the codes that hold part of it and how much, from 0 to 1, largest first. ``members`` are the
    positions of its passages in the input to ``fit``. ``draft`` is an entry for the codebook where the status is "new".
    """

    theme_id: int
    name: str
    status: Status
    codes: tuple[str, ...]
    shares: tuple[tuple[str, float], ...]
    uncoded: float
    passages: int
    members: tuple[int, ...] = field(default=(), repr=False)
    draft: Code | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeSeen:
    """How often a code was seen: in passages, by participants, and the themes that it leads or stands beside in."""

    code_id: str
    status: Seen
    passages: int
    participants: int
    themes: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class ThemeMap:
    """Themes beside a codebook.

    ``matrix`` is (themes, codes): the share of each theme's passages that a code holds. ``uncoded`` are groups among
    the clustered passages that people left without a code, finer than the themes, largest first, each with a drafted
    entry; their ids go on after the themes'. It is empty for suggestions.
    """

    codebook: Codebook
    themes: tuple[MappedTheme, ...]
    codes: tuple[CodeSeen, ...]
    matrix: NDArray[np.float64] = field(repr=False)
    source: Source
    uncoded: tuple[MappedTheme, ...] = ()

    def to_frame(self) -> "pd.DataFrame":
        """Return one row a theme, then one a group of uncoded passages (``kind`` "uncoded")."""
        import pandas as pd

        columns = ["kind", "theme", "name", "status", "codes", "share", "uncoded", "passages"]
        both = [("theme", theme) for theme in self.themes] + [("uncoded", group) for group in self.uncoded]
        return pd.DataFrame([_row(kind, theme) for kind, theme in both], columns=columns)

    def codes_frame(self) -> "pd.DataFrame":
        """Return one row a code."""
        import pandas as pd

        columns = ["code", "name_zh", "name_en", "status", "passages", "participants", "themes"]
        rows = [
            (c.code_id, name.zh, name.en, c.status, c.passages, c.participants, "; ".join(map(str, c.themes)))
            for c in self.codes
            for name in [self.codebook[c.code_id].name]
        ]
        return pd.DataFrame(rows, columns=columns)

    def accept(self, theme_id: int, code_id: str | None = None, *, parent: str | None = None) -> Codebook:
        """Return the codebook with the drafted entry of a new theme added, under ``code_id`` where one is given."""
        for theme in (*self.themes, *self.uncoded):
            if theme.theme_id == theme_id and theme.draft is not None:
                entry = replace(theme.draft, id=code_id or theme.draft.id, parent=parent)
                return replace(self.codebook, codes=(*self.codebook.codes, entry))
        new = ", ".join(str(theme.theme_id) for theme in (*self.themes, *self.uncoded) if theme.draft)
        raise InputError(f"theme {theme_id} has no drafted entry; the new themes are {new or 'none'}")


def _row(kind: str, theme: MappedTheme) -> tuple[object, ...]:
    share = dict(theme.shares).get(theme.codes[0], 0.0) if theme.codes else 0.0
    codes = "; ".join(theme.codes)
    return kind, theme.theme_id, theme.name, theme.status, codes, share, theme.uncoded, theme.passages


def map_themes(
    model: "ThemeModel",
    codebook: Codebook,
    *,
    suggester: Ranker | None = None,
    codes: Sequence[Sequence[str]] | None = None,
) -> ThemeMap:
    """Map the themes of a fitted model to a codebook.

    Args:
        model: A fitted theme model.
        codebook: The codebook. Codings with a code that is not in it are refused.
        suggester: Anything with ``rank`` and ``codes_``; where neither it nor ``codes`` is given, a ``CodeSuggester``
            of the codebook.
        codes: The codes that people put on each input of ``fit``, aligned with it; empty where there is none.

    With ``codes`` a passage counts once in all, shared between its codes, and ``claims_of_codings`` says which codes
    claim a theme; with a suggester a passage counts for its likeliest code and ``claims_of_scores`` says so. A theme
    that no code claims is "new", with a drafted entry; one that several claim "merges" them; one that people coded with
    so many codes that none has a fifth of it is "mixed"; else its code covers it, or the theme "splits" the code where
    the code leads other themes too. A code is "well seen" with five passages from
    two participants or more, "never seen" with none, else "rare".
    """
    if codes is not None and suggester is not None:
        raise InputError(
            "map_to got both codes and a suggester; give the people's codes, or a suggester for want of them"
        )
    if codes is not None:
        weights = weights_of_codes(codes, codebook, len(model.material_))
        matrix = _means(weights, [theme.passages for theme in model.themes_])
        held = weights[model.labels_ >= 0].sum(axis=1)
        claims = claims_of_codings(matrix, codebook.ids, float((held == 0).mean()) if len(held) else 0.0)
        found = _mapped(model, codebook, weights, matrix, claims, "codings")
        return replace(found, uncoded=_groups_of_uncoded(model, codebook, weights.sum(axis=1) == 0))
    clustered = np.flatnonzero(model.labels_ >= 0)
    likely, fits = _scored(model, codebook, suggester, clustered)
    weights = weights_of_scores(likely, clustered, len(model.material_))
    matrix = _means(weights, [theme.passages for theme in model.themes_])
    evidence = _means(fits, [np.searchsorted(clustered, theme.passages) for theme in model.themes_])
    return _mapped(model, codebook, weights, matrix, claims_of_scores(evidence, codebook.ids), "suggestions")


def _means(rows: Weights, groups: Sequence[ArrayLike]) -> Weights:
    means = [rows[np.asarray(group, np.int64)].mean(axis=0) for group in groups]
    return np.array(means).reshape(len(groups), rows.shape[1])


def _scored(
    model: "ThemeModel", codebook: Codebook, suggester: Ranker | None, clustered: NDArray[np.int64]
) -> tuple[Weights, Weights]:
    """Return two sets of scores of the clustered texts: for which code each text is, and whether any code fits it."""
    texts = [model.material_.texts[i] for i in clustered]
    if not texts or not len(codebook):
        return np.zeros((len(texts), len(codebook))), np.zeros((len(texts), len(codebook)))
    made = suggester or CodeSuggester(codebook)
    given: tuple[NDArray[np.float64], ...] = ()
    if isinstance(made, CodeSuggester) and model.encoded_ and model.encoder == made.encoder:
        given = (model.material_.vectors[clustered].astype(np.float64),)
    likely = checked_scores(made.rank(texts, *given), made.codes_, len(texts), codebook)
    if not isinstance(made, CodeSuggester):
        return likely, likely
    return likely, checked_scores(made.rank_apart(texts, *given), made.codes_, len(texts), codebook)


def _mapped(
    model: "ThemeModel", codebook: Codebook, weights: Weights, matrix: Weights, claims: Sequence[Claims], source: Source
) -> ThemeMap:
    mixed = [source == "codings" and none_leads(row) for row in matrix]
    leads = [codes[0] for codes, none in zip(claims, mixed, strict=True) if codes and not none]
    themes = tuple(
        MappedTheme(
            theme_id=theme.id,
            name=theme.name,
            status="mixed" if codes and none else _status(codes, leads),
            codes=codes,
            shares=tuple(_sorted(row, codebook.ids)),
            uncoded=float(max(0.0, 1 - row.sum())),
            passages=len(theme.passages),
            members=theme.passages,
            draft=None if codes else draft_code(model, theme, codebook),
        )
        for theme, row, codes, none in zip(model.themes_, matrix, claims, mixed, strict=True)
    )
    seen = tuple(_seen(code_id, weights[:, at], model, themes) for at, code_id in enumerate(codebook.ids))
    return ThemeMap(codebook=codebook, themes=themes, codes=seen, matrix=matrix, source=source)


def _groups_of_uncoded(model: "ThemeModel", codebook: Codebook, bare: NDArray[np.bool_]) -> tuple[MappedTheme, ...]:
    after = 1 + max((theme.id for theme in model.themes_), default=-1)
    return tuple(
        MappedTheme(
            theme_id=theme.id,
            name=theme.name,
            status="new",
            codes=(),
            shares=(),
            uncoded=1.0,
            passages=len(theme.passages),
            members=theme.passages,
            draft=draft_code(model, theme, codebook),
        )
        for theme in groups_of_rest(model, bare, first_id=after)
    )


def _sorted(row: Weights, ids: Sequence[str]) -> list[tuple[str, float]]:
    return sorted(((i, float(s)) for i, s in zip(ids, row, strict=True) if s > 0), key=lambda pair: (-pair[1], pair[0]))


def _status(codes: Claims, leads: Sequence[str]) -> Status:
    if not codes:
        return "new"
    if len(codes) > 1:
        return "merges"
    return "splits" if leads.count(codes[0]) > 1 else "covered"


def _seen(code_id: str, weights: Weights, model: "ThemeModel", themes: Sequence[MappedTheme]) -> CodeSeen:
    where = np.flatnonzero(weights > 0)
    people = {model.material_.groups[i] for i in where} - {""}
    often = len(where) >= OFTEN and (len(people) >= PEOPLE or not any(model.material_.groups))
    return CodeSeen(
        code_id=code_id,
        status="well seen" if often else "rare" if len(where) else "never seen",
        passages=len(where),
        participants=len(people),
        themes=tuple(theme.theme_id for theme in themes if code_id in theme.codes),
    )
