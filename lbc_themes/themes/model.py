"""The theme model: candidate themes of a study, for a person to judge."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import check_is_fitted

from lbc_themes.core.errors import InputError
from lbc_themes.core.frames import data_frame
from lbc_themes.core.messages import message
from lbc_themes.core.records import Codebook, Theme, Transcript
from lbc_themes.encoding import DEFAULT_ENCODER
from lbc_themes.suggest import CodeSuggester
from lbc_themes.themes.clustering import (
    DEFAULT_CLUSTERER,
    SMALLEST_THEME,
    Resamples,
    cut,
    finds_own_number,
    load_clusterer,
    settled,
    ward_linkage,
    ward_of,
)
from lbc_themes.themes.code_view import suggester_of
from lbc_themes.themes.features import (
    Features,
    Labels,
    Material,
    Texts,
    everyone_was_asked_the_same,
    features_of,
    is_whole,
    material_of,
    on_one_thread,
)
from lbc_themes.themes.model_selection import FEWEST_ROWS, CurvePoint, curve_of, stability_of
from lbc_themes.themes.storage import load_into, save_model
from lbc_themes.themes.summaries import (
    THEME_COLUMNS,
    Attributes,
    TreeNode,
    aligned,
    examples_of,
    groups_at,
    numbered,
    shares_of,
    theme_row,
    themes_of,
    tree_of,
)

if TYPE_CHECKING:
    import pandas as pd

    from lbc_themes.themes.mapping import Ranker, ThemeMap


# --- A person's changes to the themes: merge, split, move up or down the tree.


def merged(labels: Labels, theme_ids: Sequence[int]) -> Labels:
    """Return labels with the themes put together under the smallest of their ids."""
    return np.where(np.isin(labels, theme_ids), min(theme_ids), labels)


def divided(model: "ThemeModel", labels: Labels, theme_id: int, parts: int, first_free: int) -> Labels:
    """Return labels with a theme cut by Ward's tree; its largest part keeps the id, the rest get new ones."""
    own = np.flatnonzero(labels == theme_id)
    if len(own) == 1:
        raise InputError(message("themes.split_of_one", theme=theme_id))
    if not is_whole(parts) or not 2 <= parts <= len(own):
        raise InputError(message("themes.split_parts", theme=theme_id, count=len(own), parts=parts))
    rows = model.rows_[own]
    inner = numbered(settled(rows, cut(ward_linkage(rows), [parts])[:, 0]))
    new = labels.copy()
    new[own] = np.where(inner == 0, theme_id, first_free + inner - 1)
    return new


def at_number(model: "ThemeModel", n_themes: int) -> Labels:
    """Return labels for ``n_themes`` themes: joined along the tree, or the loosest theme divided again and again."""
    labels = model.row_labels_
    themes = [theme.id for theme in model.themes_]
    most = int((labels >= 0).sum())
    if not most:
        raise InputError(message("themes.nothing_to_move_from"))
    if not is_whole(n_themes) or not 1 <= n_themes <= most:
        raise InputError(message("themes.n_themes_range", given=n_themes, most=most))
    for group in groups_at(model.tree_, themes, n_themes):
        labels = merged(labels, group)
    for more in range(n_themes - len(themes)):
        labels = divided(model, labels, _loosest(model, labels), 2, model.next_id_ + more)
    return labels


def _loosest(model: "ThemeModel", labels: Labels) -> int:
    gain = {}
    for theme in np.unique(labels[labels >= 0]):
        rows = model.rows_[labels == theme]
        gain[int(theme)] = float(ward_linkage(rows)[-1, 2]) if len(rows) > 1 else -1.0
    return max(gain, key=lambda theme: (gain[theme], -theme))


# --- New interviews come in: old themes stay, and passages that fit none of them may make new ones.

FAR = 0.9
SMALLEST_NEW = 3


def joined(old: Material, new: Material) -> Material:
    """Return the old material with the new behind it; refuses passages that are already in it, and mixed kinds."""
    if bool(old.passages) != bool(new.passages) and len(old) and len(new):
        raise InputError(message("themes.update_kind"))
    twice = {passage.id for passage in old.passages} & {passage.id for passage in new.passages}
    if twice:
        raise InputError(message("themes.update_twice", count=len(twice), first=min(twice)))
    if old.vectors.shape[1] != new.vectors.shape[1]:
        raise InputError(message("themes.update_dimensions", new=new.vectors.shape[1], old=old.vectors.shape[1]))
    return Material(
        texts=old.texts + new.texts,
        groups=old.groups + new.groups,
        vectors=np.vstack([old.vectors, new.vectors]),
        passages=old.passages + new.passages,
        marked=np.append(old.marked, new.marked),
        aside=np.append(old.aside, new.aside),
        view=None if old.view is None or new.view is None else old.view + new.view,
    )


