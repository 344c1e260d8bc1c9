"""Agreement tables from codings: their figures, intervals, notices and refusals."""

import dataclasses

import numpy as np
import pytest
from agreement_samples import STUDY, TALK, TEN, coding, on, passage, topics, transcript
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from lbc_themes.agreement import (
    Estimate,
    agreement,
    agreement_by_kind,
    confusions,
)
from lbc_themes.core.errors import InputError


def test_a_code_row_has_the_kappa_that_sklearn_gives_for_its_passages():
    row = agreement(STUDY, passages=TEN).row("父母")
    one, two = [int(n in (0, 1, 2, 3)) for n in range(10)], [int(n in (0, 1, 2, 8)) for n in range(10)]
    assert row.measures["cohen_kappa"].value == row.kappa.value == pytest.approx(cohen_kappa_score(one, two))
    assert row.measures["percent"].value == pytest.approx(0.8)
    assert {coder: share.value for coder, share in row.prevalence.items()} == pytest.approx({"李": 0.4, "王": 0.4})
    assert row.units == 10


def test_the_pooled_row_takes_every_code_on_every_passage():
    table = agreement(STUDY, passages=TEN)
    one = [n in (0, 1, 2, 3) for n in range(10)] + [n in (4, 5) for n in range(10)]
    two = [n in (0, 1, 2, 8) for n in range(10)] + [n in (3, 4) for n in range(10)]
    assert table.pooled.kappa.value == pytest.approx(cohen_kappa_score(one, two))
    assert table.pooled.units == 20


def test_the_overall_row_takes_sets_of_codes_as_values():
    table = agreement([*STUDY, *on("王", "学习", 0)], passages=TEN)
    one, two = list("pppplloooo"), ["pl", *"ppllooopo"]
    assert table.overall.kappa.value == pytest.approx(cohen_kappa_score(one, two))
    assert table.overall.measures["percent"].value == pytest.approx(0.6)
    assert table.overall.measures["alpha_masi"].value > table.overall.measures["alpha"].value


def test_an_always_present_code_brings_the_prevalence_notice():
    many = [passage(f"p{i}", 10 * i, 10 * i + 10) for i in range(100)]
    codings = [*on("李", "父母", *range(96)), *on("王", "父母", *range(93), 96, 97, 98)]
    table = agreement(codings, passages=many)
    (notice,) = [n for n in table.notices if n.topic == "prevalence-paradox" and n.code_id]
    assert notice.code_id == "父母"
    assert "agreement 0.94 and AC1 0.94, but kappa 0.22" in notice.text.en


def test_a_code_that_nobody_uses_has_undefined_kappa_and_a_notice():
    table = agreement(STUDY, passages=TEN, codes=["父母", "同伴"])
    row = table.row("同伴")
    assert (row.kappa.value, row.measures["alpha"].value, row.measures["percent"].value) == (None, None, 1)
    assert [n.code_id for n in table.notices if n.topic == "undefined"] == ["同伴"]


def people(number, chance):
    """Two coders, ``number`` transcripts of ten passages, eight in ten codes alike."""
    places = [passage(f"{t}.{i}", 10 * i, 10 * i + 10, f"T{t}") for t in range(number) for i in range(10)]
    codings = []
    for p in places:
        code = chance.choice(["父母", "学习", "同伴"])
        other = code if chance.random() < 0.8 else chance.choice(["父母", "学习", "同伴"])
        codings += [
            coding("李", p.start, p.end, code, p.transcript_id),
            coding("王", p.start, p.end, other, p.transcript_id),
        ]
    return places, codings


def test_intervals_hold_the_figure_and_come_back_with_the_seed():
    places, codings = people(12, np.random.default_rng(1))
    one, two, other = (agreement(codings, passages=places, draws=200, seed=seed) for seed in (3, 3, 4))
    assert one == two
    assert one != other
    for row in one.rows:
        for name, figure in {**row.measures, **row.prevalence}.items():
            if name == "bar_u_alpha":
                assert figure == Estimate(value=None), "all text is coded, so that there is no gap to agree on"
                continue
            assert figure.low <= figure.value <= figure.high, name
    assert "few-participants" in topics(one)
    assert one.overall.kappa.high - one.overall.kappa.low > 0.05


def test_transcripts_of_one_participant_are_drawn_together():
    places, codings = people(10, np.random.default_rng(2))
    pairs = agreement(codings, passages=places, draws=50, participants={f"T{i}": f"P{i // 2}" for i in range(10)})
    assert pairs.participants == 5
    assert pairs.overall.kappa.value == agreement(codings, passages=places, draws=0).overall.kappa.value


def test_too_few_participants_get_no_interval():
    table = agreement(STUDY, passages=TEN)
    assert table.overall.kappa.low is None
    assert "no-interval" in topics(table)


def test_more_than_two_coders_get_fleiss_and_mean_cohen_by_name():
    table = agreement([*STUDY, *on("机", "父母", 0, 1, 8), *on("机", "学习", 4)], passages=TEN)
    row = table.row("父母")
    assert "cohen_kappa" not in row.measures
    pairs = [
        agreement([*STUDY, *on("机", "父母", 0, 1, 8), *on("机", "学习", 4)], passages=TEN, coders=pair)
        for pair in (["李", "王"], ["李", "机"], ["王", "机"])
    ]
    mean = np.mean([pair.row("父母").kappa.value for pair in pairs])
    assert row.measures["mean_cohen_kappa"].value == pytest.approx(mean)
    assert "many-coders" in topics(table)


