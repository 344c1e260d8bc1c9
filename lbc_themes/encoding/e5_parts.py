"""An E5 model in two parts: lower layers that run as they are, and upper layers as weights that can be trained."""

import json
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lbc_themes.core.errors import InputError, MissingExtraError
from lbc_themes.core.messages import message
from lbc_themes.encoding.cache import CachedEncoder
from lbc_themes.encoding.encoder import Encoder, OnnxEncoder, Vectors

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_LAYER = re.compile(r"encoder\.layer\.(\d+)\.")


@dataclass(frozen=True, kw_only=True)
class E5Parts:
    """The lower layers as a session, and the ``upper`` ones as float32 weights by name ("0.query.weight", ...).

    Layers are numbered from the lowest upper one. Matrices are ``(out, in)``, as PyTorch has them.
    """

    encoder: OnnxEncoder
    session: "InferenceSession"
    upper: dict[str, Vectors]
    layers: int
    heads: int
    epsilon: float

    @property
    def hidden(self) -> int:
        """The width of a layer."""
        return self.encoder.dimensions

    def lower(self, texts: Sequence[str], longest: int) -> list["np.ndarray[Any, np.dtype[np.float16]]"]:
        """Return what the lower layers make of each text: float16 of shape ``(tokens, hidden)``.

        A text of more than ``longest`` tokens is cut there.
        """
        windows = [ids[:longest] for ids in self.encoder.tokens(texts)]

        def one(ids: list[int]) -> "np.ndarray[Any, np.dtype[np.float16]]":
            made = self.session.run(None, {"input_ids": np.array([ids], np.int64)})[0][0]
            return np.asarray(made, np.float16)

        with ThreadPoolExecutor(self.encoder.workers) as pool:
            return list(pool.map(one, windows))


def split_encoder(encoder: Encoder, layers: int) -> E5Parts:
    """Return ``encoder`` cut below its ``layers`` upper layers.

    The weights are those of its 8-bit graph, brought back to float32; no other file is needed. Refuses an encoder that
    is not the library's own.
    """
    inner = encoder.encoder if isinstance(encoder, CachedEncoder) else encoder
    if not isinstance(inner, OnnxEncoder):
        raise InputError(message("encoding.tune_encoder_needs_library", name=encoder.name))
    return _split(inner, layers)


def _split(encoder: OnnxEncoder, layers: int) -> E5Parts:
    graph, model = _graph(encoder.folder)
    constants = _constants(graph)
    count = 1 + max(int(found[1]) for found in map(_LAYER.match, constants) if found)
    if not 0 < layers < count:
        raise InputError(message("encoding.encoder_layers_tuned", count=count, count_2=count - 1, layers=layers))
    attention = next(node for node in graph.node if node.op_type == "Attention")
    normalisation = next(node for node in graph.node if node.op_type == "LayerNormalization")
    below = count - layers
    return E5Parts(
        encoder=encoder,
        session=_lower_session(model, f"encoder.layer.{below - 1}.output.LayerNorm.out"),
        upper=_upper_weights(constants, _spread(model), below, layers),
        layers=layers,
        heads=next(given.i for given in attention.attribute if given.name == "q_num_heads"),
        epsilon=next(given.f for given in normalisation.attribute if given.name == "epsilon"),
    )


def _graph(folder: Path) -> tuple[Any, Any]:
    try:
        import onnx
    except ImportError as error:
        raise MissingExtraError(package="onnx", extra="tune", purpose='tune="encoder"') from error
    model = onnx.load(str(folder / "model.onnx"))
    return model.graph, model


def _constants(graph: Any) -> dict[str, Any]:  # noqa: ANN401 (onnx has no types)
    from onnx import numpy_helper

    return {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}


def _lower_session(model: Any, last: str) -> "InferenceSession":  # noqa: ANN401 (onnx has no types)
    """Return a session that ends at the value named ``last``; nodes stand in the order in which they run."""
    import onnx
    import onnxruntime

    short = onnx.ModelProto()
    short.CopyFrom(model)
    kept = []
    for node in model.graph.node:
        kept.append(node)
        if last in node.output:
            break
    used = {name for node in kept for name in node.input}
    constants = [tensor for tensor in model.graph.initializer if tensor.name in used]
    del short.graph.node[:], short.graph.initializer[:], short.graph.output[:]
    short.graph.node.extend(kept)
    short.graph.initializer.extend(constants)
    short.graph.output.append(onnx.helper.make_tensor_value_info(last, onnx.TensorProto.FLOAT, ["n", "tokens", None]))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(short.SerializeToString(), options, providers=["CPUExecutionProvider"])


_JOINT = ("query", "key", "value")
_DENSE = {"mix": "attention.output.dense", "wide": "intermediate.dense", "narrow": "output.dense"}
_NORMS = {"mixed": "attention.output.LayerNorm", "done": "output.LayerNorm"}


def _spread(model: Any) -> dict[int, list[int]]:  # noqa: ANN401 (onnx has no types)
    """Return the inner units of each layer that only stand for what another cannot say in 8 bits."""
    [kept] = [given.value for given in model.metadata_props if given.key == "spread"]
    return {int(layer): units for layer, units in json.loads(kept).items()}


def _upper_weights(
    constants: dict[str, Any], spread: dict[int, list[int]], below: int, layers: int
) -> dict[str, Vectors]:
    weights: dict[str, Vectors] = {}
    for number in range(layers):
        prefix = f"encoder.layer.{below + number}."
        made = _dense_weights(constants, prefix)
        for short, name in _NORMS.items():
            for part in ("weight", "bias"):
                made[f"{short}.{part}"] = constants[f"{prefix}{name}.{part}"].astype(np.float32)
        divisor = constants[f"{prefix}divisor"]
        made["mixed.weight"], made["mixed.bias"] = made["mixed.weight"] * divisor, made["mixed.bias"] * divisor
        made["wide.weight"] = made["wide.weight"] / divisor
        made["narrow.weight"][:, spread.get(below + number, [])] = 0
        weights |= {f"{number}.{name}": values for name, values in made.items()}
    return weights


def _dense_weights(constants: dict[str, Any], prefix: str) -> dict[str, Vectors]:
    def whole(name: str) -> tuple[Vectors, Vectors]:
        matrix = constants[f"{prefix}{name}.int8"].astype(np.float32) * constants[f"{prefix}{name}.scale"]
        return np.ascontiguousarray(matrix.T), constants[f"{prefix}{name}.bias"].astype(np.float32)

    made = {}
    joint = [np.split(values, len(_JOINT)) for values in whole("attention.self.joint")]
    for short, weight, bias in zip(_JOINT, *joint, strict=True):
        made[f"{short}.weight"], made[f"{short}.bias"] = weight, bias
    for short, name in _DENSE.items():
        made[f"{short}.weight"], made[f"{short}.bias"] = whole(name)
    return made
