"""Each form that transcripts come in, from text of our own."""

from pathlib import Path

import pytest

from lbc_themes.core.records import Role, Transcript
from lbc_themes.reading import read_transcripts


def read(tmp_path: Path, text: str, name: str = "稿.txt") -> Transcript:
    path = tmp_path / name
    path.write_bytes(text.encode())
    [transcript] = read_transcripts(path)
    return transcript


def spoken(transcript: Transcript) -> list[tuple[str, str]]:
    return [(turn.speaker, transcript.said(turn)) for turn in transcript.turns]


def test_iflytek_has_speaker_and_time_on_a_line_and_a_footer(tmp_path: Path) -> None:
    got = read(
        tmp_path,
        "秋田小学录音一\n\n说话人1 00:00\n你今天。吃早饭了吗？\n\n说话人2 00:07\n吃了一个饼。\n还有粥。\n\n"
        "说话人1 01:02:03\n好。\n\n以上内容由机器自动转写，仅供参考\n",
    )
    assert got.form == "iflytek"
    assert spoken(got) == [
        ("说话人1", "你今天。吃早饭了吗？"),
        ("说话人2", "吃了一个饼。\n还有粥。"),
        ("说话人1", "好。"),
    ]
    assert [turn.time for turn in got.turns] == [0, 7, 3723]
    assert "1 line before the first speaker not read as speech" in got.notes


def test_feishu_has_milliseconds_and_blocks_before_the_speech(tmp_path: Path) -> None:
    got = read(
        tmp_path,
        "家访\n2023年3月4日 下午|8分钟\n\n关键词:\n水井、羊圈\n\n文字记录:\n说话人1 00:00:02.350\n羊喂了吗？\n\n"
        "说话人2 00:00:05.100\n喂了。\n",
    )
    assert got.form == "feishu"
    assert spoken(got) == [("说话人1", "羊喂了吗？"), ("说话人2", "喂了。")]
    assert [turn.time for turn in got.turns] == [2.35, 5.1]


def test_tingwu_has_its_own_word_for_speaker_and_may_have_names(tmp_path: Path) -> None:
    got = read(tmp_path, "发言人1 00:56\n几点起？\n\n发言人2 01:02\n六点。\n走到学校 07:10\n\n姑姑 01:20\n我叫她起。\n")
    assert got.form == "tingwu"
    assert spoken(got) == [("发言人1", "几点起？"), ("发言人2", "六点。\n走到学校 07:10"), ("姑姑", "我叫她起。")]
    assert got.turns[2].role is Role.CAREGIVER


def test_tencent_has_times_in_brackets_before_a_colon(tmp_path: Path) -> None:
    got = read(tmp_path, "采访人(00:02:49): 黑板修好了？\n孟老师（00:03:01）：\n修好了。\n换了新的。\n")
    assert got.form == "tencent"
    assert spoken(got) == [("采访人", "黑板修好了？"), ("孟老师", "修好了。\n换了新的。")]
    assert [(turn.role, turn.time) for turn in got.turns] == [(Role.INTERVIEWER, 169), (Role.TEACHER, 181)]


def test_spoken_tags_make_one_turn_a_line_and_keep_placeholders(tmp_path: Path) -> None:
    got = read(tmp_path, "\ufeff<S00> 那你去哪儿了\r\n<N31> eng 去<city>了\r\n<name>也去了\r\n<S00> 哦\r\n<N31> \r\n")
    assert got.form == "spoken-tags"
    assert spoken(got) == [("S00", "那你去哪儿了"), ("N31", "eng 去<city>了\r\n<name>也去了"), ("S00", "哦")]
    assert [turn.role for turn in got.turns] == [Role.INTERVIEWER, Role.OTHER, Role.INTERVIEWER]
    assert not got.text.startswith("\ufeff")


def test_headings_are_turns_even_where_one_speaker_has_several_in_a_row(tmp_path: Path) -> None:
    got = read(
        tmp_path,
        "# 2020 對談：水庫\n\n> 錄音連結\n\n### 問：\n水夠嗎？\n\n### 江小姐：\n夠。\n\n"
        "> （播放影片）\n\n### 江小姐：\n"
        "其實：不太夠。\n\n第二段。\n\n### 問：\n謝謝。\n",
        "稿.md",
    )
    assert got.form == "headings"
    assert spoken(got) == [
        ("問", "水夠嗎？"),
        ("江小姐", "夠。"),
        ("江小姐", "其實：不太夠。\n\n第二段。"),
        ("問", "謝謝。"),
    ]


