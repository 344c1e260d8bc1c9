"""A sentence-transformers folder becomes an offline encoder: every architecture, with random weights."""

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lbc_themes as lbc
from lbc_themes.core.errors import InputError
from lbc_themes.encoding import added_encoders, checked_name, remove_encoder
from lbc_themes.encoding.conversion.vocabulary import cut_tokenizer

transformers = pytest.importorskip("transformers")
pytest.importorskip("sentence_transformers")
pytest.importorskip("onnx")

pytestmark = pytest.mark.slow

SAID = ["我想妈妈了", "爸爸在外面打工", "奶奶身体不好，我给她做饭", "老师叫我回答问题，我不敢", "ok", "我 ABC 想"]
PIECES = [
    *"我想妈了爸在外面打工奶身体不好给她做饭老师叫回答问题敢，。",
    "妈妈",
    "爸爸",
    "奶奶",
    *"abcdefghijklmnopqrstuvwxyz",
    "ab",
    "é",
    "ж",
    "жж",
    "か",
]
CLOSE = 0.98
"""A cosine that random weights of 32 dimensions in 8 bits keep; a wrong graph is far from it."""

SMALL: dict[str, Any] = {
    "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 3, "num_attention_heads": 4,
    "max_position_embeddings": 40,
}  # fmt: skip
ROTATED = {**SMALL, "head_dim": 8, "num_key_value_heads": 2, "max_position_embeddings": 512}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LBC_ENCODERS", str(tmp_path / "encoders"))
    return tmp_path / "encoders"


def word_pieces() -> dict[str, Any]:
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *dict.fromkeys(PIECES)]
    return {
        "version": "1.0",
        "added_tokens": [_special(i, token) for i, token in enumerate(tokens[:4])],
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": True,
            "strip_accents": None,
            "lowercase": True,
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
        "decoder": None,
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": {t: i for i, t in enumerate(tokens)},
        },
    }


def unigram() -> dict[str, Any]:
    tokens = ["<s>", "<pad>", "</s>", "<unk>", "▁", *dict.fromkeys(PIECES)]
    return {
        "version": "1.0",
        "added_tokens": [_special(i, token) for i, token in enumerate(tokens[:4])],
        "normalizer": None,
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        "post_processor": _template("<s>", 0, "</s>", 2),
        "decoder": None,
        "model": {
            "type": "Unigram",
            "unk_id": 3,
            "byte_fallback": False,
            "vocab": [[t, -float(i)] for i, t in enumerate(tokens)],
        },
    }


def byte_pairs(*, around: tuple[str, ...]) -> dict[str, Any]:
    singles = list(dict.fromkeys([*"".join(PIECES), " ", "▁", "A", "B", "C"]))
    merged = [(piece[0], piece[1]) for piece in PIECES if len(piece) == 2]
    tokens = [
        "<pad>",
        "<eos>",
        "<bos>",
        "<unk>",
        *(f"<0x{byte:02X}>" for byte in range(256)),
        *singles,
        *(a + b for a, b in merged),
    ]
    return {
        "version": "1.0",
        "added_tokens": [_special(i, token) for i, token in enumerate(tokens[:4])],
        "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
        "pre_tokenizer": {
            "type": "Split",
            "pattern": {"String": " "},
            "behavior": "MergedWithPrevious",
            "invert": False,
        },
        "post_processor": _template("<bos>" if "<bos>" in around else "", 2, "<eos>", 1),
        "decoder": None,
        "model": {
            "type": "BPE",
            "unk_token": "<unk>",
            "byte_fallback": True,
            "fuse_unk": True,
            "vocab": {t: i for i, t in enumerate(tokens)},
            "merges": [list(pair) for pair in merged],
        },
    }


def _special(number: int, token: str) -> dict[str, Any]:
    return {
        "id": number,
        "content": token,
        "single_word": False,
        "lstrip": False,
        "rstrip": False,
        "normalized": False,
        "special": True,
    }


