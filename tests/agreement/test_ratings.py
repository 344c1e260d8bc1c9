"""What agreement is counted on: passages, turns, sentences, characters, and what does not count."""

import dataclasses

import pytest
from agreement_samples import ANSWER, ASKED, STUDY, TALK, TEN, coding, on, passage, topics, transcript
from sklearn.metrics import cohen_kappa_score

from lbc_themes.agreement import (
    agreement,
    confusions,
)
from lbc_themes.agreement.ratings import units_of
from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Passage, Role, Transcript, Turn


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


def test_of_many_transcripts_that_a_coder_did_not_work_through_the_first_five_are_named():
    places = [passage(f"q{i}", 0, 10, f"T{i}") for i in range(8)]
    for last, more in ((6, ""), (7, " …")):
        codings = [*on("李", "父母", 0, transcript_id="T0"), *on("王", "父母", 0, transcript_id="T0")]
        codings += [c for i in range(1, last) for c in on("李", "父母", 0, transcript_id=f"T{i}")]
        (notice,) = [n for n in agreement(codings, passages=places).notices if n.topic == "not-read"]
        assert f"王 has no coding in some transcripts ({last - 1}): T1, T2, T3, T4, T5{more}. They" in notice.text.en


def test_the_two_ends_of_a_transcript_can_be_coded_and_nothing_beyond():
    given = {"unit": "character", "transcripts": [transcript()]}
    whole = [coding(who, 0, len(TALK), "父母") for who in ("李", "王")]
    assert agreement(whole, **given).overall.measures["percent"].value == 1
    for start, end in ((-1, 3), (5, 4), (3, 3), (0, len(TALK) + 1)):
        with pytest.raises(InputError, match=r"父母.*李.*T1") as refused:
            agreement([*whole, coding("李", start, end, "父母")], **given)
        assert f"[{start}, {end})" in str(refused.value)


def test_sentences_end_with_what_closes_after_their_mark_and_at_line_breaks():
    said = "他说：“走！”我没走……\n真的？没有\n"
    turns = (Turn(speaker="", role=Role.CHILD, start=0, end=len(said)),)
    units = units_of("sentence", codings=(), passages=None, transcripts=[Transcript(id="T", text=said, turns=turns)])
    assert [said[a:b].strip() for unit in units for a, b in unit.spans] == [
        "他说：“走！”", "我没走……", "真的？", "没有"
    ]  # fmt: skip
    assert [unit.id for unit in units][:2] == ["T:0-7", "T:7-12"]


def test_codings_on_the_interviewer_are_left_out_and_said():
    codings = [coding("李", 0, 5, "父母"), coding("王", 0, 5, "父母"), coding("王", ASKED, ASKED + 4, "父母")]
    table = agreement(codings, unit="sentence", transcripts=[transcript()])
    assert table.row("父母").prevalence["王"].value == pytest.approx(1 / 4)
    (notice,) = [n for n in table.notices if n.topic == "dropped-codings"]
    assert notice.text.en == (
        "Codings of 王 that count for none of the sentences (for one, in the interviewer's speech) are left out: 1."
    )
    assert notice.text.zh == "王 有 1 条编码不落在任何句子上（例如在访谈者的话里），没有计入。"


def test_codings_of_other_coders_and_other_codes_are_neither_counted_nor_said_to_be_dropped():
    codings = [*STUDY, coding("赵", 200, 210, "父母"), coding("李", 200, 210, "同伴")]
    table = agreement(codings, passages=TEN, coders=["李", "王"], codes=["父母", "学习"])
    assert table.row("父母") == agreement(STUDY, passages=TEN).row("父母")
    assert "dropped-codings" not in topics(table)
