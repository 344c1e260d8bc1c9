import json
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lbc_themes.core.messages import word_table
from lbc_themes.core.records import Suggestion
from lbc_themes.safeguards import distress
from lbc_themes.safeguards.distress import (
    DISTRESS,
    DistressCue,
    DistressKind,
    distress_cues,
    status_given,
    without_small_talk,
)
from lbc_themes.safeguards.distress.detection import Weights, cues_with, loudest, masked, score

DATA = Path(distress.__file__).parent / "data"

RAISED = [
    ("我不想活了", "suicide"),
    ("有时候真想死", "suicide"),
    ("要是没有我就好了", "suicide"),
    ("我站在楼顶上想跳下去", "suicide"),
    ("她喝了农药，救回来了", "suicide"),
    ("他写了遗书", "suicide"),
    ("活着真没意思", "suicide"),
    ("我没想过自杀", "suicide"),
    ("我跟我妈说我想死了算了", "suicide"),
    ("饿死算了，没人管", "suicide"),
    ("我拿圆规扎自己的手", "self_harm"),
    ("她用刀片划胳膊", "self_harm"),
    ("难受了就拿头撞墙", "self_harm"),
    ("我想杀了他", "violence"),
    ("我真想打死他", "violence"),
    ("爸爸喝了酒就打我", "abuse"),
    ("他拿皮带抽我", "abuse"),
    ("那个人摸我下面，叫我别告诉奶奶", "abuse"),
    ("天天被他们欺负", "abuse"),
    ("我把门一开，我爸就说要打断我的腿", "abuse"),
    ("打得我鼻子流血", "abuse"),
    ("家里没饭吃，饿了两天", "neglect"),
    ("我發燒了沒人管", "neglect"),
    ("我說我不想活了", "suicide"),
]


# Wordings that the first list of patterns passed over; 觉得 before 死 was hidden by a guard for degrees.
PASSED_OVER = [
    ("我觉得死是唯一的出路", "suicide"), ("好想一睡不起", "suicide"), ("我写好了遗言", "suicide"),
    ("zs的想法又来了", "suicide"), ("emo到想s", "suicide"), ("我搜过无痛的方法", "suicide"),
    ("要是能永远睡着就好了", "suicide"), ("我的存在就是个错误", "suicide"), ("我想早点投胎", "suicide"),
    ("下辈子不想做人了", "suicide"), ("我真的没有力气再走下去了", "suicide"), ("跳过一次河，被人救上来了", "suicide"),
    ("阳台的风很大，我往下看了很久", "suicide"), ("东西都送人了，我准备好离开了", "suicide"),
    ("每天都在想结束", "suicide"), ("希望明天不要来", "suicide"), ("我是废物，没资格活", "suicide"),
    ("昨晚又划了几道，看着血流出来心里就舒服", "self_harm"), ("我用头撞桌子", "self_harm"), ("又自chan了", "self_harm"),
    ("把指甲抠到出血", "self_harm"), ("他亲我嘴，我好害怕", "abuse"), ("舅舅晚上钻我被子里", "abuse"),
    ("我被强了", "abuse"), ("我觉得身子脏了", "abuse"), ("他给我看那种片子", "abuse"), ("不听话就把我卖了", "abuse"),
    ("他总偷看我洗澡", "abuse"), ("遭我爸打了一顿", "abuse"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind"), [*RAISED, *PASSED_OVER])
def test_words_of_distress_are_raised_with_their_kind(text, kind):
    assert kind in {cue.kind.value for cue in distress_cues(text)}


ORDINARY = [
    "累死了", "想死我了", "气死我了", "笑死", "饿死了", "我死也不去", "困死我了", "热死人了", "吓死我了", "烦死了",
    "我想死我妈了", "作业多得要死", "冷得要命", "打死我也不说", "她长得好看死了", "死记硬背没有用", "我爷爷去年死了",
    "我家狗死了我很难过", "老死不相往来", "爸爸一个月打一回电话", "我给我妈打视频", "妈妈从来不打我", "从来没有人打我",
    "我们在玩狼人杀", "过年杀猪", "手机死机了", "他是死党", "我姐打了我一天的电话", "拿刀切菜", "打农药", "见死不救",
    "我爸在外面打工", "这道题我死都做不出来",
]  # fmt: skip
# Said in passing about effort, chores and medicine.
IN_PASSING = [
    "我服了，社死", "社死现场", "这学期卷死了", "跑步跑得想死", "写作业写到想死", "奶奶杀了一只鸡",
    "吃了两片感冒药就好了",
    "我掐了自己一下，看是不是做梦", "在书上划了几道线", "用头顶球", "重开一局", "我想4个人去",
]  # fmt: skip


@pytest.mark.parametrize("text", [*ORDINARY, *IN_PASSING])
def test_ordinary_talk_is_not_raised(text):
    assert distress_cues(text) == ()


@pytest.mark.parametrize("text", ["", " ", "\n", "嗯", "。" * 50])
def test_nothing_said_raises_nothing(text):
    assert distress_cues(text) == ()


PIECES = st.sampled_from(
    ["我想死", "累死了", "他打我", "沒飯吃", "，", "。", "奶奶", "\U00020000", "😀", "拿刀划手", "嗯", "\n", "死"]
)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=12).map("".join)))
def test_cues_are_exact_ordered_slices_of_any_text(text):
    cues = distress_cues(text)
    assert list(cues) == sorted(cues, key=lambda cue: (cue.start, cue.end))
    for cue in cues:
        assert 0 <= cue.start < cue.end <= len(text)
        assert text[cue.start : cue.end] == cue.text
        assert 0 < cue.strength <= 1
    for one, other in pairwise(cues):
        assert one.kind != other.kind or one.end <= other.start