def placed(model: "ThemeModel", before: NDArray[np.int64], fresh_inputs: NDArray[np.bool_], first_free: int) -> Labels:
    """Return labels for the rows of the material: as they were ``before`` (n,), and the ``fresh_inputs`` (n,) placed.

    A fresh passage goes to the theme with the nearest centre. Those farther from it than nine tenths of the old
    passages are from theirs are first clustered among themselves: a group of three or more that holds together as the
    old themes do is a new theme, with an id from ``first_free``.
    """
    order = model.material_.order
    labels = np.where(fresh_inputs[order], -1, before[order])
    themes = np.unique(labels[labels >= 0])
    fresh = np.flatnonzero(fresh_inputs[order])
    if not len(themes) or not len(fresh):
        return labels
    middle = np.stack([model.rows_[labels == theme].mean(axis=0) for theme in themes])
    nearest, distance = _nearest(model.rows_[fresh], middle)
    usual = _own_distance(model.rows_, labels, themes, middle)
    line = float(np.quantile(usual, FAR))
    labels[fresh] = themes[nearest]
    far = fresh[distance > line]
    return _with_new_themes(model.rows_, labels, far, line, first_free)


def _nearest(rows: Features, middle: Features) -> tuple[Labels, Features]:
    squares = (rows**2).sum(axis=1)[:, None] + (middle**2).sum(axis=1) - 2 * rows @ middle.T
    distance = np.sqrt(np.maximum(squares, 0))
    return distance.argmin(axis=1), distance.min(axis=1)


def _own_distance(rows: Features, labels: Labels, themes: Labels, middle: Features) -> Features:
    held = np.flatnonzero(labels >= 0)
    own: Features = np.linalg.norm(rows[held] - middle[np.searchsorted(themes, labels[held])], axis=1)
    return own


def _with_new_themes(rows: Features, labels: Labels, far: Labels, line: float, first_free: int) -> Labels:
    if len(far) < SMALLEST_NEW:
        return labels
    groups = ward_of(rows[far], max(1, round(len(far) ** 0.5)), 0)
    for group, size in sorted(Counter(groups.tolist()).items(), key=lambda pair: (-pair[1], pair[0])):
        own = far[groups == group]
        spread = np.linalg.norm(rows[own] - rows[own].mean(axis=0), axis=1).mean()
        if size >= SMALLEST_NEW and spread <= line:
            labels[own] = first_free
            first_free += 1
    return labels


