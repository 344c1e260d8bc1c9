"""Encoders: the default one, the registry, and the way to any sentence-transformers model."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lbc_themes.core.assets import model_folder, sha256_of
from lbc_themes.core.errors import InputError, MissingExtraError
from lbc_themes.encoding import DEFAULT_ENCODER, Vectors, encoder_names, load_encoder
from lbc_themes.encoding.encoder import TOKENS_A_RUN, OnnxEncoder, _runs
from lbc_themes.encoding.sentence_transformer import SentenceTransformerEncoder

FOLDER = model_folder("e5-small-zh")
ENCODER = OnnxEncoder(FOLDER)
LONG = "，".join(f"第{n}天我自己走路去学校，路上一个人也没有" for n in range(60))
TEXTS = (
    "我想妈妈了。",
    "奶奶腿疼，地里的活儿干不动，水都是我挑的。",
    "嗯",
    LONG,
    "I miss my mother at night.",
    "作业太多写不完 OK",
    "",
    "他们打我，我没有告诉老师。",
)


def cosine(one: Vectors, other: Vectors) -> float:
    return float(one @ other)


@pytest.fixture(scope="module")
def together() -> Vectors:
    return ENCODER.encode(TEXTS)


@pytest.mark.slow
@pytest.mark.parametrize("row", range(len(TEXTS)))
def test_a_text_has_the_same_bits_alone_and_among_others(row: int, together: Vectors) -> None:
    assert ENCODER.encode([TEXTS[row]])[0].tobytes() == together[row].tobytes()


@pytest.mark.slow
def test_order_and_threads_do_not_change_a_bit(together: Vectors) -> None:
    backwards = OnnxEncoder(FOLDER, threads=1).encode(TEXTS[::-1])
    assert backwards[::-1].tobytes() == together.tobytes()


def test_texts_of_one_length_run_together_and_have_the_bits_of_each_alone() -> None:
    alike = [f"{who}第{n}天没去{where}" for who in "他她我你" for n in "一二三四五" for where in ("学校", "镇上")]
    made = ENCODER.encode(alike)
    assert max(map(len, _runs([len(ids) for ids in ENCODER.tokens(alike)], ENCODER.workers))) > 1
    for row in (0, 7, 21, 39):
        assert ENCODER.encode([alike[row]])[0].tobytes() == made[row].tobytes()


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_every_text_is_in_one_run_with_texts_of_its_length_alone(workers: int) -> None:
    lengths = [5, 512, 34, 5, 34, 34, 7] * 40
    runs = _runs(lengths, workers)
    assert sorted(i for together in runs for i in together) == list(range(len(lengths)))
    assert all(len({lengths[i] for i in together}) == 1 for together in runs)
    assert all(len(together) == 1 or sum(lengths[i] for i in together) <= TOKENS_A_RUN for together in runs)


def test_vectors_are_float32_rows_of_unit_length(together: Vectors) -> None:
    assert together.dtype == np.float32
    assert together.shape == (len(TEXTS), 384) == (len(TEXTS), ENCODER.dimensions)
    np.testing.assert_allclose(np.linalg.norm(np.delete(together, 6, axis=0), axis=1), 1, atol=1e-6)


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=40))
@pytest.mark.slow
def test_any_text_gets_a_row_of_unit_length_or_zero_where_it_is_blank(text: str) -> None:
    [row] = ENCODER.encode([text])
    assert np.linalg.norm(row) == pytest.approx(1 if text.strip() else 0, abs=1e-5)


@pytest.mark.parametrize("blank", ["", " ", "\n\t", "　"])
def test_blank_text_is_a_zero_row(blank: str) -> None:
    assert not ENCODER.encode(["好", blank])[1].any()


def test_no_texts_are_no_rows() -> None:
    assert ENCODER.encode([]).shape == (0, 384)
    assert load_encoder().encode([]).shape == (0, 384)


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("我想妈妈了", "晚上特别思念母亲", "数学题太难不会做"),
        ("家里没钱交学费", "经济上很困难，付不起费用", "同学一起打篮球很开心"),
        ("他们在学校欺负我", "被同学打了，没人帮我", "奶奶做的饭很好吃"),
    ],
)
def test_texts_that_mean_the_same_lie_nearer(text: str, near: str, far: str) -> None:
    rows = ENCODER.encode([text, near, far])
    assert cosine(rows[0], rows[1]) > cosine(rows[0], rows[2]) + 0.02


def test_the_end_of_a_long_text_changes_its_vector() -> None:
    same_beginning = ENCODER.encode([LONG, LONG + "，后来弟弟掉进水塘里了"])
    assert cosine(same_beginning[0], same_beginning[1]) < 0.9999


def test_a_sentence_said_very_often_stays_near_itself() -> None:
    once, often = ENCODER.encode(["奶奶身体不好，", "奶奶身体不好，" * 300])
    assert cosine(once, often) > 0.9


class Spy:
    """Stands for the model: answers with the first axis and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []

    def run(self, _outputs: None, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        self.asked += inputs["input_ids"].tolist()
        row = np.zeros((1, 384), np.float32)
        row[0, len(self.asked) - 1] = 1
        return [row]


def test_windows_hold_every_token_once_in_order_with_prefix_and_end() -> None:
    spied = OnnxEncoder(FOLDER, threads=1)
    spied._session = spy = Spy()  # type: ignore[assignment]
    [vector] = spied.encode([LONG])
    head, end = spy.asked[0][:4], spy.asked[0][-1]
    assert spied._tokenizer.decode(head, skip_special_tokens=False) == "<s> passage:"
    assert [len(window) for window in spy.asked[:-1]] == [512] * (len(spy.asked) - 1)
    assert all(window[:4] == head and window[-1] == end for window in spy.asked)
    whole = spied._tokenizer.encode("passage: " + LONG).ids
    assert [*head, *(token for window in spy.asked for token in window[4:-1]), end] == whole
    lengths = [len(window) for window in spy.asked]
    np.testing.assert_allclose(vector[: len(lengths)], np.array(lengths) / np.linalg.norm(lengths), rtol=1e-6)


def test_a_query_and_a_passage_of_the_same_words_are_near_but_not_the_same() -> None:
    passage, query = ENCODER.encode(["孤单"])[0], ENCODER.encode(["孤单"], "query")[0]
    assert 0.7 < cosine(passage, query) < 0.9999


def test_another_kind_is_refused() -> None:
    with pytest.raises(InputError, match=r"^kind must be one of passage, query, not 'answer'$"):
        ENCODER.encode(["好"], "answer")  # type: ignore[arg-type]


def test_one_bare_string_is_refused() -> None:
    with pytest.raises(InputError, match=r"^texts must be a list of strings; one text alone is given as \[text\]$"):
        load_encoder().encode("我想妈妈")


@pytest.mark.parametrize("encoder", [ENCODER, load_encoder()], ids=["bare", "loaded"])
def test_progress_adds_up_to_the_number_of_texts(encoder: OnnxEncoder) -> None:
    done: list[int] = []
    encoder.encode(["好", "", "我想妈妈", "好"], advance=done.append)
    assert sum(done) == 4


def test_the_name_is_versioned_and_the_unversioned_one_means_the_newest() -> None:
    assert encoder_names() == ("e5-small-zh.v1", "static-zh.v1")
    assert encoder_names()[0] == DEFAULT_ENCODER
    assert {load_encoder(name).name for name in ("e5-small-zh", "e5-small-zh.v1")} == {DEFAULT_ENCODER}


@pytest.mark.parametrize("name", ["e5-small-zh.v0", "e5", "", "sentence-transformers:"])
def test_an_unknown_encoder_is_refused_with_the_names_that_are_known(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LBC_ENCODERS", str(tmp_path))
    with pytest.raises(InputError) as caught:
        load_encoder(name)
    known = "e5-small-zh.v1, static-zh.v1, sentence-transformers:FOLDER_OR_NAME"
    assert str(caught.value) == f"no encoder {name!r}; known: {known}; lbc-themes encoder add adds one"


def test_a_loaded_encoder_gives_the_bits_of_the_bare_one(together: Vectors) -> None:
    assert load_encoder().encode(TEXTS).tobytes() == together.tobytes()


def test_nothing_is_read_before_the_first_text(tmp_path: Path) -> None:
    OnnxEncoder(tmp_path / "nowhere")
    SentenceTransformerEncoder("nowhere")


def test_the_model_is_the_one_its_checksums_name() -> None:
    lines = (FOLDER / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    named = dict(reversed(line.split("  ")) for line in lines)
    assert named == {name: sha256_of(FOLDER / name) for name in ("config.json", "model.onnx", "tokenizer.json")}


def test_a_model_that_is_missing_is_refused_with_the_places_looked_in() -> None:
    with pytest.raises(InputError, match=r"^the model nothing is in none of .*models.nothing, .*; install lbc_themes"):
        model_folder("nothing")


# Models of the sentence-transformers library


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of random weights and 8 numbers, with a vocabulary of a few characters."""
    folder = tmp_path_factory.mktemp("bert")
    (folder / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"我想妈家里没钱"]))
    shape = {"model_type": "bert", "vocab_size": 12, "hidden_size": 8, "num_hidden_layers": 1}
    shape |= {"num_attention_heads": 2, "intermediate_size": 16, "max_position_embeddings": 32}
    (folder / "config.json").write_text(json.dumps(shape))
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "BertTokenizer"}))
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    BertModel(BertConfig(**shape)).save_pretrained(folder)
    return folder


@pytest.mark.slow
def test_a_folder_is_encoded_as_its_own_library_does(bert: Path) -> None:
    from sentence_transformers import SentenceTransformer

    texts = ["我想妈妈", "家里没钱", "", "我想家"]
    rows = load_encoder(f"sentence-transformers:{bert}").encode(texts)
    theirs = SentenceTransformer(str(bert), device="cpu").encode(texts, normalize_embeddings=True)
    assert rows.dtype == np.float32
    assert rows.shape == (4, 8)
    assert not rows[2].any()
    np.testing.assert_allclose(np.delete(rows, 2, axis=0), np.delete(theirs, 2, axis=0), atol=1e-6)


@pytest.mark.slow
def test_a_folder_is_named_with_a_checksum_that_changes_with_its_files(bert: Path) -> None:
    before = SentenceTransformerEncoder(str(bert)).name
    assert before.startswith(f"sentence-transformers:{bert}@")
    (bert / "note.txt").write_text("changed")
    after = SentenceTransformerEncoder(str(bert)).name
    (bert / "note.txt").unlink()
    assert after != before == SentenceTransformerEncoder(str(bert)).name


def test_many_texts_go_in_batches_and_progress_adds_up(bert: Path) -> None:
    encoder, done = SentenceTransformerEncoder(str(bert)), list[int]()
    rows = encoder.encode(["我想妈妈"] * 40 + [" "], advance=done.append)
    assert (len(rows), sum(done)) == (41, 41)
    np.testing.assert_allclose(rows[:40], np.tile(rows[0], (40, 1)), atol=1e-6)


def test_the_kind_is_passed_on_as_the_prompt_of_that_name(bert: Path) -> None:
    encoder = SentenceTransformerEncoder(str(bert))
    plain = encoder.encode(["家里没钱"])
    encoder._model.prompts = {"query": "我想", "passage": ""}
    np.testing.assert_allclose(encoder.encode(["家里没钱"]), plain, atol=1e-6)
    np.testing.assert_allclose(encoder.encode(["家里没钱"], "query"), encoder.encode(["我想家里没钱"]), atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["no-such-group/no-such-model", "/no/such/folder"])
def test_a_model_that_is_not_on_this_machine_is_refused_in_one_line_without_a_network(name: str) -> None:
    with pytest.raises(InputError) as caught:
        load_encoder(f"sentence-transformers:{name}").encode(["好"])
    line = str(caught.value)
    assert line.startswith(f"the sentence-transformers model '{name}' can't be loaded (")
    assert line.endswith("give a folder that holds the model, or a hub name that was downloaded to this machine before")
    assert "\n" not in line


def test_a_folder_with_broken_weights_is_refused_in_one_line(bert: Path, tmp_path: Path) -> None:
    for path in bert.iterdir():
        content = b"broken" if path.suffix == ".safetensors" else path.read_bytes()
        (tmp_path / path.name).write_bytes(content)
    with pytest.raises(InputError, match=r"^the sentence-transformers model .* can't be loaded \([^\n]*\); give a fol"):
        load_encoder(f"sentence-transformers:{tmp_path}").encode(["好"])


def test_without_the_package_the_refusal_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(MissingExtraError) as caught:
        load_encoder("sentence-transformers:some/model").encode(["好"])
    command = "pip install 'lbc_themes[sentence-transformers]'"
    assert str(caught.value) == f"the encoder some/model needs the package sentence-transformers: {command}"


def test_loading_the_default_encoder_loads_no_heavy_library() -> None:
    code = (
        "import sys, lbc_themes as lbc; lbc.load_encoder(); print('torch' in sys.modules, 'onnxruntime' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