def test_a_cue_names_its_place():
    (cue,) = distress_cues("今天累死了。我有时候不想活了")
    assert cue == DistressCue(kind=DistressKind.SUICIDE, start=10, end=13, text="不想活", strength=1.0)


def test_masking_keeps_the_length():
    assert masked("累死了，也想死") == "□□□，也想死"


def test_wording_without_a_pattern_carries_the_words_that_weighed_most():
    weights = Weights(
        ngrams={"黑": (1.0, 2.0), "洞": (1.0, 2.0), "黑洞": (1.0, 3.0), "天": (1.0, -1.0)}, intercept=0.0, threshold=1
    )
    text = "天天像在黑洞里"
    start, end = loudest(text, weights)
    assert text[start:end] == "黑洞"
    assert score(text, weights) > 1 > score("天天好", weights)
    (cue,) = cues_with(text, weights)
    assert (cue.kind, cue.text, cue.strength) == (DistressKind.UNCLEAR, "黑洞", 0.2)


def test_the_score_is_that_of_the_logistic_regression_it_was_taken_from():
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    texts = ["我不想说了", "今天真好玩", "我好难受啊", "好玩好玩真好玩"]
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True, lowercase=False)
    model = LogisticRegression().fit(vectorizer.fit_transform(texts), [1, 0, 1, 0])
    ngrams = {n: (vectorizer.idf_[at], model.coef_[0, at]) for n, at in vectorizer.vocabulary_.items()}
    weights = Weights(ngrams=ngrams, intercept=model.intercept_[0], threshold=0.0)
    new = ["我真不想玩", "好好好", "别的话"]
    expected = model.decision_function(vectorizer.transform(new))
    assert [score(text, weights) for text in new] == pytest.approx(list(expected))


def test_the_weights_are_small_and_no_sentence_can_be_read_from_them():
    raw = (DATA / "weights.json").read_text(encoding="utf-8")
    assert len(raw.encode()) < 300_000
    assert max(len(ngram) for ngram in json.loads(raw)["ngrams"]) <= 2


def test_invented_sentences_are_mostly_told_apart():
    rows = [
        line.split("\t") for line in (DATA / "invented.tsv").read_text(encoding="utf-8").splitlines() if line[0] != "#"
    ]
    missed = [text for label, text in rows if label == "1" and not distress_cues(text)]
    cues = [cue for label, text in rows if label == "0" for cue in distress_cues(text)]
    assert len(missed) <= 2
    assert len(cues) <= 5
    assert {cue.kind for cue in cues} <= {DistressKind.UNCLEAR}


