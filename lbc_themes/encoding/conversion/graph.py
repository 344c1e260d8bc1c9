"""Write a text encoder of four architectures as one ONNX graph with 8-bit weights: BERT, XLM-RoBERTa, Gemma 3, Qwen 3.

The graph takes texts of equal length and no mask, as the graph of e5-small-zh does: ``input_ids`` int64 (n, tokens) ->
``embedding`` float32 (n, dimensions), each of unit length. A matrix has one fixed scale for each of its columns. The
scale of what it is multiplied with is that of the token's own largest value, so that the vector of a text does not
depend on the texts beside it, and the few very large values that tokens such as the first one have leave the others
their 8 bits (Dettmers et al. 2022, "LLM.int8()", arXiv:2208.07339, section 2.1, vector-wise quantisation).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message

Floats = NDArray[np.float32]
Pooling = Literal["mean", "cls", "last"]
FUSED = "com.microsoft"
LARGEST = 1_900_000_000
"""Bytes of weights that fit into one ONNX file, whose form ends at 2 GiB."""

ARCHITECTURES = {"bert": "BERT", "xlm-roberta": "XLM-RoBERTa", "gemma3_text": "Gemma 3", "qwen3": "Qwen 3"}


@dataclass(frozen=True, kw_only=True)
class Weights:
    """What a graph is written from: the encoder's ``state`` (float32, matrices ``(out, in)``) and its ``config``.

    ``state`` has the names of the transformers library; ``projection``, shape ``(out, in)``, is multiplied with the
    pooled vector where there is one. The rows of the word embeddings are those of the cut vocabulary.
    """

    source: Path
    state: Mapping[str, Floats]
    config: Mapping[str, Any]
    pooling: Pooling
    projection: Floats | None
    max_tokens: int


def encoder_graph(weights: Weights) -> onnx.ModelProto:
    """Return the ONNX model.

    Raises:
        InputError: an architecture or a part of one that is not written here, or more weights than one file holds.
    """
    kind = str(weights.config["model_type"])
    if kind not in ARCHITECTURES:
        raise refusal(weights.source, "model_type", kind, list(ARCHITECTURES))
    if sum(values.size for values in weights.state.values()) > LARGEST:
        raise refusal(weights.source, "size", "> 1.9 GB", "<= 1.9 GB")
    writer = _Writer(weights)
    tokens = _bert(writer) if kind in ("bert", "xlm-roberta") else _decoder(writer, gemma=kind == "gemma3_text")
    dimensions = writer.pool(tokens)
    graph = helper.make_graph(
        writer.nodes,
        "encoder",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["n", "tokens"])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", dimensions])],
        writer.constants,
    )
    versions = [helper.make_opsetid("", 23), helper.make_opsetid(FUSED, 1)]
    return helper.make_model(graph, opset_imports=versions, ir_version=10, producer_name="lbc_themes")


@dataclass(frozen=True, kw_only=True)
class _Quantised:
    """Tokens in 8 bits, and the largest value of each, shape ``(n, tokens, 1)``, that they are to be multiplied by."""

    integers: str
    largest: str


class _Writer:
    """Collects the nodes and constants of one graph."""

    def __init__(self, weights: Weights) -> None:
        self.state, self.config, self.weights = weights.state, weights.config, weights
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._named: dict[str, str] = {}
        self.length = self.node("Shape", ["input_ids"], "length", start=1, end=2)

    def constant(self, name: str, values: NDArray[np.generic]) -> str:
        """Add a constant once and return its name."""
        if name not in self._named:
            self.constants.append(numpy_helper.from_array(values.copy(order="C"), name))
            self._named[name] = name
        return name

    def node(self, operator: str, inputs: Sequence[str], output: str, domain: str = "", **attributes: Any) -> str:  # noqa: ANN401 (as onnx takes them)
        """Add a node with one output and return the output's name."""
        self.nodes.append(
            helper.make_node(operator, list(inputs), [output], name=f"{output}.node", domain=domain, **attributes)
        )
        return output

    def split(self, value: str, names: Sequence[str], sizes: Sequence[int]) -> None:
        """Cut the last axis of ``value`` into parts of these sizes."""
        inputs = [value, self.constant(f"{value}.sizes", np.array(sizes, np.int64))]
        self.nodes.append(helper.make_node("Split", inputs, list(names), name=f"{value}.split", axis=-1))

    def quantised(self, value: str) -> _Quantised:
        """Return ``value`` in 8 bits, each token by its own largest value."""
        size = self.node("Abs", [value], f"{value}.size")
        last, least = self.constant("last axis", np.array([-1])), self.constant("least", np.array(1e-12, np.float32))
        largest = self.node("ReduceMax", [size, last], f"{value}.max", keepdims=1)
        largest = self.node("Max", [largest, least], f"{value}.largest")
        share = self.node("Div", [value, largest], f"{value}.share")
        integers = self.node("QuantizeLinear", [share, *self._step()], f"{value}.uint8")
        return _Quantised(integers=integers, largest=largest)

    def _step(self) -> tuple[str, str]:
        return self.constant("step", np.array(1 / 127, np.float32)), self.constant("middle", np.array(128, np.uint8))

    def dense(self, value: _Quantised, name: str, weight: Floats, bias: Floats | None = None) -> str:
        """Multiply ``value`` by ``weight``, (out, in), in 8 bits and add ``bias``."""
        integers, scale = _quantise(weight)
        step, middle = self._step()
        inputs = [
            value.integers, self.constant(f"{name}.int8", integers.T),
            step, self.constant(f"{name}.scale", scale[:, 0]),
            middle, self.constant(f"{name}.zero", np.zeros(len(scale), np.int8)),
        ]  # fmt: skip
        product = self.node("MatMulIntegerToFloat", inputs, f"{name}.product", FUSED)
        out = self.node("Mul", [product, value.largest], f"{name}.out")
        return out if bias is None else self.node("Add", [out, self.constant(f"{name}.bias", bias)], f"{name}.sum")

    def words(self, name: str, factor: float = 1.0) -> str:
        """Look up the word embeddings, which are in 8 bits by row."""
        integers, scale = _quantise(self.state[name])
        rows = self.node("Gather", [self.constant("words.int8", integers), "input_ids"], "words.rows")
        scales = self.node(
            "Gather", [self.constant("words.scale", scale * np.float32(factor)), "input_ids"], "words.scales"
        )
        return self.node("Mul", [self.node("Cast", [rows], "words.float", to=TensorProto.FLOAT), scales], "words")

    def first_rows(self, name: str, rows: NDArray[Any]) -> str:
        """Return as many of ``rows`` as there are tokens."""
        zero = self.constant("zero", np.array([0]))
        return self.node("Slice", [self.constant(f"{name}.all", rows), zero, self.length, zero], name)

    def pool(self, tokens: str) -> int:
        """Make one vector of unit length of each text's tokens, and return its dimensions."""
        size, projection = int(self.config["hidden_size"]), self.weights.projection
        if self.weights.pooling == "mean":
            pooled = self._summed(tokens)
        else:
            place = 0 if self.weights.pooling == "cls" else -1
            pooled = self.node("Gather", [tokens, self.constant("place", np.array(place))], "pooled", axis=1)
        if projection is not None:
            pooled = self.node("MatMul", [pooled, self.constant("projection", projection.T)], "projected")
            size = len(projection)
        self.node("LpNormalization", [pooled], "embedding", axis=-1, p=2)
        return size

    def _summed(self, tokens: str) -> str:
        """Sum the tokens by a product with ones: ReduceMean adds in another order for one text than for several."""
        shape = self.node("Concat", [self.constant("ones.first", np.array([1, 1])), self.length], "ones.shape", axis=0)
        one = numpy_helper.from_array(np.ones(1, np.float32))
        self.node("ConstantOfShape", [shape], "ones", value=one)
        summed = self.node("MatMul", ["ones", tokens], "summed")
        return self.node("Squeeze", [summed, self.constant("summed.axis", np.array([1]))], "pooled")


