"""The page of matrices: counts of people's codings, each a link to its quotations."""

import csv
import io
import re
from dataclasses import replace
from html import unescape
from urllib.parse import parse_qs

import openpyxl
import pytest
from review_pages import opened, refused, tags
from study_samples import book, decision

from lbc_themes.core.records import Codebook
from lbc_themes.review.routes import matrices


@pytest.fixture
def coded(study):
    codes = tuple(replace(c, facets={"maslow": ("belonging",)}) if c.id == "longing" else c for c in book())
    study.add_codebook(Codebook(id="fields", version="2", name=book().name, codes=codes))
    study.record(decision(study, 0, "accepted", "longing", "school"))
    study.record(decision(study, 2, "changed", "longing", coder="王"))
    return study


@pytest.fixture
def coder(coded):
    with opened(coded) as coder:
        yield coder


def cells(answer):
    return re.findall(r'<a href="(matrices\?[^"]*row=[^"]*)#cell"[^>]*>(\d+)</a>', answer.text)


def test_parts_of_a_theory_say_who_supports_them_and_what_nothing_does(coder):
    page = coder.get("/matrices")
    assert "没有引文支持" in page.text
    assert "K01、L01" in page.text
    assert [number for _, number in cells(page)] == ["1", "1", "2"]


def test_every_number_opens_as_many_quotations(coder):
    for kind in ("facet", "attribute", "interview", "code"):
        found = cells(coder.get("/matrices", kind=kind))
        assert found, kind
        for address, number in found:
            answer = coder.client.get(f"{coder.base}/{unescape(address)}")
            assert answer.text.count('class="quotation"') == int(number), address


def test_a_coder_can_be_chosen_and_participants_counted(coder):
    assert [n for _, n in cells(coder.get("/matrices", kind="interview", coder="王"))] == ["1", "1"]
    page = coder.get("/matrices", kind="attribute", attribute="gender", count="participants")
    assert [n for _, n in cells(page)] == ["1", "1", "2", "1", "1"]


def test_suggestions_are_counted_nowhere(study):
    with opened(study) as coder:
        for kind in ("attribute", "interview", "code"):
            page = coder.get("/matrices", kind=kind)
            assert cells(page) == []
            assert "还没有人编过码" in page.text


def test_a_blind_coder_sees_their_own_codings_only(coded):
    with opened(coded, blind=True) as coder:
        page = coder.get("/matrices", kind="interview", coder="王")
        assert "王" not in page.text.split("<main")[1]
        assert [n for _, n in cells(page)] == ["1", "1", "1", "1"]


def test_new_codings_are_counted_at_once(coder, coded):
    before = len(cells(coder.get("/matrices", kind="interview")))
    coded.record(decision(coded, 1, "changed", "help.positive"))
    assert len(cells(coder.get("/matrices", kind="interview"))) == before + 2


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["attribute", "interview", "code", "facet"])
def test_the_workbook_holds_what_the_table_holds(coder, kind):
    answer = coder.get("/export-matrix", kind=kind, format="xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    text = coder.get("/export-matrix", kind=kind, format="csv").text.removeprefix("\ufeff")
    rows = [[("" if cell is None else str(cell)) for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert rows == list(csv.reader(io.StringIO(text)))
    assert isinstance(sheet["C2"].value, int), "counts are numbers"


def counts(answer):
    """Return the counts of a page by row and column; "" is the column of all."""
    found = ((parse_qs(unescape(address), keep_blank_values=True), number) for address, number in cells(answer))
    return {(asked["row"][0], asked["column"][0]): number for asked, number in found}


def test_a_large_matrix_comes_in_parts_that_hold_every_cell(coder, monkeypatch):
    """300 codes by 400 interviews were one page of eight megabytes."""
    whole = counts(coder.get("/matrices", kind="interview"))
    monkeypatch.setattr(matrices, "MOST_COLUMNS", 1)
    monkeypatch.setattr(matrices, "MOST_ROWS", 1)
    page = coder.get("/matrices", kind="interview")
    assert 'columns=1">后面的' in unescape(page.text)
    parts = [coder.get("/matrices", kind="interview", rows=row, columns=column) for row in (0, 1) for column in (0, 1)]
    assert {place: number for part in parts for place, number in counts(part).items()} == whole
    assert all(len(counts(part)) <= 2 for part in parts)
    assert all("rows=1&columns=1" in unescape(address) for address, _ in cells(parts[3])), "a cell opens on its page"


def test_the_table_is_downloaded_for_excel(coder):
    answer = coder.get("/export-matrix", kind="attribute", attribute="role", format="csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert rows[0] == ["", "", "儿童", "教师"]
    assert rows[1] == ["longing", "想念", "1", "1"]


def test_a_name_that_a_spreadsheet_would_reckon_is_defused(coded):
    coded.set_participant("K01", {"gender": "=1+1"})
    with opened(coded) as coder:
        answer = coder.get("/export-matrix", kind="attribute", attribute="gender", format="csv")
    assert ",'=1+1" in answer.text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("asked", "words"),
    [({"kind": "moon"}, "moon"), ({"relation": "far"}, "far"), ({"attribute": "shoe"}, "shoe"),
     ({"facet": "x"}, "&#39;x&#39;"), ({"kind": "code", "distance": "-1"}, "-1"), ({"count": "all"}, "all")],
)  # fmt: skip
def test_what_is_refused(coder, asked, words):
    answer = coder.get("/matrices", **asked)
    assert answer.status_code == 400
    assert refused(answer) != []
    assert words in answer.text


def test_an_unknown_cell_has_no_quotations(coder):
    page = coder.get("/matrices", kind="interview", row="nothing", column="K01")
    assert "没有引文" in page.text
    assert tags(page, "mark") == []
