import subprocess
import sys
import warnings

import pytest
from sklearn.feature_extraction.text import CountVectorizer
from themes_study import study

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from bertopic import BERTopic
    from bertopic.representation import KeyBERTInspired, MaximalMarginalRelevance

from lbc_themes.core.errors import InputError
from lbc_themes.encoding import load_encoder
from lbc_themes.themes import ThemeModel

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

TEXTS, GROUPS, SUBJECTS = study()
VECTORS = load_encoder().encode(TEXTS)


@pytest.fixture(scope="module")
def model():
    texts = [*TEXTS, "嗯嗯", ""]
    return ThemeModel(n_themes=6).fit(texts, groups=[*GROUPS, "P00", "P00"])


@pytest.fixture
def topics(model):
    return model.to_bertopic()


def test_it_is_a_real_bertopic_with_our_labels(model, topics):
    assert type(topics) is BERTopic
    assert topics.topics_ == model.labels_.tolist()
    info = topics.get_topic_info()
    assert info.Topic.tolist() == [-1, 0, 1, 2, 3, 4, 5]
    assert info.CustomName.tolist()[1:] == [theme.name for theme in model.themes_]


def test_topics_follow_the_themes_where_ids_have_gaps(model):
    texts = list(model.material_.texts)
    changed = ThemeModel(n_themes=6).fit(texts).merge(0, 3).split(1)
    found = changed.to_bertopic()
    at = {theme.id: number for number, theme in enumerate(changed.themes_)} | {-1: -1}
    assert found.topics_ == [at[label] for label in changed.labels_.tolist()]


def test_its_words_are_chinese_words(topics):
    words = {word for number in range(6) for word, _ in topics.get_topic(number)}
    assert {"数学", "奶奶", "同学"} <= words


@pytest.mark.parametrize("draw", ["topics", "barchart", "heatmap", "hierarchy", "term_rank"])
def test_its_pictures_can_be_drawn(topics, draw):
    assert getattr(topics, f"visualize_{draw}")().data


def test_its_maps_of_documents_can_be_drawn(model, topics):
    texts, places = list(model.material_.texts), model.material_.vectors[:, :2]
    joins = topics.hierarchical_topics(texts)
    assert len(joins) == 5
    assert topics.visualize_documents(texts, reduced_embeddings=places).data
    assert topics.visualize_hierarchical_documents(texts, joins, reduced_embeddings=places).data
    assert topics.visualize_hierarchy(hierarchical_topics=joins, custom_labels=True).data
    assert "数学" in topics.get_topic_tree(joins)


def test_its_distributions_can_be_drawn(model, topics):
    shares, words = topics.approximate_distribution(list(model.material_.texts[:3]), calculate_tokens=True)
    assert shares.argmax(axis=1).tolist() == topics.topics_[:3]
    assert topics.visualize_distribution(shares[0], custom_labels=True).data
    assert "background" in topics.visualize_approximate_distribution(model.material_.texts[0], words[0]).to_html()


@pytest.mark.parametrize("more", [{}, {"nr_bins": 3}, {"datetime_format": "%Y-%m-%d"}])
def test_topics_over_time_take_dates_as_text(model, topics, more):
    times = [f"20{number % 9 + 10}-03-01" for number in range(len(model.material_))]
    over_time = topics.topics_over_time(list(model.material_.texts), times, **more)
    assert over_time.Frequency.sum() == len(times)
    assert topics.visualize_topics_over_time(over_time).data


def test_topics_per_class_can_be_drawn(model, topics):
    per_class = topics.topics_per_class(list(model.material_.texts), classes=list(model.material_.groups))
    assert per_class.Frequency.sum() == len(model.material_)
    assert topics.visualize_topics_per_class(per_class).data


def test_its_tools_work_on_it(model, topics):
    texts = list(model.material_.texts)
    assert topics.transform(texts[:3])[0].tolist() == topics.topics_[:3]
    assert topics.get_document_info(texts).Topic.tolist() == topics.topics_
    best, _ = topics.find_topics("数学考试", top_n=1)
    assert SUBJECTS[model.theme(best[0]).typical[0]] == "数学"
    assert topics.generate_topic_labels(nr_words=1, topic_prefix=False)[1:] == [
        topics.get_topic(number)[0][0] for number in range(6)
    ]


def labels_of(topics):
    info = topics.get_topic_info()
    return dict(zip(info.Topic, info.CustomName, strict=True))


