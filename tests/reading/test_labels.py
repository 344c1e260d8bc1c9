"""Which words before a colon are speakers, and which are speech."""

from pathlib import Path

import pytest

from lbc_themes.core.records import Role, Transcript
from lbc_themes.reading import read_transcripts
from lbc_themes.reading.vocabulary import is_metadata_key, is_speaker_word, role_of_word, speaks_of


def read(tmp_path: Path, text: str) -> Transcript:
    path = tmp_path / "稿.txt"
    path.write_bytes(text.encode())
    [transcript] = read_transcripts(path)
    return transcript


def spoken(transcript: Transcript) -> list[tuple[str, str]]:
    return [(turn.speaker, transcript.said(turn)) for turn in transcript.turns]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("访谈者：", "受访者："), ("问：", "答："), ("I:", "P:"), ("I: ", "P: "), ("A：", "B："), ("师：", "生："),
        ("王芳：", "李小丫："), ("C01：", "T02："), ("【访谈者】", "【小云】"), ("**访谈者：**", "**小云：**"),
        ("访谈者\t", "学生\t"), ("- 访谈者：", "- 小云："), ("1. 问：", "2、答："),
        ("[00:12] 访谈者：", "[01:15] 小云："), ("採訪者︰", "受訪者︰"),
        ("Speaker 1: ", "Speaker 2: "),
        ("（1）访谈者：", "（2）小云："), ("01 访谈者：", "02 小云："), ("<访谈者>", "<小云>"),
        ("访谈者（王，女）：", "小云（化名，五年级，11岁）："), ("李研\t", "王乐乐\t"), ("【李研】", "【王乐乐】"),
        ("Researcher: ", "Teacher Wang: "), ("00:12\n访谈者：", "[01:15]\n\n小云："),
        ("访谈者（王）：", "学生（女）："), ("\u200b访谈者：", "\ufeff小云："), ("　访谈者 ： ", "　小云 ： "),
    ],
)  # fmt: skip
def test_a_pair_of_labels_is_learned(tmp_path: Path, first: str, second: str) -> None:
    got = read(tmp_path, f"{first}天黑得早吗？\n{second}五点就黑。\n{first}怕不怕？\n{second}不怕。\n")
    assert got.form == "labels"
    assert [words for _, words in spoken(got)] == ["天黑得早吗？", "五点就黑。", "怕不怕？", "不怕。"]
    assert len({speaker for speaker, _ in spoken(got)}) == 2


@pytest.mark.parametrize(
    "line",
    [
        "我妈说：别乱跑",
        "他就讲：你回来",
        "12:30吃饭",
        "下午3:30放学",
        "比如：洗碗",
        "我想：算了",
        "网址 http://a.cn",
        "第一：要听话",
        "那里：有河",
    ],
)
def test_a_colon_in_speech_is_no_label_even_where_it_comes_twice(tmp_path: Path, line: str) -> None:
    got = read(tmp_path, f"访谈者：后来呢？\n小云：好的\n{line}\n{line}\n访谈者：嗯。\n小云：对。\n")
    assert spoken(got)[1] == ("小云", f"好的\n{line}\n{line}")
    assert len(got.turns) == 4


def test_a_label_alone_on_its_line_labels_what_follows(tmp_path: Path) -> None:
    got = read(tmp_path, "访谈者：\n谁接你？\n\n小云：\n外公。\n骑车来。\n访谈者：\n远吗？\n小云：\n不远。\n")
    assert spoken(got)[:2] == [("访谈者", "谁接你？"), ("小云", "外公。\n骑车来。")]


def test_a_label_alone_without_a_colon_labels_where_it_names_a_speaker(tmp_path: Path) -> None:
    got = read(tmp_path, "访谈者\n谁接你？\n外公\n我接。\n访谈者\n远吗？\n外公\n不远。\n")
    assert spoken(got) == [("访谈者", "谁接你？"), ("外公", "我接。"), ("访谈者", "远吗？"), ("外公", "不远。")]


def test_a_paragraph_without_a_label_carries_on(tmp_path: Path) -> None:
    got = read(tmp_path, "问：冬天呢？\n答：冷。\n\n水管冻了。\n\n问：嗯。\n答：就这些。\n")
    assert spoken(got)[1] == ("答", "冷。\n\n水管冻了。")


def test_the_numbers_of_questions_are_not_part_of_the_speaker(tmp_path: Path) -> None:
    got = read(tmp_path, "Q1：几个人？\nA1：三个。\nQ2：够吃吗？\nA2：够。\n")
    assert [speaker for speaker, _ in spoken(got)] == ["Q", "A", "Q", "A"]
    assert [turn.role for turn in got.turns[:2]] == [Role.INTERVIEWER, Role.OTHER]


