from pathlib import Path

import openpyxl
import pytest

from lbc_themes.codebook import check_codebook, load_codebook
from lbc_themes.codebook.fields import heading
from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Codebook, Role


def load(folder: Path, text: str, encoding: str = "utf-8") -> Codebook:
    path = folder / "book.csv"
    path.write_bytes(text.encode(encoding))
    return load_codebook(path)


LEVELS = """\
一级维度 (Level 1 Dimension),二级编码 (Level 2 Code),频次 (Frequency),定义 (Definition),应用规则 (Application Rules)
村里,赶集,3,孩子说起跟大人去赶集的事情,纳入: 提到摊子；说到跟谁去。&lt;br>排除: 只说吃了什么（归入吃席）；只说路远。
,吃席,2,孩子说起村里办酒吃席的热闹和菜,"纳入：说到酒席
排除：说到学校食堂（归入食堂）"
学校,食堂,9,孩子说起学校食堂的饭菜和排队,
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_two_levels_with_merged_cells_become_parents_and_children(tmp_path, encoding):
    book = load(tmp_path, LEVELS, encoding)
    assert book.ids == ("村里", "赶集", "吃席", "学校", "食堂")
    assert [code.parent for code in book] == [None, "村里", "村里", None, "学校"]
    assert book["村里"].definition.zh == "村里，包括：赶集、吃席"


def test_rules_marked_as_including_and_excluding_are_taken_apart(tmp_path):
    code = load(tmp_path, LEVELS)["赶集"]
    assert [rule.text.zh for rule in code.include] == ["提到摊子", "说到跟谁去。"]
    assert [(rule.text.zh, rule.use) for rule in code.exclude] == [
        ("只说吃了什么（归入吃席）", "吃席"),
        ("只说路远。", None),
    ]


def test_columns_that_are_not_read_are_told(tmp_path):
    load(tmp_path, LEVELS)
    assert "these columns are not read: 频次 (Frequency)" in [
        p.message.en for p in check_codebook(tmp_path / "book.csv")
    ]


def test_columns_in_two_languages_stand_side_by_side(tmp_path):
    text = (
        "代码,名称,name,定义（中文）,Definition (English),例子,说话人\n"
        "A1,赶集,Market,孩子说起跟大人去赶集的事情,What a child tells of market days,集上人多；俺奶给我买了糖,学生\n"
    )
    code = load(tmp_path, text)["A1"]
    assert (code.name.zh, code.name.en) == ("赶集", "Market")
    assert code.definition.en == "What a child tells of market days"
    assert [(e.text.zh, e.speaker) for e in code.typical] == [("集上人多", Role.CHILD), ("俺奶给我买了糖", Role.CHILD)]


def test_a_column_of_codes_without_names_gives_both(tmp_path):
    text = "code;definition;parent\nMarket days;What is told of market days;\nSweets;What is bought there;market days\n"
    book = load(tmp_path, text)
    assert book.ids == ("market_days", "Sweets")
    assert book["Sweets"].parent == "market_days"
    assert book["market_days"].name.en == "Market days"


def test_themes_and_codes_with_the_same_name_get_different_ids(tmp_path):
    text = "主题,编码,定义\n家,其他,家里别的事情都放在这里面\n学校,其他,学校别的事情都放在这里面\n"
    assert load(tmp_path, text).ids == ("家", "家.其他", "学校", "学校.其他")


def test_rows_without_a_name_go_on_with_the_code_above(tmp_path):
    text = "编码,定义,例子\n赶集,孩子说起跟大人去赶集的事情,集上人多\n,,俺奶给我买了糖\n"
    assert [e.text.zh for e in load(tmp_path, text)["赶集"].typical] == ["集上人多", "俺奶给我买了糖"]


def test_a_speaker_that_is_not_understood_is_told(tmp_path):
    assert load(tmp_path, "编码,定义,说话人\n赶集,孩子说起跟大人去赶集的事情,学生、路人\n")["赶集"].speakers == (
        Role.CHILD,
    )
    told = [(p.severity, p.line, p.message.en) for p in check_codebook(tmp_path / "book.csv")]
    assert [(severity, line) for severity, line, _ in told] == [("warning", 2)]
    assert told[0][2].startswith("the speaker 路人 is not understood and not read; allowed are interviewer, child")


def test_a_title_above_the_heads_is_passed_over_and_rows_keep_their_numbers(tmp_path):
    text = "访谈编码本,,\n,,\n编码,定义,颜色\n赶集,孩子说起跟大人去赶集的事情,red\n"
    with pytest.raises(InputError, match=r"book\.csv, row 4: code 赶集: the colour red"):
        load(tmp_path, text)


@pytest.mark.parametrize("text", ["一,二,三\n1,2,3\n", "编码\n赶集\n", "姓名,年龄\n小明,12\n"])
def test_a_table_without_heads_is_refused_with_the_heads_there_are(tmp_path, text):
    with pytest.raises(InputError, match="heads the columns of a codebook"):
        load(tmp_path, text)


def test_merged_cells_and_hidden_sheets_of_a_workbook(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["说明", "请看第二页"])
    sheet = book.create_sheet("编码")
    for row in (
        ["维度", "编码", "定义"],
        ["村里", "赶集", "孩子说起跟大人去赶集的事情"],
        [None, "吃席", "孩子说起村里办酒吃席的热闹"],
    ):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    book.save(tmp_path / "book.xlsx")
    assert [(code.id, code.parent) for code in load_codebook(tmp_path / "book.xlsx")] == [
        ("村里", None), ("赶集", "村里"), ("吃席", "村里"),
    ]  # fmt: skip


@pytest.mark.parametrize("data", [b"PK\x03\x04 no", b"plain text"])
def test_a_broken_workbook_is_refused(tmp_path, data):
    (tmp_path / "book.xlsx").write_bytes(data)
    with pytest.raises(InputError, match=r"book\.xlsx"):
        load_codebook(tmp_path / "book.xlsx")


@pytest.mark.parametrize(
    ("words", "field", "language", "level"),
    [
        ("编码", "id", "", 0),
        ("Code Name", "name", "", 0),
        ("上级编码", "parent", "", 0),
        ("何时不用 exclude_en", "exclude", "en", 0),
        ("Inclusion criteria", "include", "", 0),
        ("定义 (ZH)", "definition", "zh", 0),
        ("编码说明", "definition", "", 0),
        ("Code description", "definition", "", 0),
        ("三级代码", "level", "", 3),
        ("Level 1", "level", "", 1),
        ("子主题", "subgroup", "", 0),
        ("例句", "typical", "", 0),
        ("颜色", "colour", "", 0),
    ],
)
def test_heads_in_chinese_and_english(words, field, language, level):
    assert heading(words) == (field, language, level)


@pytest.mark.parametrize("words", ["频次", "年级", "children", "备注二", "", "parents' notes"])
def test_other_heads_mean_nothing(words):
    assert heading(words) is None
