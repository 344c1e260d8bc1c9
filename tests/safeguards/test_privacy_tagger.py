"""The name tagger: its features, its tags, what it doubts, and what de-identification makes of it."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lbc_themes.core.assets import model_folder, sha256_of
from lbc_themes.core.records import Role, Transcript, Turn
from lbc_themes.safeguards.privacy import deidentify, report, tagger
from lbc_themes.safeguards.privacy.report import _left, _longer_reading, _whole_words, doubtful
from lbc_themes.safeguards.privacy.tagger import (
    BITS,
    PARTED,
    TAGS,
    _best_tags,
    doubted,
    features,
    inside,
    probabilities,
    suspected,
    tagged,
    whole,
)

FOLDER = model_folder("name-tagger-zh")
ROOT = Path(__file__).parents[2]


def turns_of(*speech):
    text, turns = "", []
    for words in speech:
        turns.append(Turn(speaker="问", role=Role.OTHER, start=len(text), end=len(text) + len(words)))
        text += words + "\n"
    return Transcript(id="a", text=text, turns=tuple(turns))


def left_unseen(*speech, names):
    """Return those of ``names`` of which some mention was neither replaced whole nor listed whole."""
    (new,), key = deidentify([turns_of(*speech)], method="patterns")
    listed = [new.text[doubt.start : doubt.end] for doubt in doubtful([new], key)]
    return {name for name in names if name in new.text and not any(name in words for words in listed)}


# The model's file


def test_the_weights_are_small_and_those_that_the_checksums_name():
    sums = dict(reversed(line.split()) for line in (FOLDER / "SHA256SUMS").read_text(encoding="utf-8").splitlines())
    assert sums == {name: sha256_of(FOLDER / name) for name in ("config.json", "model.safetensors")}
    assert (FOLDER / "model.safetensors").stat().st_size < 2_000_000


_DRAWN = """
import random
from building.named_speech import as_spoken, filled, templates, turn, with_names
from pathlib import Path
from lbc_themes.safeguards.privacy.entities import tag_of
from lbc_themes.text.words import word_cutter
chance = random.Random(0)
slots = templates(Path("models/building/named_speech.txt"))
for _ in range(300):
    made = turn([with_names(filled(chance.choice(slots), chance), 0.3, chance)], chance)
    print(as_spoken(made, word_cutter().known_words, tag_of, chance))
