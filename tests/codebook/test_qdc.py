from xml.sax.saxutils import escape, quoteattr

import pytest

from lbc_themes.codebook import check_codebook, code_description, load_codebook
from lbc_themes.core.errors import InputError

GUID = "0d62985d-b147-5d01-a9b5-{:012d}"


def code(number: int, name: str, description: str = "", inner: str = "", colour: str = "") -> str:
    shade = f' color="{colour}"' if colour else ""
    text = f"<Description>{escape(description)}</Description>" if description else ""
    return f'<Code guid="{GUID.format(number)}" name={quoteattr(name)} isCodable="true"{shade}>{text}{inner}</Code>'


def qdc(folder, codes: str, sets: str = ""):
    path = folder / "book.qdc"
    path.write_text(
        '<?xml version="1.0" encoding="utf-8"?>\n<CodeBook xmlns="urn:QDA-XML:codebook:1.0" origin="Tool">\n'
        f"<Codes>{codes}</Codes>\n{sets}</CodeBook>",
        encoding="utf-8",
    )
    return path


def test_codes_inside_codes_are_children_and_keep_their_guids(tmp_path):
    inner = code(2, "Market days", "What a child tells of market days.")
    book = load_codebook(qdc(tmp_path, code(1, "村里", "说起村里的事情", inner, "#46aa00")))
    assert [(c.id, c.parent, c.source) for c in book] == [
        ("村里", None, f"refi-qda:{GUID.format(1)}"),
        ("market_days", "村里", f"refi-qda:{GUID.format(2)}"),
    ]
    assert book["村里"].colour == "#46AA00"
    assert book["market_days"].definition.en == "What a child tells of market days."
    assert book.source == "Tool"


def test_codes_without_a_description_are_read_and_warned_of(tmp_path):
    path = qdc(tmp_path, code(1, "places\\market"))
    assert load_codebook(path)["places_market"].definition.en == "places\\market"
    assert [(p.severity, p.line) for p in check_codebook(path)] == [("warning", 3)]


def test_labelled_sections_of_a_description_are_read_back(tmp_path):
    text = (
        "说起赶集的事情，买卖、人多、走散都算。\n何时用:\n1. 提到集市\n2. 提到摊子\n"
        "Exclusion criteria: 只说吃（归入吃席）\n关键词: 集上、摊子"
    )
    book = load_codebook(qdc(tmp_path, code(1, "赶集", text) + code(2, "吃席", "说起村里办酒吃席的热闹和菜")))
    market = book["赶集"]
    assert market.definition.zh == "说起赶集的事情，买卖、人多、走散都算。"
    assert [rule.text.zh for rule in market.include] == ["提到集市", "提到摊子"]
    assert market.exclude[0].use == "吃席"
    assert market.indicators == ("集上", "摊子")


@pytest.mark.parametrize(
    ("colour", "read"), [("#F00", "#FF0000"), ("255,128,0", "#FF8000"), ("#46AA00FF", "#46AA00"), ("teal", "#888888")]
)
def test_colours_of_other_tools_are_understood_or_grey(tmp_path, colour, read):
    assert load_codebook(qdc(tmp_path, code(1, "a", colour=colour)))["a"].colour == read


def test_a_colour_that_is_not_understood_is_told(tmp_path):
    path = qdc(tmp_path, code(1, "a", "What a child tells of the way to school", colour="teal"))
    assert [p.message.en for p in check_codebook(path)] == ["the colour teal is not understood; grey is taken"]


def test_names_that_come_twice_get_ids_of_their_own(tmp_path):
    codes = code(1, "家", inner=code(2, "其他")) + code(3, "学校", inner=code(4, "其他") + code(5, "其他"))
    assert load_codebook(qdc(tmp_path, codes)).ids == ("家", "家.其他", "学校", "学校.其他", "学校.其他_2")


def test_sets_are_told_to_be_left_out(tmp_path):
    path = qdc(
        tmp_path, code(1, "a", "What a child tells of the way to school"), '<Sets><Set name="late" guid="x"/></Sets>'
    )
    assert [p.message.en for p in check_codebook(path)] == ["sets of codes are not read: late (0 codes)"]


def test_the_shipped_codebook_comes_back_from_descriptions(tmp_path):
    book = load_codebook("left-behind-children")
    path = qdc(tmp_path, "".join(code(n, c.name.en, code_description(c), colour=c.colour) for n, c in enumerate(book)))
    for read, written in zip(load_codebook(path), book, strict=True):
        assert read.source.startswith(f"{written.source}; refi-qda:")
        for part in (
            "id",
            "name",
            "brief",
            "definition",
            "include",
            "exclude",
            "typical",
            "atypical",
            "close",
            "indicators",
            "speakers",
            "facets",
            "colour",
        ):
            assert getattr(read, part) == getattr(written, part), (written.id, part)


@pytest.mark.parametrize(
    ("data", "message"),
    [("<Project/>", "the root element is Project"), ("<CodeBook>", "not well-formed"),
     ('<!DOCTYPE a [<!ENTITY b "c">]><a/>', "DOCTYPE"),
     ("<CodeBook><Codes/></CodeBook>", "there are no codes")],
)  # fmt: skip
def test_other_xml_is_refused(tmp_path, data, message):
    (tmp_path / "book.qdc").write_text(data, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        load_codebook(tmp_path / "book.qdc")
