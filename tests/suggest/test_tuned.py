"""The encoder tuned on a coder's texts, here with one layer and few epochs."""

import io
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from learning_texts import CODES, BigramEncoder, coded, indicator

from lbc_themes.core.errors import InputError, MissingExtraError
from lbc_themes.core.messages import Language, use_language
from lbc_themes.encoding import load_encoder
from lbc_themes.encoding.e5_parts import split_encoder
from lbc_themes.suggest import CodeSuggester, fine_tuning, load_suggester
from lbc_themes.suggest.fine_tuning import Choices, Course, TunedView, first_weights, folds_of, logits, padded, shape_of

pytestmark = pytest.mark.slow

TEXTS, SETS, GROUPS = coded()
GOLD = indicator(SETS)
KNOWN, NEW = slice(0, 96), slice(128, 160)
SMALL = Choices(layers=1, folds=2, epochs=2, rate=5e-4, head_rate=1e-2)
ENCODER = load_encoder()
PARTS = split_encoder(ENCODER, 1)
VECTORS = ENCODER.encode(TEXTS)


def tuned(choices: Choices = SMALL, rows: slice = KNOWN) -> TunedView:
    view = TunedView(choices)
    view.fit(ENCODER, TEXTS[rows], GOLD[rows].astype(float), GROUPS[rows])
    return view


def taught(view: TunedView) -> CodeSuggester:
    suggester = CodeSuggester(codes=list(CODES))
    return suggester.fit_beside(view, TEXTS[KNOWN], GOLD[KNOWN], GROUPS[KNOWN], VECTORS[KNOWN])


@pytest.fixture(scope="module")
def view() -> TunedView:
    return tuned()


@pytest.fixture(scope="module")
def suggester(view: TunedView) -> CodeSuggester:
    return taught(view)


# The two parts of the encoder


@pytest.mark.parametrize("layers", [1, 4, 8])
def test_both_parts_together_give_the_vector_of_the_whole(layers: int) -> None:
    import torch

    parts = split_encoder(ENCODER, layers)
    weights = first_weights(parts, 384, seed=0)
    with torch.no_grad():
        weights["head.weight"][:] = torch.eye(384, 768)
        mean = logits(weights, shape_of(parts), *padded(parts.lower(TEXTS[:8], 256))).numpy()
    cosines = (mean / np.linalg.norm(mean, axis=1, keepdims=True) * VECTORS[:8]).sum(axis=1)
    assert cosines.min() > 0.999


def test_padding_changes_nothing() -> None:
    weights = first_weights(PARTS, 4, seed=0)
    states = PARTS.lower(["想妈妈", "爷爷卖菜攒钱供我和弟弟念书，车票太贵了他们过年也不回来"], 256)
    together = logits(weights, shape_of(PARTS), *padded(states)).detach().numpy()
    alone = [logits(weights, shape_of(PARTS), *padded([some])).detach().numpy()[0] for some in states]
    np.testing.assert_allclose(together, alone, atol=1e-4)


def test_a_long_text_is_cut() -> None:
    assert PARTS.lower(["作业不会写，" * 100], 64)[0].shape == (64, 384)


def test_an_encoder_that_is_not_the_librarys_own_is_refused() -> None:
    with pytest.raises(InputError, match=r'"e5-small-zh.v1", not bigrams.v1; leave tune out'):
        CodeSuggester(codes=list(CODES), encoder=BigramEncoder()).fit(TEXTS, SETS, tune="encoder")


def test_more_layers_than_there_are_are_refused() -> None:
    with pytest.raises(InputError, match="12 layers, of which 1 to 11 can be tuned, not 12"):
        split_encoder(ENCODER, 12)


# What is learned


def test_texts_of_children_left_out_are_told_apart(view: TunedView) -> None:
    assert view.left_out_.shape == (96, 4)
    assert GOLD[KNOWN][np.arange(96), view.left_out_.argmax(axis=1)].mean() > 0.6


def test_a_left_out_answer_has_not_seen_its_child() -> None:
    """Labels drawn by lot, one for each child: only an answer that had seen the child could be right."""
    lot = np.zeros((96, 2))
    for row, child in enumerate(GROUPS[KNOWN]):
        lot[row, int(child in GROUPS[0])] = 1
    view = TunedView(replace(SMALL, folds=3))
    view.fit(ENCODER, TEXTS[KNOWN], lot, GROUPS[KNOWN])
    alone = [row for row, child in enumerate(GROUPS[KNOWN]) if child == GROUPS[0]]
    assert view.left_out_[alone].argmax(axis=1).mean() < 0.5


def test_the_same_seed_gives_the_same_weights() -> None:
    short = replace(SMALL, epochs=1)
    one, again, other = (tuned(replace(short, seed=seed), slice(16, 48)).left_out_ for seed in (0, 0, 1))
    np.testing.assert_array_equal(again, one)
    assert not np.array_equal(other, one)


