"""A sentence-transformers folder becomes an offline encoder of this library: cut, in 8 bits, on onnxruntime."""

import json
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lbc_themes.core.assets import sha256_of
from lbc_themes.core.errors import InputError, MissingExtraError
from lbc_themes.core.files import private_folder, private_replace, write_private
from lbc_themes.core.messages import Bilingual, message
from lbc_themes.encoding.added import CARD_NAME, Card, added_encoders, encoders_folder
from lbc_themes.encoding.encoder import OnnxEncoder, TextKind, Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from lbc_themes.encoding.conversion.graph import Floats, Pooling, Weights

Report = Callable[[Bilingual], object]

LEAST_FIDELITY = 0.995
"""A conversion whose vectors have a lower mean cosine to those of the model itself is not kept."""

LONGEST = 2048
"""Tokens of one window; a model that takes more is given no more, for time and memory grow with its square."""

TEXTS = 96
"""So many texts of the library's codebooks measure fidelity, of each kind."""

FAMILIES: dict[str, dict[str, str]] = {
    "e5": {"query": "query: ", "passage": "passage: "},
    "bge": {"query": "为这个句子生成表示以用于检索相关文章：", "passage": ""},
}
"""Prompts of models whose folders do not name them, by a part of the model's name, as their cards give them."""