def test_a_long_passage_is_read_in_reasonable_time():
    before = time.process_time()
    distress_cues("我今天想去打球然后他们说不去" * 5_000)
    assert time.process_time() - before < 20


def test_an_unpaired_surrogate_neither_crashes_nor_moves_the_words():
    text = "\ud83d我不想活了"
    (cue,) = distress_cues(text)
    assert text[cue.start : cue.end] == cue.text == "不想活"


LIFELESS = [
    "那只飞蛾产了卵就死了",
    "吐完丝没几天就死掉了",
    "养的泥鳅，没几天都死了",
    "手机死机了，重启也不行",
    "她不是死了，是改嫁走了",
    "俺妈不在了，不是死了，是走了，我四岁的时候",
    "不是死，是出远门去了",
    "学校的网站上个月被黑客攻击，瘫痪了两天",
    "这个账号遭到恶意攻击",
    "那个规定是死的，没人改",
    "电影里那个人被杀了",
    "防治自杀的热线",
]


@pytest.mark.parametrize("text", LIFELESS)
def test_what_dies_or_is_attacked_and_is_no_person_raises_nothing(text):
    assert distress_cues(text) == ()


NOT_LEFT_ALONE = [
    "不是不要俺",
    "他们不是不要我，是没办法",
    "爸妈不是不管我，是太忙",
    "妈妈不是扔下我，是去挣钱",
    "从来没有不管我",
    "爸妈不会不要我的",
]


@pytest.mark.parametrize("text", NOT_LEFT_ALONE)
def test_a_denial_of_being_left_alone_is_no_neglect(text):
    assert distress_cues(text) == ()


@pytest.mark.parametrize("text", ["他们是不是不要我了", "爸妈会不会不要我", "妈妈不要我了", "他们就是不要俺了"])
def test_who_asks_whether_they_are_unwanted_is_raised(text):
    assert "neglect" in {cue.kind.value for cue in distress_cues(text)}


HIT_BY_THE_SPEAKER = [
    "我打同学，老师叫家长",
    "我把同学打哭了",
    "我打我弟弟",
    "昨天我打妹妹了，奶奶骂我",
    "我推了同学一把，他头破了",
    "他被我打哭了",
    "同学被我打得流鼻血",
    "我拿凳子砸他头",
    "俺打俺弟",
    "我打了他一顿，鼻子给他打淌血了",
    "我把他打了一顿，鼻子都打出血了",
    "我气不过，把他鼻子打流血了",
    "他骂我妈，我就打他，给他打哭了",
    "我揍了他一顿，脸都给他打肿了",
    "我先动的手，把他打得鼻子流血",
    "是我打的他，眼睛给他打青了",
    "我和弟弟抢东西，我打他，给他打得直哭",
    "我打同学，给同学打淌血了",
    "我用棍子打他，腿给他打青了",
    "我扇了他两巴掌，给他打得嘴角出血",
    "俺踢了他，给他打得不敢吭声",
    "他先骂的人，我打了他，给他打淌血了",
    "那天我忍不住打了同桌，给他打出血了",
]


@pytest.mark.parametrize("text", HIT_BY_THE_SPEAKER)
def test_whom_the_speaker_hits_is_hurt_by_the_speaker(text):
    assert {cue.kind.value for cue in distress_cues(text)} == {"violence"}


HIT_BY_OTHERS = [
    "他打了我弟",
    "我爸打我妈",
    "我打不过他，他打我",
    "我被同学打哭了",
    "我被我爸打了",
    "我让我哥打了",
    "弟弟被我爸打了",
    "我看见他打同学",
    "我打他，他也打我",
    "老师打我们",
    "他打了我一顿，鼻子给我打淌血了",
    "他把我打了一顿，鼻子打出血了",
    "鼻子给他打淌血了",
    "我挨打了，脸都给他打肿了",
    "我爸打我，给我打得不敢动",
    "我叫他们给打了一顿",
    "他先打的我，鼻子都给我打流血了",
    "我骂了他一句，他就打我，鼻子给我打淌血了",
    "我没还手，他把我按地上打",
    "我打不过他，被他打得鼻子出血",
    "我说了一句，他把我打了一顿",
    "我考不好，他把我揍了一顿",
    "我没打他，是他打我",
    "我打了他，他又打我，脸都给他打肿了",
    "我被人打，鼻子给他打出血",
    "他们围着他，把他打得鼻子流血",
]