def test_the_blend_listens_to_the_tuned_view(suggester: CodeSuggester) -> None:
    assert suggester.learner_ is not None
    assert suggester.learner_.stack_ is not None
    plain = CodeSuggester(codes=list(CODES)).fit(TEXTS[:40], SETS[:40], vectors=VECTORS[:40])
    assert plain.learner_ is not None
    own = len(suggester.learner_.stack_.weights) - len(plain.learner_.stack_.weights)
    assert own == 2  # the tuned view and its lead, which stand before the codebook's
    assert suggester.learner_.stack_.weights[-5:-3].max() > 0
    best = suggester.rank(TEXTS[NEW], VECTORS[NEW]).argmax(axis=1)
    assert GOLD[NEW][np.arange(32), best].mean() > 0.8


def test_tune_is_a_word_of_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fine_tuning, "Choices", lambda: replace(SMALL, epochs=1))
    suggester = CodeSuggester(codes=list(CODES)).fit(TEXTS[:40], SETS[:40], vectors=VECTORS[:40], tune="encoder")
    assert suggester.tuned_ is not None
    assert suggester.tuned_.left_out_.shape == (40, 4)
    assert suggester.fit(TEXTS[:40], SETS[:40], vectors=VECTORS[:40]).tuned_ is None


def test_further_passages_leave_the_tuned_view_as_it_is(view: TunedView) -> None:
    suggester = taught(view)
    before = {name: values.copy() for name, values in view.models_[0].items()}
    for some in (slice(96, 100), slice(100, 128)):
        suggester.partial_fit(TEXTS[some], GOLD[some], GROUPS[some], VECTORS[some])
    assert suggester.tuned_ is view
    assert suggester.coded_ == suggester.learner_.checked_ == 128  # type: ignore[union-attr]
    for name, values in view.models_[0].items():
        np.testing.assert_array_equal(values, before[name])


def test_a_saved_suggester_carries_what_was_tuned(suggester: CodeSuggester, tmp_path: Path) -> None:
    suggester.save(tmp_path / "taught.lbc")
    loaded = load_suggester(tmp_path / "taught.lbc")
    expected = suggester.predict_proba(TEXTS[NEW], VECTORS[NEW])
    np.testing.assert_allclose(loaded.predict_proba(TEXTS[NEW], VECTORS[NEW]), expected, atol=1e-6)
    np.testing.assert_array_equal(loaded.predict(TEXTS[NEW]), suggester.predict(TEXTS[NEW]))


def test_the_weights_are_stored_without_pickle(view: TunedView) -> None:
    with np.load(io.BytesIO(view.to_bytes()), allow_pickle=False) as file:
        assert all(file[name].dtype != object for name in file.files)
    assert TunedView.from_bytes(view.to_bytes()).choices == SMALL


# Folds


def test_folds_keep_a_group_together_and_are_about_equal() -> None:
    groups = [f"child {i % 11}" for i in range(110)]
    folds = folds_of(groups, 3, seed=0)
    assert all(len({fold for fold, name in zip(folds, groups, strict=True) if name == one}) == 1 for one in groups)
    assert sorted(np.bincount(folds)) == [30, 40, 40]


# What is said, and when it ends


def test_it_says_how_long_it_will_take(capsys: pytest.CaptureFixture[str]) -> None:
    wordings: tuple[tuple[Language, str], ...] = (
        ("zh", "2,725 条文本，3 折各 8 轮，约 10 分钟；按 Ctrl-C 可提前结束"),
        ("en", "2,725 texts, 3 folds of 8 epochs, about 10 min; Ctrl-C ends it early"),
    )
    for language, words in wordings:
        with use_language(language):
            fine_tuning.announced(601, 2725, 3, 8)
        assert words in capsys.readouterr().err


@pytest.mark.parametrize(("at", "learned", "said"), [(5, False, "stays as it was"), (10, True, "epoch 1 of 2 is kept")])
def test_ctrl_c_keeps_the_last_epoch_that_all_folds_finished(
    at: int, learned: bool, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps, step = iter(range(1000)), Course.step

    def pressed(course: Course, rows: "np.ndarray[tuple[int], np.dtype[np.intp]]") -> None:
        if next(steps) == at:
            raise KeyboardInterrupt
        step(course, rows)

    monkeypatch.setattr(Course, "step", pressed)
    suggester = taught(TunedView(SMALL))
    assert (suggester.tuned_ is not None) is learned
    assert said in capsys.readouterr().err
    best = suggester.rank(TEXTS[NEW], VECTORS[NEW]).argmax(axis=1)
    assert GOLD[NEW][np.arange(32), best].mean() > 0.8


# Refusals


def test_few_texts_are_refused() -> None:
    with pytest.raises(InputError, match="at least 30 coded texts, not 12"):
        CodeSuggester(codes=list(CODES)).fit(TEXTS[:12], SETS[:12], vectors=VECTORS[:12], tune="encoder")


def test_an_unknown_way_is_refused() -> None:
    with pytest.raises(InputError, match="""tune must be "" or "encoder", not 'all'"""):
        CodeSuggester(codes=list(CODES)).fit(TEXTS, SETS, tune="all")  # type: ignore[arg-type]


@pytest.mark.parametrize("package", ["torch", "onnx"])
def test_a_missing_package_is_named_with_its_command(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said = rf"""{package}: pip install 'lbc_themes\[tune\]'"""
    with monkeypatch.context() as without, pytest.raises(MissingExtraError, match=said):
        without.setitem(sys.modules, package, None)
        CodeSuggester(codes=list(CODES)).fit(TEXTS, SETS, vectors=VECTORS, tune="encoder")
