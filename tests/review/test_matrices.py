"""The page of matrices: counts of people's codings, each a link to its quotations."""

import csv
import io
import re
from dataclasses import replace
from html import unescape

import pytest
from review_pages import opened, refused, tags
from study_samples import book, decision

from lbc_themes.core.records import Codebook


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


def test_the_table_is_downloaded_for_excel(coder):
    answer = coder.get("/matrices.csv", kind="attribute", attribute="role")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert rows[0] == ["", "", "儿童", "教师"]
    assert rows[1] == ["longing", "想念", "1", "1"]


def test_a_name_that_a_spreadsheet_would_reckon_is_defused(coded):
    coded.set_participant("K01", {"gender": "=1+1"})
    with opened(coded) as coder:
        answer = coder.get("/matrices.csv", kind="attribute", attribute="gender")
    assert '"\'=1+1"' in answer.text


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
