import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.metrics import adjusted_rand_score
from themes_study import PEOPLE, passages_of, study, vectors_of

from lbc_themes.core.errors import InputError
from lbc_themes.themes import ThemeModel, clusterer_names

TEXTS, GROUPS, SUBJECTS = study()
VECTORS = vectors_of(TEXTS)


def fitted(**choices):
    return ThemeModel(**choices).fit(TEXTS, vectors=VECTORS, groups=GROUPS)


MODEL = fitted(n_themes=6)


def test_finds_the_six_subjects():
    assert adjusted_rand_score(SUBJECTS, MODEL.labels_) > 0.7


def test_labels_themes_and_input_agree():
    assert MODEL.labels_.shape == (len(TEXTS),)
    for theme in MODEL.themes_:
        assert theme.passages == tuple(np.flatnonzero(MODEL.labels_ == theme.id))
        assert set(theme.typical) <= set(theme.passages)
        assert 0 <= theme.stability <= 1
    assert [len(theme.passages) for theme in MODEL.themes_] == sorted(
        (len(theme.passages) for theme in MODEL.themes_), reverse=True
    )


def test_same_input_and_seed_give_the_same_model():
    again = fitted(n_themes=6)
    assert again.themes_ == MODEL.themes_
    assert again.tree_ == MODEL.tree_


@pytest.mark.slow
@settings(max_examples=8, deadline=None)
@given(st.permutations(range(len(TEXTS))))
def test_shuffled_input_gets_the_same_labels(order):
    model = ThemeModel(n_themes=6).fit(
        [TEXTS[i] for i in order], vectors=VECTORS[order], groups=[GROUPS[i] for i in order]
    )
    assert (model.labels_ == MODEL.labels_[order]).all()
    assert [theme.name for theme in model.themes_] == [theme.name for theme in MODEL.themes_]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["kmeans.v1", "hdbscan.v1"])
def test_every_clusterer_keeps_its_partition_when_shuffled(name):
    number = 6 if name == "kmeans.v1" else "auto"
    order = np.random.default_rng(3).permutation(len(TEXTS))
    straight = fitted(n_themes=number, clusterer=name).labels_
    shuffled = ThemeModel(n_themes=number, clusterer=name).fit(
        [TEXTS[i] for i in order], vectors=VECTORS[order], groups=[GROUPS[i] for i in order]
    )
    assert (shuffled.labels_ == straight[order]).all()


@pytest.mark.slow
def test_auto_marks_one_number_of_the_curve_and_takes_it():
    model = fitted()
    chosen = [point.n_themes for point in model.curve_ if point.chosen]
    assert chosen == [len(model.themes_)]
    assert all(-1 <= point.stability <= 1 and point.information < np.log(point.n_themes) for point in model.curve_)


@pytest.mark.slow
@pytest.mark.parametrize("text", ["", "  \n", "嗯嗯", "eng eng", "然后就是那个", "对对对，是的", "三十二", "。。。"])
def test_a_text_that_says_nothing_gets_no_theme(text):
    texts = [*TEXTS, text]
    model = ThemeModel(n_themes=6).fit(texts, vectors=vectors_of(texts))
    assert model.labels_[-1] == -1
    assert (model.labels_[:-1] == ThemeModel(n_themes=6).fit(TEXTS, vectors=VECTORS).labels_).all()


@pytest.mark.slow
@pytest.mark.parametrize("number", range(10))
def test_fewer_than_ten_texts_are_one_theme(number):
    model = ThemeModel().fit(TEXTS[:number], vectors=VECTORS[:number])
    assert model.labels_.tolist() == [0] * number
    assert len(model.themes_) == min(number, 1)
    assert len(model.to_frame()) == min(number, 1)


@pytest.mark.slow
@pytest.mark.parametrize("clusterer", clusterer_names())
@pytest.mark.parametrize("texts", [TEXTS[:3], TEXTS[:9], TEXTS[:1] * 30, TEXTS[:2] * 15])
def test_fewer_than_ten_different_texts_are_one_theme_for_every_clusterer(clusterer, texts):
    model = ThemeModel(clusterer=clusterer).fit(texts, vectors=vectors_of(texts))
    assert set(model.labels_.tolist()) == {0}


@pytest.mark.parametrize("unknown", [None, float("nan")])
def test_a_group_that_is_not_given_is_no_participant(unknown):
    model = ThemeModel(n_themes=6).fit(TEXTS, vectors=VECTORS, groups=(unknown for _ in TEXTS))
    assert model.to_frame().participants.tolist() == [0] * 6


def test_a_note_of_the_transcriber_is_no_word_of_a_theme():
    texts = [f"（沉默）{text}" for text in TEXTS]
    model = ThemeModel(n_themes=6).fit(texts, vectors=VECTORS)
    assert not any("沉默" in word for theme in model.themes_ for word in (theme.name, *theme.keywords))


def test_a_theme_of_nothing_but_notes_has_a_name():
    assert ThemeModel().fit(["（沉默）"] * 3, vectors=VECTORS[:3]).themes_[0].name == "未命名"


