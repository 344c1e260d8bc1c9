"""Folders, identities, settings and refusals of `read_transcripts`."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Role, Transcript
from lbc_themes.reading import read_transcripts

TALK = "访谈者：你跟谁住？\n小满：跟姥姥。\n访谈者：想家吗？\n小满：有时候想。\n"


def write(folder: Path, name: str, text: str | bytes = TALK) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def spoken(transcript: Transcript) -> list[tuple[str, str]]:
    return [(turn.speaker, transcript.said(turn)) for turn in transcript.turns]


def refusal(path: Path, **options: str) -> str:
    with pytest.raises(InputError) as caught:
        read_transcripts(path, **options)  # type: ignore[arg-type]
    return str(caught.value)


def test_a_file_is_read_with_its_source_and_checksum(tmp_path: Path) -> None:
    path = write(tmp_path, "甲.txt")
    [read] = read_transcripts(path)
    assert (read.id, read.form, read.source) == ("甲", "labels", str(path))
    assert read.sha256 == hashlib.sha256(TALK.encode()).hexdigest()
    assert read.text == TALK
    assert spoken(read)[:2] == [("访谈者", "你跟谁住？"), ("小满", "跟姥姥。")]
    assert read.notes == ("read as labels, 2 speakers, 4 turns",)


def test_a_folder_is_read_in_the_order_of_paths_without_the_files_beside(tmp_path: Path) -> None:
    for name in (
        "b/2.txt",
        "a/1.txt",
        "3.md",
        ".hidden.txt",
        "~$3.docx",
        ".git/x.txt",
        "README.md",
        "CARD.md",
        "LICENSE",
    ):
        write(tmp_path, name)
    write(tmp_path, "participants.csv", "participant,file\nP,1.txt\n")
    write(tmp_path, "quotes_all.csv", "a,b\n1,2\n")
    write(tmp_path, "codings.csv", "a,b\n1,2\n")
    write(tmp_path, "study.toml", "")
    assert [transcript.id for transcript in read_transcripts(tmp_path)] == ["3", "1", "2"]


def test_the_order_is_that_of_path_parts_and_not_of_characters(tmp_path: Path) -> None:
    for name in ("a b/x.txt", "a/y.txt", "z.txt"):
        write(tmp_path, name)
    assert [transcript.id for transcript in read_transcripts(tmp_path)] == ["y", "x", "z"]


def test_ids_of_equal_stems_name_their_folders_and_then_their_endings(tmp_path: Path) -> None:
    for name in ("一班/01.txt", "二班/01.txt", "03.txt", "03.md", "04.txt"):
        write(tmp_path, name)
    ids = {transcript.id for transcript in read_transcripts(tmp_path)}
    assert ids == {"一班-01", "二班-01", "03.txt", "03.md", "04"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("无.txt", b"", "the file is empty"),
        ("白.txt", b" \r\n\t\n", "the file is empty"),
        ("标.txt", b"\xef\xbb\xbf\n", "no words to read"),
        ("图.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", "line 3 holds a zero byte"),
        ("旧.doc", b"\xd0\xcf", "save it as .docx"),
        ("页.pdf", b"%PDF", "not a readable PDF file"),
        ("声.mp3", b"ID3", "has to be transcribed first"),
        ("谜", b"1", "transcripts end in .cha"),
        ("假.docx", b"hello", "not a readable Office file"),
        ("假.xlsx", b"PK\x03\x04", "not a readable Office file"),
    ],
)
def test_a_bad_file_is_refused_with_its_name_and_the_reason(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    said = refusal(write(tmp_path, name, data))
    assert said.startswith(str(tmp_path / name))
    assert says in said
    assert "\n" not in said


def test_what_does_not_exist_is_refused(tmp_path: Path) -> None:
    assert "no such file or folder" in refusal(tmp_path / "nowhere")


def test_a_folder_without_transcripts_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "README.md")
    assert "holds no transcripts" in refusal(tmp_path)


def test_an_unknown_form_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    said = refusal(write(tmp_path, "甲.txt"), form="word")
    assert "'word'" in said
    assert "iflytek" in said


def test_with_on_error_the_rest_of_the_folder_is_read(tmp_path: Path) -> None:
    for name, data in (("1.txt", TALK.encode()), ("2.txt", b""), ("3.jpg", b"\xff"), ("4.txt", TALK.encode())):
        write(tmp_path, name, data)
    refused: list[tuple[str, str]] = []
    read = read_transcripts(tmp_path, on_error=lambda path, fault: refused.append((path.name, str(fault))))
    assert [transcript.id for transcript in read] == ["1", "4"]
    assert [name for name, _ in refused] == ["2.txt", "3.jpg"]
    assert all(name in said for name, said in refused)


def test_without_on_error_an_unknown_ending_ends_the_reading(tmp_path: Path) -> None:
    write(tmp_path, "1.txt")
    write(tmp_path, "2.jpg", b"\xff")
    assert "files ending in .jpg are not read" in refusal(tmp_path)


def test_a_form_by_name_reads_the_file_as_that_form(tmp_path: Path) -> None:
    path = write(tmp_path, "甲.txt")
    assert [transcript.form for transcript in read_transcripts(path, form="plain")] == ["plain"]
    assert "no speech was found" in refusal(path, form="iflytek")


def test_rows_of_the_table_join_by_file_and_give_the_role(tmp_path: Path) -> None:
    write(
        tmp_path,
        "participants.csv",
        "﻿编号,文件,角色,性别,年龄,照顾者\nS1,甲.txt,学生,女,12,姥姥\nT9,乙.txt,教师,男,40,\n",
    )
    write(tmp_path, "稿/甲.txt", "访谈者：来了？\n回答：来了。\n")
    write(tmp_path, "稿/乙.txt", "问：忙吗？\n答：忙。\n")
    second, first = read_transcripts(tmp_path / "稿")
    assert dict(first.metadata) == {
        "participant": "S1", "file": "甲.txt", "role": "学生", "gender": "女", "age": "12", "照顾者": "姥姥",
    }  # fmt: skip
    assert [turn.role for turn in first.turns] == [Role.INTERVIEWER, Role.CHILD]
    assert [turn.role for turn in second.turns] == [Role.INTERVIEWER, Role.TEACHER]


@pytest.mark.parametrize("key", ["甲-第一次", "甲-第一次.txt", "甲", "小满"])
def test_rows_given_by_file_participant_or_speaker_join(tmp_path: Path, key: str) -> None:
    path = write(tmp_path, "甲-第一次.txt")
    [read] = read_transcripts(path, participants={key: {"role": "caregiver", "gender": "女"}, "别人": {"gender": "男"}})
    assert read.metadata["gender"] == "女"


def test_a_label_keeps_its_own_role_against_the_row_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, "甲.txt", "访谈者：她乖吗？\n奶奶：乖。\n受访者：我乖。\n")
    [read] = read_transcripts(path, participants={"甲": {"role": "child"}})
    assert [turn.role for turn in read.turns] == [Role.INTERVIEWER, Role.CAREGIVER, Role.CHILD]


def test_several_rows_about_one_file_give_each_speaker_its_role(tmp_path: Path) -> None:
    table = "participant,file,role\n王大,甲.txt,caregiver\n李二,甲.txt,teacher\n"
    write(tmp_path, "participants.csv", table)
    path = write(tmp_path, "甲.txt", "问：谁送？\n王大：我送。\n李二：我接。\n问：远吗？\n王大：远。\n李二：不远。\n")
    [read] = read_transcripts(path)
    assert {turn.speaker: turn.role for turn in read.turns} == {
        "问": Role.INTERVIEWER, "王大": Role.CAREGIVER, "李二": Role.TEACHER,
    }  # fmt: skip
    assert read.metadata["participant"] == "王大; 李二"


def test_an_unknown_role_in_the_table_is_noted(tmp_path: Path) -> None:
    [read] = read_transcripts(write(tmp_path, "甲.txt"), participants={"甲": {"role": "村支书"}})
    assert any("村支书" in note and "interviewer, child" in note for note in read.notes)


def test_a_table_without_a_participant_column_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "participants.csv", "a,b\n1,2\n")
    said = refusal(write(tmp_path, "甲.txt"))
    assert "participants.csv" in said
    assert "a, b" in said


def test_study_settings_set_roles_for_all_files_and_for_one(tmp_path: Path) -> None:
    settings = '[roles]\n"说话人1" = "interviewer"\n"说话人2" = "child"\n\n[files."乙.txt".roles]\n"说话人1" = "奶奶"\n'
    write(tmp_path, "study.toml", settings + '"说话人2" = "访谈者"\n')
    for name in ("甲.txt", "组/乙.txt"):
        write(tmp_path, name, "说话人1 00:01\n早。\n\n说话人2 00:04\n早啊。\n")
    one, other = sorted(read_transcripts(tmp_path), key=lambda transcript: transcript.id, reverse=True)
    assert [turn.role for turn in one.turns] == [Role.INTERVIEWER, Role.CHILD]
    assert [turn.role for turn in other.turns] == [Role.CAREGIVER, Role.INTERVIEWER]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ('[roles]\n"甲" = "king"', "'king'"),
        ("roles = 1", "must be a table"),
        ("[roles", "not a readable settings file"),
    ],
)
def test_faulty_settings_are_refused_even_with_on_error(tmp_path: Path, settings: str, says: str) -> None:
    write(tmp_path, "study.toml", settings)
    write(tmp_path, "甲.txt")
    with pytest.raises(InputError, match=r"study\.toml") as caught:
        read_transcripts(tmp_path, on_error=lambda *_: None)
    assert says in str(caught.value)


def test_importing_the_package_loads_no_document_library() -> None:
    heavy = "docx openpyxl lxml charset_normalizer pandas numpy"
    code = f"import sys, lbc_themes.reading; print([m for m in '{heavy}'.split() if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_results_of_a_run_inside_the_folder_are_not_read_as_interviews(tmp_path):
    (tmp_path / "a.txt").write_text("访谈者：在家谁做饭？\n小丁：俺奶做，有时候我也下面条。\n", encoding="utf-8")
    results = tmp_path / "results"
    results.mkdir()
    (results / "run.json").write_text("{}", encoding="utf-8")
    (results / "suggestions.csv").write_text("passage,text\na:0001,俺奶做\n", encoding="utf-8")
    assert [transcript.id for transcript in read_transcripts(tmp_path)] == ["a"]
