"""Whatever comes in: slices that hold, one clear refusal, and time that grows with length only."""

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lbc_themes.core.errors import InputError
from lbc_themes.reading import FORMS, read_transcripts
from lbc_themes.reading.containers.sheets import read_csv
from lbc_themes.reading.document import BLANK, Document, lines_of, seconds

pytestmark = pytest.mark.slow

PIECES = st.sampled_from(
    [
        "访谈者：", "小云:", "问：", "答：", "I: ", "Q1:", "说话人1 00:01", "发言人2 00:00:02.5", "王老师(00:02:49): ",
        "<S00> ", "<N05>",
        "### 問：", "# 题", "> 引", "WEBVTT", "00:01.000 --> 00:02.000", "00:00:01,000 --> 00:00:02,000", "<v 奶奶>",
        "1", "\n", "\n",
        "\n", "\r\n", "\r", "我妈说：别哭", "12:30", "好吗？", "嗯", "\u200b", "\ufeff", "👍🏽", "𠮷", "\u3000", "\x01",
        "\u2028", "，", "：",
        "说话人,内容\n", '"', ",", "\t", "姓名：甲", "转写：机器", "**", "【", "】", "&amp;",
        "<ANNOTATION_DOCUMENT>", "（", "）", "[", "]",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES, min_size=1, max_size=40).map("".join)
CALM = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@CALM
@given(text=TEXTS, form=st.sampled_from(sorted(FORMS)))
def test_every_form_reads_any_text_into_ordered_trimmed_slices_or_refuses(text: str, form: str) -> None:
    for suffix in (".txt", ".csv"):
        try:
            document = read_csv(text, suffix) if suffix == ".csv" else Document(suffix=suffix, text=text)
            parsed = FORMS[form].parse(document)
        except InputError:
            continue
        before = 0
        for turn in parsed.turns:
            assert before <= turn.start < turn.end <= len(parsed.text)
            assert parsed.text[turn.start : turn.end].strip(BLANK) == parsed.text[turn.start : turn.end]
            before = turn.end


@CALM
@given(text=TEXTS, suffix=st.sampled_from([".txt", ".md", ".csv", ".srt", ".vtt", ".eaf"]))
def test_any_text_is_read_or_refused_by_name(tmp_path: Path, text: str, suffix: str) -> None:
    path = tmp_path / f"稿{suffix}"
    path.write_bytes(text.encode())
    try:
        [got] = read_transcripts(path)
    except InputError as refusal:
        assert str(refusal).startswith(str(path))
        assert "\n" not in str(refusal)
    else:
        assert got.turns
        assert (
            suffix not in {".txt", ".md"}
            or got.text == text.removeprefix("\ufeff")
            or got.form in {"srt", "vtt", "elan"}
        )


@CALM
@given(data=st.binary(max_size=300), suffix=st.sampled_from([".txt", ".csv", ".docx", ".xlsx", ".vtt", ".eaf"]))
def test_any_bytes_are_read_or_refused(tmp_path: Path, data: bytes, suffix: str) -> None:
    path = tmp_path / f"稿{suffix}"
    path.write_bytes(data)
    refused: list[str] = []
    got = read_transcripts(path, on_error=lambda _, fault: refused.append(str(fault)))
    assert len(got) + len(refused) == 1


@CALM
@given(
    st.lists(
        st.tuples(st.sampled_from(["访谈者", "小云", "奶奶"]), st.text("天地人你我好吗是的", min_size=1, max_size=30))
    )
)
def test_what_is_written_with_labels_is_what_is_read(tmp_path: Path, turns: list[tuple[str, str]]) -> None:
    if len(turns) < 2:
        return
    path = tmp_path / "稿.txt"
    path.write_bytes("\n".join(f"{speaker}：{words}" for speaker, words in turns).encode())
    [got] = read_transcripts(path, form="labels")
    assert [(turn.speaker, got.said(turn)) for turn in got.turns] == turns


@given(TEXTS)
def test_lines_and_their_ends_are_the_text(text: str) -> None:
    lines = lines_of(text)
    assert all(text[line.start : line.start + len(line.text)] == line.text for line in lines)
    assert "".join(line.text for line in lines) == text.replace("\r", "").replace("\n", "")


@given(st.integers(0, 99), st.integers(0, 59), st.integers(0, 59), st.integers(0, 999))
def test_times_are_seconds(hours: int, minutes: int, rest: int, milli: int) -> None:
    expected = hours * 3600 + minutes * 60 + rest + milli / 1000
    assert seconds(f"{hours:02}:{minutes:02}:{rest:02}.{milli:03}") == pytest.approx(expected)


def talk(first: str, second: str, end: str, characters: int) -> str:
    words = "天亮了就走路去学校晚上回来喂猪写作业"
    pair = f"{first}{words}吗？{end}{second}{words * 2}。{end}"
    return pair * (characters // len(pair))


SECONDS = 20
"""Of processor time; about 3 on a quiet machine, where a reader that looks back for each line takes minutes."""


@pytest.mark.parametrize(
    ("form", "first", "second", "end"),
    [
        ("labels", "访谈者：", "小云：", "\n"), ("labels", "王某某：", "李某某：", "\n"),
        ("spoken-tags", "<S00> ", "<N01> ", "\n"),
        ("headings", "### 問：\n", "### 江某：\n", "\n\n"), ("iflytek", "说话人1 00:01\n", "说话人2 00:02\n", "\n\n"),
        ("tencent", "甲某(00:01): ", "乙某(00:02): ", "\n"), ("plain", "", "", "\n"), ("plain", "", "", ""),
        ("srt", "1\n00:00:01,000 --> 00:00:02,000\n", "2\n00:00:01,000 --> 00:00:02,000\n", "\n\n"),
    ],
)  # fmt: skip
def test_a_long_text_is_read_in_a_few_seconds(tmp_path: Path, form: str, first: str, second: str, end: str) -> None:
    path = tmp_path / "长.txt"
    path.write_text(talk(first, second, end, 1_300_000), encoding="utf-8")
    start = time.process_time()
    [got] = read_transcripts(path)
    assert got.form == form
    assert time.process_time() - start < SECONDS


def test_ten_thousand_speakers_are_read_in_a_few_seconds(tmp_path: Path) -> None:
    names = [chr(0x4E00 + number) + "某" for number in range(10_000)]
    path = tmp_path / "多.txt"
    path.write_text("\n".join(f"{name}：有人吗？\n{name}：有。" for name in names), encoding="utf-8")
    start = time.process_time()
    [got] = read_transcripts(path)
    assert len({turn.speaker for turn in got.turns}) > 9_000
    assert len(got.notes) < 10
    assert time.process_time() - start < SECONDS