def test_a_quote_within_a_turn_cuts_it_in_two(tmp_path: Path) -> None:
    got = read(tmp_path, "### 問：\n走嗎？\n> （鈴響）\n走吧。\n### 答：\n走。\n", "稿.md")
    assert spoken(got) == [("問", "走嗎？"), ("問", "走吧。"), ("答", "走。")]


def test_srt_takes_the_label_as_speaker_and_carries_it_on(tmp_path: Path) -> None:
    got = read(
        tmp_path,
        "1\n00:00:01,500 --> 00:00:02,000\n访谈者：冷不冷？\n\n"
        "2\n00:00:03,000 --> 00:00:04,000\n<i>小禾：不冷</i>\n有炉子\n\n"
        "3\n00:00:05,000 --> 00:00:06,000\n烧煤的\n",
        "稿.srt",
    )
    assert got.form == "srt"
    assert got.text == "冷不冷？\n不冷\n有炉子\n烧煤的"
    assert spoken(got) == [("访谈者", "冷不冷？"), ("小禾", "不冷\n有炉子"), ("小禾", "烧煤的")]
    assert [turn.time for turn in got.turns] == [1.5, 3, 5]


def test_two_speakers_in_one_cue_are_two_turns(tmp_path: Path) -> None:
    got = read(tmp_path, "1\n00:00:01,500 --> 00:00:02,000\n访谈者：走？\n小禾：走。\n", "稿.srt")
    assert spoken(got) == [("访谈者", "走？"), ("小禾", "走。")]


def test_srt_without_empty_lines_leaves_the_numbers_out(tmp_path: Path) -> None:
    cue = "{0}\n00:00:0{0},000 --> 00:00:0{0},900\n{1}\n"
    got = read(
        tmp_path,
        cue.format(1, "访谈者：他说什么") + cue.format(2, "小禾：好\n我妈说：走") + cue.format(3, "小禾：就走"),
        "稿.srt",
    )
    assert spoken(got) == [("访谈者", "他说什么"), ("小禾", "好\n我妈说：走"), ("小禾", "就走")]


def test_vtt_keeps_voices_and_drops_other_tags(tmp_path: Path) -> None:
    got = read(
        tmp_path,
        "WEBVTT\n\nNOTE 试\n说明\n\n一\n00:01.000 --> 00:02.000 align:left\n"
        "<v 访谈者>谁做饭？</v><v.loud 奶奶>我 &amp; <b>他</b></v>\n\n"
        "00:00:03.000 --> 00:00:04.000\n他爷爷也做\n",
        "稿.vtt",
    )
    assert got.form == "vtt"
    assert spoken(got) == [("访谈者", "谁做饭？"), ("奶奶", "我 & 他"), ("奶奶", "他爷爷也做")]
    assert [turn.time for turn in got.turns] == [1, 1, 3]


EAF = """<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT><TIME_ORDER><TIME_SLOT TIME_SLOT_ID="a" TIME_VALUE="900"/><TIME_SLOT TIME_SLOT_ID="b"/>
<TIME_SLOT TIME_SLOT_ID="c" TIME_VALUE="2200"/></TIME_ORDER>
<TIER TIER_ID="奶奶">{late}{middle}</TIER><TIER TIER_ID="x" PARTICIPANT="访谈者">{early}</TIER>
<TIER TIER_ID="译" PARENT_REF="x"><ANNOTATION><REF_ANNOTATION><ANNOTATION_VALUE>hi</ANNOTATION_VALUE></REF_ANNOTATION>
</ANNOTATION></TIER></ANNOTATION_DOCUMENT>"""


def annotation(slot: str, words: str) -> str:
    inside = (
        f'<ALIGNABLE_ANNOTATION TIME_SLOT_REF1="{slot}" TIME_SLOT_REF2="c"><ANNOTATION_VALUE>{words}</ANNOTATION_VALUE>'
    )
    return f"<ANNOTATION>{inside}</ALIGNABLE_ANNOTATION></ANNOTATION>"


def test_elan_tiers_are_speakers_in_the_order_of_time(tmp_path: Path) -> None:
    text = EAF.format(early=annotation("a", "来啦"), late=annotation("c", "坐"), middle=annotation("b", "喝茶"))
    got = read(tmp_path, text, "稿.eaf")
    assert got.form == "elan"
    assert got.text == "来啦\n坐\n喝茶"
    assert spoken(got) == [("访谈者", "来啦"), ("奶奶", "坐"), ("奶奶", "喝茶")]
    assert [turn.time for turn in got.turns] == [0.9, 2.2, 2.2]
    assert any("译" in note for note in got.notes)