@pytest.mark.parametrize(
    "change",
    [
        lambda topics, texts: topics.merge_topics(texts, [0, 1]),
        lambda topics, texts: topics.reduce_topics(texts, nr_topics=4),
        lambda topics, _: topics.delete_topics([2]),
        lambda topics, texts: topics.update_topics(texts, None, [max(number, 0) for number in topics.topics_]),
    ],
    ids=["merge_topics", "reduce_topics", "delete_topics", "update_topics"],
)
def test_a_topic_keeps_its_own_label_when_topics_change(model, topics, change):
    texts, before, old = list(model.material_.texts), list(topics.topics_), labels_of(topics)
    change(topics, texts)
    new = labels_of(topics)
    for number in set(topics.topics_) - {-1}:
        parts = {was for was, now in zip(before, topics.topics_, strict=True) if now == number} - {-1}
        words = "、".join(word for word, _ in topics.get_topic(number)[:3])
        assert new[number] == (old[min(parts)] if len(parts) == 1 else words)
    assert new.get(-1, "未归入主题") == "未归入主题"
    assert topics.visualize_barchart(custom_labels=True).data


def test_outliers_can_be_reduced(model, topics):
    texts = list(model.material_.texts)
    assert topics.reduce_outliers(texts, topics.topics_, strategy="embeddings")[:96] == topics.topics_[:96]


def test_vectors_of_another_encoder_are_refused_where_texts_would_be_encoded():
    topics = ThemeModel(n_themes=3).fit(TEXTS, vectors=VECTORS[:, :7]).to_bertopic()
    assert len(topics.transform(TEXTS[:3], embeddings=VECTORS[:3, :7])[0]) == 3
    with pytest.raises(InputError, match=r"found on vectors of 7 dimensions, and e5-small-zh\.v1 makes 384"):
        topics.transform(TEXTS[:3])


@pytest.mark.parametrize("representation", [KeyBERTInspired, MaximalMarginalRelevance])
def test_representation_models_reword_it(model, topics, representation):
    topics.update_topics(list(model.material_.texts), representation_model=representation())
    known = {word for words in model.material_.words for word in words}
    said = {word for number in range(6) for word, _ in topics.get_topic(number) if word}
    assert len(said) >= 12
    assert said <= known, "clauses instead of words: BERTopic's own default cuts Chinese at punctuation only"


def test_update_topics_takes_pairs_of_words_and_other_vectorizers(model, topics):
    texts = list(model.material_.texts)
    topics.update_topics(texts, n_gram_range=(1, 2), top_n_words=20)
    assert any(" " in word for number in range(6) for word, _ in topics.get_topic(number))
    topics.update_topics(texts, vectorizer_model=CountVectorizer(analyzer="char"))
    assert {len(word) for word, _ in topics.get_topic(0)} <= {0, 1}
    topics.reduce_topics(texts, nr_topics=3)
    assert len(topics.get_topic_info()) == 3


@pytest.mark.parametrize("form", ["safetensors", "pickle"])
def test_it_is_saved_and_loaded_without_a_hub(topics, tmp_path, form):
    topics.save(str(tmp_path / "model"), serialization=form, save_embedding_model=form == "pickle")
    back = BERTopic.load(str(tmp_path / "model"), embedding_model=topics.embedding_model if form != "pickle" else None)
    assert back.topics_ == topics.topics_
    assert back.transform(TEXTS[:2])[0].tolist() == topics.topics_[:2]
    assert [word for word, _ in back.get_topic(0)] == [word for word, _ in topics.get_topic(0)]
    assert back.visualize_barchart().data


def test_no_themes_are_refused():
    with pytest.raises(InputError, match="there are no themes to hand to BERTopic"):
        ThemeModel().fit(["嗯"], vectors=VECTORS[:1]).to_bertopic()


def test_bertopics_own_steps_keep_their_partition_when_shuffled():
    straight = ThemeModel(clusterer="bertopic.v1").fit(TEXTS, vectors=VECTORS)
    back = ThemeModel(clusterer="bertopic.v1").fit(TEXTS[::-1], vectors=VECTORS[::-1])
    assert back.labels_.tolist() == straight.labels_.tolist()[::-1]


def test_a_missing_bertopic_names_the_command_and_ours_needs_none():
    script = (
        "import sys; sys.modules['bertopic'] = None\n"
        "from lbc_themes.themes import ThemeModel\n"
        "model = ThemeModel(n_themes=1).fit(['奶奶腿疼'], vectors=[[1.0, 0.0]])\n"
        "assert 'torch' not in sys.modules\n"
        "try:\n    model.to_bertopic()\n"
        "except ImportError as fault:\n    print(fault)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "pip install 'lbc_themes[bertopic]'" in done.stdout