"""


@pytest.mark.slow
def test_what_the_tagger_learns_from_is_the_same_in_every_run():
    runs = [
        subprocess.run(
            [sys.executable, "-c", _DRAWN], cwd=ROOT, check=True, capture_output=True, text=True,
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": f".{os.pathsep}models", "PYTHONUTF8": "1"},
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert runs[0].count("Marked(") == 300
    assert runs[0] == runs[1]


# Features and probabilities


@pytest.mark.parametrize("other", ["", "我", "他叫二娃，今年八岁", "12 个 ABC"])
def test_parted_texts_do_not_see_each_other(other):
    text = "跟狗蛋一起放牛"
    together = features(text + PARTED + other)
    assert (together[: len(text)] == features(text)).all()
    assert together.shape == (len(text) + len(PARTED) + len(other), features(text).shape[1])
    assert together.min() >= 0
    assert together.max() < 1 << BITS


@pytest.mark.parametrize("text", ["", "我", "二娃", "𠀀😀a1，\n", "我叫阿依古丽·买买提" * 30])
def test_the_tags_of_a_character_share_one(text):
    chances = probabilities(text)
    assert chances.shape == (len(text), len(TAGS))
    assert chances.sum(axis=1) == pytest.approx(np.ones(len(text)), abs=1e-4)


def test_a_name_goes_on_only_where_one_of_its_kind_began():
    chance = np.random.default_rng(0)
    for _ in range(200):
        tags = _best_tags(chance.dirichlet(np.ones(len(TAGS)) / 3, size=chance.integers(1, 12)).astype(np.float32))
        for before, tag in zip([0, *tags], tags, strict=False):
            assert tag not in {2, 4} or before in {tag, tag - 1}


def test_without_texts_there_are_no_tags():
    assert _best_tags(np.zeros((0, len(TAGS)), np.float32)) == []
    assert tagged("") == ()
    assert doubted("") == ()


# What is a name

NAMED = [
    ("我们班有个叫巴特尔的，骑马可厉害了", "巴特尔", "person"),
    ("后来翠花走了", "翠花", "person"),
    ("我爸在鹤壁修路", "鹤壁", "place"),
    ("她家住羊角沟，可远了", "羊角沟", "place"),
    ("我们去石板坡赶集", "石板坡", "place"),
]


@pytest.mark.parametrize(("text", "name", "kind"), NAMED)
def test_names_are_told_by_how_they_are_made_and_where_they_stand(text, name, kind):
    assert (name, kind) in {(text[n.start : n.end], n.kind) for n in tagged(text)}


@pytest.mark.parametrize(
    "text",
    ["我觉得高兴的时候比不高兴的时候少", "夏天热得睡不着", "明天要考试了", "爸爸每个月打一次钱回来", "放学以后先喂猪"],
)
def test_words_that_are_names_elsewhere_are_words_here(text):
    assert [n for n in tagged(text) if n.sure > 0.5] == []


def test_what_is_doubted_keeps_uncertain_edges():
    text = "我叫二娃，今年八岁"
    ((start, end),) = doubted(text)
    assert start <= 2
    assert end >= 4
    assert min(inside(text, 2, 4)) > 0.5


def test_a_part_of_a_name_is_made_whole():
    text = "我们班有个叫巴特尔的，骑马可厉害了"
    start = text.index("巴特尔")
    assert whole(text, start, start + 2) == (start, start + 3)
    assert whole(text, start + 1, start + 3) == (start, start + 3)


def test_a_common_word_is_suspected_by_all_its_uses(monkeypatch):
    texts = ["眼镜也来了", "我的眼镜坏了", "眼镜很贵"]
    chances = dict(zip(texts, (0.9, 0.1, 0.2), strict=True))
    monkeypatch.setattr(tagger, "doubted", lambda text: ((text.index("眼"), text.index("眼") + 2),))
    monkeypatch.setattr(tagger, "inside", lambda text, start, end: np.full(end - start, chances[text]))
    monkeypatch.setattr(tagger, "_least", lambda _word: 0.6)
    assert suspected(texts[:1]) == {texts[0]: [(0, 2)]}
    assert suspected(texts) == {text: [] for text in texts}


# What de-identification makes of it


@pytest.mark.slow
@pytest.mark.parametrize(
    ("speech", "names"),
    [
        ("有二娃，狗蛋，三妮，都是一个村的", {"二娃", "狗蛋", "三妮"}),
        ("有阿依古丽，有热娜，有古丽娜尔", {"阿依古丽", "热娜", "古丽娜尔"}),
        ("我和铁蛋、春梅跟满仓一起走", {"铁蛋", "春梅", "满仓"}),
        ("同去的有次仁和扎西还有卓玛", {"次仁", "扎西", "卓玛"}),
        ("振邦管过一回，他当过兵", {"振邦"}),
    ],
)
def test_no_member_of_a_list_stays_unseen(speech, names):
    assert left_unseen(speech, names=names) == set()


@pytest.mark.parametrize(("speech", "word"), [("有阿依古丽，有热娜", "有"), ("还有次仁和扎西", "和")])
def test_words_beside_a_list_stay(speech, word):
    (new,), _ = deidentify([turns_of(speech)], method="patterns")
    assert new.text.count(word) >= speech.count(word)


@pytest.mark.parametrize("method", ["lac", "patterns"])
@pytest.mark.parametrize(
    ("speech", "names", "rest"),
    [
        ("旺堆爱打架", ["旺堆"], ["爱打架"]),
        ("多吉比较老实，旺堆爱打架。", ["多吉", "旺堆"], ["比较老实，", "爱打架。"]),
        ("我们班旺堆爱打架", ["旺堆"], ["我们班", "爱打架"]),
        ("我跟旺堆、多吉一起走，旺堆爱打架", ["旺堆", "多吉"], ["我跟", "一起走，", "爱打架"]),
    ],
)
def test_of_a_name_of_another_tongue_goes_all_and_nothing_beside_it(speech, names, rest, method):
    (new,), _ = deidentify([turns_of(speech)], method=method)
    assert [name for name in names if name in new.text] == []
    assert [words for words in rest if words not in new.text] == []


@pytest.mark.parametrize(
    ("run", "gone", "left"),
    [
        ((0, 4), set(), [(0, 4)]),
        ((0, 4), {0}, [(1, 4)]),
        ((0, 5), {2}, [(0, 2), (3, 5)]),
        ((0, 3), {1}, []),
        ((0, 2), {0, 1}, []),
    ],
)
def test_of_a_run_what_was_not_replaced_is_left(run, gone, left):
    assert list(_left(run, gone)) == left


def test_an_unknown_surname_and_character_are_read_on_to_a_full_name():
    text = "岩脚就柏雨田一个人教书"
    start = text.index("柏")
    assert _longer_reading(text, start, start + 2) in {start + 2, start + 3}
    assert _longer_reading("柏雨，来", 0, 2) == 2


@pytest.mark.parametrize("label", ["村医", "社工", "民警", "志愿者1", "司机", "调解员", "生活老师", "舅妈", "女孩2"])
@pytest.mark.parametrize("method", ["lac", "patterns"])
def test_an_occupation_or_kin_as_a_label_names_nobody(label, method):
    text = f"我们跟{label.rstrip('12')}说过了"
    turn = Turn(speaker=label, role=Role.OTHER, start=0, end=len(text))
    (new,), _ = deidentify([Transcript(id="a", text=text, turns=(turn,))], method=method)
    assert (new.turns[0].speaker, new.text) == (label, text)


# What the list names


@pytest.mark.parametrize(
    ("speech", "name"),
    [
        (["他说他在茂名，跟我一样大。"], "茂名"),
        (["他爸在营口扛活。"], "营口"),
        (["她去县里了，我留在三中心校。"], "三中心校"),
        (["从解放路绕过去，不走豆腐巷。"], "豆腐巷"),
        (["岩脚就柏有田一个人，教了三十一年。"], "柏有田"),
        (["年前改转带我去看病。", "花了八百多。改转是俺侄女。"], "改转"),
    ],
)
def test_a_name_is_replaced_or_listed_whole_at_every_place(speech, name):
    assert left_unseen(*speech, names={name}) == set()


def listed_of(*speech):
    (new,), key = deidentify([turns_of(*speech)], method="patterns")
    return [(new.text[doubt.start : doubt.end], doubt.reason) for doubt in doubtful([new], key)]


def test_a_word_that_is_listed_once_is_listed_wherever_it_stands(monkeypatch):
    texts = ["我跟鹿桠一起去的", "他们说鹿桠那个词的时候我不在"]
    monkeypatch.setattr(report, "suspected", lambda said: {t: [(2, 4)] if t.startswith("我跟") else [] for t in said})
    monkeypatch.setattr(report, "weighed", lambda _texts: {})
    monkeypatch.setattr(report, "place_uses", lambda _text: [])
    assert listed_of(*texts) == [("鹿桠", "tagger"), ("鹿桠", "tagger")]


def test_an_everyday_word_is_listed_again_only_where_it_may_be_a_name(monkeypatch):
    texts = ["我跟高兴一起去的", "高兴坐我后面", "我觉得不高兴的时候多"]
    chances = dict(zip(texts, (0.9, 0.5, 0.01), strict=True))
    monkeypatch.setattr(report, "suspected", lambda said: {t: [(2, 4)] if t.startswith("我跟") else [] for t in said})
    monkeypatch.setattr(report, "weighed", lambda _texts: {})
    monkeypatch.setattr(report, "place_uses", lambda _text: [])
    monkeypatch.setattr(report, "inside", lambda text, start, end: np.full(end - start, chances[text]))
    (new,), key = deidentify([turns_of(*texts)], method="patterns")
    if key.of(new.id).spans:
        pytest.fail("the word must not be replaced here, or nothing is left to list")
    assert [new.text[d.start : d.end] for d in doubtful([new], key)] == ["高兴", "高兴"]


def test_of_a_run_the_words_are_whole_and_stop_at_its_edges():
    text = "不走豆腐巷，走大路"
    assert _whole_words(text, 3, 5) == (2, 5)
    assert _whole_words(text, 2, 5) == (2, 5)
