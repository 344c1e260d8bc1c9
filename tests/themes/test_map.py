import re

import numpy as np
import pytest
from themes_study import SUBJECTS as KINDS
from themes_study import passages_of, study, vectors_of

from lbc_themes.codebook import check_codebook, write_codebook
from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Bilingual, Code, Codebook
from lbc_themes.themes import ThemeModel
from lbc_themes.themes.mapping import claims_of_codings, claims_of_scores

TEXTS, GROUPS, SUBJECTS = study()
MODEL = ThemeModel(n_themes=6).fit(passages_of(TEXTS, GROUPS), vectors=vectors_of(TEXTS))


def book(*ids):
    def words(text):
        return Bilingual(zh=text, en=text)

    codes = (Code(id=i, name=words(i), brief=words(i), definition=words(f"说到{i}的话")) for i in ids)
    return Codebook(id="book", version="1", name=words("书"), codes=tuple(codes))


BOOK = book(*KINDS)
TRUE = [[subject] for subject in SUBJECTS]


class Oracle:
    """Scores a text 1 for its own subject and 0 for the others."""

    def __init__(self, *ids):
        self.codes_ = ids

    def rank(self, texts):
        own = dict(zip(TEXTS, SUBJECTS, strict=True))
        return [[float(own[text] == code) for code in self.codes_] for text in texts]


@pytest.mark.parametrize("hidden", KINDS)
def test_a_hidden_code_is_found_again_from_codings(hidden):
    codes = [[] if subject == hidden else [subject] for subject in SUBJECTS]
    found = MODEL.map_to(book(*(kind for kind in KINDS if kind != hidden)), codes=codes)
    new = [theme for theme in (*found.themes, *found.uncoded) if theme.status == "new"]
    assert any(hidden in "".join(theme.draft.indicators) or _mostly(theme, hidden) for theme in new)


def _mostly(theme, subject):
    places = [int(place.rsplit(":", 1)[1]) for place in theme.draft.source.split(": ", 1)[1].split(", ")]
    return sum(SUBJECTS[place] == subject for place in places) > len(places) / 2


@pytest.mark.slow
@pytest.mark.parametrize("hidden", KINDS)
def test_a_hidden_code_is_found_again_from_scores(hidden):
    seen = [kind for kind in KINDS if kind != hidden]
    found = MODEL.map_to(book(*seen), Oracle(*seen))
    mostly = {theme.id: max(KINDS, key=[SUBJECTS[i] for i in theme.passages].count) for theme in MODEL.themes_}
    assert {mostly[theme.theme_id] for theme in found.themes if theme.status == "new"} <= {hidden}
    if hidden in mostly.values():
        assert any(theme.status == "new" for theme in found.themes)


def test_every_theme_is_covered_where_codes_are_the_subjects():
    found = MODEL.map_to(BOOK, codes=TRUE)
    assert {theme.status for theme in found.themes} <= {"covered", "splits", "merges"}
    assert found.matrix.shape == (6, 6)
    assert np.allclose(found.matrix.sum(axis=1), 1)
    assert all(code.status == "well seen" for code in found.codes)
    assert found.uncoded == ()


@pytest.mark.parametrize(
    ("shares", "claims"),
    [
        ([0.9, 0.1, 0.0], ("a",)),
        ([0.5, 0.3, 0.1], ("a", "b")),
        ([0.3, 0.2, 0.2], ("a", "b", "c")),
        ([0.3, 0.1, 0.1], ()),
        ([0.6, 0.3, 0.05], ("a", "b")),
        ([0.46, 0.08, 0.26], ("a", "c")),
        ([0.5, 0.3, 0.15], ("a", "b")),
        ([0.4, 0.0, 0.0], ()),
        ([0.0, 0.0, 0.0], ()),
    ],
)
def test_who_claims_a_theme_by_shares(shares, claims):
    assert claims_of_codings(np.array([shares]), "abc") == [claims]


@pytest.mark.parametrize(
    ("evidence", "claims"),
    [
        ([[3.0, 0.1], [0.2, 2.5]], [("a",), ("b",)]),
        ([[3.0, 0.1], [0.4, 0.3]], [("a",), ()]),
        ([[3.0, 2.5], [0.0, 0.1]], [("a", "b"), ()]),
    ],
)
def test_who_claims_a_theme_by_scores(evidence, claims):
    assert claims_of_scores(np.array(evidence), "ab") == claims


