"""Whatever the readers note stands in the report in Chinese too."""

import re
from pathlib import Path

import pytest
from pdf_files import column, pdf
from test_docs import SAMPLES

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import word_table
from lbc_themes.reading import FORMS, read_transcripts
from lbc_themes.reading.notes import in_both

ENGLISH = re.compile(r"[a-z]{3,} [a-z]{2,}")


def test_every_form_has_a_chinese_name() -> None:
    assert set(word_table("words.forms")) == set(FORMS)


def test_the_notes_on_the_documented_samples_are_in_chinese(tmp_path: Path) -> None:
    for sample in SAMPLES:
        _, name, text, _ = sample.values
        path = tmp_path / name
        path.write_text(text, encoding="gb18030")
        [transcript] = read_transcripts(path)
        assert [note for note in transcript.notes if ENGLISH.search(in_both(note).zh)] == [], name


@pytest.mark.parametrize(
    ("note", "zh"),
    [
        ("read as iflytek, 2 speakers, 143 turns", "按“讯飞听见”读取：2 位说话人，143 个话轮"),
        ("read as plain, 1 speaker, 1 turn", "按“无标签文本”读取：1 位说话人，1 个话轮"),
        (
            "role by behaviour: A is the interviewer, confidence 0.61 (asks at the end of 40% of turns); uncertain: "
            "set it in study.toml",
            "按说话方式推断：A 是访谈者，把握 0.61（40% 的话轮以提问结束）；把握不大，请在 study.toml 里写明",
        ),
        (
            "the participants' table says 校工, which is none of interviewer, child: taken as other",
            "受访者表里的角色“校工”不认识，按“其他”处理",
        ),
        ("what nobody foresaw", "what nobody foresaw"),
    ],
)
def test_a_note_in_chinese(note: str, zh: str) -> None:
    assert (in_both(note).zh, in_both(note).en) == (zh, note)


def test_notes_on_a_pdf_and_on_nobody_who_asks_are_in_chinese(tmp_path: Path) -> None:
    page = [
        *column("甲某：今天下雨。", "乙某：嗯，下了一天。", "甲某：路淹了。", "乙某：是。"),
        (200.0, 20.0, 9.0, "1"),
    ]
    (tmp_path / "稿.pdf").write_bytes(pdf(page, [], picture=True))
    [transcript] = read_transcripts(tmp_path / "稿.pdf")
    assert len(transcript.notes) >= 3
    assert [note for note in transcript.notes if ENGLISH.search(in_both(note).zh)] == []


MARKUP_UNDER_OTHER_NAMES = [
    ("稿.txt", r"{\rtf1\ansi\ansicpg936\pard A: \'c4\'e3\'ba\'c3\par B: \'ba\'c3\par}", "RTF", ".rtf"),
    ("稿.md", r"{\rtf1\ansi\ansicpg936\pard A: \'c4\'e3\'ba\'c3\par B: \'ba\'c3\par}", "RTF", ".rtf"),
    ("稿.txt", "<html><body><p>A: 你好</p><p>B: 好</p></body></html>", "HTML", ".html"),
    ("稿.txt", "<!-- 由某程序导出 -->\n<p>A: 你好</p>\n<p>B: 好</p>", "HTML", ".html"),
    ("稿.txt", "<?xml version='1.0'?>\n<html><body><div>A: 你好</div><div>B: 好</div></body></html>", "HTML", ".html"),
    ("稿.txt", "<span>A: 你好</span><br/><span>B: 好</span>", "HTML", ".html"),
    ("稿.text", "<h2>访谈</h2><ul><li>A: 你好</li><li>B: 好</li></ul>", "HTML", ".html"),
    ("稿.csv", "<table><tr><td>A: 你好</td></tr><tr><td>B: 好</td></tr></table>", "HTML", ".html"),
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(("name", "text", "what", "own"), MARKUP_UNDER_OTHER_NAMES)
def test_markup_under_another_name_is_read_and_one_line_says_so(tmp_path, name, text, what, own, encoding):
    path = tmp_path / name
    path.write_text(text, encoding=encoding)
    [transcript] = read_transcripts(path)
    assert [line.replace("A: ", "").replace("B: ", "") for line in transcript.text.splitlines()][-2:] == ["你好", "好"]
    said = [note for note in transcript.notes if what in note]
    assert said == [
        f"the name ends in {path.suffix}, but the content is {what}: its words were read and the markup left out; "
        f"check them, and rename the file to {own}"
    ]
    assert in_both(said[0]).zh.startswith(f"文件名以 {path.suffix} 结尾，内容却是 {what}：")


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("稿.rtf", r"{\rtf1\ansi\pard A: hello\par B: well\par}", "RTF"),
        ("稿.html", "<p>A: 你好</p><p>B: 好</p>", "HTML"),
    ],
)
def test_markup_under_its_own_name_needs_no_advice(tmp_path, name, text, what):
    (tmp_path / name).write_text(text, encoding="utf-8")
    [transcript] = read_transcripts(tmp_path / name)
    assert [note for note in transcript.notes if what in note] in (
        [f"read from {what}"],
        [f"markup of {what} left out"],
    )


@pytest.mark.parametrize(
    "text",
    ["<沉默>\nA: 你好\nB: 好", "A: 你好<br>\nB: 好", "<b>A:</b> 你好\nB: 好", "{A: 你好}\nB: 好", "<A> 你好\nB: 好"],
)
def test_speech_with_angle_brackets_is_no_page(tmp_path, text):
    (tmp_path / "稿.txt").write_text(text, encoding="utf-8")
    [transcript] = read_transcripts(tmp_path / "稿.txt")
    assert "你好" in transcript.text
    assert "好" in transcript.text.splitlines()[-1]
    assert not [note for note in transcript.notes if "HTML" in note or "RTF" in note]


def test_rtf_with_characters_that_rtf_never_has_is_refused_in_one_line(tmp_path):
    (tmp_path / "稿.txt").write_text(r"{\rtf1\ansi A: 你好\par}", encoding="utf-16")
    with pytest.raises(InputError, match=r"not a readable RTF document .*; open it in Word") as refused:
        read_transcripts(tmp_path / "稿.txt")
    assert "\n" not in str(refused.value)
