"""The trained part of the encoder as functions of its weights: layers, pooling and one output a code."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lbc_themes.encoding.e5_parts import E5Parts

if TYPE_CHECKING:
    from torch import Tensor

Weights = dict[str, "Tensor"]

HEAD = ("pool.weight", "pool.bias", "head.weight", "head.bias")
"""The weights that begin at random, not from the encoder."""

BLOCKED = -1e4


@dataclass(frozen=True, kw_only=True)
class NetShape:
    """What the weights alone do not say."""

    layers: int
    heads: int
    epsilon: float


def shape_of(parts: E5Parts) -> NetShape:
    """Return the shape of the upper layers of ``parts``."""
    return NetShape(layers=parts.layers, heads=parts.heads, epsilon=parts.epsilon)


def first_weights(parts: E5Parts, codes: int, seed: int) -> Weights:
    """Return the encoder's upper weights and a new head for ``codes``; the same seed gives the same head."""
    import torch

    weights = {name: torch.from_numpy(values.copy()) for name, values in parts.upper.items()}
    chance = np.random.default_rng(seed)
    head = chance.normal(0, 0.02, (codes, 2 * parts.hidden)).astype(np.float32)
    weights["head.weight"], weights["head.bias"] = torch.from_numpy(head), torch.zeros(codes)
    weights["pool.weight"], weights["pool.bias"] = torch.zeros(1, parts.hidden), torch.zeros(1)
    for values in weights.values():
        values.requires_grad_()
    return weights


def logits(weights: Weights, shape: NetShape, states: "Tensor", mask: "Tensor", drop: float = 0.0) -> "Tensor":
    """Return log-odds of shape ``(n, codes)`` for lower layers' ``states`` of shape ``(n, tokens, hidden)``.

    ``mask`` is 1 for a token and 0 for padding. Tokens are pooled twice, by their mean and by learned attention, side
    by side. ``drop`` is the share that dropout takes while training.
    """
    import torch
    from torch.nn.functional import dropout, linear

    blocked = (1 - mask)[:, None, None, :] * BLOCKED
    for number in range(shape.layers):
        states = _layer(weights, f"{number}.", shape, states, blocked, drop)
    states = states.float()
    mean = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
    looks = linear(states, weights["pool.weight"], weights["pool.bias"])[..., 0].float() + (1 - mask) * BLOCKED
    looked = (states * looks.softmax(1)[..., None]).sum(1)
    both = dropout(torch.cat([mean, looked], 1), drop, training=drop > 0)
    return linear(both, weights["head.weight"], weights["head.bias"]).float()


def _layer(
    weights: Weights, prefix: str, shape: NetShape, states: "Tensor", blocked: "Tensor", drop: float
) -> "Tensor":
    from torch.nn.functional import dropout, gelu, layer_norm, linear, scaled_dot_product_attention

    def dense(name: str, values: "Tensor") -> "Tensor":
        return linear(values, weights[f"{prefix}{name}.weight"], weights[f"{prefix}{name}.bias"])

    def normal(name: str, values: "Tensor") -> "Tensor":
        gain, offset = weights[f"{prefix}{name}.weight"], weights[f"{prefix}{name}.bias"]
        return layer_norm(values.float(), gain.shape, gain, offset, shape.epsilon)

    n, tokens, hidden = states.shape
    query, key, value = (
        dense(name, states).view(n, tokens, shape.heads, -1).transpose(1, 2) for name in ("query", "key", "value")
    )
    seen = scaled_dot_product_attention(query, key, value, attn_mask=blocked.to(query.dtype))
    mixed = dense("mix", seen.transpose(1, 2).reshape(n, tokens, hidden))
    middle = normal("mixed", dropout(mixed, drop, training=drop > 0) + states)
    narrow = dense("narrow", gelu(dense("wide", middle)))
    return normal("done", dropout(narrow, drop, training=drop > 0) + middle)


def padded(states: "list[NDArray[np.float16]]") -> "tuple[Tensor, Tensor]":
    """Return the states of some texts side by side, shape ``(n, tokens, hidden)``, and their mask."""
    import torch

    longest = max(len(rows) for rows in states)
    filled = np.zeros((len(states), longest, states[0].shape[1]), np.float32)
    mask = np.zeros((len(states), longest), np.float32)
    for row, values in enumerate(states):
        filled[row, : len(values)], mask[row, : len(values)] = values, 1
    return torch.from_numpy(filled), torch.from_numpy(mask)