def _quantise(weight: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Return ``weight`` as int8 with one symmetric scale a row, shape ``(rows, 1)``."""
    scale = (np.abs(weight).max(axis=1, keepdims=True) / 127).astype(np.float32)
    scale[scale == 0] = 1
    return np.clip(np.round(weight / scale), -127, 127).astype(np.int8), scale


def refusal(source: Path, part: str, value: object, allowed: object) -> InputError:
    """Return the error that says what of a model is not written here."""
    return InputError(message("encoding.not_convertible", folder=source, part=part, value=value, allowed=allowed))


def _refuse_unless(writer: _Writer, name: str, *allowed: object) -> None:
    value = writer.config.get(name, allowed[0])
    if value not in allowed:
        raise refusal(writer.weights.source, name, value, str(allowed[0]))


# --- BERT and XLM-RoBERTa: layer normalisation after each sum, positions as a table.


def _bert(writer: _Writer) -> str:
    state, config = writer.state, writer.config
    _refuse_unless(writer, "hidden_act", "gelu")
    _refuse_unless(writer, "position_embedding_type", "absolute", None)
    first = int(config["pad_token_id"]) + 1 if config["model_type"] == "xlm-roberta" else 0
    places = (
        state["embeddings.position_embeddings.weight"][first:] + state["embeddings.token_type_embeddings.weight"][0]
    )
    summed = writer.node(
        "Add",
        [writer.words("embeddings.word_embeddings.weight"), writer.first_rows("places", places)],
        "embeddings.sum",
    )
    value = _layer_norm(writer, summed, "embeddings.LayerNorm")
    for number in range(int(config["num_hidden_layers"])):
        value = _bert_layer(writer, value, f"encoder.layer.{number}.")
    return value


def _layer_norm(writer: _Writer, value: str, name: str) -> str:
    parts = [writer.constant(f"{name}.{part}", writer.state[f"{name}.{part}"]) for part in ("weight", "bias")]
    return writer.node(
        "LayerNormalization", [value, *parts], f"{name}.out", axis=-1, epsilon=float(writer.config["layer_norm_eps"])
    )


def _bert_layer(writer: _Writer, value: str, prefix: str) -> str:
    def dense(given: str, name: str) -> str:
        weight, bias = (writer.state[f"{prefix}{name}.{part}"] for part in ("weight", "bias"))
        return writer.dense(writer.quantised(given), f"{prefix}{name}", weight, bias)

    names = [f"{prefix}attention.self.{part}" for part in ("query", "key", "value")]
    weight, bias = (np.concatenate([writer.state[f"{name}.{part}"] for name in names]) for part in ("weight", "bias"))
    joint = writer.dense(writer.quantised(value), f"{prefix}attention.joint", weight, bias)
    writer.split(joint, names, [len(bias) // 3] * 3)
    heads = int(writer.config["num_attention_heads"])
    attended = writer.node("Attention", names, f"{prefix}attended", q_num_heads=heads, kv_num_heads=heads)
    summed = writer.node("Add", [dense(attended, "attention.output.dense"), value], f"{prefix}attention.added")
    middle = _layer_norm(writer, summed, f"{prefix}attention.output.LayerNorm")
    bent = writer.node("Gelu", [dense(middle, "intermediate.dense")], f"{prefix}bent", FUSED)
    summed = writer.node("Add", [dense(bent, "output.dense"), middle], f"{prefix}added")
    return _layer_norm(writer, summed, f"{prefix}output.LayerNorm")


# --- Gemma 3 and Qwen 3: root mean square before each part (and after it in Gemma), rotated positions, gated layers.


def _decoder(writer: _Writer, *, gemma: bool) -> str:
    config = writer.config
    if gemma:
        _refuse_unless(writer, "hidden_activation", "gelu_pytorch_tanh")
        _refuse_unless(writer, "attn_logit_softcapping", None)
    else:
        _refuse_unless(writer, "hidden_act", "silu")
        _refuse_unless(writer, "use_sliding_window", 0)
    value = writer.words("embed_tokens.weight", float(config["hidden_size"]) ** 0.5 if gemma else 1.0)
    for number in range(int(config["num_hidden_layers"])):
        value = _decoder_layer(writer, value, number, gemma=gemma)
    return _rms(writer, value, "norm", "norm.out")


def _rms(writer: _Writer, value: str, name: str, output: str) -> str:
    gain = writer.state[f"{name}.weight"]
    gain = gain + 1 if writer.config["model_type"] == "gemma3_text" else gain
    inputs = [value, writer.constant(f"{name}.gain", gain.astype(np.float32))]
    return writer.node("RMSNormalization", inputs, output, axis=-1, epsilon=float(writer.config["rms_norm_eps"]))


def _decoder_layer(writer: _Writer, value: str, number: int, *, gemma: bool) -> str:
    prefix, state = f"layers.{number}.", writer.state

    def rms(given: str, name: str) -> str:
        return _rms(writer, given, f"{prefix}{name}", f"{prefix}{name}.out")

    attended = _attended(writer, rms(value, "input_layernorm"), number)
    mixed = writer.dense(writer.quantised(attended), f"{prefix}o", state[f"{prefix}self_attn.o_proj.weight"])
    mixed = rms(mixed, "post_attention_layernorm") if gemma else mixed
    value = writer.node("Add", [value, mixed], f"{prefix}attention.added")
    inner = rms(value, "pre_feedforward_layernorm" if gemma else "post_attention_layernorm")
    gate, up = (state[f"{prefix}mlp.{part}_proj.weight"] for part in ("gate", "up"))
    joint = writer.dense(writer.quantised(inner), f"{prefix}wide", np.concatenate([gate, up]))
    writer.split(joint, [f"{prefix}gate", f"{prefix}up"], [len(gate), len(up)])
    # FastGelu is the tanh form; QuickGelu with alpha 1 is x * sigmoid(x).
    bent = (
        writer.node("FastGelu", [f"{prefix}gate"], f"{prefix}bent", FUSED)
        if gemma
        else writer.node("QuickGelu", [f"{prefix}gate"], f"{prefix}bent", FUSED, alpha=1.0)
    )
    gated = writer.node("Mul", [bent, f"{prefix}up"], f"{prefix}gated")
    narrow = writer.dense(writer.quantised(gated), f"{prefix}down", state[f"{prefix}mlp.down_proj.weight"])
    narrow = rms(narrow, "post_feedforward_layernorm") if gemma else narrow
    return writer.node("Add", [value, narrow], f"{prefix}added")


def _attended(writer: _Writer, value: str, number: int) -> str:
    config, prefix = writer.config, f"layers.{number}.self_attn."
    heads, kv_heads = int(config["num_attention_heads"]), int(config["num_key_value_heads"])
    size = int(config.get("head_dim") or config["hidden_size"] // heads)
    names = [f"{prefix}{part}" for part in ("q", "k", "v")]
    parts = [f"{name}_proj" for name in names]
    weight = np.concatenate([writer.state[f"{part}.weight"] for part in parts])
    biased = f"{parts[0]}.bias" in writer.state
    bias = np.concatenate([writer.state[f"{part}.bias"] for part in parts]) if biased else None
    writer.split(
        writer.dense(writer.quantised(value), f"{prefix}joint", weight, bias),
        names,
        [heads * size, kv_heads * size, kv_heads * size],
    )
    sliding = (config.get("layer_types") or [""] * (number + 1))[number] == "sliding_attention"
    turned = [
        _turned(writer, name, count, size, sliding=sliding)
        for name, count in zip(names[:2], (heads, kv_heads), strict=True)
    ]
    scale = float(config.get("query_pre_attn_scalar") or size) ** -0.5
    both_ways = bool(config.get("use_bidirectional_attention"))
    inputs = [*turned, names[2]]
    if sliding and both_ways and writer.weights.max_tokens > int(config["sliding_window"]) // 2:
        inputs.append(_near(writer, int(config["sliding_window"]) // 2 + 1))
    return writer.node(
        "Attention", inputs, f"{prefix}attended", q_num_heads=heads, kv_num_heads=kv_heads, scale=scale,
        is_causal=int(not both_ways),
    )  # fmt: skip


def _turned(writer: _Writer, name: str, heads: int, size: int, *, sliding: bool) -> str:
    """Return queries or keys normalised by head and rotated by their place."""
    value = name
    if f"{name}_norm.weight" in writer.state:
        apart = writer.constant(f"heads.{heads}", np.array([0, 0, heads, size]))
        value = writer.node("Reshape", [name, apart], f"{name}.apart")
        value = _rms(writer, value, f"{name}_norm", f"{name}.normed")
        value = writer.node("Reshape", [value, writer.constant("heads.joined", np.array([0, 0, -1]))], f"{name}.joined")
    cosine, sine, places = _rotation(writer, size, sliding=sliding)
    return writer.node("RotaryEmbedding", [value, cosine, sine, places], f"{name}.turned", num_heads=heads)


def _rope_theta(writer: _Writer, *, sliding: bool) -> float:
    """Return the base of the rotation's frequencies, which transformers names in two ways."""
    config = writer.config
    given = config.get("rope_parameters") or {}
    given = given.get("sliding_attention" if sliding else "full_attention", given)
    scaling = config.get("rope_scaling") or given
    if scaling.get("rope_type", scaling.get("type", "default")) != "default":
        raise refusal(writer.weights.source, "rope_scaling", scaling, "default")
    if "rope_theta" in given:
        return float(given["rope_theta"])
    return float(config["rope_local_base_freq"] if sliding else config["rope_theta"])


def _rotation(writer: _Writer, size: int, *, sliding: bool) -> tuple[str, str, str]:
    kind = "near" if sliding else "far"
    frequencies = _rope_theta(writer, sliding=sliding) ** (-np.arange(0, size, 2) / size)
    angles = np.outer(np.arange(writer.weights.max_tokens), frequencies)
    cosine = writer.constant(f"rotation.{kind}.cos", np.cos(angles).astype(np.float32))
    sine = writer.constant(f"rotation.{kind}.sin", np.sin(angles).astype(np.float32))
    if "places" not in writer._named:
        numbers = writer.first_rows("numbers", np.arange(writer.weights.max_tokens))
        writer.node("Expand", [numbers, writer.node("Shape", ["input_ids"], "shape")], "places")
        writer._named["places"] = "places"
    return cosine, sine, "places"


def _near(writer: _Writer, reach: int) -> str:
    """Return which tokens lie within ``reach`` of each other, shape ``(tokens, tokens)``."""
    if "near" not in writer._named:
        row = writer.node("Unsqueeze", ["numbers", writer.constant("axis0", np.array([0]))], "numbers.row")
        column = writer.node("Unsqueeze", ["numbers", writer.constant("axis1", np.array([1]))], "numbers.column")
        apart = writer.node("Abs", [writer.node("Sub", [row, column], "distance.signed")], "distance")
        writer.node("Less", [apart, writer.constant("reach", np.array(reach))], "near")
        writer._named["near"] = "near"
    return "near"
