"""The bootstrap over participants: which percentiles, how many draws, when there is no interval."""

import numpy as np
import pytest

from lbc_themes.agreement.bootstrap import draw_weights, estimate, estimates


def test_the_interval_holds_the_middle_95_per_cent_of_the_draws() -> None:
    found = estimate(0.5, np.arange(1001) / 1000)
    assert (found.low, found.high) == pytest.approx((0.025, 0.975))


def test_draws_in_which_the_figure_is_undefined_are_left_out_of_the_percentiles() -> None:
    draws = np.concatenate([np.arange(101.0), np.full(101, np.nan)])
    found = estimate(50.0, draws)
    assert (found.low, found.high) == pytest.approx((2.5, 97.5))


def test_there_is_no_interval_where_more_than_half_of_the_draws_are_undefined() -> None:
    assert estimate(0.5, np.array([0.4, np.nan, np.nan])).low is None
    assert estimate(0.5, np.array([])).high is None
    assert estimate(float("nan"), np.array([0.1, 0.2])).value is None


def test_each_draw_takes_as_many_participants_as_there_are_with_replacement() -> None:
    weights = draw_weights(6, 2000, seed=3)
    assert weights.shape == (2000, 6)
    assert (weights.sum(1) == 6).all()
    assert weights.max() > 1
    assert weights.mean(0) == pytest.approx(np.ones(6), abs=0.08)
    assert (draw_weights(6, 2000, seed=3) == weights).all()
    assert not (draw_weights(6, 2000, seed=4) == weights).all()


def test_the_interval_is_of_all_draws_however_many_are_measured_at_a_time() -> None:
    weights = draw_weights(5, 250, seed=1)
    values = np.arange(5.0)
    measured = []

    def mean(drawn: np.ndarray) -> dict[str, np.ndarray]:
        measured.append(len(drawn))
        return {"mean": drawn @ values / drawn.sum(1)}

    found = estimates(mean, weights)["mean"]
    assert found.value == 2
    assert [found.low, found.high] == pytest.approx(np.percentile(weights @ values / 5, [2.5, 97.5]))
    assert measured == [1, 100, 100, 50]


@pytest.mark.parametrize(("participants", "drawn"), [(4, 0), (5, 100)])
def test_fewer_than_five_participants_get_no_interval(participants: int, drawn: int) -> None:
    assert len(draw_weights(participants, 100, seed=0)) == drawn


def test_the_coverage_of_the_interval_is_near_95_per_cent() -> None:
    """The mean of 40 participants with known mean 0: the interval must hold it in about 19 of 20 studies."""
    rng = np.random.default_rng(11)
    held = 0
    for study in range(300):
        values = rng.normal(size=40)
        weights = draw_weights(40, 400, seed=study)

        def mean(drawn: np.ndarray, values: np.ndarray = values) -> dict[str, np.ndarray]:
            return {"mean": drawn @ values / drawn.sum(1)}

        found = estimates(mean, weights)["mean"]
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 0 <= found.high
    assert 0.90 < held / 300 < 0.98