@pytest.mark.slow
@pytest.mark.parametrize("number", range(1, 7))
def test_a_few_texts_can_be_put_in_as_many_themes(number):
    model = ThemeModel(n_themes=number).fit(TEXTS[::16], vectors=VECTORS[::16])
    assert len(model.themes_) == number


def test_texts_without_vectors_are_encoded():
    model = ThemeModel(n_themes=2).fit(TEXTS[:4] + TEXTS[32:36])
    assert model.labels_.shape == (8,)


@pytest.mark.slow
def test_one_thousand_copies_of_a_text_are_no_trouble():
    texts = [TEXTS[0]] * 1000
    model = ThemeModel().fit(texts, vectors=vectors_of(texts[:1]).repeat(1000, axis=0))
    assert model.labels_.tolist() == [0] * 1000


def test_constructor_stores_and_clone_keeps():
    model = ThemeModel(n_themes=7, clusterer="kmeans.v1", random_state=3)
    assert clone(model).get_params() == model.get_params()
    assert ThemeModel(clusterer="nonsense").clusterer == "nonsense"


def test_fit_predict_is_fit_and_labels():
    labels = ThemeModel(n_themes=6).fit_predict(TEXTS, vectors=VECTORS, groups=GROUPS)
    assert (labels == MODEL.labels_).all()


def test_groups_of_passages_are_their_transcripts():
    model = ThemeModel(n_themes=6).fit(passages_of(TEXTS, GROUPS), vectors=VECTORS)
    assert (model.labels_ == MODEL.labels_).all()
    assert model.to_frame()["participants"].tolist() == MODEL.to_frame()["participants"].tolist()


def test_a_persons_manner_is_taken_off_where_everyone_answered_the_same_question():
    asked = ThemeModel(n_themes=6).fit(passages_of(TEXTS, GROUPS, question="平时在家做什么"), vectors=VECTORS)
    free = ThemeModel(n_themes=6).fit(passages_of(TEXTS, GROUPS), vectors=VECTORS)
    assert asked.centred_speakers_
    assert not free.centred_speakers_


def test_keywords_are_words_that_stand_in_the_theme():
    for theme in MODEL.themes_:
        assert theme.keywords
        assert all(any(word in TEXTS[i] for i in theme.passages) for word in theme.keywords)
    assert {"数学", "奶奶", "同学"} <= {word for theme in MODEL.themes_ for word in theme.keywords[:3]}


def test_names_are_unique():
    names = [theme.name for theme in MODEL.themes_]
    assert len(set(names)) == len(names)


def test_the_tree_joins_all_themes():
    themes = {theme.id for theme in MODEL.themes_}
    assert len(MODEL.tree_) == len(themes) - 1
    assert set(MODEL.tree_[-1].themes) == themes
    assert MODEL.tree_[-1].parent is None
    parents = {theme.id: theme.parent for theme in MODEL.themes_}
    for node in MODEL.tree_:
        for child in node.children:
            assert parents.get(child, node.id) == node.id


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"n_themes": 0}, 'n_themes is 0; give "auto" or a whole number from 1'),
        ({"n_themes": True}, "n_themes is True"),
        ({"n_themes": "many"}, "n_themes is 'many'"),
        ({"n_themes": 97}, "only 96 different texts of 96 say something; give at most 96"),
        (
            {"clusterer": "ward"},
            "no clusterer 'ward'; known: consensus.v1, ward.v1, kmeans.v1, hdbscan.v1, bertopic.v1",
        ),
        ({"n_themes": 5.0}, "n_themes is 5.0"),
        ({"random_state": None}, "random_state is None; give a whole number from 0"),
        ({"random_state": -1}, "random_state is -1"),
        ({"centre_speakers": "yes"}, "centre_speakers is 'yes'; give \"auto\", True or False"),
        ({"clusterer": "hdbscan.v1", "n_themes": 3}, "hdbscan.v1 finds its own number of themes"),
    ],
)
def test_choices_that_cannot_be_are_refused(choices, said):
    with pytest.raises(InputError, match=re.escape(said)):
        fitted(**choices)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((TEXTS[0],), "is one string"),
        (([TEXTS[0], 3],), "item 1 is int"),
        ((TEXTS, VECTORS[:5]), "vectors have the shape (5, 48); 96 texts need (96, dimensions)"),
        ((TEXTS, np.full((96, 3), np.nan)), "vectors, row 0: not a finite number"),
        ((TEXTS, "vectors"), "vectors are no numbers in rows; 96 texts need the shape (96, dimensions)"),
        ((TEXTS, [[1.0], [1.0, 2.0]]), "vectors are no numbers in rows"),
        ((None,), "passages_or_texts is NoneType; give a list of texts or of passages"),
        (({"a": TEXTS[0]},), "passages_or_texts is dict"),
        ((pd.DataFrame({"text": TEXTS}),), "passages_or_texts is DataFrame"),
        ((TEXTS, VECTORS, PEOPLE), "groups has 10 entries for 96 texts"),
    ],
)
def test_input_that_does_not_fit_is_refused(given, said):
    with pytest.raises(InputError, match=re.escape(said)):
        ThemeModel().fit(*given)


def test_the_registry_names_its_clusterers():
    assert clusterer_names() == ("consensus.v1", "ward.v1", "kmeans.v1", "hdbscan.v1", "bertopic.v1")
