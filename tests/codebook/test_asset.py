from itertools import combinations

import pytest

from lbc_themes.codebook import check_codebook, load_codebook
from lbc_themes.core.records import Role

BOOK = load_codebook("left-behind-children")
CODES = [pytest.param(code, id=code.id) for code in BOOK]
IDS = [
    "stress",
    "stress.yearning",
    "stress.insecurity",
    "stress.low_confidence",
    "stress.depressive",
    "academic",
    "academic.pressure",
    "academic.low_motivation",
    "social",
    "social.skills",
    "burden",
    "burden.caregiving",
    "burden.chores",
    "burden.monotony",
    "family",
    "family.lack_support",
    "school",
    "school.resources",
    "school.teachers",
    "health",
    "coping",
    "coping.problem_solving",
    "coping.self_development",
    "coping.positive_thinking",
    "coping.acceptance",
    "coping.recreation",
    "coping.expression",
    "coping.avoidance",
    "coping.maladaptive",
    "coping.maladaptive.rebellion",
    "support",
    "support.informal",
    "support.informal.family",
    "support.informal.peers",
    "support.informal.neighbours",
    "support.informal.teachers",
    "support.formal",
    "support.formal.positive",
    "support.formal.negative",
    "need",
    "need.social_work",
    "need.family_care",
    "need.education",
    "need.community",
    "need.policy",
    "strategy",
    "strategy.extracurricular",
    "strategy.mentorship",
    "strategy.psych_support",
    "strategy.engage_parents",
    "strategy.community_government",
]
NAMES = {
    "stress": ("心理压力", "Psychological stress"),
    "burden.caregiving": ("照顾家人的负担", "Burden of caregiving roles"),
    "coping": ("应对策略", "Coping strategies"),
    "support.formal.positive": ("对正式支持的积极看法", "Positive perception"),
    "need.education": ("教育关注与参与", "Educational engagement, care and attention"),
    "strategy.mentorship": ("教师导师计划", "Teacher mentorship programme"),
}
BOUNDARIES = [
    ("stress.yearning", "family.lack_support"),
    ("stress.yearning", "need.family_care"),
    ("stress.yearning", "stress.insecurity"),
    ("stress.yearning", "coping.positive_thinking"),
    ("stress.depressive", "coping.maladaptive"),
    ("stress.depressive", "coping.acceptance"),
    ("stress.low_confidence", "coping.maladaptive"),
    ("stress.low_confidence", "social"),
    ("stress.insecurity", "burden.caregiving"),
    ("academic.pressure", "academic.low_motivation"),
    ("academic.pressure", "coping.self_development"),
    ("social", "social.skills"),
    ("burden", "coping.problem_solving"),
    ("burden.chores", "burden.caregiving"),
    ("burden.caregiving", "support.informal.family"),
    ("burden.monotony", "coping.recreation"),
    ("family.lack_support", "need.family_care"),
    ("family.lack_support", "support.informal"),
    ("family.lack_support", "strategy.engage_parents"),
    ("school.teachers", "strategy.mentorship"),
    ("school.teachers", "need.education"),
    ("school.resources", "strategy.community_government"),
    ("coping.recreation", "coping.avoidance"),
    ("coping.avoidance", "coping.maladaptive"),
    ("coping.maladaptive", "coping.maladaptive.rebellion"),
    ("support.informal", "support.formal"),
    ("support.informal.teachers", "need.education"),
    ("need.social_work", "strategy.psych_support"),
    ("need.family_care", "strategy.engage_parents"),
    ("need.education", "strategy.extracurricular"),
    ("need.community", "strategy.community_government"),
    ("need.policy", "strategy.community_government"),
    ("strategy.extracurricular", "strategy.psych_support"),
]


def has_chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def wordings(code):
    yield from (code.name, code.brief, code.definition)
    yield from (
        item.text for part in ("include", "exclude", "typical", "atypical", "close") for item in getattr(code, part)
    )


def examples():
    return [(code.id, e) for code in BOOK for part in ("typical", "atypical", "close") for e in getattr(code, part)]


