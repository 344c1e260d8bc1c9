"""Pictures of themes in the report: which, how large, nothing of an interview can leave them."""

import re
from pathlib import Path

import pytest
from report_samples import into

from lbc_themes.core.errors import InputError, MissingExtraError
from lbc_themes.pipeline import RunResult
from lbc_themes.report import refuse_pictures, write_report
from lbc_themes.report.page import decompressed, unshared
from lbc_themes.report.pictures import telling_attributes

PICTURES = ("map", "tree", "number", "heat", "attributes", "together", "saturation")


def packed(path: Path) -> dict[str, str]:
    """What a report's script unpacks, by name."""
    page = path.read_text(encoding="utf-8")
    form = r'<script type="application/gzip" id="data-(\w+)">([\w+/=]*)</script>'
    return {name: decompressed(data) for name, data in re.findall(form, page)}


def plotted(path: Path) -> dict[str, dict[str, object]]:
    """The figures of a report by name, each in both languages."""
    figures: dict[str, dict[str, object]] = unshared(packed(path).get("pictures", "[[],{}]"))
    return figures


@pytest.mark.slow
def test_pictures_of_themes_are_in_the_report_with_plotly_once(result: RunResult, tmp_path: Path) -> None:
    write_report(into(result, tmp_path, pictures="themes"), tmp_path / "r.html")
    figures = plotted(tmp_path / "r.html")
    assert set(figures) <= set(PICTURES)
    assert {"map", "saturation"} <= set(figures)
    assert packed(tmp_path / "r.html")["plotly"].startswith("/**")
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert set(re.findall(r'id="picture-(\w+)"', text)) == set(figures)
    assert not re.search(r"<(script|link|img)[^>]*(src|href)=", text)
    assert len([t for t in figures["map"]["zh"]["data"] for _ in t["text"]]) >= len(result.themes.themes_)


@pytest.mark.slow
def test_hostile_words_cannot_leave_a_picture(result: RunResult, tmp_path: Path) -> None:
    write_report(into(result, tmp_path, pictures="themes"), tmp_path / "r.html")
    assert set(packed(tmp_path / "r.html")) == {"passages", "pictures", "plotly"}
    said = " ".join(text for trace in plotted(tmp_path / "r.html")["map"]["zh"]["data"] for text in trace["text"])
    assert "&lt;script src=" in said


def test_without_pictures_the_report_stays_small(result: RunResult, tmp_path: Path) -> None:
    write_report(into(result, tmp_path, pictures="none"), tmp_path / "r.html")
    assert plotted(tmp_path / "r.html") == {}
    assert (tmp_path / "r.html").stat().st_size < 1_000_000


def test_attributes_that_part_the_participants_are_drawn() -> None:
    known = {
        f"P{n}": {"name": f"n{n}", "gender": "女" if n % 2 else "男", "grade": "三" if n else "四", "role": "child"}
        for n in range(6)
    }
    assert telling_attributes(known) == ["gender"]
    known["P1"]["role"] = known["P2"]["role"] = "teacher"
    assert telling_attributes(known) == ["role", "gender"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_pictures_by_bertopic_are_inside_the_report(result: RunResult, tmp_path: Path) -> None:
    write_report(into(result, tmp_path, pictures="bertopic"), tmp_path / "r.html")
    drawn = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "由 BERTopic 绘制" in drawn
    assert plotted(tmp_path / "r.html")["bertopic"]["zh"]["data"]
    assert not re.search(r"<(script|link|img)[^>]*(src|href)=", drawn)


def test_pictures_of_an_unknown_kind_are_refused() -> None:
    with pytest.raises(InputError, match=r"^--pictures must be one of themes, bertopic, none, not 'cloud'$"):
        refuse_pictures("cloud")


def test_pictures_whose_package_is_missing_are_refused_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lbc_themes.report.pictures.find_spec", lambda _name: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'lbc_themes\[bertopic\]'$"):
        refuse_pictures("bertopic")
    refuse_pictures("none")