def test_participant_codes_keep_their_numbers(tmp_path: Path) -> None:
    got = read(tmp_path, "I: 谁先？\nP1: 我。\nP2: 我也。\nI: 好。\nP1: 嗯。\n")
    assert {speaker for speaker, _ in spoken(got)} == {"I", "P1", "P2"}


def test_a_head_of_keys_and_values_is_not_speech(tmp_path: Path) -> None:
    got = read(
        tmp_path,
        "河湾村访谈\n访谈日期：2023-03-04\n地点：村部\n访谈者：林某\n受访者：D07\n\n访谈者：吃了没？\n受访者：吃了。\n"
        "访谈者：好。\n受访者：嗯。\n整理：赵某\n",
    )
    assert [words for _, words in spoken(got)] == ["吃了没？", "吃了。", "好。", "嗯。"]
    assert any("5 lines before" in note for note in got.notes)


def test_short_first_questions_are_not_taken_for_a_head(tmp_path: Path) -> None:
    got = read(tmp_path, "姓名：小云\n访谈者：冷？\n小云：冷。\n访谈者：饿？\n小云：饿。\n")
    assert len(got.turns) == 4


def test_a_head_ends_where_a_label_comes_again(tmp_path: Path) -> None:
    got = read(tmp_path, "姓名：小云\n访谈者：冷吗\n小云：冷\n访谈者：饿吗\n小云：饿\n整理：赵某\n")
    assert [words for _, words in spoken(got)] == ["冷吗", "冷", "饿吗", "饿"]


def test_a_name_that_comes_once_is_read_as_speech_and_noted(tmp_path: Path) -> None:
    got = read(tmp_path, "访谈者：谁在外面？\n小云：不知道。\n邓三：是我。\n访谈者：哦。\n小云：嗯。\n")
    assert {speaker for speaker, _ in spoken(got)} == {"访谈者", "小云"}
    assert any("邓三" in note for note in got.notes)


def test_a_word_for_a_speaker_counts_where_it_comes_once(tmp_path: Path) -> None:
    got = read(tmp_path, "访谈者：谁在外面？\n小云：不知道。\n奶奶：是我。\n访谈者：哦。\n小云：嗯。\n")
    assert ("奶奶", "是我。") in spoken(got)


@pytest.mark.parametrize(
    "last",
    ["（访谈结束）", "——完——", "转写人：赵某", "以上内容由讯飞听见自动转写", "本文稿由智能语音识别生成，仅供参考"],
)
def test_a_footer_is_not_speech(tmp_path: Path, last: str) -> None:
    got = read(tmp_path, f"问：走啦？\n答：走啦。\n问：慢走。\n答：好。\n\n{last}\n")
    assert spoken(got)[-1] == ("答", "好。")


def test_speech_about_machines_at_the_end_stays_speech(tmp_path: Path) -> None:
    got = read(tmp_path, "问：爸爸做啥？\n答：他修机器。\n问：累吗？\n答：累。\n他说机器比人金贵。\n")
    assert spoken(got)[-1] == ("答", "累。\n他说机器比人金贵。")


def test_a_labelled_last_line_is_speech_whatever_it_says(tmp_path: Path) -> None:
    got = read(tmp_path, "问：字幕谁打的？\n答：不是人打的\n机器自动识别生成的\n问：完了？\n答：机器自动生成的\n")
    assert spoken(got)[1] == ("答", "不是人打的\n机器自动识别生成的")
    assert spoken(got)[-1] == ("答", "机器自动生成的")


INTERVIEWER, CHILD, TEACHER, CAREGIVER = Role.INTERVIEWER, Role.CHILD, Role.TEACHER, Role.CAREGIVER


@pytest.mark.parametrize(
    ("label", "role"),
    [
        ("访谈者", INTERVIEWER), ("採訪者", INTERVIEWER), ("主持人", INTERVIEWER), ("问", INTERVIEWER),
        ("Q3", INTERVIEWER),
        ("S00", INTERVIEWER), ("研究者A", INTERVIEWER), ("记者", INTERVIEWER), ("访谈员（王老师）", INTERVIEWER),
        ("学生", CHILD), ("生", CHILD), ("孩子", CHILD), ("小芳", CHILD), ("李同学", CHILD), ("女生2", CHILD),
        ("老师", TEACHER), ("师", TEACHER), ("王老师", TEACHER), ("班主任", TEACHER), ("孙校长", TEACHER),
        ("奶奶", CAREGIVER), ("小芳奶奶", CAREGIVER), ("爷爷", CAREGIVER), ("妈", CAREGIVER), ("家长1", CAREGIVER),
        ("监护人", CAREGIVER), ("受访者", None), ("访谈对象", None), ("答", None), ("说话人1", None),
        ("小时", None), ("C01", None),
    ],
)  # fmt: skip
def test_labels_say_roles(label: str, role: Role | None) -> None:
    assert role_of_word(label) is role


