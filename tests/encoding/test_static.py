"""The fast encoder: the same form as model2vec, near what the default encoder says, a text's bits its own."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from lbc_themes.codebook import load_codebook
from lbc_themes.core.assets import model_folder, sha256_of
from lbc_themes.core.errors import InputError
from lbc_themes.encoding import Vectors, load_encoder
from lbc_themes.encoding.cache import VectorCache, shipped_vectors, text_key
from lbc_themes.encoding.encoder import OnnxEncoder
from lbc_themes.encoding.static import BATCH, StaticEncoder
from lbc_themes.suggest import CodeSuggester
from lbc_themes.suggest.features import texts_to_encode

FOLDER = model_folder("static-zh")
ENCODER = StaticEncoder(FOLDER)
TEXTS = (
    "我想妈妈了。",
    "奶奶腿疼，地里的活儿干不动，水都是我挑的。",
    "嗯",
    "I miss my mother at night.",
    "作业太多写不完 OK",
    "",
    "他们打我，我没有告诉老师。" * 40,
    "留守儿童被同学欺负",
)


@pytest.fixture(scope="module")
def together() -> Vectors:
    return ENCODER.encode(TEXTS)


@pytest.mark.slow
@pytest.mark.parametrize("row", range(len(TEXTS)))
def test_a_text_has_the_same_bits_alone_and_among_others(row: int, together: Vectors) -> None:
    assert ENCODER.encode([TEXTS[row]])[0].tobytes() == together[row].tobytes()


def test_order_and_batches_do_not_change_a_bit(together: Vectors) -> None:
    many = ENCODER.encode([*TEXTS[::-1], *["好"] * BATCH, *TEXTS])
    assert many[: len(TEXTS)][::-1].tobytes() == together.tobytes() == many[-len(TEXTS) :].tobytes()


def test_vectors_are_float32_rows_of_unit_length_and_zero_where_blank(together: Vectors) -> None:
    assert together.dtype == np.float32
    assert together.shape == (len(TEXTS), ENCODER.dimensions)
    lengths = np.linalg.norm(together, axis=1)
    np.testing.assert_allclose(np.delete(lengths, 5), 1, atol=1e-6)
    assert lengths[5] == 0


@pytest.mark.parametrize("text", ["", " \n", "　"])
def test_blank_text_is_a_zero_row(text: str) -> None:
    assert not ENCODER.encode(["好", text])[1].any()


def test_text_of_signs_that_it_does_not_know_has_a_row_all_the_same() -> None:
    assert np.linalg.norm(ENCODER.encode(["\u16a0\u16a1"])) == pytest.approx(1, abs=1e-6)


def test_whole_words_of_the_dictionary_are_read_as_such() -> None:
    read = ENCODER._tokenizer.encode("留守儿童想念爸爸，怕被欺负", add_special_tokens=False).tokens
    assert {"留守", "儿童", "想念", "爸爸", "欺负"} <= set(read)


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("我想妈妈了", "晚上特别思念母亲", "数学题太难不会做"),
        ("家里没钱交学费", "经济上很困难，付不起费用", "同学一起打篮球很开心"),
        ("他们在学校欺负我", "被同学打了，没人帮我", "奶奶做的饭很好吃"),
        ("I miss my mother", "she misses her mom at night", "the maths homework is too hard"),
    ],
)
def test_texts_that_mean_the_same_lie_nearer(text: str, near: str, far: str) -> None:
    rows = ENCODER.encode([text, near, far])
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.05


@pytest.mark.slow
def test_what_lies_near_is_what_the_default_encoder_finds_near() -> None:
    texts = [u.text for u in load_codebook("left-behind-children").utterances if u.language == "zh"][::20]
    likenesses = []
    for encoder in (ENCODER, OnnxEncoder(model_folder("e5-small-zh"))):
        rows = encoder.encode(texts)
        rows = rows - rows.mean(axis=0)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        likenesses.append((rows @ rows.T)[np.triu_indices(len(rows), 1)])
    assert np.corrcoef(likenesses)[0, 1] > 0.75


@pytest.mark.slow
def test_the_registry_names_it_and_it_keeps_no_vectors(tmp_path: Path, together: Vectors) -> None:
    encoder = load_encoder("static-zh", tmp_path / "v.sqlite")
    assert encoder.name == "static-zh.v1"
    assert encoder.encode(TEXTS).tobytes() == together.tobytes()
    assert VectorCache(tmp_path / "v.sqlite").info().vectors == 0


def test_vectors_shipped_for_the_default_encoder_are_not_taken_for_its_own() -> None:
    texts = texts_to_encode(load_codebook("left-behind-children"))["passage"][:50]
    assert len(shipped_vectors([text_key("e5-small-zh.v1", "passage", text) for text in texts])) == 50
    assert shipped_vectors([text_key("static-zh.v1", "passage", text) for text in texts]) == {}
    assert load_encoder("static-zh.v1").encode(texts).tobytes() == ENCODER.encode(texts).tobytes()


def test_a_suggester_works_with_it() -> None:
    suggester = CodeSuggester(codes=["想念爸爸妈妈", "作业太难", "家里没有钱"], encoder="static-zh.v1")
    texts = ["晚上就想我妈，想得睡不着", "数学题一道都不会写", "学费交不起，爷爷去借的"]
    assert suggester.rank(texts).argmax(axis=1).tolist() == [0, 1, 2]


def test_the_model_is_the_one_its_checksums_name_and_no_larger_than_promised() -> None:
    lines = (FOLDER / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    named = dict(reversed(line.split("  ")) for line in lines)
    assert named == {name: sha256_of(FOLDER / name) for name in ("config.json", "model.safetensors", "tokenizer.json")}
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= 16_000_000


def test_its_vectors_are_the_weighted_sums_of_its_rows() -> None:
    tensors = load_file(FOLDER / "model.safetensors")
    assert tensors["embeddings"].dtype == np.int8
    ids = ENCODER._tokenizer.encode("我想妈妈了。", add_special_tokens=False).ids
    summed = sum(tensors["embeddings"][i].astype(np.float64) * tensors["weights"][i] for i in ids)
    np.testing.assert_allclose(ENCODER.encode(["我想妈妈了。"])[0], summed / np.linalg.norm(summed), atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("encoder", [ENCODER, OnnxEncoder(model_folder("e5-small-zh"))], ids=["static", "e5"])
def test_only_where_the_model_is_goes_to_another_process(encoder: StaticEncoder | OnnxEncoder) -> None:
    row = encoder.encode(["我想家"])
    sent = pickle.dumps(encoder)
    assert len(sent) < 1000
    assert pickle.loads(sent).encode(["我想家"]).tobytes() == row.tobytes()


def test_another_kind_and_one_bare_string_are_refused() -> None:
    with pytest.raises(InputError, match=r"^kind must be one of passage, query, not 'answer'$"):
        ENCODER.encode(["好"], "answer")  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"^texts must be a list of strings; one text alone is given as \[text\]$"):
        ENCODER.encode("我想妈妈")


def test_progress_adds_up_to_the_number_of_texts() -> None:
    done: list[int] = []
    ENCODER.encode(["好"] * (BATCH + 3), advance=done.append)
    assert done == [BATCH, 3]


def test_a_file_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    whole = (FOLDER / "model.safetensors").read_bytes()
    for part in (whole[:5], whole[:200], whole[:-7]):
        (tmp_path / "model.safetensors").write_bytes(part)
        with pytest.raises(
            InputError, match=r"model\.safetensors is not a whole \.safetensors file \(.*\); install lbc"
        ):
            _ = StaticEncoder(tmp_path)._words


def test_the_card_says_what_the_folder_holds() -> None:
    config = json.loads((FOLDER / "config.json").read_text(encoding="utf-8"))
    card = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert f"{config['name']} {config['version']}" in card
    assert f"{config['dimensions']} dimensions" in card
    assert f"{len(load_file(FOLDER / 'model.safetensors')['weights']):,} words" in card
