import csv
from dataclasses import replace

import openpyxl
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lbc_themes.codebook import check_codebook, load_codebook, write_codebook
from lbc_themes.codebook.fields import items_of, text_of
from lbc_themes.codebook.yaml_files import WIDTH, read_yaml, width, yaml_lines
from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Bilingual, Code, Codebook, Example, Role, Rule

SUFFIXES = (".yaml", ".csv", ".xlsx")


@pytest.fixture(scope="module")
def shipped() -> Codebook:
    return load_codebook("left-behind-children")


def words(zh: str, en: str = "") -> Bilingual:
    return Bilingual(zh=zh, en=en or zh)


def small(**changes: object) -> Codebook:
    code = Code(id="a", name=words("路"), brief=words("说路"), definition=words("说起放学路上的事，走路坐车都算"))
    return Codebook(id="b", version="2", name=words("书", "book"), codes=(replace(code, **changes),))


@pytest.mark.slow
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_shipped_codebook_comes_back_the_same(tmp_path, shipped, suffix):
    write_codebook(shipped, tmp_path / f"book{suffix}")
    assert load_codebook(tmp_path / f"book{suffix}") == shipped


@pytest.mark.slow
@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    "changes",
    [
        {"exclude": (Rule(text=words("一条；里面有分号")),)},
        {"include": (Rule(text=words("两行\n的规则")), Rule(text=words("1. 自己带号")))},
        {"typical": (Example(text=words("括号[笑]在里面"), speaker=Role.CHILD, code="a"),)},
        {"indicators": ("有，逗号", "有、顿号")},
        {"indicators": ("only, one",)},
        {"definition": words("=SUM(A1) 开头是等号", '"quoted" \\ and: # marks')},
        {"source": 'A "B" (2024): x; y'},
        {"facets": {"level": ("micro", "meso"), "maslow": ("safety",)}},
        {"name": words("null", "yes")},
    ],
)
def test_awkward_words_come_back_the_same(tmp_path, suffix, changes):
    book = small(**changes)
    write_codebook(book, tmp_path / f"book{suffix}")
    assert load_codebook(tmp_path / f"book{suffix}") == book


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1).map(str.strip).filter(bool))
def test_any_text_comes_back_from_yaml(text):
    read = read_yaml("\n".join(yaml_lines(small(definition=words(text), indicators=(text,)))), "b")
    assert read.codes[0].definition.zh == text
    assert read.codes[0].indicators == (text,)


@given(st.lists(st.text("想家，；;1.[]→ \nab", min_size=1).map(str.strip).filter(bool).filter(lambda t: "\n" not in t)))
def test_items_come_back_from_their_lines(items):
    assert items_of(text_of(items)) == items


def test_yaml_is_plain_yaml_in_lines_that_fit_a_screen(tmp_path, shipped):
    write_codebook(shipped, tmp_path / "book.yaml")
    text = (tmp_path / "book.yaml").read_text(encoding="utf-8")
    assert max(width(line) for line in text.splitlines()) <= WIDTH + 2
    plain = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    assert plain["codes"][1]["definition"]["zh"] == shipped.codes[1].definition.zh
    assert plain["codes"][1]["definition"]["en"] == shipped.codes[1].definition.en


@pytest.mark.slow
def test_the_same_codebook_gives_the_same_bytes(tmp_path, shipped):
    for suffix in (".yaml", ".csv"):
        paths = [tmp_path / f"{name}{suffix}" for name in ("one", "two")]
        for path in paths:
            write_codebook(shipped, path)
        assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.slow
def test_a_subset_is_written_so_that_it_stands_alone(tmp_path, shipped):
    write_codebook(shipped.subset(["burden"]), tmp_path / "burden.yaml")
    book = load_codebook(tmp_path / "burden.yaml")
    assert book.ids == ("burden", "burden.caregiving", "burden.chores", "burden.monotony")
    assert len(book["burden"].exclude) == len(shipped["burden"].exclude)
    assert all(problem.severity == "warning" for problem in check_codebook(tmp_path / "burden.yaml"))


def test_excel_knows_the_csv_for_utf_8_and_sees_heads_in_both_languages(tmp_path, shipped):
    write_codebook(shipped, tmp_path / "book.csv")
    assert (tmp_path / "book.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (tmp_path / "book.csv").open(encoding="utf-8-sig", newline="") as file:
        heads = next(csv.reader(file))
    assert heads[:4] == ["编码 id", "上级 parent", "名称 name_zh", "名称 name_en"]


def test_cells_of_a_workbook_are_text_and_show_the_colour(tmp_path):
    write_codebook(small(definition=words("=1+1 不是公式，是一句话"), colour="#AABBCC"), tmp_path / "book.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "book.xlsx").active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} == {"s"}
    assert sheet["A2"].fill.fgColor.rgb.endswith("AABBCC")


def test_what_could_not_be_loaded_is_not_written(tmp_path):
    with pytest.raises(InputError, match="not written, for code a: the colour red"):
        write_codebook(small(colour="red"), tmp_path / "book.yaml")
    assert not (tmp_path / "book.yaml").exists()


@pytest.mark.parametrize("name", ["book.qdc", "book", "book.json"])
def test_other_forms_are_refused(tmp_path, shipped, name):
    with pytest.raises(InputError, match=r"written as \.yaml"):
        write_codebook(shipped, tmp_path / name)


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        write_codebook(small(), tmp_path / "none" / "book.yaml")
