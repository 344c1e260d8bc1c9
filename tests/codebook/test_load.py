from pathlib import Path

import pytest

from lbc_themes.codebook import check_codebook, load_codebook
from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Bilingual, Role

PLAIN = """\
codes:
  - id: school
    name: 学校
    definition: 孩子说起学校里的事，课堂、宿舍、操场都算。
  - name: 同桌
    parent: 学校
    brief: 孩子说起同桌，吵架、借笔、一起走路都算。
    include: [说到同桌, "讲同桌帮忙"]
    exclude:
      - {zh: 说的是老师, use: school}
    typical:
      - 他老拿我橡皮，拿了又不还
      - {zh: 同桌请假了，我一个人坐, en: "My neighbour was off, I sat alone.", speaker: 学生}
    close:
      - {zh: 操场新铺了草, code: 学校}
    colour: "#0af"
"""


def write(folder: Path, text: str, name: str = "mine.yaml", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def test_a_plain_text_stands_for_both_languages(tmp_path):
    school = load_codebook(write(tmp_path, PLAIN))["school"]
    assert school.name == Bilingual(zh="学校", en="学校")
    assert school.brief == school.definition


def test_a_name_is_made_into_an_id_and_looked_up_as_one(tmp_path):
    code = load_codebook(write(tmp_path, PLAIN))["同桌"]
    assert code.parent == "school"
    assert code.exclude[0].use == "school"
    assert code.close[0].code == "school"
    assert [example.code for example in code.typical] == ["同桌", "同桌"]
    assert [example.speaker for example in code.typical] == [Role.OTHER, Role.CHILD]
    assert code.colour == "#00AAFF"


def test_a_language_that_is_missing_is_taken_from_the_other_and_warned_of(tmp_path):
    path = write(tmp_path, PLAIN)
    assert load_codebook(path)["同桌"].exclude[0].text == Bilingual(zh="说的是老师", en="说的是老师")
    found = {(p.line, p.message.en) for p in check_codebook(path)}
    assert (10, "exclude.0 has no English; the other language stands in") in found


def test_a_list_without_a_head_is_a_codebook(tmp_path):
    text = "- id: a\n  definition: 说到下雨天路上不好走的都算\n"
    book = load_codebook(write(tmp_path, text))
    assert (book.id, book.version, book.ids) == ("mine", "1", ("a",))


def test_numbers_stay_as_they_are_written(tmp_path):
    text = "version: 1.10\ncodes:\n  - {id: 007, name: no, definition: 说到下雨天路上不好走的都算}\n"
    book = load_codebook(write(tmp_path, text))
    assert (book.version, book.ids, book["007"].name.en) == ("1.10", ("007",), "no")


def test_chinese_yaml_in_gb18030_is_read(tmp_path):
    assert load_codebook(write(tmp_path, PLAIN, encoding="gb18030"))["school"].name.zh == "学校"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("codes: 3\n", "codes: must be a list"),
        ("codes:\n  - a: [\n", "not readable as YAML"),
        ("codes:\n  - &x {id: a, definition: b}\n  - *x\n", "line 2: anchors and aliases"),
        ("codes: []\n", "there are no codes"),
        ("schema: lbc-codebook/9\ncodes:\n  - {id: a, definition: b}\n", "line 1: the schema is lbc-codebook/9"),
        ("codes:\n  - hello\n", "line 2: a code is a mapping"),
        ("codes:\n  - {id: a, definition: [x]}\n", "definition is one text, not a list"),
        ("codes:\n  - {id: a, definition: b, speakers: [猫]}\n", "speakers is 猫; allowed are interviewer, child"),
        ("codes:\n  - id: a\n    definition: b\n    id: c\n", "line 4: code c: id stands twice"),
        ("[" * 5000 + "]" * 5000, "nested too deep"),
        (" \n", "the file is empty"),
    ],
)
def test_what_is_no_codebook_is_refused(tmp_path, text, message):
    with pytest.raises(InputError) as refusal:
        load_codebook(write(tmp_path, text))
    assert message in str(refusal.value)
    assert "mine.yaml" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_the_first_error_is_told_with_its_line_and_the_number_of_others(tmp_path):
    text = "codes:\n  - {id: a}\n  - {id: a, definition: 说到下雨天路上不好走的都算}\n  - {id: b, parent: z}\n"
    path = write(tmp_path, text)
    with pytest.raises(InputError) as refusal:
        load_codebook(path)
    assert str(refusal.value) == (
        f"{path}, line 3: code a: the id stands at line 2 already; ids must be unique "
        "(and 1 more error; check_codebook lists them)"
    )


@pytest.mark.parametrize("name", ["right-behind-children", "book.docx", "../left-behind-children", ""])
def test_an_unknown_name_is_refused_with_the_names_there_are(name):
    with pytest.raises(InputError, match="left-behind-children"):
        load_codebook(name)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be opened"):
        load_codebook(tmp_path / "none.yaml")
