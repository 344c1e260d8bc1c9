"""Passages: what `segment` promises about spans, questions, order and size."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Passage, Role, Transcript, Turn
from lbc_themes.segmenting import cut, segment
from lbc_themes.segmenting.boundaries import size_of
from lbc_themes.text.words import is_backchannel

ASKS, C, T = Role.INTERVIEWER, Role.CHILD, Role.TEACHER


def interview(*turns: tuple[Role, str], speakers: dict[Role, str] | None = None, questions: tuple = ()) -> Transcript:
    """Return a transcript whose turns are lines ``label：speech``."""
    text, made = "", []
    for number, (role, speech) in enumerate(turns):
        speaker = (speakers or {}).get(role, role.value)
        start = len(text) + len(speaker) + 1
        text += f"{speaker}：{speech}\n"
        question = questions[number] if questions else None
        made.append(Turn(speaker=speaker, role=role, start=start, end=start + len(speech), question=question))
    return Transcript(id="t", text=text, turns=tuple(made))


def texts(passages: list[Passage]) -> list[str]:
    return [passage.text for passage in passages]


def test_the_interviewer_is_never_a_passage_but_the_question() -> None:
    passages = segment(interview((ASKS, "你想妈妈吗？"), (C, "想，晚上最想。")))
    assert [(p.text, p.question, p.speaker, p.role) for p in passages] == [
        ("想，晚上最想。", "你想妈妈吗？", "child", C)
    ]


def test_a_story_broken_by_back_channels_is_one_passage_of_several_spans() -> None:
    transcript = interview(
        (C, "那天下着雨"), (ASKS, "嗯嗯"), (C, "我爷骑车来接我"), (ASKS, "eng eng"), (C, "他自己淋透了")
    )
    (passage,) = segment(transcript)
    assert passage.text == "那天下着雨我爷骑车来接我他自己淋透了"
    assert len(passage.spans) == 3


@pytest.mark.parametrize(
    "said", ["嗯。", "对对对", "eng eng ", "er", "是吗？", "哦，好", "對啊", "（点头）", "然后呢？", "eng那", "OK"]
)
def test_listening_does_not_break_a_story(said: str) -> None:
    assert len(segment(interview((C, "俺爸过年才回来"), (ASKS, said), (C, "待五天又走了")))) == 1


@pytest.mark.parametrize("said", ["回来几天？", "你几岁", "那你呢", "对，你弟弟呢？", "真不容易"])
def test_a_real_question_breaks_the_stretch(said: str) -> None:
    passages = segment(interview((C, "俺爸过年才回来"), (ASKS, said), (C, "待五天又走了")))
    assert [p.question for p in passages] == ["", said]


def test_a_change_of_participant_breaks_the_stretch_and_keeps_the_question() -> None:
    passages = segment(interview((ASKS, "学校怎么样？"), (C, "食堂的菜太咸了"), (T, "今年换了厨师")))
    assert [(p.role, p.text, p.question) for p in passages] == [
        (C, "食堂的菜太咸了", "学校怎么样？"),
        (T, "今年换了厨师", "学校怎么样？"),
    ]


def test_another_participants_back_channel_does_not_break_the_stretch() -> None:
    passages = segment(interview((C, "我们班少了一半人"), (T, "嗯"), (C, "都跟爸妈走了")))
    assert texts(passages) == ["我们班少了一半人都跟爸妈走了"]


def test_the_question_of_the_file_wins() -> None:
    transcript = interview((ASKS, "下一题。"), (C, "他不回来"), questions=(None, "爸爸多久回来一次？"))
    assert segment(transcript)[0].question == "爸爸多久回来一次？"


def test_two_questions_of_the_file_are_two_passages() -> None:
    transcript = interview((C, "三年级"), (C, "跟奶奶住"), questions=("几年级？", "跟谁住？"))
    assert [(p.text, p.question) for p in segment(transcript)] == [("三年级", "几年级？"), ("跟奶奶住", "跟谁住？")]


def test_a_question_that_a_back_channel_cuts_in_two_is_whole() -> None:
    transcript = interview((ASKS, "你上次说那个"), (C, "嗯"), (ASKS, "转学的事后来呢"), (C, "没转成"))
    assert segment(transcript)[0].question == "你上次说那个 转学的事后来呢"


def test_an_answered_half_question_does_not_carry_on_into_the_next() -> None:
    transcript = interview((ASKS, "你上次说那个"), (C, "转学的事"), (ASKS, "转成没有"), (C, "没有"))
    assert segment(transcript)[1].question == "转成没有"


def test_a_nod_to_one_question_does_not_tie_it_to_the_next() -> None:
    transcript = interview((ASKS, "录音可以吗？"), (C, "嗯"), (ASKS, "家里有谁？"), (C, "我和姥娘"))
    assert segment(transcript)[0].question == "家里有谁？"


def test_two_turns_in_a_row_of_the_interviewer_are_one_question() -> None:
    transcript = interview((ASKS, "你想妈妈吗？"), (ASKS, "晚上呢，想不想？"), (C, "晚上最想"))
    assert segment(transcript)[0].question == "你想妈妈吗？ 晚上呢，想不想？"


def test_an_empty_turn_within_a_story_leaves_no_empty_slice() -> None:
    (passage,) = segment(interview((C, "那天下着雨"), (C, ""), (C, "我爷骑车来接我")))
    assert passage.text == "那天下着雨我爷骑车来接我"
    assert all(a < b for a, b in passage.spans)


def test_a_stretch_is_cut_only_where_two_passages_of_the_shortest_size_come_of_it() -> None:
    """The two turns are of 19 and 20 characters, then of 20 and 20: the cheapest place there is to cut."""
    first, second = "我爸在外头打工一年只回来一趟待五天又走。", "我奶眼睛不好看不清路都是我牵着她走回来的。"
    assert (size_of(first), size_of(second)) == (19, 20)
    for said, number in ((first, 1), ("那" + first, 2)):
        transcript = interview((C, said), (ASKS, "嗯"), (C, second))
        assert len(segment(transcript, shortest=20, longest=40)) == number


def test_what_only_listens_is_no_passage() -> None:
    assert segment(interview((ASKS, "开始了啊。"), (C, "嗯。"), (ASKS, "好。"), (C, "eng eng"))) == []


@pytest.mark.parametrize("answer", ["没有", "不想", "不会", "知道", "想", "7", "（沉默）"])
def test_a_short_answer_is_a_passage(answer: str) -> None:
    assert texts(segment(interview((ASKS, "怎么样？"), (C, answer)))) == [answer]


def test_ids_count_through_a_transcript_and_are_unique_when_words_repeat() -> None:
    passages = segment(interview((ASKS, "多吗？"), (C, "不多。"), (ASKS, "够吗？"), (C, "不多。")))
    assert [p.id for p in passages] == ["t:0001", "t:0002"]
    assert {p.transcript_id for p in passages} == {"t"}


def test_sentences_are_grouped_and_never_cut_where_they_fit() -> None:
    said = "早上五点半我就起来烧火。" * 12
    passages = segment(interview((C, said)))
    assert "".join(texts(passages)) == said
    assert all(p.text.endswith("烧火。") and 20 <= size_of(p.text) <= 120 for p in passages)


def test_an_endless_sentence_is_cut_at_clause_marks() -> None:
    said = "先去井边提两桶水，再把猪喂了，" * 20 + "就去上学。"
    passages = segment(interview((C, said)))
    assert len(passages) > 2
    assert all(p.text.endswith(("水", "了", "学。")) and size_of(p.text) <= 120 for p in passages)


def test_punctuated_speech_is_not_cut_inside_a_clause_however_strong_the_marker() -> None:
    said = "我吃完了饭然后就去割草但是割得慢所以回来天都黑了，" * 6
    assert all(p.text.endswith("黑了") for p in segment(interview((C, said)), shortest=10, longest=30))


def test_unpunctuated_speech_is_cut_before_discourse_markers() -> None:
    parts = [
        "那时候我们家就住在河边上我天天跟着我爷爷去放鸭子放完鸭子再走五里路去上学",
        "后来我爸妈去了浙江打工家里就剩下我和爷爷两个人晚上特别安静只听见蛤蟆叫",
        "但是爷爷眼睛不好看不清路都是我牵着他走到集上卖鸭蛋卖完了再牵着他走回来",
        "然后有一回下大雪我俩在半路上摔了一跤鸭蛋全都碎了他坐在雪里头半天没吭声",
    ]
    passages = texts(segment(interview((C, "".join(parts)))))
    assert len(passages) > 2
    assert all(text.startswith(tuple(part[:2] for part in parts)) for text in passages)


def test_traditional_speech_is_cut_like_simplified_and_left_as_it_is() -> None:
    simple = (
        "那时候我跟奶奶住在山上后来他们说要修路但是我们不愿意搬所以一直拖到去年冬天"
        "然后村里来人了说再不搬就没有补贴了我奶奶哭了好几天她说那是她嫁过来的屋子"
    )
    traditional = (
        "那時候我跟奶奶住在山上後來他們說要修路但是我們不願意搬所以一直拖到去年冬天"
        "然後村裡來人了說再不搬就沒有補貼了我奶奶哭了好幾天她說那是她嫁過來的屋子"
    )
    a, b = segment(interview((C, simple))), segment(interview((C, traditional)))
    assert [p.spans for p in a] == [p.spans for p in b]
    assert len(b) > 1
    assert "".join(texts(b)) == traditional


@pytest.mark.parametrize(
    "whole", ["3.5", "1,200", "10:30", "www.example.com", "<city>", "WeChat", "e-mail", "C++x", "50%"]
)
def test_numbers_latin_words_and_placeholders_stay_whole(whole: str) -> None:
    said = f"我们那儿离县城有{whole}那么远我爸爸就说等攒够了钱再回来然后" * 6
    passages = segment(interview((C, said)), shortest=4, longest=12)
    assert sum(p.text.count(whole) for p in passages) == 6


def test_passages_begin_and_end_without_blanks_and_commas() -> None:
    said = "，，我妈在厂里上班，\n  我爸跑车，一个月回来一趟，有时候两个月，" * 8
    for passage in segment(interview((C, said))):
        assert not re.match(r"[\s，。]", passage.text)
        assert not re.search(r"[\s，]$", passage.text)


def test_quoted_words_stay_with_who_said_them() -> None:
    said = "我奶就跟我讲：“你妈过年就回来了。你别哭。你在家好好念书。”我听了还是哭了一夜，枕头都湿了。" * 2
    for passage in segment(interview((C, said)), shortest=15, longest=90):
        assert passage.text.count("“") == passage.text.count("”")


def test_size_bounds_are_followed() -> None:
    said = "我们村小只剩下六个学生，老师一个人教三个年级。" * 30
    small, large = segment(interview((C, said)), shortest=10, longest=40), segment(interview((C, said)))
    assert len(small) > len(large)
    assert max(size_of(p.text) for p in small) <= 40


@pytest.mark.slow
def test_words_of_an_own_lexicon_stay_whole(tmp_path) -> None:
    path = tmp_path / "own.txt"
    path.write_text("竹寨然后\n", encoding="utf-8")
    said = "我们以前是在那个山下面的竹寨然后小学里面念书的呢" * 4
    passages = segment(interview((C, said)), shortest=5, longest=15, lexicon=path)
    assert sum(p.text.count("竹寨然后") for p in passages) == 4


@pytest.mark.parametrize("unit", ["啊", "a", " ", "“", "，", "a.", "就是", "我想家", "\n", "<"])
@pytest.mark.slow
def test_a_long_monotonous_turn_takes_no_longer_than_any_other(unit: str) -> None:
    began = time.process_time()
    segment(interview((C, unit * 50_000)))
    assert time.process_time() - began < 15


def test_one_transcript_or_several_may_be_given() -> None:
    one = interview((C, "我想去城里读书"))
    assert segment(one) == segment([one])


def test_the_longest_size_may_be_twice_the_shortest() -> None:
    assert segment([], shortest=20, longest=40) == []


@pytest.mark.parametrize(("shortest", "longest"), [(0, 120), (-1, 5), (20, 39), (200, 120)])
def test_sizes_that_cannot_be_are_refused(shortest: int, longest: int) -> None:
    with pytest.raises(InputError, match=f"shortest={shortest}, longest={longest}: .*defaults are 20 and 120"):
        segment([], shortest=shortest, longest=longest)


WORDS = "奶奶 然后 但是 嗯 er 对 没有 留守儿童 外出务工 後來 說 3.5 OK <name> —— ... 想 不想上学 因为 𠮷 é ① 🙂"
SPEECH = st.lists(st.sampled_from([*"我你他，。？！、；：“”「」（）…\n ", *WORDS.split(), "eng "]), max_size=60).map(
    "".join
)
INTERVIEWS = st.lists(
    st.tuples(st.sampled_from([ASKS, C, C, T]), SPEECH | st.sampled_from(["嗯", "对", "eng"])), max_size=8
)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(INTERVIEWS)
def test_passages_are_ordered_slices_and_every_word_is_in_exactly_one(turns) -> None:
    transcript = interview(*turns)
    passages = segment(transcript, shortest=5, longest=25)
    places = [place for passage in passages for a, b in passage.spans for place in range(a, b)]
    assert places == sorted(set(places))
    assert [p.id for p in passages] == [f"t:{number:04d}" for number in range(1, len(passages) + 1)]
    spoken = set()
    for turn in transcript.turns:
        inside = set(range(turn.start, turn.end))
        if turn.role is ASKS:
            assert not inside & set(places)
        elif not is_backchannel(transcript.said(turn)):
            spoken |= inside
    for passage in passages:
        assert "".join(transcript.text[a:b] for a, b in passage.spans) == passage.text
        assert passage.text.strip() == passage.text
    missed = "".join(transcript.text[place] for place in sorted(spoken - set(places)))
    assert re.fullmatch(r"(?:[\W_]|嗯|eng|er|对|OK)*", missed)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(SPEECH)
def test_no_cut_is_inside_a_word(speech: str) -> None:
    transcript = interview((C, speech))
    edges, at = set(), transcript.turns[0].start
    for word in cut(speech):
        edges |= {at, at + len(word)}
        at += len(word)
    for passage in segment(transcript, shortest=2, longest=6):
        assert {passage.start, passage.end} <= edges


@settings(max_examples=100, deadline=None)
@given(INTERVIEWS)
def test_an_interviewers_nod_changes_no_words(turns) -> None:
    nodded = [turn for pair in turns for turn in (pair, (ASKS, "嗯嗯"))]
    plain = "".join(texts(segment(interview(*turns))))
    assert "".join(texts(segment(interview(*nodded)))) == plain or any(role is ASKS for role, _ in turns)
