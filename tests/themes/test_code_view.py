"""A codebook beside the themes: small talk set aside and taken back, each theme in a code, marked passages no face."""

import numpy as np
import pytest
from themes_study import SUBJECTS as SAID
from themes_study import passages_of, study, vectors_of

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Bilingual, Code, Codebook, Role, Utterance
from lbc_themes.themes import ThemeModel
from lbc_themes.themes.summaries import clause_that_tells, clauses_in

TEXTS, GROUPS, SUBJECTS = study()
TALK = (
    "好的好的那我们开始吧录音开着",
    "行那今天先聊到这里谢谢你",
    "这边坐喝点水不着急慢慢说",
    "那我们开始吧手机放这里录音",
)
LONG = [f"{SAID[subject][at // 2 % 4]}，{text}" for at, (text, subject) in enumerate(zip(TEXTS, SUBJECTS, strict=True))]
ALL = [*LONG, *TALK]
WHOSE = [*GROUPS, "P01", "P02", "P03", "P04"]


def book():
    codes = {
        "电话": "打电话",
        "数学": "数学作业",
        "奶奶": "奶奶生病",
        "同学": "同学欺负",
        "种地": "地里干活",
        "宿舍": "住宿舍",
    }
    said = [
        (code, text) for code in codes for text in [t for t, s in zip(LONG, SUBJECTS, strict=True) if s == code][::5]
    ]
    talk = ("好的我们开始吧录音打开了", "今天先聊到这里", "坐吧喝点水", "那手机放在这里录音")
    return Codebook(
        id="six", version="1", name=Bilingual(zh="六个", en="six"),
        codes=tuple(
            Code(id=code, name=Bilingual(zh=name, en=name), brief=Bilingual(zh=name, en=name),
                 definition=Bilingual(zh=name, en=name))
            for code, name in codes.items()
        ),
        utterances=(
            *(Utterance(text=text, language="zh", speaker=Role.CHILD, code_ids=(code,)) for code, text in said),
            *(Utterance(text=text, language="zh", speaker=Role.CHILD, code_ids=()) for text in talk),
        ),
    )  # fmt: skip


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    model = ThemeModel().fit(passages_of(ALL, WHOSE), codebook=book())
    return model.save(tmp_path_factory.mktemp("model")), model.labels_


@pytest.fixture
def model(fitted):
    return ThemeModel.load(fitted[0])


def test_small_talk_is_set_aside_and_hardly_anything_else(model):
    talk = set(range(len(TEXTS), len(ALL)))
    assert len(talk & set(model.set_aside_)) >= 3
    assert len(set(model.set_aside_) - talk) <= 0.1 * len(TEXTS)
    assert (model.labels_[list(model.set_aside_)] == -1).all()


@pytest.mark.slow
def test_what_was_set_aside_comes_back_and_goes_again(model):
    before, aside = model.labels_.copy(), model.set_aside_
    model.put_back(aside[:1])
    assert model.set_aside_ == aside[1:]
    assert model.labels_[aside[0]] >= 0
    others = np.setdiff1d(np.arange(len(ALL)), aside[:1])
    assert (model.labels_[others] == before[others]).all()
    model.set_aside(aside[:1])
    assert model.set_aside_ == aside
    assert (model.labels_ == before).all()
    assert model.choices_ == (("put_back", aside[0]), ("set_aside", aside[0]))


@pytest.mark.slow
def test_nothing_marked_as_risk_is_set_aside():
    marked = [i >= len(TEXTS) for i in range(len(ALL))]
    model = ThemeModel(n_themes=7).fit(passages_of(ALL, WHOSE), codebook=book(), marked=marked)
    assert not set(model.set_aside_) & set(range(len(TEXTS), len(ALL)))


@pytest.mark.slow
def test_each_theme_says_in_which_code_it_lies(model):
    assert len(model.themes_) >= 6
    for theme in model.themes_:
        own = [SUBJECTS[i] for i in theme.passages if i < len(TEXTS)]
        assert theme.code == max(set(own), key=own.count)
        alone = sum(other.code == theme.code for other in model.themes_) == 1
        assert bool(theme.distinct) != alone


def test_a_model_with_a_codebook_comes_back_whole(fitted, model):
    assert model.labels_.tolist() == fitted[1].tolist()


@pytest.mark.slow
def test_a_loaded_model_asks_for_its_codebook_before_it_takes_more(model):
    more = passages_of(["奶奶腿疼走不动路，我给奶奶熬药端水，陪奶奶去卫生所拿药"], ["Q99"])
    with pytest.raises(InputError, match="same one"):
        model.update(more)
    model.update(more, codebook=book())
    assert model.theme(int(model.labels_[-1])).code == "奶奶"


def test_a_passage_that_is_not_set_aside_cannot_be_taken_back(model):
    with pytest.raises(InputError, match="position 0 is not set aside"):
        model.put_back([0])
    with pytest.raises(InputError, match="no passage at position 999"):
        model.set_aside([999])


def test_something_else_than_a_codebook_is_refused():
    with pytest.raises(InputError, match="codebook is str"):
        ThemeModel().fit(TEXTS, codebook="left-behind-children")


@pytest.mark.slow
def test_no_passage_marked_as_risk_is_the_face_of_an_ordinary_theme():
    plain = ThemeModel(n_themes=6).fit(TEXTS, vectors=vectors_of(TEXTS), groups=GROUPS)
    faces = {theme.typical[0] for theme in plain.themes_}
    marked = [i in faces for i in range(len(TEXTS))]
    model = ThemeModel(n_themes=6).fit(TEXTS, vectors=vectors_of(TEXTS), groups=GROUPS, marked=marked)
    assert (model.labels_ == plain.labels_).all()
    assert not {at for theme in model.themes_ for at in theme.typical} & faces
    everything = ThemeModel(n_themes=6).fit(TEXTS, vectors=vectors_of(TEXTS), groups=GROUPS, marked=[True] * len(TEXTS))
    assert {theme.typical[0] for theme in everything.themes_} == faces


def test_marks_are_one_for_each_text():
    with pytest.raises(InputError, match="marked has 1 entries for 96 texts"):
        ThemeModel().fit(TEXTS, vectors=vectors_of(TEXTS), marked=[True])


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("就是想叫妈多问一句，", ["想叫妈多问一句"]),
        ("半夜睡不着。", ["半夜睡不着"]),
        ("俺不想上学", []),
        ("小海不来上学", []),
        ("咱们一起走吧", []),
        ("嗯，好", []),
        ("一句话说得太长了长到没有人会拿它当作名称来用", []),
        ("考了59分", []),
        ("（沉默很久）", []),
    ],
)
def test_clauses_that_may_name_a_theme(text, clauses):
    assert clauses_in(text) == clauses


def test_the_clause_that_holds_most_telling_words_is_taken_and_not_twice():
    texts = ["想妈妈睡不着", "晚上睡不着，想家"]
    assert clause_that_tells(texts, ["睡不着", "妈妈", "晚上"]) == "想妈妈睡不着"
    assert clause_that_tells(texts, ["睡不着", "妈妈", "晚上"], {"想妈妈睡不着"}) == "晚上睡不着"
    assert clause_that_tells(texts, ["数学"]) == ""
