"""Whatever the readers note stands in the report in Chinese too."""

import re
from pathlib import Path

import pytest
from pdf_files import column, pdf
from test_docs import SAMPLES

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