def test_plain_text_is_one_speaker_with_a_turn_a_paragraph(tmp_path: Path) -> None:
    got = read(tmp_path, "我六点起床。\n走到学校。\n\n晚上做饭。\n")
    assert got.form == "plain"
    assert spoken(got) == [("", "我六点起床。\n走到学校。"), ("", "晚上做饭。")]
    assert any("no speaker labels" in note for note in got.notes)


def test_plain_text_without_empty_lines_has_a_turn_a_line(tmp_path: Path) -> None:
    assert spoken(read(tmp_path, "我六点起床\n走到学校\n")) == [("", "我六点起床"), ("", "走到学校")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_read_and_kept(tmp_path: Path, end: str) -> None:
    text = end.join(["问：去过县城？", "答：去过。", "", "坐车去的。", "问：几回？", "答：两回。"])
    got = read(tmp_path, text)
    assert got.text == text
    assert spoken(got)[1] == ("答", f"去过。{end}{end}坐车去的。")


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("00:00:03 说话人1\n", "00:00:08 说话人2\n"),
        ("说话人1 00:03 - 00:08\n", "说话人2 00:08 - 00:15\n"),
        ("说话人1\t00:00:03\t", "说话人2\t00:00:08\t"),
        ("00:03\t说话人1\t", "00:08\t说话人2\t"),
        ("说话人1 2024-05-06 00:00:03\n", "说话人2 2024-05-06 00:00:08\n"),
        ("说话人1 2024年5月6日 00:03\n", "说话人2 2024年5月6日 00:08\n"),
    ],
)
def test_times_stand_first_or_last_as_ranges_or_after_dates(tmp_path: Path, asked: str, answered: str) -> None:
    got = read(tmp_path, f"{asked}猪归谁喂？\n{answered}归我，早上 06:30 就得起。\n{asked}累不累？\n")
    assert [(turn.speaker, turn.time, got.said(turn)) for turn in got.turns] == [
        ("说话人1", 3, "猪归谁喂？"),
        ("说话人2", 8, "归我，早上 06:30 就得起。"),
        ("说话人1", 3, "累不累？"),
    ]


def test_a_time_before_one_word_of_speech_names_nobody(tmp_path: Path) -> None:
    got = read(tmp_path, "访谈者：一天怎么过？\n小云：\n06:30 起床\n07:20 上学\n访谈者：嗯。\n小云：就这样。\n")
    assert [turn.speaker for turn in got.turns] == ["访谈者", "小云", "访谈者", "小云"]


def test_vtt_without_voice_tags_takes_labels_as_speakers(tmp_path: Path) -> None:
    cues = [
        "李研: 谁接你？",
        "小波: 没人接，<i>自己</i>走。",
        "走一个钟头。",
        "李研: 远吗？",
        "小波: 还行 &amp; 惯了。",
    ]
    stamped = [f"{n}\n00:00:0{n}.000 --> 00:00:0{n}.900\n{cue}\n" for n, cue in enumerate(cues, start=1)]
    got = read(tmp_path, "WEBVTT\n\n" + "\n".join(stamped), "会议.vtt")
    assert spoken(got) == [
        ("李研", "谁接你？"), ("小波", "没人接，自己走。"), ("小波", "走一个钟头。"), ("李研", "远吗？"),
        ("小波", "还行 & 惯了。"),
    ]  # fmt: skip


def test_an_elan_tier_of_notes_is_not_speech_and_is_named(tmp_path: Path) -> None:
    tiers = "".join(
        f'<TIER TIER_ID="{name}"><ANNOTATION><ALIGNABLE_ANNOTATION TIME_SLOT_REF1="a"><ANNOTATION_VALUE>{words}'
        "</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER>"
        for name, words in (("小云", "我不冷"), ("备注", "孩子搓手"))
    )
    slots = '<TIME_ORDER><TIME_SLOT TIME_SLOT_ID="a" TIME_VALUE="10"/></TIME_ORDER>'
    got = read(tmp_path, f"<ANNOTATION_DOCUMENT>{slots}{tiers}</ANNOTATION_DOCUMENT>", "录音.eaf")
    assert spoken(got) == [("小云", "我不冷")]
    assert "tiers of notes were not read: 备注" in got.notes
