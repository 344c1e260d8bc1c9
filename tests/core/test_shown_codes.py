"""What of a suggestion is shown: the first code always, further ones from one in twenty."""

from lbc_themes.core.records import Evidence, RankedCode, Suggestion, as_shown, shown_codes


def suggestion(*probabilities: float) -> Suggestion:
    codes = (
        RankedCode(code_id=f"c{n}", score=0.0, probability=probability, evidence=Evidence())
        for n, probability in enumerate(probabilities)
    )
    return Suggestion(passage_id="p", codes=tuple(codes))


def test_the_first_code_is_always_shown_and_others_from_five_per_cent() -> None:
    assert [code.code_id for code in shown_codes(suggestion(0.01, 0.05, 0.049, 0.06))] == ["c0", "c1", "c3"]
    assert shown_codes(suggestion()) == ()


def test_a_suggestion_whose_codes_are_all_shown_stays_itself() -> None:
    whole = suggestion(0.5, 0.3)
    assert as_shown(whole) is whole
    assert as_shown(suggestion(0.5, 0.01)) == suggestion(0.5)