def test_it_has_the_codes_of_the_two_studies_in_order():
    assert list(BOOK.ids) == IDS
    assert len(IDS) == 51
    assert BOOK.version == "1.1.0"


@pytest.mark.parametrize(("code_id", "names"), NAMES.items())
def test_names_are_those_of_the_studies(code_id, names):
    assert (BOOK[code_id].name.zh, BOOK[code_id].name.en) == names


def test_check_codebook_has_nothing_to_say():
    assert check_codebook("left-behind-children") == []


@pytest.mark.parametrize("code", CODES)
def test_the_parent_is_the_id_without_its_last_part(code):
    assert code.parent == (code.id.rpartition(".")[0] or None)


@pytest.mark.parametrize("code", CODES)
def test_everything_is_said_in_both_languages(code):
    for words in wordings(code):
        assert has_chinese(words.zh), words
        assert words.en and not has_chinese(words.en), words


@pytest.mark.parametrize("code", CODES)
def test_there_are_enough_rules_and_examples(code):
    assert 2 <= len(code.include) <= 4
    assert 2 <= len(code.exclude) <= 8
    assert len(code.typical) == 6
    assert 1 <= len(code.atypical) <= 2
    assert 1 <= len(code.close) <= 2
    assert 10 <= len(code.indicators) <= 20
    assert 80 <= len(code.definition.zh) <= 230
    assert len(code.brief.zh) < 60 and "\n" not in code.brief.zh


@pytest.mark.parametrize("code", CODES)
def test_every_rule_against_a_code_names_a_neighbour_once(code):
    named = [rule.use for rule in code.exclude]
    assert len(set(named)) == len(named)
    assert set(named) <= set(IDS) - {code.id}


@pytest.mark.parametrize("code", CODES)
def test_close_examples_take_a_neighbour_that_the_rules_name(code):
    named = {rule.use for rule in code.exclude}
    assert all(named & {example.code, *BOOK.ancestors(example.code)} for example in code.close)


@pytest.mark.parametrize("code", CODES)
def test_typical_examples_come_from_two_kinds_of_speaker_and_take_the_code(code):
    assert len({example.speaker for example in code.typical}) >= 2
    assert {example.code for example in (*code.typical, *code.atypical)} == {code.id}


@pytest.mark.parametrize("code", CODES)
def test_speakers_facets_and_source_are_given(code):
    assert code.speakers and set(code.speakers) <= {Role.CHILD, Role.TEACHER, Role.CAREGIVER}
    assert {"objective", "level", "intervention"} <= set(code.facets)
    assert any(study in code.source for study in ("Lei (2024)", "Wang & Alias (2025)"))


def test_examples_are_the_length_of_speech_and_none_stands_twice():
    texts = [example.text.zh for _, example in examples()]
    assert len(set(texts)) == len(texts) > 450
    assert all(18 <= len(text) <= 75 for text in texts)


def test_no_two_examples_share_a_long_run_of_words():
    shingles: dict[str, str] = {}
    for _, example in examples():
        text = example.text.zh
        for start in range(len(text) - 11):
            assert shingles.setdefault(text[start : start + 12], text) == text


@pytest.mark.parametrize(("one", "other"), BOUNDARIES)
def test_a_boundary_is_drawn_from_both_sides(one, other):
    assert other in {rule.use for rule in BOOK[one].exclude}
    assert one in {rule.use for rule in BOOK[other].exclude}


def test_colours_differ_and_are_light_enough_for_black_text():
    def brightness(colour: str) -> float:
        red, green, blue = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
        return 0.299 * red + 0.587 * green + 0.114 * blue

    assert all(one.colour != other.colour for one, other in combinations(BOOK, 2))
    assert min(brightness(code.colour) for code in BOOK) > 150


def test_the_three_headings_can_be_taken_alone():
    assert [code.id for code in BOOK.subset(["stress", "burden", "coping"]) if code.parent is None] == [
        "stress", "burden", "coping",
    ]  # fmt: skip
