"""What callers hand to the suggester: tables, arrays and lists of any make are taken; what is wrong is refused."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from learning_texts import CODES, BigramEncoder, coded, indicator
from sklearn.model_selection import GroupKFold, cross_val_predict

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Codebook
from lbc_themes.suggest import CodeSuggester, load_suggester

TEXTS, SETS, GROUPS = ([some[7 * i % 160] for i in range(60)] for some in coded())
GOLD = indicator(SETS)
ROWS = range(500, 560)


def named(names: object = CODES) -> CodeSuggester:
    return CodeSuggester(codes=names, encoder=BigramEncoder())  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def expected() -> "np.ndarray":
    return named().fit(TEXTS, SETS, GROUPS).rank(TEXTS[:5])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("texts", "sets", "groups"),
    [
        (pd.Series(TEXTS, ROWS), pd.Series(SETS, ROWS), pd.Series(GROUPS, ROWS)),
        (np.array(TEXTS), GOLD, np.array(GROUPS)),
        (np.array(TEXTS, object), scipy.sparse.csr_array(GOLD), tuple(GROUPS)),
        (tuple(TEXTS), pd.DataFrame(GOLD[:, ::-1], ROWS, CODES[::-1]), GROUPS),
        (TEXTS, [set(some) for some in SETS], [ord(name) for name in GROUPS]),
        (TEXTS, (np.array(some) for some in SETS), [(name, 1) for name in GROUPS]),
    ],
)
def test_columns_arrays_and_tables_teach_what_lists_teach(
    texts: object, sets: object, groups: object, expected: "np.ndarray"
) -> None:
    found = named().fit(texts, sets, groups)  # type: ignore[arg-type]
    np.testing.assert_array_equal(found.rank(pd.Series(TEXTS[:5], ROWS[:5])), expected)


@pytest.mark.slow
def test_a_table_of_texts_and_codes_goes_through_cross_validation() -> None:
    table = pd.DataFrame(GOLD, ROWS, CODES).assign(text=TEXTS, child=GROUPS)
    said = cross_val_predict(named(), table["text"], table[list(CODES)], groups=table["child"], cv=GroupKFold(3))
    np.testing.assert_array_equal(said, cross_val_predict(named(), TEXTS, GOLD, groups=GROUPS, cv=GroupKFold(3)))


@pytest.mark.parametrize("names", [np.array(CODES), pd.Series(CODES), list(CODES)])
def test_names_of_codes_in_an_array_are_names(names: object, expected: "np.ndarray") -> None:
    np.testing.assert_array_equal(named(names).fit(TEXTS, SETS, GROUPS).rank(TEXTS[:5]), expected)


@pytest.mark.parametrize(
    ("names", "line"),
    [
        ("想家", r"^codes must be a list of names, in the order that columns are to have, not '想家'$"),
        ({"想家", "学习"}, r"^codes must be a list of names"),
        (["想家", None], r"^codes\[1\] is None; a code's name is a string that is not blank$"),
        (["想家", " "], r"^codes\[1\] is ' '; "),
        ([1, 2], r"^codes\[0\] is 1; "),
    ],
)
def test_names_that_are_none_or_have_no_order_are_refused(names: object, line: str) -> None:
    with pytest.raises(InputError, match=line):
        named(names).rank(TEXTS[:1])


def test_the_name_of_a_codebook_is_no_codebook() -> None:
    with pytest.raises(InputError, match=r"^codebook must be a Codebook, such as load_codebook\(\.\.\.\)"):
        CodeSuggester("x").rank(TEXTS[:1])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sets", "line"),
    [
        (None, r"^code_sets must be a list with one collection of code ids for each text, not None$"),
        ({"family": 1}, r"^code_sets must be a list"),
        ([["family"], None], r"^code_sets\[1\] is None; give a collection of code ids, an empty one where nothing"),
        ([0, 1], r"^code_sets\[0\] is 0; give a collection"),
        ([[1, 0, 0, 0], [0] * 4], r"^code_sets\[0\] names 1, which is not a code; .*given as an array: np\.array"),
        (np.array(["family", "study"]), r"^code_sets\[0\] is the string 'family'; .* e\.g\. \['family'\]$"),
        (pd.DataFrame(GOLD[:2], columns=["family", "study", "money", "weather"]), r"not a code: weather$"),
        (pd.DataFrame(GOLD[:2] * np.nan, columns=CODES), r"^an array of codes must hold 0 and 1"),
    ],
)
def test_codings_of_another_make_are_refused_by_their_place(sets: object, line: str) -> None:
    with pytest.raises(InputError, match=line):
        named().fit(TEXTS[:2], sets)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (lambda s: s.fit(None, []), r"^texts must be a list of strings"),
        (lambda s: s.fit(pd.DataFrame({"text": TEXTS, "who": TEXTS}), SETS), r"^texts must be a list of strings"),
        (lambda s: s.rank(["想家", None]), r"; texts\[1\] is None$"),
        (lambda s: s.predict(["想家", float("nan")]), r"; texts\[1\] is nan$"),
        (lambda s: s.rank_apart([7]), r"; texts\[0\] is 7$"),
        (lambda s: s.fit_corpus(b"x"), r"^texts must be a list of strings"),
        (lambda s: s.fit(TEXTS[:3], SETS[:3], "甲乙丙"), r"^groups must be a list with one participant for each text"),
        (
            lambda s: s.fit(TEXTS[:2], SETS[:2], ["甲", None]),
            r"^groups\[1\] is None; name the participant of each text",
        ),
        (lambda s: s.fit(TEXTS[:2], SETS[:2], [np.nan, 1]), r"^groups\[0\] is nan"),
        (lambda s: s.rank(TEXTS[:2], np.ones((2, 5))), r"^vectors must be finite numbers of shape \(2, 64\)"),
        (lambda s: s.rank(TEXTS[:2], np.full((2, 64), np.inf)), r"^vectors must be finite numbers"),
        (
            lambda s: s.suggest(TEXTS[:2]),
            r"^passages\[0\] is .*, not a Passage; .* to rank or predict_proba$",
        ),
        (lambda s: s.next_to_code(TEXTS[:2]), r"^passages\[0\] is "),
        (lambda s: s.save(Path("no") / "such" / "x.lbc"), r"^a suggester can be saved where its encoder"),
    ],
)
def test_refusals_say_what_came_and_where(call: Callable[[CodeSuggester], object], line: str) -> None:
    with pytest.raises(InputError, match=line):
        call(named())


def test_a_fit_that_is_refused_leaves_what_was_learned(expected: "np.ndarray") -> None:
    suggester = named().fit(TEXTS, SETS, GROUPS)
    for wrong in ((TEXTS, SETS[:3]), (TEXTS[:2], [["family"], ["weather"]]), (TEXTS[:1], SETS[:1], ["甲", "乙"])):
        with pytest.raises(InputError):
            suggester.fit(*wrong)
        with pytest.raises(InputError):
            suggester.partial_fit(*wrong)
    with pytest.raises(InputError, match="needs at least 30 coded texts"):
        suggester.fit(TEXTS[:4], SETS[:4], tune="encoder")
    assert suggester.coded_ == 60
    np.testing.assert_array_equal(suggester.rank(TEXTS[:5]), expected)


def test_what_was_learned_in_other_codes_or_with_another_encoder_is_not_mixed_with_these() -> None:
    line = r"^the codes or the encoder are not those that were learned with; call fit again with these$"
    for choice in ({"codes": CODES[::-1]}, {"codes": CODES[:3]}, {"encoder": BigramEncoder(32)}):
        suggester = named().fit(TEXTS, SETS).set_params(**choice)
        with pytest.raises(InputError, match=line):
            suggester.predict(TEXTS[:2])
        with pytest.raises(InputError, match=line):
            suggester.partial_fit(TEXTS[:1], [["family"]])
        assert suggester.fit(TEXTS, [[]] * 60).rank(TEXTS[:2]).shape == (2, len(suggester.codes_))


def test_a_code_set_later_by_hand_is_noticed(four_codes: Codebook) -> None:
    suggester = CodeSuggester(four_codes, encoder=BigramEncoder()).fit(TEXTS, SETS)
    suggester.codebook, suggester.codes = None, CODES[::-1]
    with pytest.raises(InputError, match=r"^the codes or the encoder are not those"):
        suggester.rank(TEXTS[:2])


def test_groups_that_stop_being_named_are_forgotten_at_once() -> None:
    suggester = named().fit(TEXTS[:50], SETS[:50], GROUPS[:50]).partial_fit(TEXTS[50:51], SETS[50:51])
    np.testing.assert_array_equal(suggester.rank(TEXTS), named().fit(TEXTS[:51], SETS[:51]).rank(TEXTS))


@pytest.mark.slow
@pytest.mark.parametrize("groups", [None, np.arange(60) % 6, [(i % 6, "组") for i in range(60)]])
def test_a_file_gives_the_same_digits_after_further_decisions(tmp_path: Path, groups: object) -> None:
    kept = CodeSuggester(codes=CODES, encoder="static-zh.v1")

    def given(rows: slice) -> list[object] | None:
        return None if groups is None else list(groups)[rows]  # type: ignore[call-overload]

    kept.fit(TEXTS[:50], SETS[:50], given(slice(50)))
    for row in (50, 51, 52):
        some = slice(row, row + 1)
        kept.partial_fit(TEXTS[some], SETS[some], given(some))
    kept.save(tmp_path / "x.lbc")
    back = load_suggester(tmp_path / "x.lbc")
    np.testing.assert_array_equal(back.predict_proba(TEXTS), kept.predict_proba(TEXTS))
    for suggester in (kept, back):
        for row in range(53, 60):
            some = slice(row, row + 1)
            suggester.partial_fit(TEXTS[some], SETS[some], given(some))
    np.testing.assert_array_equal(back.predict_proba(TEXTS), kept.predict_proba(TEXTS))
    np.testing.assert_array_equal(back.predict(TEXTS), kept.predict(TEXTS))


def test_a_file_cannot_be_written_to_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"x\.lbc cannot be written \(.*\); give a file in a folder that is there$"):
        CodeSuggester(codes=CODES).save(tmp_path / "none" / "x.lbc")


def test_texts_that_all_carry_nothing_or_everything_teach_just_that() -> None:
    before = named().rank(TEXTS)
    nothing, everything = named().fit(TEXTS, [[]] * 60), named().fit(TEXTS, [CODES] * 60)
    assert nothing.predict_proba(TEXTS).max() < 0.05
    assert everything.predict_proba(TEXTS).min() > 0.95
    assert (nothing.predict(TEXTS).any(), everything.predict(TEXTS).all()) == (False, True)
    for learned in (nothing, everything):
        np.testing.assert_array_equal(learned.rank(TEXTS).argsort(axis=1), before.argsort(axis=1))
