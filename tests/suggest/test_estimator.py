"""What scikit-learn asks of an estimator, for one that takes texts and gives several codes."""

import warnings
from typing import Any

import numpy as np
import pytest
import sklearn
from learning_texts import CODES, BigramEncoder, coded, indicator
from sklearn.base import is_classifier
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.utils import estimator_checks, get_tags

from lbc_themes.suggest import CodeSuggester

NAMES = ("一", "二", "三", "四", "五")


class NumbersAsTexts(CodeSuggester):
    """The suggester for checks that make numbers: each row becomes a text, each label a code."""

    def __init__(self, ridge: float = 0.5, blend: float = 12) -> None:
        super().__init__(codes=NAMES, encoder=BigramEncoder(), ridge=ridge, blend=blend)

    def fit(self, X: Any, y: Any) -> "NumbersAsTexts":  # type: ignore[override]  # noqa: N803
        super().fit(said(X), labelled(y))
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None) -> "NumbersAsTexts":  # type: ignore[override]  # noqa: ARG002, N803
        return self.fit(X, y) if not self.coded_ else super().partial_fit(said(X), labelled(y))

    def decision_function(self, X: Any) -> Any:  # noqa: N803
        return super().decision_function(said(X))

    def predict_proba(self, X: Any) -> Any:  # type: ignore[override]  # noqa: N803
        return super().predict_proba(said(X))

    def predict(self, X: Any) -> Any:  # type: ignore[override]  # noqa: N803
        return super().predict(said(X))

    def score(self, X: Any, y: Any) -> float:  # type: ignore[override]  # noqa: N803
        return super().score(said(X), labelled(y))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = True
        return tags


def said(rows: Any) -> list[str]:
    if all(isinstance(row, str) for row in rows):
        return list(rows)
    return ["，".join(f"第{column}项是{value:.0f}" for column, value in enumerate(row)) for row in np.asarray(rows)]


def labelled(labels: Any) -> list[list[str]]:
    array = np.asarray(labels)
    if array.ndim == 2 and array.shape[1] > 1:
        return [[name for name, there in zip(NAMES, row, strict=False) if there] for row in array]
    found = np.unique(array, return_inverse=True)[1].ravel() % len(NAMES)
    return [[NAMES[label]] for label in found]


SEVERAL_CODES = "predict gives a column of truth values for each code, not one label a text"
NOT_FOR_TEXTS = {
    "check_estimators_unfitted": "codes are suggested from the codebook before anything is coded",
    "check_estimator_sparse_tag": "texts have no sparse form",
    "check_estimator_sparse_array": "texts have no sparse form",
    "check_estimator_sparse_matrix": "texts have no sparse form",
    "check_array_api_input": "texts are no numbers",
    "check_classifier_data_not_an_array": "a list, a column or a table of texts is taken, not whatever numpy converts",
    "check_estimators_partial_fit_n_features": "texts have no number of features",
    "check_classifiers_one_label": SEVERAL_CODES,
    "check_classifiers_classes": SEVERAL_CODES,
    "check_classifiers_train": SEVERAL_CODES,
    "check_classifier_multioutput": SEVERAL_CODES,
    "check_classifiers_multilabel_output_format_predict": "truth values, which count as 0 and 1, not the dtype of y",
    "check_decision_proba_consistency": SEVERAL_CODES,
    "check_methods_subset_invariance": "scores are centred over the texts of a call until fit_corpus is called",
}
"""Checks that make no sense here, each with the reason."""


def checks() -> dict[str, Any]:
    found: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _, check in estimator_checks.estimator_checks_generator(NumbersAsTexts()):
            found.setdefault(getattr(check, "func", check).__name__, check)
    return found


CHECKS = checks()


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(CHECKS) - set(NOT_FOR_TEXTS)))
def test_a_check_of_scikit_learn_that_makes_sense_passes(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        CHECKS[name](NumbersAsTexts())


@pytest.mark.skipif(
    tuple(map(int, sklearn.__version__.split(".")[:2])) < (1, 9), reason="some checks came with scikit-learn 1.9"
)
def test_no_reason_is_given_for_a_check_that_is_not_there() -> None:
    assert set(NOT_FOR_TEXTS) <= set(CHECKS)


def test_once_the_corpus_is_fixed_scores_do_not_depend_on_the_subset() -> None:
    texts, sets, _ = coded()
    learned = CodeSuggester(codes=CODES, encoder=BigramEncoder()).fit_corpus(texts[:40]).fit(texts[:40], sets[:40])
    together = learned.decision_function(texts[40:60])
    np.testing.assert_allclose(together[:7], learned.decision_function(texts[40:47]), rtol=1e-9)


def test_it_is_a_classifier_of_several_labels() -> None:
    suggester = CodeSuggester(codes=CODES, encoder=BigramEncoder())
    assert is_classifier(suggester)
    assert get_tags(suggester).classifier_tags.multi_label
    assert get_tags(suggester).input_tags.string


@pytest.mark.slow
@pytest.mark.parametrize("form", ["series", "table", "array", "column"])
def test_texts_in_one_column_are_texts(form: str) -> None:
    pd = pytest.importorskip("pandas")
    texts, sets, _ = coded()
    column = {
        "series": pd.Series(texts, index=range(5, 165)),
        "table": pd.DataFrame({"text": texts}),
        "array": np.array(texts),
        "column": np.array(texts, object)[:, None],
    }[form]
    suggester = CodeSuggester(codes=CODES, encoder=BigramEncoder())
    expected = suggester.fit(texts, sets).decision_function(texts)
    np.testing.assert_array_equal(suggester.fit(column, sets).decision_function(column), expected)
    np.testing.assert_array_equal(expected, suggester.rank(texts))


@pytest.mark.slow
def test_grid_search_reaches_the_constants() -> None:
    texts, sets, groups = coded()
    grid = {
        "ridge": [0.1, 0.5],
        "blend": [1, 12],
        "logistic_ridge": [0.1],
        "macro_weight": [0.0],
        "question_weight": [0],
    }
    search = GridSearchCV(
        CodeSuggester(codes=CODES, encoder=BigramEncoder()), grid, cv=GroupKFold(2), error_score="raise"
    )
    search.fit(texts, indicator(sets), groups=groups)
    found = search.best_estimator_
    assert (found.learner_.ridge, found.learner_.blend) == (found.ridge, found.blend)
    assert search.best_score_ > 0.8
