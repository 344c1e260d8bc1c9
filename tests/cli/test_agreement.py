"""How far two coders agree, from the command line."""

import csv

import pytest
from study_samples import decision, made, suggested

from lbc_themes.core.errors import InputError
from lbc_themes.study import Study
from lbc_themes.study.compare import compare


def test_two_coders_and_the_machine_stand_beside_each_other(lbc, coded_file):
    said = lbc("agreement", coded_file, "--language", "zh")
    assert said.startswith("## 编码者一致性")
    assert "人—人" in said
    assert "人—机" in said
    assert "机器" not in lbc("agreement", coded_file, "--no-machine", "--draws", "0")
    with Study.open(coded_file) as study:
        table = compare(study, machine=False, draws=0)
        count = len(study.passages)
    assert table.coders == ("李", "王")
    assert table.overall.units == count
    assert table.overall.measures["percent"].value == pytest.approx((count - 1) / count)


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["passage", "turn", "sentence", "character"])
@pytest.mark.parametrize("name", ["a.md", "a.docx", "a.csv"])
def test_agreement_goes_into_a_file_by_every_unit(lbc, coded_file, tmp_path, unit, name):
    lbc("agreement", coded_file, "--unit", unit, "--out", name, "--draws", "0", "--language", "en")
    assert (tmp_path / name).stat().st_size > 200
    assert "is there already" in lbc("agreement", coded_file, "--out", name, fails=2)


def test_what_coders_mix_up_is_a_worklist(lbc, coded_file, tmp_path):
    lbc("agreement", coded_file, "--draws", "0", "--mixed-up", "m.csv")
    with (tmp_path / "m.csv").open(encoding="utf-8-sig", newline="") as file:
        [row] = csv.DictReader(file)
    assert (row["coder_1"], row["code_1"], row["coder_2"], row["code_2"]) == ("李", "longing", "王", "homework")
    with Study.open(coded_file) as study:
        assert row["text"] == study.passages[0].text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--unit", "word"], "unit 'word' is not known"),
        (["--out", "a.pdf"], "the ending must be .md, .docx, .csv"),
        (["--coder", "赵", "--coder", "李"], "赵 coded nothing; people who coded: 李, 王"),
        (["--coder", "李", "--no-machine"], "agreement needs two coders"),
    ],
)
def test_agreement_that_cannot_be_had_is_refused(lbc, coded_file, words, message):
    said = lbc("agreement", coded_file, *words, fails=2)
    assert message in said
    assert said.count("\n") == 1


def test_only_what_both_worked_through_is_compared(tmp_path):
    with made(tmp_path) as study:
        for number in range(3):
            study.record(decision(study, number, "changed", "longing"))
        study.record(decision(study, 0, "changed", "longing", coder="王"))
        study.record(decision(study, 2, "rejected", coder="王"))
        table = compare(study, draws=0)
        turns = compare(study, unit="turn", draws=0)
    assert table.overall.units == 2
    assert table.overall.measures["percent"].value == 0.5
    assert [n.text.en for n in table.notices if n.topic == "partly-coded"] == [
        "Passages that not all coders of their interview worked through are left out: 1."
    ]
    assert 1 <= turns.overall.units <= 2


def test_adjudicated_codes_are_nobodys_own_coding(coded_file):
    with Study.open(coded_file) as study:
        study.record(decision(study, 0, "changed", "longing", coder="李", adjudication=True))
        assert compare(study, machine=False, draws=0).coders == ("李", "王")
        assert "adjudication:李" in compare(study, machine=False, draws=0, coders=["李", "adjudication:李"]).coders


def test_a_machine_that_learned_from_people_is_said_to_have(tmp_path):
    with made(tmp_path) as study:
        study.add_suggestions(suggested(study), options={"taught": "2"})
        study.record(decision(study, 0, "changed", "longing"))
        topics = [notice.topic for notice in compare(study, draws=0).notices]
        with pytest.raises(InputError, match="agreement needs two coders"):
            compare(study, machine=False)
    assert "machine-taught" in topics