def test_a_code_on_two_themes_is_split_and_two_codes_on_one_are_merged():
    one = ThemeModel(n_themes=1).fit(TEXTS, vectors=vectors_of(TEXTS))
    halves = [["甲"] if at % 2 else ["乙"] for at in range(len(TEXTS))]
    assert one.map_to(book("甲", "乙"), codes=halves).themes[0].status == "merges"
    assert {theme.status for theme in MODEL.map_to(book("甲"), codes=[["甲"]] * len(TEXTS)).themes} == {"splits"}


def test_a_theme_of_many_codes_none_of_which_leads_is_mixed():
    kinds = [f"码{number}" for number in range(8)]
    one = ThemeModel(n_themes=1).fit(TEXTS, vectors=vectors_of(TEXTS))
    found = one.map_to(book(*kinds), codes=[[kinds[at % 8]] for at in range(len(TEXTS))])
    assert found.themes[0].status == "mixed"
    assert len(found.themes[0].codes) == 3
    assert found.themes[0].draft is None


def test_a_weak_lead_is_no_claim_but_a_clear_one_is_whatever_the_others_do():
    weak, clear, huge = [0.9, 0.5], [1.5, 0.2], [9.0, 0.0]
    assert claims_of_scores(np.array([[0.9, 0.8], huge, huge]), "ab") == [(), ("a",), ("a",)]
    assert claims_of_scores(np.array([weak, weak, weak]), "ab") == [("a",)] * 3
    assert claims_of_scores(np.array([clear, huge, huge]), "ab")[0] == ("a",), "2.8 is above 1.4, whatever the median"


def test_codes_are_well_seen_rare_or_never_seen():
    codes = [["甲"] if at < 30 else ["乙"] if at < 32 else [] for at in range(len(TEXTS))]
    found = MODEL.map_to(book("甲", "乙", "丙"), codes=codes)
    assert [code.status for code in found.codes] == ["well seen", "rare", "never seen"]
    assert [code.passages for code in found.codes] == [30, 2, 0]
    assert found.codes_frame().status.tolist() == ["well seen", "rare", "never seen"]


def test_five_passages_of_one_participant_are_rare():
    codes = [["甲"] if who == GROUPS[0] else [] for who in GROUPS]
    assert sum(map(len, codes)) >= 5
    assert MODEL.map_to(book("甲"), codes=codes).codes[0].status == "rare"


def test_an_accepted_draft_is_a_code_of_a_book_without_faults(tmp_path):
    found = MODEL.map_to(book("甲"), codes=[[]] * len(TEXTS))
    new = found.themes[0]
    grown = found.accept(new.theme_id, "新码", parent="甲")
    assert grown.ids == ("甲", "新码")
    assert grown["新码"].parent == "甲"
    write_codebook(grown, tmp_path / "book.yaml")
    assert not [problem for problem in check_codebook(tmp_path / "book.yaml") if str(problem.severity) == "error"]


def test_a_draft_quotes_no_participant():
    found = MODEL.map_to(book("甲"), codes=[[]] * len(TEXTS))
    for theme in found.themes:
        said = f"{theme.draft.definition.zh}{theme.draft.brief.zh}{theme.draft.include}{theme.draft.source}"
        assert not any(text in said for text in TEXTS)
        assert theme.draft.typical == ()


def test_the_frame_lists_themes_then_uncoded_groups():
    frame = MODEL.map_to(BOOK, codes=[[] if s in {"电话", "种地"} else [s] for s in SUBJECTS]).to_frame()
    assert frame.kind.tolist() == ["theme"] * 6 + ["uncoded"] * (len(frame) - 6)
    assert len(frame) > 6
    assert frame.theme.is_unique


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"codes": [["电话"]]}, "codes has 1 entries for 96 passages"),
        ({"codes": [["无此码"]] * 96}, "codebook book has no code '无此码'"),
        ({"codes": TRUE, "suggester": Oracle(*KINDS)}, "both codes and a suggester"),
        ({"suggester": Oracle("电话")}, "the suggester does not score 数学"),
    ],
)
def test_a_map_that_cannot_be_is_refused(arguments, said):
    with pytest.raises(InputError, match=re.escape(said)):
        MODEL.map_to(BOOK, **arguments)


def test_accepting_a_theme_that_is_not_new_is_refused():
    with pytest.raises(InputError, match="theme 0 has no drafted entry; the new themes are none"):
        MODEL.map_to(BOOK, codes=TRUE).accept(0)


def test_nothing_to_map_gives_an_empty_map():
    empty = ThemeModel().fit(["嗯"], vectors=[[0.0, 1.0]])
    found = empty.map_to(BOOK, Oracle(*KINDS))
    assert found.themes == ()
    assert {code.status for code in found.codes} == {"never seen"}
