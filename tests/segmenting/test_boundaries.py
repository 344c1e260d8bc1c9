"""Boundaries: where a cut is offered, and how much speaks for it."""

import pytest

from lbc_themes.segmenting.boundaries import boundaries, unbroken
from lbc_themes.text.words import word_cutter


def weakness_at(place: int, *pieces: str) -> float:
    found = boundaries(pieces, word_cutter(), longest=2)
    return dict(zip(found.offsets, found.weakness, strict=True))[place]


@pytest.mark.parametrize("whole", ["<city>", "e-mail", "10:30", "3.5", "www.example.com", "A+B"])
def test_nothing_is_offered_inside_numbers_latin_words_and_placeholders(whole: str) -> None:
    said = f"去{whole}了" * 5
    places = set(boundaries([said], word_cutter(), longest=2).offsets)
    length = len(whole) + 2
    inside = {start + place for start in range(0, len(said), length) for place in range(2, length - 1)}
    assert not places & inside
    assert len(places) > 5


def test_a_placeholder_may_be_cut_off_before_and_after_but_not_inside() -> None:
    assert unbroken("去<city>了3.5天") == {2, 3, 4, 5, 6, 9, 10}


def test_the_end_of_a_turn_is_a_stronger_boundary_than_the_same_words_in_one_turn() -> None:
    assert weakness_at(4, "我在家里", "他在街上") < weakness_at(4, "我在家里他在街上")


def test_a_discourse_marker_is_a_stronger_boundary_than_other_words() -> None:
    assert weakness_at(4, "我在家里但是他在街上") < weakness_at(4, "我在家里喂了三头猪")


def test_a_blank_in_speech_without_marks_is_a_pause() -> None:
    assert weakness_at(5, "我在家里 喂了三头猪") < weakness_at(4, "我在家里喂了三头猪")


def test_sizes_grow_from_nought_to_all_that_is_said() -> None:
    found = boundaries(["我在家里，", "eng喂猪。"], word_cutter(), longest=2)
    assert (found.offsets[0], found.offsets[-1]) == (0, 11)
    assert (found.sizes[0], found.sizes[-1]) == (0, 6)
    assert found.sizes == sorted(found.sizes)


@pytest.mark.parametrize(("longest", "offered"), [(20, False), (19, True)])
def test_words_that_nothing_speaks_for_are_offered_only_where_marks_are_more_than_half_the_longest_apart(
    longest: int, offered: bool
) -> None:
    """Each sentence is of ten characters and a full stop."""
    found = boundaries(["我在家里喂了三头猪吃。" * 3], word_cutter(), longest)
    assert (found.offsets != [0, 11, 22, 33]) == offered
    assert {0, 11, 22, 33} <= set(found.offsets)
    assert found.weakness[0] == found.weakness[-1] == 0


def test_the_first_sentence_is_measured_from_the_beginning() -> None:
    found = boundaries(["我在家里喂了三头猪吃饭。" + "我在家里喂了三头猪吃。" * 2], word_cutter(), 20)
    assert [place for place in found.offsets if place > 12] == [23, 34]
    assert len(found.offsets) > 4


def test_only_a_run_without_marks_is_taken_for_speech_that_nobody_punctuated() -> None:
    bare = "我在家里喂了三头猪吃饭又去地里拔草" * 4
    assert weakness_at(4, f"我在家里喂了三头猪。{bare}") == weakness_at(4, bare) + 6
    assert weakness_at(4, bare) == weakness_at(4, "我在家里喂了三头猪吃饭又去地里拔草" * 5)