class ThemeModel(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Finds candidate themes, in a few hundred passages of a study or in tens of thousands.

    Args:
        n_themes: "auto" takes the number that ``curve_`` marks as chosen; a number from 1 to the number of different
            texts that say something is taken as it is. With fewer than ten of them "auto" makes one theme. The
            clusterers "hdbscan.v1" and "bertopic.v1" find their own number and refuse one.
        clusterer: "consensus.v1", "ward.v1", "kmeans.v1", "hdbscan.v1" or "bertopic.v1".
        encoder: The name of an encoder, see ``load_encoder``; unused where vectors are given.
        centre_speakers: Whether each participant's own mean is taken off the features, so that a theme is what is said
            and not how someone talks. "auto" does so where the passages answer questions that most participants
            answer; False for talk that goes its own way, where it would take a person's subject away.
        random_state: The seed of every random step. Same input and seed give the same themes; the order of the input
            does not matter.

    Attributes:
        labels_: Theme of each input, shape (n,), -1 where it belongs to none: set aside, loose, blank, fillers only, no
            content word.
        themes_: The themes, largest first.
        set_aside_: Positions of the inputs that were set aside as small talk before clustering; see ``put_back``.
        tree_: The nodes above the themes, lowest first.
        curve_: The figures for each number of themes looked at; empty where there were too few passages.
        choices_: What a person changed since ``fit``, in order: ("merge", 0, 4), ("rename", 2, "想家").
        new_themes_: Ids of the themes that the last ``update`` added.

    >>> texts = ["我天天想我妈妈，想得睡不着。", "作业太多了，写到半夜。", "我想我爸爸。", "老师布置的作业写不完。"]
    >>> model = ThemeModel(n_themes=2, encoder="static-zh").fit(texts)
    >>> model.labels_.tolist()
    [1, 0, 1, 0]
    """

    def __init__(
        self,
        n_themes: int | Literal["auto"] = "auto",
        clusterer: str = DEFAULT_CLUSTERER,
        encoder: str = DEFAULT_ENCODER,
        random_state: int = 0,
        *,
        centre_speakers: bool | Literal["auto"] = "auto",
    ) -> None:
        """Store the choices; ``fit`` checks them."""
        self.n_themes = n_themes
        self.clusterer = clusterer
        self.encoder = encoder
        self.random_state = random_state
        self.centre_speakers = centre_speakers

    def fit(
        self,
        passages_or_texts: Texts,
        vectors: ArrayLike | None = None,
        groups: Sequence[object] | None = None,
        *,
        codebook: Codebook | CodeSuggester | None = None,
        marked: Sequence[bool] | None = None,
    ) -> Self:
        """Find themes.

        Args:
            passages_or_texts: Passages, or texts.
            vectors: Their vectors, shape (n, d), where they are at hand; else the encoder makes them.
            groups: The participant of each, shape (n,); for passages the transcript stands in.
            codebook: A codebook, or a suggester that learned from coded passages. Passages that carry nothing to code
                are then set aside (``set_aside_``), and themes are found in the joint space of meaning, question and
                code profile, so that each lies in one code; ``map_to`` groups what no code covers.
            marked: Which inputs are marked as risk, shape (n,); those with words of distress where nothing is given.
                They are never set aside, and are no typical passage and name no theme unless most of it is marked.
        """
        self._check_choices()
        self._suggester: CodeSuggester | None = None if codebook is None else suggester_of(codebook, self.encoder)
        material = material_of(passages_or_texts, vectors, groups, self.encoder, self._suggester, marked)
        self.encoded_ = vectors is None
        self.given_names_: dict[int, str] = {}
        self.choices_: tuple[tuple[str | int, ...], ...] = ()
        self.new_themes_: tuple[int, ...] = ()
        return self._cluster(material)

    @on_one_thread
    def _cluster(self, material: Material) -> Self:
        self._take(material)
        labels = self._found()
        self.next_id_ = int(labels.max(initial=-1)) + 1
        return self._set(labels)

    @on_one_thread
    def _found(self) -> Labels:
        """Return the clusterer's labels of the ordered rows, largest theme first.

        With a codebook there are at least as many as codes that are the likeliest of three passages or more, for a
        theme lies in one code.
        """
        self.curve_: tuple[CurvePoint, ...] = ()
        view, fewest = self.material_.view, 2
        if view is not None and view.codes and len(self.rows_):
            likeliest = np.bincount(view.shares[self.material_.order].argmax(axis=1))
            fewest = max(fewest, int((likeliest >= SMALLEST_THEME).sum()))
        number = self._number(fewest)
        if number == 1:
            return np.zeros(len(self.rows_), np.int64)
        return numbered(load_clusterer(self.clusterer)(self.resamples_, number))

    def _check_choices(self) -> None:
        load_clusterer(self.clusterer)
        if not is_whole(self.random_state) or self.random_state < 0:
            raise InputError(message("themes.random_state", given=self.random_state))
        if self.centre_speakers not in ("auto", True, False):
            raise InputError(message("themes.centre_speakers", given=self.centre_speakers))
        given = self.n_themes
        if given != "auto" and (not is_whole(given) or given < 1):
            raise InputError(message("themes.n_themes", given=given))
        if given != "auto" and finds_own_number(self.clusterer):
            raise InputError(message("themes.finds_own_number", clusterer=self.clusterer))

    @on_one_thread
    def _take(self, material: Material) -> None:
        self.material_ = material
        centre = self.centre_speakers
        self.centred_speakers_ = everyone_was_asked_the_same(material) if centre == "auto" else bool(centre)
        self.rows_: Features = (
            features_of(material, centre_speakers=self.centred_speakers_) if len(material.order) else np.zeros((0, 1))
        )
        groups = [material.groups[i] for i in material.order]
        self.resamples_ = Resamples(rows=self.rows_, groups=groups, random_state=self.random_state)

    def _number(self, fewest: int) -> int | None:
        rows = self.material_.different
        if self.n_themes != "auto":
            if self.n_themes > rows:
                every = len(self.material_)
                raise InputError(
                    message("themes.more_themes_than_texts", n_themes=self.n_themes, rows=rows, every=every)
                )
            return int(self.n_themes)
        if rows < FEWEST_ROWS:
            return 1
        if finds_own_number(self.clusterer):
            return None
        self.curve_ = curve_of(self.resamples_, rows - 1, fewest)
        return next(point.n_themes for point in self.curve_ if point.chosen)

    @on_one_thread
    def _set(self, labels: Labels) -> Self:
        """Take the labels of the ordered rows and derive everything else from them."""
        material = self.material_
        words = [material.words[i] for i in material.order]
        self.row_labels_ = labels
        self.labels_ = aligned(labels, material.order, len(material))
        self.tree_: tuple[TreeNode, ...] = tree_of(self.rows_, labels, words)
        stability = stability_of(self.resamples_, labels, clusterer=self.clusterer)
        self.themes_: tuple[Theme, ...] = themes_of(
            material, self.rows_, labels, self.tree_, stability, self.given_names_
        )
        return self

    @property
    def set_aside_(self) -> tuple[int, ...]:
        """The positions of the inputs that are set aside."""
        check_is_fitted(self, "themes_")
        return tuple(np.flatnonzero(self.material_.aside).tolist())

    def put_back(self, positions: Sequence[int] | None = None) -> Self:
        """Take passages that were set aside back among the others, all of them or those at ``positions``.

        They go to the nearest theme, or make new ones as in ``update``; ``set_aside`` undoes it.

        Raises InputError for a position that is not set aside.
        """
        return self._moved_aside(self.set_aside_ if positions is None else positions, aside=False)

    def set_aside(self, positions: Sequence[int]) -> Self:
        """Set passages aside: they belong to no theme until ``put_back`` takes them back.

        Raises InputError for a position that no input has.
        """
        return self._moved_aside(positions, aside=True)

    def _moved_aside(self, positions: Sequence[int], *, aside: bool) -> Self:
        known = {*range(len(self.material_))} if aside else {*self.set_aside_}
        wrong = [at for at in positions if not is_whole(at) or at not in known]
        if wrong:
            if aside:
                raise InputError(message("themes.no_position", position=wrong[0]))
            raise InputError(message("themes.not_aside", position=wrong[0]))
        moved = np.zeros(len(self.material_), bool)
        moved[list(positions)] = True
        before = np.where(moved, -1, self.labels_)
        self._take(replace(self.material_, aside=np.where(moved, aside, self.material_.aside)))
        labels = placed(self, before, moved, self.next_id_) if self.themes_ else self._found()
        return self._change(labels, "set_aside" if aside else "put_back", *(int(at) for at in positions))

    def theme(self, theme_id: int) -> Theme:
        """Return the theme with this id.

        Raises InputError where there is none.
        """
        check_is_fitted(self, "themes_")
        for theme in self.themes_:
            if theme.id == theme_id:
                return theme
        raise InputError(
            message("themes.unknown_theme", theme=theme_id, known=[str(theme.id) for theme in self.themes_])
        )

    def merge(self, *theme_ids: int) -> Self:
        """Put two or more themes together under the smallest of their ids.

        Raises InputError for fewer than two different themes, and for an id that is none.
        """
        ids = {self.theme(theme_id).id for theme_id in theme_ids}
        if len(ids) < 2:
            raise InputError(message("themes.merge_of_one", count=len(ids)))
        return self._change(merged(self.row_labels_, sorted(ids)), "merge", *sorted(ids))

    def split(self, theme_id: int, parts: int = 2) -> Self:
        """Cut a theme; its largest part keeps the id, the others get new ids.

        Raises InputError for an id that is no theme's, and for fewer ``parts`` than 2 or more than it has passages.
        """
        theme = self.theme(theme_id)
        labels = divided(self, self.row_labels_, theme.id, parts, self.next_id_)
        return self._change(labels, "split", theme.id, int(parts))

    def rename(self, theme_id: int, name: str) -> Self:
        """Give a theme a name of one's own; it stays through every other change.

        Raises InputError for an id that is no theme's, and a blank name.
        """
        theme = self.theme(theme_id)
        if not isinstance(name, str) or not name.strip():
            raise InputError(message("themes.blank_name", theme=theme.id, name=name))
        self.given_names_[theme.id] = name.strip()
        return self._change(self.row_labels_, "rename", theme.id, name.strip())

    def move_to(self, n_themes: int) -> Self:
        """Go up the tree to fewer, broader themes, or down to more: the loosest theme is cut again and again.

        Raises InputError for a number that cannot be reached, and where there is no theme to begin with.
        """
        check_is_fitted(self, "themes_")
        return self._change(at_number(self, n_themes), "move_to", int(n_themes))

    def _change(self, labels: Labels, *choice: str | int) -> Self:
        self.choices_ = (*self.choices_, choice)
        self.next_id_ = max(self.next_id_, int(labels.max(initial=-1)) + 1)
        return self._set(labels)

    def update(
        self,
        passages_or_texts: Texts,
        vectors: ArrayLike | None = None,
        groups: Sequence[object] | None = None,
        *,
        codebook: Codebook | CodeSuggester | None = None,
        marked: Sequence[bool] | None = None,
    ) -> Self:
        """Add new interviews. Old passages keep their themes, themes keep their ids and names.

        A new passage goes to the nearest theme; passages that are far from every theme and near one another make new
        ones, whose ids are in ``new_themes_``. ``labels_`` goes on behind the old inputs. A model that had no theme yet
        finds its first ones as ``fit`` does. A model that was loaded and had a codebook needs it again.

        Raises InputError where the model had a codebook and is given none, and what ``fit`` refuses.
        """
        check_is_fitted(self, "themes_")
        if codebook is not None:
            self._suggester = suggester_of(codebook, self.encoder)
        if self.material_.view is not None and self._suggester is None:
            raise InputError(message("themes.update_needs_codebook"))
        suggester = None if self.material_.view is None else self._suggester
        new = material_of(passages_or_texts, vectors, groups, self.encoder, suggester, marked)
        before = np.append(self.labels_, np.full(len(new), -1))
        fresh = np.arange(len(before)) >= len(self.labels_)
        self._take(joined(self.material_, new))
        self.encoded_ = self.encoded_ and vectors is None
        labels = placed(self, before, fresh, self.next_id_) if self.themes_ else self._found()
        self.new_themes_ = tuple(range(self.next_id_, int(labels.max(initial=-1)) + 1))
        return self._change(labels, "update", len(new))

    def to_records(self) -> list[dict[str, object]]:
        """Return the rows of ``to_frame`` as dictionaries, for which pandas is not needed."""
        check_is_fitted(self, "themes_")
        return [theme_row(self.material_, theme) for theme in self.themes_]

    def to_frame(self) -> "pd.DataFrame":
        """Return one row a theme: name, size, words, share of participants, stability, typical passage."""
        return data_frame(self.to_records(), columns=list(THEME_COLUMNS), purpose="ThemeModel.to_frame()")

    def examples(self, theme_id: int, count: int = 3) -> "pd.DataFrame":
        """Return typical, borderline and contrary passages of a theme with speaker; see ``examples_of``."""
        return examples_of(self, theme_id, count)

    def shares(
        self, by: str | Sequence[str] | None = None, attributes: Attributes | Iterable[Transcript] | None = None
    ) -> "pd.DataFrame":
        """Return who speaks of each theme, by role and attribute, with intervals; see ``shares_of``."""
        check_is_fitted(self, "themes_")
        return shares_of(self, by, attributes)

    def map_to(
        self,
        codebook: Codebook,
        suggester: "Ranker | None" = None,
        *,
        codes: Sequence[Sequence[str]] | None = None,
    ) -> "ThemeMap":
        """Say for each theme which codes cover it, and for each code how often it is seen; see ``map_themes``."""
        from lbc_themes.themes.mapping import map_themes

        check_is_fitted(self, "themes_")
        return map_themes(self, codebook, suggester=suggester, codes=codes)

    def to_bertopic(self) -> Any:  # noqa: ANN401 (a BERTopic object; the package is optional)
        """Return a real BERTopic object with these themes as its topics; see ``bertopic_of``."""
        from lbc_themes.themes.bertopic import bertopic_of

        check_is_fitted(self, "themes_")
        return bertopic_of(self)

    def save(self, folder: str | Path) -> Path:
        """Write the model, with the participants' words, into ``folder``; see ``save_model``."""
        check_is_fitted(self, "themes_")
        return save_model(self, folder)

    @classmethod
    def load(cls, folder: str | Path, *, encoder: str | None = None) -> Self:
        """Return the model that ``save`` wrote into ``folder``, from a stranger too; see ``load_into``."""
        return load_into(cls, folder, encoder)