def test_people_and_machine_stand_beside_each_other():
    codings = [*STUDY, *on("machine", "父母", 0, 1, 8), *on("machine", "学习", 4)]
    table = agreement_by_kind(codings, passages=TEN)
    seen = [(row.kind, row.coders) for row in table.rows if row.scope == "overall"]
    assert seen == [
        ("human-human", ("李", "王")),
        ("human-machine", ("李", "machine")),
        ("human-machine", ("王", "machine")),
    ]
    assert table.row("父母", kind="human-human").kappa == agreement(STUDY, passages=TEN).row("父母").kappa
    assert "人—机" in table.to_markdown("zh")


def test_a_code_that_both_give_is_not_mixed_up_with_one_that_one_adds():
    codings = [*on("李", "父母", 0), *on("李", "学习", 0), *on("王", "父母", 0)]
    assert confusions(codings, passages=TEN) == []


def test_a_coder_who_did_not_work_through_a_transcript_does_not_count_in_it():
    more = [passage(f"q{i}", 10 * i, 10 * i + 10, "T2") for i in range(10)]
    two = [*on("李", "父母", 0, 1, 2, transcript_id="T2"), *on("王", "父母", 0, 1, 5, transcript_id="T2")]
    codings = [*STUDY, *on("机", "父母", 0, 1), *two]
    row = agreement(codings, passages=[*TEN, *more]).row("父母")
    of_two = [0.8] * 10
    of_three = [
        np.mean([a == b, a == c, b == c]) for a, b, c in zip("1111000000", "1110000010", "1100000000", strict=True)
    ]
    assert row.measures["percent"].value == pytest.approx(np.mean([*of_three, *of_two]))
    assert row.prevalence["机"].value == pytest.approx(0.2)


def test_codes_mixed_up_are_listed_with_their_places():
    found = confusions([*STUDY, *on("王", "学习", 9), *on("李", "父母", 9), *on("王", "同伴", 0)], passages=TEN)
    assert [(c.codes, [u.id for u in c.units], c.count) for c in found] == [(("学习", "父母"), ["p3", "p9"], 2)]
    mixup = found[0].mixups[0]
    assert (mixup.coder, mixup.code_id, mixup.other_coder, mixup.other_code_id) == ("李", "父母", "王", "学习")


REFUSALS = [
    ({"codings": on("李", "父母", 0)}, "two or more different coders; there are 1: 李"),
    ({"coders": ["李", "李"]}, "two or more different coders"),
    ({"passages": None}, 'unit "passage" needs passages'),
    ({"unit": "turn"}, 'unit "turn" needs transcripts'),
    ({"unit": "word"}, "unit 'word' is not known; choose one of character, sentence, passage, turn"),
    ({"passages": [passage("x", 0, 5, "other")]}, "no unit that two of the coders 李, 王 worked through"),
    ({"codes": []}, "one or more different codes"),
    ({"codings": [*STUDY, coding("王", 5, 5, "父母")]}, r"\[5, 5\) is not a slice of transcript T1"),
    ({"codings": [*STUDY, coding("王", 5, 500, "父母")], "transcripts": [transcript()]}, f"of {len(TALK)} characters"),
    ({"participants": {}}, "participants has no entry for transcript T1"),
    ({"read": {"李": ["T1"]}}, "read names no transcripts for 王"),
    ({"draws": -1}, "draws is -1"),
]


@pytest.mark.parametrize(("change", "message"), REFUSALS)
def test_refusals_say_what_is_wrong(change, message):
    given_input = {"codings": STUDY, "passages": TEN} | change
    with pytest.raises(InputError, match=message):
        agreement(given_input.pop("codings"), **given_input)


def test_machines_alone_are_refused():
    with pytest.raises(InputError, match="machine_coders must name the machines only"):
        agreement_by_kind(STUDY, passages=TEN, machine_coders=("李", "王"))


marks = st.lists(
    st.tuples(st.sampled_from("甲乙丙"), st.integers(0, 9), st.sampled_from("xyz")), min_size=4, max_size=30
)


def values(table, codes="xyz"):
    """Every figure by row and measure, with the rows of codes in the order given."""
    rows = [table.overall, table.pooled, *(table.row(code) for code in codes)]
    return {
        (i, name): e.value if e.value is not None else np.nan
        for i, row in enumerate(rows)
        for name, e in row.measures.items()
    }


@settings(max_examples=40)
@given(marks, st.randoms())
def test_order_and_names_of_coders_and_codes_do_not_matter(found, chance):
    first = [c for k in "甲乙丙" for c in on(k, "w", 0)]
    codings = first + [c for k, n, code in found for c in on(k, code, n)]
    plain = agreement(codings, passages=TEN, codes=list("xyz"), draws=0)
    names, codes = dict(zip("甲乙丙", "乙丙甲", strict=True)), dict(zip("xyzw", "yzxw", strict=True))
    renamed = [dataclasses.replace(c, coder=names[c.coder], code_id=codes[c.code_id]) for c in codings]
    chance.shuffle(renamed)
    again = agreement(renamed, passages=TEN, codes=list("zyx"), draws=0)
    assert values(again, "yzx") == pytest.approx(values(plain), nan_ok=True)


@settings(max_examples=40)
@given(marks)
def test_a_coder_agrees_perfectly_with_a_copy(found):
    codings = [c for _, n, code in found for c in on("甲", code, n)]
    copies = [dataclasses.replace(c, coder="乙") for c in codings]
    table = agreement([*codings, *copies], passages=TEN, draws=0)
    assert all(np.isnan(value) or value == pytest.approx(1) for value in values(table, table.codes).values())
    assert confusions([*codings, *copies], passages=TEN) == []