def add_encoder(
    folder: str | Path, name: str = "", *, licence: str = "", prompts: Mapping[str, str] | None = None,
    report: Report | None = None,
) -> Card:  # fmt: skip
    """Make an encoder of this library out of a sentence-transformers folder, and return its card.

    The vocabulary is cut to Chinese and Latin, the weights are brought to 8 bits and written as an ONNX graph into the
    user's data folder (or the one that the environment variable ``LBC_ENCODERS`` names). From then on
    ``load_encoder(name)``, ``encoder=name`` and ``--encoder name`` run it on onnxruntime, without torch and without a
    network. Needs ``pip install 'lbc_themes[encoders]'`` while it converts; takes minutes for a large model.

    Args:
        folder: A folder with modules.json, config.json, tokenizer.json and weights: EmbeddingGemma, Qwen3-Embedding,
            BGE, GTE, E5 (architectures BERT, XLM-RoBERTa, Gemma 3 and Qwen 3).
        name: What the encoder is called here; by default the folder's name in small letters.
        licence: The licence that the card shall name, where the folder's README.md does not.
        prompts: What is put before a text, by kind ("passage", "query"), where the folder does not say or says other.
        report: Called with a line for each step.

    Returns:
        The card: names, licence, checksum of the source, size, and the cosine to the model's own float32 vectors.

    Raises:
        InputError: a folder that is none, an architecture that cannot be converted, a name that is taken, or vectors
            whose mean cosine to the model's own is below 0.995.
        MissingExtraError: sentence-transformers, torch or onnx is not installed.

    >>> add_encoder("no/such/folder")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    lbc_themes.core.errors.InputError: no/such/folder is no sentence-transformers folder: modules.json is missing; ...
    """
    source = _checked_folder(Path(folder).expanduser())
    called = _checked_name(name or source.name)
    said = report or (lambda _: None)
    said(message("encoding.step_reading", folder=source))
    model = _loaded(source)
    chosen = _prompts(source, model, prompts)
    home = private_folder(encoders_folder())
    with tempfile.TemporaryDirectory(dir=home, prefix=".unfinished-") as unfinished:
        made = private_folder(Path(unfinished) / called)
        card = _converted(source, model, made, said, Choices(name=called, licence=licence, prefixes=chosen))
        made.rename(home / called)
    return card


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What a person chose of an encoder, or its folder says."""

    name: str
    licence: str
    prefixes: Mapping[str, str]


def _converted(source: Path, model: "SentenceTransformer", made: Path, said: Report, choices: Choices) -> Card:
    """Write the encoder into the folder ``made``, measure it, and return its card."""
    weights = _write_tokenizer_and_weights(source, model, made)
    said(message("encoding.step_graph"))
    _write_graph(weights, made / "model.onnx")
    card = Card(
        name=choices.name, version=f"v{sha256_of(made / 'model.onnx')[:8]}", source=source.name,
        architecture=str(weights.config["model_type"]), licence=choices.licence or _licence(source),
        source_sha256=_source_checksum(source), parameters=_parameters(weights.state),
        dimensions=_dimensions(weights), max_tokens=weights.max_tokens, pooling=weights.pooling,
        prefixes=choices.prefixes, size=sum(path.stat().st_size for path in made.iterdir()),
        fidelity_mean=0.0, fidelity_least=0.0, speed=0.0,
    )  # fmt: skip
    _write_card(made, card)
    said(message("encoding.step_fidelity"))
    card = _measured(model, made, card)
    if card.fidelity_mean < LEAST_FIDELITY:
        cosine = f"{card.fidelity_mean:.4f}"
        raise InputError(message("encoding.not_faithful", folder=source, cosine=cosine, least=LEAST_FIDELITY))
    _write_card(made, card)
    return card


def _checked_folder(source: Path) -> Path:
    for needed in ("modules.json", "config.json", "tokenizer.json"):
        if not (source / needed).is_file():
            raise InputError(message("encoding.not_a_model_folder", folder=source, missing=needed))
    return source.resolve()


def _checked_name(name: str) -> str:
    slug = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-")
    if not slug:
        raise InputError(message("encoding.bad_name", name=name))
    if slug in {"best", "e5-small-zh", "static-zh"} or slug in added_encoders():
        raise InputError(message("encoding.name_taken", name=slug))
    return slug


def _loaded(source: Path) -> "SentenceTransformer":
    purpose = message("encoding.converting")
    for package in ("onnx", "torch", "sentence_transformers"):
        try:
            __import__(package)
        except ImportError as error:
            raise MissingExtraError(package=package.replace("_", "-"), extra="encoders", purpose=purpose) from error
    import torch
    from sentence_transformers import SentenceTransformer

    try:
        return SentenceTransformer(
            str(source), device="cpu", local_files_only=True, model_kwargs={"dtype": torch.float32}
        )  # fmt: skip
    except Exception as error:
        first_line = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise InputError(message("encoding.unreadable_model", folder=source, reason=first_line)) from error


def _prompts(source: Path, model: "SentenceTransformer", given: Mapping[str, str] | None) -> dict[str, str]:
    if given is not None:
        if set(given) != {"passage", "query"}:
            raise InputError(message("encoding.prompts", given=sorted(given)))
        return dict(given)
    named = {key: value for key, value in model.prompts.items() if value}
    if named:
        passage = next((named[key] for key in ("passage", "document") if key in named), "")
        return {"passage": passage, "query": named.get("query", "")}
    title = f"{source.name} {_front_matter(source)}".lower()
    return next((dict(made) for family, made in FAMILIES.items() if family in title), {"passage": "", "query": ""})


def _front_matter(source: Path) -> str:
    path = source / "README.md"
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    found = re.match(r"---\n(.*?)\n---", text, re.DOTALL)
    return found[1] if found else ""


def _licence(source: Path) -> str:
    found = re.search(r"^license:\s*(\S+)", _front_matter(source), re.MULTILINE)
    return found[1] if found else "not stated"


def _source_checksum(source: Path) -> str:
    files = sorted([*source.glob("*.safetensors"), *source.glob("pytorch_model*.bin")])
    if not files:
        raise InputError(message("encoding.no_weights", folder=source))
    return ", ".join(f"{path.name} {sha256_of(path)}" for path in files)


def _write_tokenizer_and_weights(source: Path, model: "SentenceTransformer", to: Path) -> "Weights":
    from lbc_themes.encoding.conversion.graph import ARCHITECTURES, Weights, refusal
    from lbc_themes.encoding.conversion.vocabulary import cut_tokenizer

    config = json.loads((source / "config.json").read_text(encoding="utf-8"))
    content = json.loads((source / "tokenizer.json").read_text(encoding="utf-8"))
    tokenizer = cut_tokenizer(content, source=str(source))
    write_private(to / "tokenizer.json", json.dumps(tokenizer.content, ensure_ascii=False, separators=(",", ":")))
    pooling, projection = _pooled(source, model)
    transformer: Any = model[0].auto_model
    state = {name: np.asarray(values.float().numpy()) for name, values in transformer.state_dict().items()}
    words = "embed_tokens.weight" if "embed_tokens.weight" in state else "embeddings.word_embeddings.weight"
    if words not in state:
        raise refusal(source, "model_type", config.get("model_type"), list(ARCHITECTURES))
    state[words] = state[words][list(tokenizer.kept)]
    positions = int(config.get("max_position_embeddings", LONGEST)) - _unused_positions(config)
    longest = min(int(model.max_seq_length or LONGEST), positions, LONGEST)
    return Weights(
        source=source, state=state, config=config, pooling=pooling, projection=projection, max_tokens=longest
    )


def _unused_positions(config: Mapping[str, Any]) -> int:
    return int(config["pad_token_id"]) + 1 if config.get("model_type") == "xlm-roberta" else 0


def _pooled(source: Path, model: "SentenceTransformer") -> tuple["Pooling", "Floats | None"]:
    """Return how tokens become one vector, and the product of the dense layers that follow."""
    from lbc_themes.encoding.conversion.graph import refusal

    pooling: Pooling | None = None
    projection = None
    modules: list[Any] = list(model)
    for module in modules[1:]:
        kind = type(module).__name__
        if kind == "Pooling":
            pooling = _pooling_of(source, module)
        elif kind == "Dense":
            weight = module.linear.weight.detach().float().numpy()
            if type(module.activation_function).__name__ != "Identity" or module.linear.bias is not None:
                raise refusal(source, "Dense", type(module.activation_function).__name__, "Identity, bias=False")
            projection = weight if projection is None else weight @ projection
        elif kind != "Normalize":
            raise refusal(source, "modules.json", kind, ["Pooling", "Dense", "Normalize"])
    if pooling is None:
        raise refusal(source, "modules.json", "-", ["Pooling"])
    return pooling, projection


def _pooling_of(source: Path, module: Any) -> "Pooling":  # noqa: ANN401 (sentence-transformers has no types)
    from lbc_themes.encoding.conversion.graph import refusal

    mode = module.get_pooling_mode_str() if hasattr(module, "get_pooling_mode_str") else module.pooling_mode
    known: dict[str, Pooling] = {"mean": "mean", "cls": "cls", "lasttoken": "last"}
    if mode not in known or not getattr(module, "include_prompt", True):
        raise refusal(source, "pooling", mode, ["mean", "cls", "lasttoken"])
    return known[mode]


def _write_graph(weights: "Weights", path: Path) -> None:
    import onnx

    from lbc_themes.encoding.conversion.graph import encoder_graph

    with private_replace(path) as beside:
        onnx.save(encoder_graph(weights), str(beside))


def _dimensions(weights: "Weights") -> int:
    return len(weights.projection) if weights.projection is not None else int(weights.config["hidden_size"])


def _parameters(state: "Mapping[str, Floats]") -> int:
    return sum(values.size for name, values in state.items() if "embed" not in name)


def _write_card(folder: Path, card: Card) -> None:
    write_private(folder / CARD_NAME, json.dumps(asdict(card), ensure_ascii=False, indent=2) + "\n")


def sample_texts() -> dict[TextKind, list[str]]:
    """Return texts of the library's own codebook that fidelity is measured on: what people say, and its definitions."""
    from lbc_themes.codebook import load_codebook

    book = load_codebook("left-behind-children")
    said = [each.text for each in book.utterances if each.language == "zh"]
    defined = [f"{code.name.zh}：{code.brief.zh}" for code in book]
    return {"passage": _spread(said, TEXTS), "query": _spread(defined, TEXTS)}