@pytest.mark.parametrize("text", HIT_BY_OTHERS)
def test_whom_others_hit_is_hurt_by_others(text):
    assert {cue.kind.value for cue in distress_cues(text)} == {"abuse"}


@pytest.mark.parametrize("text", ["他把我打扮得可漂亮了", "别把我打断", "他给点钱把我打发走了"])
def test_words_that_only_begin_like_a_blow_raise_nothing(text):
    assert distress_cues(text) == ()


PEOPLE_DIE = [
    "邻居家的孩子在鱼塘里淹死了",
    "他去抓鱼的时候死了",
    "弟弟跟着去水库摸鱼，死了",
    "她在车里死了",
    "工厂里死了人",
    "车祸死了两个人",
    "我们学校死了一个学生",
    "冻死了一个孩子",
    "同桌的弟弟淹死了",
    "摩托车翻了，人死了",
    "产了孩子没几天死了",
]
THINGS_DIE = [
    "冻死了两只羊",
    "他把鱼放在盆里，死了",
    "我养的兔子在笼子里死了",
    "花浇水多了，死了",
    "村子死了",
    "晒死人了",
    "冻死人了",
    "同学的金鱼死了",
    "他家的鸡都死了",
]


@pytest.mark.parametrize("text", PEOPLE_DIE)
def test_the_death_of_a_person_is_raised_whatever_dies_elsewhere(text):
    assert distress_cues(text) != ()


@pytest.mark.parametrize("text", THINGS_DIE)
def test_what_dies_and_is_no_person_is_not_raised(text):
    assert distress_cues(text) == ()


STILL_RAISED = [
    ("兔子死了，我也不想活了", "suicide"),
    ("我不是想死，就是太累了", "suicide"),
    ("花都死了，我死了也没人管", "suicide"),
    ("他们攻击我，还打我", "abuse"),
    ("网上骂我的人很多，我想死", "suicide"),
]


@pytest.mark.parametrize(("text", "kind"), STILL_RAISED)
def test_what_a_person_says_of_themselves_beside_it_is_still_raised(text, kind):
    assert kind in {cue.kind for cue in distress_cues(text)}


def test_a_passage_with_words_of_distress_is_not_called_small_talk():
    texts = ("今天吃了面", "我不想活了", "嗯", "我想死", "我想死")
    reasons = ("nothing-fits", "nothing-fits", "too-short", "too-short", "not-sure")
    given = [Suggestion(passage_id=str(at), codes=(), reason=reason) for at, reason in enumerate(reasons)]
    told = without_small_talk(given, [distress_cues(text) for text in texts])
    assert [s.reason for s in told] == ["nothing-fits", DISTRESS, "too-short", DISTRESS, "not-sure"]
    assert DISTRESS in word_table("words.reasons")


HUGS = [
    "孩子抱着我的腿", "抱着我的腿不让我走", "弟弟抱着妈妈的大腿哭", "小狗一来就抱住我大腿", "他就知道抱班长大腿",
    "我抱着妈妈的腿不放", "她抱着自己的腿坐在门口",
]  # fmt: skip


@pytest.mark.parametrize("text", HUGS)
def test_a_hug_around_a_leg_is_not_raised(text):
    assert distress_cues(text) == ()


@pytest.mark.parametrize("text", ["叔叔抱着我的腿", "他抱着我的大腿不让我动", "孩子抱着我的腿，说他老摸我的腿"])
def test_who_is_held_by_the_leg_against_their_will_is_raised(text):
    assert "abuse" in {cue.kind.value for cue in distress_cues(text)}


def test_a_new_theme_with_words_of_distress_is_not_said_to_be_small_talk():
    cues = [distress_cues(text) for text in ("今天吃了面", "我想死")]
    assert status_given("new", cues) == "new-distress"
    assert status_given("new", cues[:1]) == "new"
    assert status_given("covered", cues) == "covered"
    words = word_table("words.status")["new-distress"]
    assert "闲聊" not in words.zh
    assert "small talk" not in words.en
