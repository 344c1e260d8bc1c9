"""Who asks: roles by behaviour where no label says them."""

from dataclasses import replace
from pathlib import Path

import pytest

from lbc_themes.core.records import Role, Transcript
from lbc_themes.reading import read_transcripts
from lbc_themes.reading.roles import asking, asks, habit, interviewers

ASKED = ["你几点起床？", "谁送你去学校呢", "路上要走多久", "为什么不坐车？", "嗯", "爸爸多长时间回来一次"]
TOLD = [
    "五点半，天还没亮，我先把火生起来。", "没人送，我带着妹妹走，她走得慢。", "得一个多小时，下雨就更久一些。",
    "坐车要钱，奶奶说省着点花，攒着交书费。", "到了学校门都没开，我们就站在屋檐底下。",
    "过年回来，有一年没回来，买不到票。",
]  # fmt: skip


def read(tmp_path: Path, first: str, second: str) -> Transcript:
    lines = [f"{first}：{a}\n{second}：{b}" for a, b in zip(ASKED, TOLD, strict=True)]
    path = tmp_path / "稿.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    [transcript] = read_transcripts(path)
    return transcript


@pytest.mark.parametrize(("first", "second"), [("A", "B"), ("B", "A"), ("陈某", "刘某"), ("说话人2", "说话人1")])
def test_the_one_who_asks_is_the_interviewer_and_the_note_says_so(tmp_path: Path, first: str, second: str) -> None:
    got = read(tmp_path, first, second)
    assert {turn.speaker: turn.role for turn in got.turns} == {first: Role.INTERVIEWER, second: Role.OTHER}
    assert any(note.startswith(f"role by behaviour: {first} is the interviewer, confidence 0.9") for note in got.notes)


def test_a_label_that_says_interviewer_stands_against_behaviour(tmp_path: Path) -> None:
    got = read(tmp_path, "刘某", "访谈者")
    assert {turn.speaker: turn.role for turn in got.turns} == {"刘某": Role.OTHER, "访谈者": Role.INTERVIEWER}
    assert not any("behaviour" in note for note in got.notes)


def test_where_labels_leave_no_interviewer_the_note_says_who_asks(tmp_path: Path) -> None:
    got = read(tmp_path, "师", "生")
    assert {turn.speaker: turn.role for turn in got.turns} == {"师": Role.TEACHER, "生": Role.CHILD}
    assert any("no interviewer was found (师 asks most" in note for note in got.notes)


def test_a_doubtful_finding_is_called_uncertain(tmp_path: Path) -> None:
    path = tmp_path / "稿.txt"
    path.write_text(
        "陈某：今天下雨。\n刘某：是啊，下了一天，路都淹了。\n陈某：嗯。\n刘某：菜也没收。\n", encoding="utf-8"
    )
    [got] = read_transcripts(path)
    assert any("uncertain: set it in study.toml" in note for note in got.notes)


def test_asking_is_the_complement_of_being_asked() -> None:
    one, other = habit(ASKED), habit(TOLD)
    assert asking(one, other) + asking(other, one) == pytest.approx(1)
    assert asking(one, other) > 0.9
    assert asking(one, one) == pytest.approx(0.5)


def test_of_two_who_ask_alike_the_one_with_fewer_words_asks() -> None:
    one = habit(ASKED)
    assert asking(one, replace(one, characters=10 * one.characters)) > 0.6


def test_habits_are_shares_of_what_was_said() -> None:
    got = habit(["嗯", "对对", "走吗？", "我昨天去了河边"])
    assert (got.turns, got.characters) == (4, 13)
    assert got.back_channels == pytest.approx(0.5)
    assert got.ends_asking == pytest.approx(0.5)


def test_two_interviewers_of_one_respondent_are_both_found() -> None:
    habits = {"甲": habit(ASKED), "乙": habit(ASKED[:4]), "丙": habit(TOLD * 3)}
    assert set(interviewers(habits, habits)) == {"甲", "乙"}


def test_nobody_interviews_alone() -> None:
    assert interviewers({"甲": habit(ASKED)}, ["甲"]) == {}


def test_fewer_turns_of_the_same_habits_make_a_lower_confidence() -> None:
    asked, told = habit(ASKED), habit(TOLD)
    few, many = ((replace(asked, turns=n), replace(told, turns=n)) for n in (4, 40))
    assert 0.5 < asking(*few) < asking(*many)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("你今年多大", True), ("那你想不想她", True), ("作业写完没有", True), ("你是跟奶奶住是吧", True),
        ("干嘛不告诉老师", True),
        ("我跟奶奶住", False), ("吃完饭就睡了", False), ("老师人挺多大方", False),
    ],
)  # fmt: skip
def test_a_turn_that_asks_without_a_mark_is_told_by_its_end(text: str, asked: bool) -> None:
    assert asks(text) is asked