@pytest.mark.parametrize("word", ["奶奶", "访谈者", "受访者", "说话人 2", "王老师", "答"])
def test_words_that_name_speakers(word: str) -> None:
    assert is_speaker_word(word)


@pytest.mark.parametrize("word", ["我奶奶", "我妈说", "他问", "比如", "原因", "小学", "然后奶奶"])
def test_words_that_do_not(word: str) -> None:
    assert not is_speaker_word(word)


def test_speech_before_a_colon_is_told_from_names() -> None:
    assert [speaks_of(word) for word in ("我妈说", "他喊", "结果", "王芳", "问", "访问者")] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]


def test_keys_of_a_head_are_told_from_speakers() -> None:
    assert [is_metadata_key(word) for word in ("访谈日期", "受访者姓名", "地点", "受访者", "问")] == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_an_answer_on_the_line_of_its_question_is_a_turn_of_its_own(tmp_path: Path) -> None:
    got = read(tmp_path, "问：天黑得早吗？答：五点就黑。\n问：怕不怕？ 答：不怕。他说：别怕。\n我就不怕了。\n")
    assert spoken(got) == [
        ("问", "天黑得早吗？"), ("答", "五点就黑。"), ("问", "怕不怕？"), ("答", "不怕。他说：别怕。\n我就不怕了。"),
    ]  # fmt: skip


def test_a_whole_interview_on_one_line_is_cut_at_its_labels(tmp_path: Path) -> None:
    got = read(tmp_path, "访谈者：天黑得早吗？受访者：五点就黑。访谈者：怕不怕？受访者：不怕。")
    assert [words for _, words in spoken(got)] == ["天黑得早吗？", "五点就黑。", "怕不怕？", "不怕。"]


def test_a_label_within_a_line_is_speech_where_both_sides_begin_lines(tmp_path: Path) -> None:
    got = read(tmp_path, "问：后来呢？\n答：他写了两行。问：你几岁？答：九岁。\n问：嗯。\n答：就这些。\n")
    assert spoken(got)[1] == ("答", "他写了两行。问：你几岁？答：九岁。")


def test_a_sound_in_brackets_that_comes_twice_is_no_speaker(tmp_path: Path) -> None:
    got = read(tmp_path, "访谈者：后来呢？\n小云：好的\n[笑] 没啥\n[笑] 真没啥\n访谈者：嗯。\n小云：对。\n")
    assert spoken(got)[1] == ("小云", "好的\n[笑] 没啥\n[笑] 真没啥")


def test_a_time_on_a_line_before_a_label_is_the_time_of_the_turn(tmp_path: Path) -> None:
    got = read(tmp_path, "00:03\n访谈者：天黑得早吗？\n00:08\n小云：五点就黑。\n")
    assert [(turn.time, got.said(turn)) for turn in got.turns] == [(3, "天黑得早吗？"), (8, "五点就黑。")]
    assert got.notes == ("read as labels, 2 speakers, 2 turns",)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("[00:00:01.000 --> 00:00:03.000]  访谈者：", "[00:00:03.000 --> 00:00:05.500]  小云："),
        ("访谈者 00:01：", "小云 00:03："), ("**访谈者** 00:01\n", "**小云** 00:03\n"), ("「訪談者」：", "「小雲」："),
        ("SPEAKER_00: ", "SPEAKER_01: "), ("说话人1  00:00:01  ", "说话人2  00:00:03  "),
        ("**访谈者**\n\n", "**小云**\n\n"),
    ],
)  # fmt: skip
def test_labels_of_other_tools_and_typists_are_learned(tmp_path: Path, first: str, second: str) -> None:
    got = read(tmp_path, f"{first}天黑得早吗？\n{second}五点就黑。\n{first}怕不怕？\n{second}不怕。\n")
    assert [words for _, words in spoken(got)] == ["天黑得早吗？", "五点就黑。", "怕不怕？", "不怕。"]
    assert not any("*" in speaker or "0:" in speaker or "「" in speaker for speaker, _ in spoken(got))


def test_a_numbered_title_between_questions_is_not_speech(tmp_path: Path) -> None:
    home = "一、家里\n\n问：跟谁住？\n答：姥姥。\n\n"
    school = "二、学校\n\n问：远不远？\n答：两样难：\n\n一、远\n二、冷\n"
    got = read(tmp_path, home + school)
    assert [words for _, words in spoken(got)] == ["跟谁住？", "姥姥。", "远不远？", "两样难：\n\n一、远\n二、冷"]
