"""Which themes the codebook covers, splits or merges, which it lacks, and which codes were seen."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lbc_themes.core.errors import InputError
from lbc_themes.core.frames import data_frame
from lbc_themes.core.messages import message
from lbc_themes.core.records import Bilingual, Code, Codebook, Rule, Theme
from lbc_themes.suggest import CodeSuggester
from lbc_themes.themes.clustering import Resamples, consensus, ward_of
from lbc_themes.themes.features import features_of, unit
from lbc_themes.themes.summaries import numbered, themes_of

if TYPE_CHECKING:
    import pandas as pd

    from lbc_themes.themes.model import ThemeModel


# --- A drafted codebook entry for a theme that the codebook lacks.

_EXAMPLES = 5
_WORDS = 6


def draft_code(model: "ThemeModel", theme: Theme, codebook: Codebook) -> Code:
    """Return an entry for ``theme``: a name, definition and indicators from its words.

    Examples are given by reference only: ``source`` names the typical passages. A codebook travels farther than the
    transcripts, so no participant's words are put into it; a person writes the examples and the real definition.
    """
    words = theme.keywords[:_WORDS]
    count = len(theme.passages)
    return Code(
        id=_free_id(f"theme.{theme.id}", codebook),
        name=Bilingual(zh="、".join(words[:3]), en=f"Theme {theme.id}: {', '.join(words[:3])}"),
        brief=message("themes.draft_brief", words=words, count=count),
        definition=message("themes.draft_definition", words=words, count=count),
        include=(Rule(text=message("themes.draft_include", words=words)),),
        indicators=words,
        source=f"typical passages: {', '.join(_reference(model, at) for at in theme.typical[:_EXAMPLES])}",
    )


def _free_id(wanted: str, codebook: Codebook) -> str:
    code_id, number = wanted, 2
    while code_id in codebook:
        code_id, number = f"{wanted}.{number}", number + 1
    return code_id


def _reference(model: "ThemeModel", at: int) -> str:
    passages = model.material_.passages
    return passages[at].id if passages else f"text {at}"


# --- Which codes claim a theme: from what people coded, or from what a suggester scores.

Claims = tuple[str, ...]
Matrix = NDArray[np.float64]
Weights = NDArray[np.float64]

THIRD = 1 / 3
STANDS_OUT = 0.8
CLEAR = 1.4
NEARLY = 0.6
FIFTH = 0.2
MOST = 3


def claims_of_codings(shares: Matrix, ids: Sequence[str], usual: float = 0.0) -> list[Claims]:
    """Return the codes that claim each theme, leader first, at most three, from shares of its passages (themes, codes).

    A theme is claimed by none where its uncoded passages are a third of it or more, at least as many as any code holds,
    and no fewer than is ``usual``, the uncoded share of all passages: small talk is in every theme. Else the code that
    holds most leads, and codes that hold at least half as much, and a fifth of what is coded, stand beside it. Where
    no code holds a fifth, the three that hold most are named (``none_leads``).
    """
    return [_holders(row, ids, max(THIRD, usual) - 1e-9) for row in shares]


def _holders(row: Matrix, ids: Sequence[str], enough: float) -> Claims:
    ranked = np.argsort(-row, kind="stable")
    uncoded = 1 - row.sum()
    if not len(row) or row[ranked[0]] <= 0 or (uncoded >= enough and uncoded >= row[ranked[0]] - 1e-9):
        return ()
    beside = 0.0 if none_leads(row) else FIFTH * row.sum()
    return tuple(ids[int(i)] for i in ranked[:MOST] if row[i] >= max(beside, row[ranked[0]] / 2) - 1e-9)


def none_leads(shares: Matrix) -> bool:
    """Say whether no code holds a fifth of what is coded of a theme; ``shares`` are those of its passages (codes,)."""
    coded = float(shares.sum())
    return coded > 0 and float(shares.max()) < FIFTH * coded - 1e-9


def claims_of_scores(evidence: Matrix, ids: Sequence[str]) -> list[Claims]:
    """Return the codes that claim each theme, at most three, from mean standardised scores (themes, codes).

    How far a theme's leader stands out is its score plus its lead over the second code. A theme where it stands out by
    less than 0.8 of the median theme, and by less than 1.4 standard deviations, is claimed by none. That is a weak
    sign, see the benchmark hidden_codes; codings tell far better. A second code is beside the leader where it has at
    least six tenths of the leader's score and no other theme scores higher on it.
    """
    if not evidence.size:
        return [()] * len(evidence)
    out = np.array([_standing_out(row) for row in evidence])
    line = max(0.0, min(CLEAR, STANDS_OUT * float(np.median(out))))
    return [_claims(evidence, at, ids) if out[at] > line else () for at in range(len(evidence))]


def _standing_out(row: Matrix) -> float:
    ranked = np.sort(row)[::-1]
    return float(2 * ranked[0] - (ranked[1] if len(ranked) > 1 else 0.0))


def _claims(evidence: Matrix, at: int, ids: Sequence[str]) -> Claims:
    row = evidence[at]
    ranked = np.argsort(-row, kind="stable")
    first = int(ranked[0])
    beside = [int(i) for i in ranked[1:] if row[i] >= NEARLY * row[first] and int(evidence[:, i].argmax()) == at]
    return tuple(ids[i] for i in (first, *beside)[:MOST])


# --- Groups among the passages that nobody coded: candidates for codes that the codebook lacks.

FEWEST = 10
SMALLEST_GROUP = 3


def groups_of_rest(model: "ThemeModel", bare: NDArray[np.bool_], *, first_id: int) -> tuple[Theme, ...]:
    """Return groups of the clustered inputs where ``bare`` is true, as themes with ids from ``first_id``.

    One and a half times the root of their number are cut from Ward's tree; groups below three passages are left out,
    and fewer than ten passages make none.
    """
    inside = np.flatnonzero(bare[model.material_.order] & (model.row_labels_ >= 0))
    if len(inside) < FEWEST:
        return ()
    labels = np.full(len(model.rows_), -1, np.int64)
    labels[inside] = ward_of(model.rows_[inside], round(1.5 * len(inside) ** 0.5), model.random_state)
    found = themes_of(model.material_, model.rows_, numbered(labels), (), {}, {})
    kept = [theme for theme in found if len(theme.passages) >= SMALLEST_GROUP]
    return tuple(replace(theme, id=first_id + number) for number, theme in enumerate(kept))


# --- Groups among the passages that no code covers, where nobody coded.

FINE = 2.2
MOST_GROUPS = 110
LEAST_COVERED = 0.3
"""The share of the groups that is shown; chosen on psyqa-sample and hlcta-appreviews (benchmark hidden_codes)."""


def groups_not_covered(model: "ThemeModel", fits: Weights, *, first_id: int) -> tuple[Theme, ...]:
    """Return the groups of passages that hold together best beside how well any code fits them, least covered first.

    The ordered rows are clustered more finely than the themes, by meaning alone: a code profile cannot tell apart what
    no code is about. ``fits`` are the standardised scores of the clustered inputs, (clustered, codes), in the order of
    the input. How far a group coheres (length of its mean unit vector) less how well its best code fits, both over
    their interquartile range, ranks the groups; three tenths of them are returned, with ids from ``first_id``.
    """
    material = model.material_
    inside = np.flatnonzero(model.row_labels_ >= 0)
    if len(inside) < FEWEST or not fits.shape[1]:
        return ()
    meaning = features_of(material, centre_speakers=model.centred_speakers_, with_codes=False)[inside]
    number = min(round(FINE * len(inside) ** 0.5), MOST_GROUPS, len(inside) // SMALLEST_GROUP)
    whose = [material.groups[i] for i in material.order[inside]]
    groups = consensus(Resamples(rows=meaning, groups=whose, random_state=model.random_state), max(2, number))
    clustered = np.flatnonzero(model.labels_ >= 0)
    own = fits[np.searchsorted(clustered, material.order[inside])]
    vectors = material.vectors[material.order[inside]].astype(np.float64)
    units = unit(vectors - vectors.mean(axis=0))
    ids = [group for group in range(int(groups.max()) + 1) if (groups == group).sum() >= SMALLEST_GROUP]
    if not ids:
        return ()
    coheres = np.array([np.linalg.norm(units[groups == group].mean(axis=0)) for group in ids])
    best = np.array([own[groups == group].mean(axis=0).max() for group in ids])
    ranked = np.argsort(_over_quartiles(best) - _over_quartiles(coheres), kind="stable")
    labels = np.full(len(model.rows_), -1, np.int64)
    for place, at in enumerate(ranked[: max(1, round(LEAST_COVERED * len(ids)))]):
        labels[inside[groups == ids[int(at)]]] = place
    found = themes_of(replace(material, view=None), model.rows_, labels, (), {}, {})
    return tuple(replace(theme, id=first_id + number) for number, theme in enumerate(found))


def _over_quartiles(values: Weights) -> Weights:
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    spread: Weights = (values - middle) / max(float(high - low), 1e-9)
    return spread


# --- How much of each passage belongs to each code.


def weights_of_codes(codes: Sequence[Sequence[str]], codebook: Codebook, n: int) -> Weights:
    """Return (n, codes): a passage counts once, shared evenly between the codes that people put on it."""
    if len(codes) != n:
        raise InputError(message("themes.codes_count", given=len(codes), n=n))
    at = {code_id: column for column, code_id in enumerate(codebook.ids)}
    weights = np.zeros((n, len(codebook)))
    for row, own in enumerate(codes):
        ids = sorted({own} if isinstance(own, str) else set(own))
        for code_id in ids:
            weights[row, at[codebook[code_id].id]] = 1 / len(ids)
    return weights


def checked_scores(scores: object, ids: Sequence[str], n: int, codebook: Codebook) -> Weights:
    """Return a suggester's scores with the codebook's columns, each standardised over the texts."""
    found = np.asarray(scores, np.float64)
    if found.shape != (n, len(ids)):
        raise InputError(message("themes.scores_shape", shape=found.shape, n=n, codes=len(ids)))
    lacking = [code_id for code_id in codebook.ids if code_id not in set(ids)]
    if lacking:
        raise InputError(message("themes.suggester_of_other_codebook", lacking=lacking[:5], codebook=codebook.id))
    columns = found[:, [list(ids).index(code_id) for code_id in codebook.ids]]
    return standardised(columns)


def standardised(columns: Weights) -> Weights:
    """Return scores less the mean of their code, over its standard deviation."""
    spread = columns.std(axis=0)
    standard: Weights = (columns - columns.mean(axis=0)) / np.where(spread > 1e-12, spread, 1.0)
    return standard


def weights_of_scores(standard: Weights, clustered: NDArray[np.int64], n: int) -> Weights:
    """Return (n, codes): a clustered passage belongs to the code with its highest standardised score."""
    weights = np.zeros((n, standard.shape[1]))
    if len(clustered) and standard.shape[1]:
        weights[clustered, standard.argmax(axis=1)] = 1.0
    return weights


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

    ``matrix`` is (themes, codes): the share of each theme's passages that a code holds. ``uncoded`` are groups, finer
    than the themes, each with a drafted entry: among the clustered passages that people left without a code, largest
    first, or, for suggestions, those that no code covers, least covered first. Their ids go on after the themes'.
    """

    codebook: Codebook
    themes: tuple[MappedTheme, ...]
    codes: tuple[CodeSeen, ...]
    matrix: NDArray[np.float64] = field(repr=False)
    source: Source
    uncoded: tuple[MappedTheme, ...] = ()

    def to_frame(self) -> "pd.DataFrame":
        """Return one row a theme, then one a group of uncoded passages (``kind`` "uncoded")."""
        columns = ["kind", "theme", "name", "status", "codes", "share", "uncoded", "passages"]
        both = [("theme", theme) for theme in self.themes] + [("uncoded", group) for group in self.uncoded]
        rows = [_row(kind, theme) for kind, theme in both]
        return data_frame(rows, columns=columns, purpose="ThemeMap.to_frame()")

    def codes_frame(self) -> "pd.DataFrame":
        """Return one row a code."""
        columns = ["code", "name_zh", "name_en", "status", "passages", "participants", "themes"]
        rows = [
            (c.code_id, name.zh, name.en, c.status, c.passages, c.participants, "; ".join(map(str, c.themes)))
            for c in self.codes
            for name in [self.codebook[c.code_id].name]
        ]
        return data_frame(rows, columns=columns, purpose="ThemeMap.codes_frame()")

    def accept(self, theme_id: int, code_id: str | None = None, *, parent: str | None = None) -> Codebook:
        """Return the codebook with the drafted entry of a new theme added, under ``code_id`` where one is given."""
        for theme in (*self.themes, *self.uncoded):
            if theme.theme_id == theme_id and theme.draft is not None:
                entry = replace(theme.draft, id=code_id or theme.draft.id, parent=parent)
                return replace(self.codebook, codes=(*self.codebook.codes, entry))
        new = ", ".join(str(theme.theme_id) for theme in (*self.themes, *self.uncoded) if theme.draft)
        raise InputError(message("themes.no_drafted_entry", theme=theme_id, new=new or message("core.none")))


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
        raise InputError(message("themes.codes_and_suggester"))
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
    found = _mapped(model, codebook, weights, matrix, claims_of_scores(evidence, codebook.ids), "suggestions")
    after = 1 + max((theme.id for theme in model.themes_), default=-1)
    return replace(found, uncoded=_as_new(model, codebook, groups_not_covered(model, fits, first_id=after)))


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
    return _as_new(model, codebook, groups_of_rest(model, bare, first_id=after))


def _as_new(model: "ThemeModel", codebook: Codebook, groups: Sequence[Theme]) -> tuple[MappedTheme, ...]:
    return tuple(
        MappedTheme(
            theme_id=theme.id, name=theme.name, status="new", codes=(), shares=(), uncoded=1.0,
            passages=len(theme.passages), members=theme.passages, draft=draft_code(model, theme, codebook),
        )
        for theme in groups
    )  # fmt: skip


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
