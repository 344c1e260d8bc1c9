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
from lbc_themes.agreement.agreement import notices_of
from lbc_themes.agreement.ratings import prepare
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


@pytest.mark.parametrize(
    ("number", "draws", "topic"),
    [
        (20, 0, "no-draws"),
        (4, 10, "no-interval"),
        (5, 10, "few-participants"),
        (19, 10, "few-participants"),
        (20, 10, "interval"),
    ],
)
def test_the_notice_on_intervals_goes_by_the_number_of_participants(number, draws, topic):
    places, codings = people(number, np.random.default_rng(4))
    table = agreement(codings, passages=places, draws=draws)
    (notice,) = [n for n in table.notices if n.topic in {"no-draws", "no-interval", "few-participants", "interval"}]
    assert notice.topic == topic
    figures = {"no-draws": [], "no-interval": [number, 5], "few-participants": [draws, number], "interval": [draws]}
    assert all(str(figure) in notice.text.en and str(figure) in notice.text.zh for figure in figures[topic])


@pytest.mark.parametrize(
    ("percent", "kappa", "ac1", "said"),
    [
        (0.8, 0.0, 0.2, True),
        (0.79, 0.4, 0.6, False),
        (0.9, 0.6, 0.9, False),
        (0.9, 0.59, 0.9, True),
        (0.9, 0.5, 0.6, False),
        (0.9, None, 0.9, False),
        (None, 0.4, 0.9, False),
        (0.9, 0.4, None, False),
    ],
)
def test_the_prevalence_notice_is_given_where_kappa_lies_far_below_the_rest(percent, kappa, ac1, said):
    table = agreement(STUDY, passages=TEN)
    figures = {"percent": percent, "cohen_kappa": kappa, "ac1": ac1}
    row = dataclasses.replace(
        table.row("父母"),
        measures={name: Estimate(value=value) for name, value in figures.items()},
        prevalence={"李": Estimate(value=0.125), "王": Estimate(value=None)},
    )
    material = prepare(
        STUDY, unit="passage", passages=TEN, transcripts=None, coders=None, codes=None, read=None, participants=None,
        include_uncoded=True,
    )  # fmt: skip
    notices = notices_of(dataclasses.replace(table, rows=(row,)), material)
    found = [n for n in notices if n.topic == "prevalence-paradox"]
    assert bool(found) == said
    if found:
        assert "(李 0.12)" in found[0].text.en


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
    assert "many-coders" not in topics(pairs[0])


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


CHOICES = {
    "fewer codes": {"codes": ["父母"]},
    "some coders": {"coders": ["machine", "李"]},
    "what was read": {"read": {"李": ["T1", "T2"], "王": ["T1"], "machine": ["T1", "T2"]}},
    "participants": {"participants": {f"T{i}": f"P{(i - 1) // 2}" for i in range(1, 13)}, "draws": 60},
    "only what is coded": {"include_uncoded": False},
    "draws and seed": {"draws": 60, "seed": 5},
}


@pytest.mark.slow
@pytest.mark.parametrize("choice", CHOICES.values(), ids=CHOICES)
def test_each_comparison_of_people_and_machine_is_made_with_the_same_choices(choice):
    """Each row is the one that `agreement` gives for these coders alone."""
    places = [passage(f"{t}.{i}", 10 * i, 10 * i + 10, f"T{t}") for t in range(1, 13) for i in range(5)]
    rng = np.random.default_rng(6)
    codings = [
        coding(coder, p.start, p.end, code, p.transcript_id)
        for p in places
        for coder in ("李", "王", "machine")
        for code in ("父母", "学习")
        if rng.random() < 0.4
    ]
    table = agreement_by_kind(codings, passages=places, **choice)
    same_codes = {"codes": ["学习", "父母"]} | choice
    groups = list(dict.fromkeys((row.kind, row.coders) for row in table.rows))
    for kind, group in groups:
        alone = agreement(codings, passages=places, **(same_codes | {"coders": group}))
        mine = tuple(row for row in table.rows if row.coders == group)
        assert mine == tuple(dataclasses.replace(row, kind=kind) for row in alone.rows)
        assert set(alone.notices) <= set(table.notices)
    assert table.coders == tuple(choice.get("coders", ["machine", "李", "王"]))
    assert table.participants == {"participants": 6, "read": 2}.get(next(iter(choice)), 12)
    assert (table.draws, table.seed) == (choice.get("draws", 1000), choice.get("seed", 0))


@pytest.mark.parametrize("unit", ["turn", "sentence", "character"])
def test_people_and_machine_are_compared_by_any_unit(unit):
    codings = [coding(coder, start, start + 5, "父母") for coder, start in (("李", 0), ("王", 2), ("machine", 3))]
    table = agreement_by_kind(codings, unit=unit, transcripts=[transcript()])
    assert table.unit == unit
    alone = agreement(codings, unit=unit, transcripts=[transcript()], coders=["王", "machine"])
    assert table.row("父母", coders=("王", "machine")).measures == alone.row("父母").measures


def test_a_machine_of_another_name_is_one_where_it_is_named():
    codings = [*STUDY, *on("gpt", "父母", 0, 1, 8), *on("svm", "学习", 4)]
    table = agreement_by_kind(codings, passages=TEN, machine_coders=["gpt", "svm"])
    kinds = {row.coders: row.kind for row in table.rows}
    assert kinds[("李", "王")] == "human-human"
    assert {pair for pair, kind in kinds.items() if kind == "human-machine"} == {
        (person, machine) for person in ("李", "王") for machine in ("gpt", "svm")
    }


