"""What agreement is counted on: passages, turns, sentences, characters, and what does not count."""

import dataclasses

import pytest
from agreement_samples import ANSWER, ASKED, STUDY, TALK, TEN, coding, on, passage, topics, transcript
from sklearn.metrics import cohen_kappa_score

from lbc_themes.agreement import (
    agreement,
    confusions,
)
from lbc_themes.core.records import Passage, Role


def test_uncoded_passages_count_only_when_asked_for():
    counted, left_out = (agreement(STUDY, passages=TEN, include_uncoded=choice) for choice in (True, False))
    assert (counted.overall.units, left_out.overall.units) == (10, 7)
    assert "uncoded-counted" in topics(counted)
    assert "uncoded-left-out" in topics(left_out)
    assert left_out.row("父母").kappa.value < counted.row("父母").kappa.value


@pytest.mark.parametrize(
    ("start", "end", "counts_for"),
    [
        (0, 10, ["p0"]),
        (0, 5, ["p0"]),
        (2, 4, ["p0"]),
        (8, 12, ["p0", "p1"]),
        (9, 12, ["p1"]),
        (4, 14, ["p0"]),
        (5, 15, ["p0", "p1"]),
        (6, 34, ["p1", "p2"]),
        (5, 25, ["p0", "p1", "p2"]),
        (0, 100, [p.id for p in TEN]),
    ],
)
def test_a_coding_counts_for_a_passage_from_half_of_either_on(start, end, counts_for):
    whole = [coding("李", 0, 100, "父母")]
    table = agreement(
        [*whole, coding("王", start, end, "父母"), coding("王", 0, 100, "学习")], passages=TEN, codes=["父母"]
    )
    assert table.row("父母").prevalence["王"].value == pytest.approx(len(counts_for) / 10)
    mixed = confusions([coding("李", 0, 100, "学习"), coding("王", start, end, "父母")], passages=TEN)
    assert [unit.id for unit in mixed[0].units] == counts_for


def test_a_passage_in_several_pieces_is_one_unit():
    broken = Passage(id="b", transcript_id="T1", spans=((0, 4), (20, 24)), text="字" * 8, speaker="", role=Role.CHILD)
    table = agreement(
        [coding("李", 20, 24, "父母"), coding("王", 0, 4, "父母")], passages=[broken, passage("p", 30, 40)]
    )
    assert table.overall.measures["percent"].value == 1
    assert table.overall.units == 2


@pytest.mark.parametrize(("unit", "number"), [("turn", 2), ("sentence", 4), ("character", ASKED + len(TALK) - ANSWER)])
def test_units_of_a_transcript_leave_out_the_interviewer(unit, number):
    codings = [coding("李", 0, 5, "父母"), coding("王", 2, 5, "父母")]
    assert agreement(codings, unit=unit, transcripts=[transcript()]).overall.units == number


def test_character_agreement_is_counted_character_by_character():
    row = agreement(
        [coding("李", 0, 5, "父母"), coding("王", 2, 8, "父母")], unit="character", transcripts=[transcript()]
    ).row("父母")
    spoken = [*range(ASKED), *range(ANSWER, len(TALK))]
    assert row.kappa.value == pytest.approx(
        cohen_kappa_score([0 <= i < 5 for i in spoken], [2 <= i < 8 for i in spoken])
    )


def test_a_text_without_turns_can_be_coded_throughout():
    bare = dataclasses.replace(transcript(), turns=())
    codings = [coding("李", 0, 5, "父母"), coding("王", 2, 5, "父母")]
    assert agreement(codings, unit="character", transcripts=[bare]).overall.units == len(TALK)


def test_a_transcript_that_one_coder_did_not_work_through_is_missing_not_empty():
    more = [passage(f"q{i}", 10 * i, 10 * i + 10, "T2") for i in range(10)]
    codings = [*STUDY, *on("李", "父母", 0, 1, transcript_id="T2")]
    table = agreement(codings, passages=[*TEN, *more])
    assert table.overall.units == 10
    assert [n.text.en for n in table.notices if n.topic == "not-read"] == [
        "王 has no coding in some transcripts (1): T2. They count as not worked through, not as empty. "
        "Where that is wrong, say so with read."
    ]
    everything = {"李": ["T1", "T2"], "王": ["T1", "T2"]}
    assert agreement(codings, passages=[*TEN, *more], read=everything).overall.units == 20


def test_codings_on_the_interviewer_are_left_out_and_said():
    codings = [coding("李", 0, 5, "父母"), coding("王", 0, 5, "父母"), coding("王", ASKED, ASKED + 4, "父母")]
    table = agreement(codings, unit="sentence", transcripts=[transcript()])
    assert table.row("父母").prevalence["王"].value == pytest.approx(1 / 4)
    assert "dropped-codings" in topics(table)