def _spread(texts: Sequence[str], count: int) -> list[str]:
    return list(texts[:: max(1, len(texts) // count)])[:count]


def _measured(model: "SentenceTransformer", made: Path, card: Card) -> Card:
    encoder, cosines, seconds, passages = OnnxEncoder(made), [], 0.0, 0
    for kind, every_text in sample_texts().items():
        # A text that is too long for one window is cut here and cut off there.
        lengths = map(len, encoder.tokens(every_text, kind))
        texts = [text for text, length in zip(every_text, lengths, strict=True) if length <= card.max_tokens]
        own: Vectors = model.encode(
            [card.prefixes[kind] + text for text in texts],
            prompt="",
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        encoder.encode(texts[:2], kind)
        begun = time.perf_counter()
        rows = encoder.encode(texts, kind)
        seconds, passages = seconds + time.perf_counter() - begun, passages + len(texts)
        cosines.append((own * rows).sum(axis=1))
    every = np.concatenate(cosines)
    return replace(
        card, fidelity_mean=round(float(every.mean()), 5), fidelity_least=round(float(every.min()), 5),
        speed=round(passages / seconds, 1),
    )  # fmt: skip


def remove_encoder(name: str) -> Path:
    """Delete an added encoder from the user's data folder and return where it was.

    Raises:
        InputError: there is no added encoder of that name.
    """
    there = added_encoders()
    if name not in there:
        raise InputError(message("encoding.not_added", name=name, known=list(there) or "-"))
    shutil.rmtree(there[name].folder)
    return there[name].folder