def test_a_comparison_without_anything_shared_is_left_out_and_said():
    codings = [*STUDY, *on("machine", "父母", 0, transcript_id="T2")]
    table = agreement_by_kind(codings, passages=[*TEN, passage("q0", 0, 10, "T2")])
    assert {row.coders for row in table.rows} == {("李", "王")}
    said = [notice.text.en for notice in table.notices if notice.topic == "not-compared"]
    assert said == [
        "Not compared, for there is nothing that both coded: 李 × machine.",
        "Not compared, for there is nothing that both coded: 王 × machine.",
    ]
    assert table.notices[0].text.zh == "李 × machine 没有共同编过的内容，没有比较。"


def test_comparisons_that_all_share_nothing_are_refused():
    with pytest.raises(InputError, match="no unit that two of the coders"):
        agreement_by_kind([*on("李", "父母", 0), *on("machine", "父母", 0, transcript_id="T2")], passages=TEN)


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


def test_pairs_of_codes_that_are_mixed_up_most_stand_first_and_equal_ones_in_order_of_the_codebook():
    pairs = [("a", "b", 0), ("c", "d", 1), ("c", "d", 2), ("a", "d", 3)]
    codings = [c for one, two, n in pairs for c in (*on("李", two, n), *on("王", one, n))]
    found = confusions(codings, passages=TEN, codes=["d", "c", "b", "a"])
    assert [(c.codes, c.count) for c in found] == [(("d", "c"), 2), (("d", "a"), 1), (("b", "a"), 1)]


def test_a_pair_of_codes_may_be_mixed_up_by_several_pairs_of_coders_on_one_unit():
    codings = [*on("丙", "x", 4), *on("李", "x", 4), *on("王", "y", 4)]
    (found,) = confusions(codings, passages=TEN)
    assert [(m.coder, m.code_id, m.other_coder, m.other_code_id) for m in found.mixups] == [
        ("丙", "x", "王", "y"),
        ("李", "x", "王", "y"),
    ]
    assert found.count == 1


def test_mixups_are_looked_for_among_the_coders_codes_and_transcripts_that_are_asked_for():
    codings = [*on("丙", "x", 1), *on("李", "x", 1, 2), *on("王", "y", 1, 2), *on("王", "z", 1)]
    found = confusions(codings, passages=TEN, coders=["王", "李"], codes=["x", "y"])
    assert [(c.codes, [(m.coder, m.other_coder) for m in c.mixups]) for c in found] == [
        (("x", "y"), [("王", "李"), ("王", "李")])
    ]
    unread = {"丙": ["T1"], "李": [], "王": ["T1"]}
    assert [m.coder for c in confusions(codings, passages=TEN, read=unread) for m in c.mixups] == ["丙", "丙"]


def test_mixups_may_be_counted_in_characters_of_the_transcript():
    codings = [coding("李", 0, 6, "x"), coding("王", 2, 8, "y")]
    (found,) = confusions(codings, unit="character", transcripts=[transcript()])
    assert found.count == 6 - 2


REFUSALS = [
    ({"codings": on("李", "父母", 0)}, "two or more different coders; there are 1: 李"),
    ({"coders": ["李", "李"]}, "two or more different coders"),
    ({"passages": None}, 'unit "passage" needs passages'),
    ({"unit": "turn"}, 'unit "turn" needs transcripts'),
    ({"unit": "word"}, "unit 'word' is not known; choose one of character, sentence, passage, turn"),
    ({"passages": [passage("x", 0, 5, "other")]}, "no unit that two of the coders 李, 王 worked through"),
    (
        {"include_uncoded": False, "codes": ["同伴"]},
        "no unit that two of the coders 李, 王 worked through and one of them coded: check that the codings",
    ),
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
    with pytest.raises(InputError, match="the coders 李, 王; machine_coders must name the machines only"):
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


@pytest.mark.slow
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


@pytest.mark.slow
@settings(max_examples=40)
@given(marks)
def test_a_coder_agrees_perfectly_with_a_copy(found):
    codings = [c for _, n, code in found for c in on("甲", code, n)]
    copies = [dataclasses.replace(c, coder="乙") for c in codings]
    table = agreement([*codings, *copies], passages=TEN, draws=0)
    assert all(np.isnan(value) or value == pytest.approx(1) for value in values(table, table.codes).values())
    assert confusions([*codings, *copies], passages=TEN) == []


def test_what_was_adjudicated_is_no_coders_own_judgement():
    """Else the passages on which two people settled would count as ones on which they had agreed."""
    settled = [dataclasses.replace(each, adjudication=True) for each in on("李", "父母", 8)]
    plain, table = (agreement(codings, passages=TEN, draws=0) for codings in (STUDY, [*STUDY, *settled]))
    assert table.coders == ("李", "王")
    assert table.overall.kappa.value == plain.overall.kappa.value
    assert agreement_by_kind([*STUDY, *settled], passages=TEN, draws=0).overall.kappa.value == plain.overall.kappa.value
    named = agreement([*STUDY, *settled], passages=TEN, coders=("王", "adjudication:李"), draws=0)
    assert named.row("父母").prevalence["adjudication:李"].value == pytest.approx(0.1)