def _template(first: str, first_id: int, last: str, last_id: int) -> dict[str, Any]:
    def special(token: str) -> dict[str, Any]:
        return {"SpecialToken": {"id": token, "type_id": 0}}

    text = {"Sequence": {"id": "A", "type_id": 0}}
    known = {first: first_id, last: last_id}
    parts = [*([special(first)] if first else []), text, special(last)]
    tokens = {token: {"id": token, "ids": [number], "tokens": [token]} for token, number in known.items() if token}
    return {
        "type": "TemplateProcessing",
        "single": parts,
        "pair": [*parts, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": tokens,
    }


def written(folder: Path, kind: str, pooling: str = "", **more: Any) -> Path:
    """Write a small model of an architecture as sentence-transformers does; weights are random."""
    import torch
    from transformers import (
        BertConfig,
        BertModel,
        Gemma3TextConfig,
        Gemma3TextModel,
        PreTrainedTokenizerFast,
        Qwen3Config,
        Qwen3Model,
        XLMRobertaConfig,
        XLMRobertaModel,
    )

    torch.manual_seed(0)
    tokenizer = {
        "bert": word_pieces,
        "xlm-roberta": unigram,
        "gemma3": lambda: byte_pairs(around=("<bos>",)),
        "qwen3": lambda: byte_pairs(around=()),
    }[kind]()
    size = len(tokenizer["model"]["vocab"])
    model: Any = {
        "bert": lambda: BertModel(BertConfig(vocab_size=size, **{**SMALL, **more}), add_pooling_layer=False),
        "xlm-roberta": lambda: XLMRobertaModel(
            XLMRobertaConfig(vocab_size=size, pad_token_id=1, type_vocab_size=1, **{**SMALL, **more}),
            add_pooling_layer=False,
        ),
        "gemma3": lambda: Gemma3TextModel(
            Gemma3TextConfig(
                vocab_size=size,
                query_pre_attn_scalar=16,
                sliding_window=8,
                use_bidirectional_attention=True,
                layer_types=["sliding_attention", "full_attention", "sliding_attention"],
                **{**ROTATED, **more},
            )
        ),
        "qwen3": lambda: Qwen3Model(Qwen3Config(vocab_size=size, **{**ROTATED, **more})),
    }[kind]()
    with torch.no_grad():
        for name, values in model.named_parameters():
            if "norm" in name.lower():
                values += 0.3 * torch.randn_like(values)
            else:
                values.copy_(torch.randn_like(values) * 0.3)
    model.eval().save_pretrained(folder)
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")
    names = (
        {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
        if kind == "bert"
        else {"pad_token": "<pad>", "unk_token": "<unk>"}
    )
    PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"), **names).save_pretrained(folder)
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")
    mode = pooling or {"qwen3": "lasttoken", "bert": "cls"}.get(kind, "mean")
    return with_modules(folder, mode, dense=kind == "gemma3")


def with_modules(folder: Path, mode: str, *, dense: bool = False) -> Path:
    from safetensors.numpy import save_file

    kinds = ["Transformer", "Pooling", *(["Dense", "Dense"] if dense else []), "Normalize"]
    modules = [
        {
            "idx": i,
            "name": str(i),
            "path": "" if i == 0 else f"{i}_{kind}",
            "type": f"sentence_transformers.models.{kind}",
        }
        for i, kind in enumerate(kinds)
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    modes = {
        "mean": "pooling_mode_mean_tokens",
        "cls": "pooling_mode_cls_token",
        "lasttoken": "pooling_mode_lasttoken",
        "max": "pooling_mode_max_tokens",
    }
    pooling = {"word_embedding_dimension": SMALL["hidden_size"]} | {name: key == mode for key, name in modes.items()}
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    rng = np.random.default_rng(0)
    sizes = [(SMALL["hidden_size"], 64), (64, 24)]
    for place, (into, out) in enumerate(sizes if dense else [], 2):
        (folder / f"{place}_Dense").mkdir()
        config = {
            "in_features": into,
            "out_features": out,
            "bias": False,
            "activation_function": "torch.nn.modules.linear.Identity",
        }
        (folder / f"{place}_Dense" / "config.json").write_text(json.dumps(config))
        save_file(
            {"linear.weight": rng.normal(size=(out, into)).astype(np.float32)},
            folder / f"{place}_Dense" / "model.safetensors",
        )
    (folder / f"{len(kinds) - 1}_Normalize").mkdir(exist_ok=True)
    prompts = {"prompts": {"query": "abc ", "document": "a "}, "default_prompt_name": None}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(prompts))
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n")
    return folder


@pytest.mark.parametrize("kind", ["bert", "xlm-roberta", "gemma3", "qwen3"])
def test_each_architecture_gives_the_vectors_of_its_model(tmp_path: Path, kind: str) -> None:
    from sentence_transformers import SentenceTransformer

    folder = written(tmp_path / f"Small-{kind}", kind)
    steps: list[Any] = []
    card = lbc.add_encoder(folder, report=steps.append)
    assert (card.name, card.licence, len(steps)) == (f"small-{kind}", "apache-2.0", 3)
    assert card.fidelity_mean >= 0.995
    encoder = lbc.load_encoder(card.name)
    assert encoder.name == card.full_name == checked_name(card.name)
    own = SentenceTransformer(str(folder), device="cpu").encode(
        ["a " + text for text in SAID], normalize_embeddings=True
    )
    made = encoder.encode(SAID)
    assert made.shape == (len(SAID), encoder.dimensions) == own.shape
    assert (made * own).sum(axis=1).min() > CLOSE
    asked = SentenceTransformer(str(folder), device="cpu").encode(
        ["abc " + text for text in SAID], normalize_embeddings=True
    )
    assert (encoder.encode(SAID, "query") * asked).sum(axis=1).min() > CLOSE


@pytest.mark.parametrize("kind", ["gemma3", "qwen3"])
def test_a_vector_does_not_depend_on_the_texts_beside_it(tmp_path: Path, kind: str) -> None:
    encoder = lbc.load_encoder(lbc.add_encoder(written(tmp_path / kind, kind)).name)
    together = encoder.encode(SAID)
    for text, row in zip(SAID, together, strict=True):
        assert encoder.encode([text])[0].tobytes() == row.tobytes()


def test_long_texts_keep_the_window_of_near_tokens(tmp_path: Path) -> None:
    """A text longer than the sliding window of 8 tokens, which the small Gemma has."""
    from sentence_transformers import SentenceTransformer

    folder = written(tmp_path / "gemma", "gemma3")
    encoder = lbc.load_encoder(lbc.add_encoder(folder).name)
    text = "我想妈妈了爸爸在外面打工奶奶身体不好我给她做饭老师叫我回答"
    own = SentenceTransformer(str(folder), device="cpu").encode(["a " + text], normalize_embeddings=True)
    assert float((encoder.encode([text]) * own).sum()) > 0.99


def test_what_is_no_model_or_cannot_be_converted_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"is no sentence-transformers folder: modules\.json is missing; give the folder"
    ):
        lbc.add_encoder(tmp_path)
    folder = written(tmp_path / "max", "bert", pooling="max")
    with pytest.raises(InputError, match=r"max cannot be converted: pooling is max, and mean, cls, lasttoken can be"):
        lbc.add_encoder(folder)
    with pytest.raises(InputError, match=r"an encoder is named by letters, digits, hyphens and underscores, not '。'"):
        lbc.add_encoder(folder, "。")
    assert added_encoders() == {}


def test_a_conversion_that_is_not_faithful_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setattr("lbc_themes.encoding.conversion.LEAST_FIDELITY", 1.01)
    with pytest.raises(
        InputError, match=r"in 8 bits its vectors have a mean cosine of 0\.99\d\d to its own, below 1\.01"
    ):
        lbc.add_encoder(written(tmp_path / "bert", "bert"))
    assert list(home.iterdir()) == []


def test_best_is_the_largest_that_was_added_and_removing_goes_back(tmp_path: Path) -> None:
    assert checked_name("best") == "e5-small-zh.v1"
    small = lbc.add_encoder(written(tmp_path / "small", "bert"))
    large = lbc.add_encoder(written(tmp_path / "large", "bert", num_hidden_layers=5))
    assert checked_name("best") == large.full_name
    with pytest.raises(
        InputError, match=r"^there is an encoder small already; give another --name, or lbc-themes encoder"
    ):
        lbc.add_encoder(tmp_path / "small")
    remove_encoder("large")
    assert checked_name("best") == small.full_name
    with pytest.raises(InputError, match=r"^no encoder 'large' was added; added are: small$"):
        remove_encoder("large")


def test_a_damaged_card_is_named_and_the_default_still_works(tmp_path: Path, home: Path) -> None:
    card = lbc.add_encoder(written(tmp_path / "bert", "bert"))
    (home / card.name / "config.json").write_text("{", encoding="utf-8")
    assert checked_name("e5-small-zh") == "e5-small-zh.v1"
    with pytest.raises(InputError, match=r"config\.json is not the card of an encoder"):
        checked_name("bert")


@pytest.mark.parametrize("make", [unigram, lambda: byte_pairs(around=("<bos>",))], ids=["unigram", "bpe"])
def test_a_cut_vocabulary_leaves_chinese_and_latin_as_they_were(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from tokenizers import Tokenizer

    monkeypatch.setattr("lbc_themes.encoding.conversion.vocabulary.SMALL_ENOUGH", 0)
    whole = make()
    cut = cut_tokenizer(whole)
    before, after = (Tokenizer.from_str(json.dumps(content)) for content in (whole, cut.content))
    assert not {"жж", "か"} & after.get_vocab().keys()
    assert {"妈妈", "ab", "é"} <= after.get_vocab().keys()
    for text in SAID:
        assert [cut.kept[i] for i in after.encode(text).ids] == before.encode(text).ids
    fewer = Tokenizer.from_str(json.dumps(cut_tokenizer(whole, latin=0).content)).get_vocab()
    assert "ab" not in fewer
    assert "a" in fewer


@pytest.fixture
def _careless() -> Iterator[None]:
    """A umask that takes nothing away."""
    old = os.umask(0)
    yield
    os.umask(old)


@pytest.mark.usefixtures("_careless")
def test_the_command_line_adds_lists_and_removes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def said(*words: str) -> tuple[int, str]:
        from lbc_themes.cli.app import app

        code = int(app(["encoder", *words], standalone_mode=False) or 0)
        return code, capsys.readouterr().out

    folder = written(tmp_path / "Small", "bert")
    code, text = said("add", str(folder), "--name", "Mine", "--licence", "MIT")
    assert code == 0
    assert "--encoder mine" in text and "MIT" in text
    assert said("list")[1].splitlines()[0].startswith("mine.v")
    if os.name == "posix":
        kept = tmp_path / "encoders"
        assert {path.name for path in kept.rglob("*")} >= {"mine", "model.onnx", "tokenizer.json"}
        assert [path for path in (kept, *kept.rglob("*")) if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
    assert "e5-small-zh.v1" in said("list")[1]
    assert str(tmp_path / "encoders" / "mine") in said("remove", "mine")[1]
    assert added_encoders() == {}
    assert list((tmp_path / "encoders").iterdir()) == []


def test_prompts_that_a_person_gives_take_the_place_of_the_model_s(tmp_path: Path) -> None:
    folder = written(tmp_path / "bert", "bert")
    card = lbc.add_encoder(folder, "own", prompts={"passage": "", "query": "ab "})
    assert card.prefixes == {"passage": "", "query": "ab "}
    with pytest.raises(InputError, match=r"^prompts are given for passage and query, not for query$"):
        lbc.add_encoder(folder, "other", prompts={"query": "ab "})


def test_a_family_s_prompts_are_used_where_the_folder_names_none(tmp_path: Path) -> None:
    folder = written(tmp_path / "multilingual-e5-tiny", "xlm-roberta")
    (folder / "config_sentence_transformers.json").unlink()
    assert lbc.add_encoder(folder).prefixes == {"query": "query: ", "passage": "passage: "}
