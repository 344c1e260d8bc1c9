"""Cut a tokenizer's vocabulary to Chinese and Latin: three quarters of a multilingual model are words of others.

Text of Chinese characters, their punctuation and what stays of Latin letters is cut into the same tokens as before.
What else occurs is taken apart into bytes where the tokenizer has these, and is unknown where it has not.
"""

import copy
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message

LATIN_TOKENS = 24_000
"""So many tokens of two or more Latin letters, digits and signs stay: those of the lowest rank, the most frequent."""
SMALL_ENOUGH = 40_000
"""A vocabulary up to this size stays whole."""

_CHINESE = r"\u2e80-\u2fdf\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef\u2010-\u206f\u00b7"
_CHINESE_ONLY = re.compile(f"[{_CHINESE}]+")
_LATIN = re.compile(r"[\x09\x0a\x0d\x20-\x7e]+")
_SINGLE = re.compile(r"[\x00-\u024f\u02c7\u02c9-\u02cb\u2000-\u206f\u2190-\u22ff]")
_BYTE = re.compile(r"<0x[0-9A-F]{2}>")


@dataclass(frozen=True, kw_only=True)
class CutTokenizer:
    """A tokenizer as the content of tokenizer.json, and which rows of the word embeddings its tokens have."""

    content: dict[str, Any]
    kept: tuple[int, ...]


def cut_tokenizer(tokenizer: Mapping[str, Any], latin: int = LATIN_TOKENS, source: str = "") -> CutTokenizer:
    """Return ``tokenizer``, the content of a tokenizer.json, with tokens of Chinese and Latin alone, numbered anew.

    Raises:
        InputError: a kind of tokenizer other than BPE, Unigram and WordPiece.
    """
    content = copy.deepcopy(dict(tokenizer))
    content["truncation"] = content["padding"] = None
    model = content["model"]
    kind = model.get("type") or ("WordPiece" if "max_input_chars_per_word" in model else "BPE")
    if kind not in ("BPE", "Unigram", "WordPiece"):
        allowed = ["BPE", "Unigram", "WordPiece"]
        raise InputError(
            message("encoding.not_convertible", folder=source, part="tokenizer.json", value=kind, allowed=allowed)
        )
    ranks = {piece: i for i, (piece, _) in enumerate(model["vocab"])} if kind == "Unigram" else dict(model["vocab"])
    added = {token["content"]: int(token["id"]) for token in content.get("added_tokens") or ()}
    byte_level = _is_byte_level(content)
    needed = _needed(content, ranks)
    if len(ranks) <= SMALL_ENOUGH:
        chosen = set(ranks)
    else:
        chosen = _chosen(ranks, latin, byte_level=byte_level) | (needed & set(ranks))
    if kind == "BPE":
        chosen = _with_parts(chosen, _merges(model))
    kept_added = {t for t in added if t in needed or t in chosen or not t.strip()}
    old = {**{token: ranks[token] for token in chosen}, **{token: added[token] for token in kept_added}}
    kept = tuple(sorted(set(old.values())))
    new = {number: place for place, number in enumerate(kept)}
    _write_model(model, kind, chosen, new, ranks)
    content["added_tokens"] = [
        {**token, "id": new[int(token["id"])]}
        for token in content.get("added_tokens") or ()
        if token["content"] in kept_added
    ]
    content["post_processor"] = _renumbered(content.get("post_processor"), new)
    return CutTokenizer(content=content, kept=kept)


def _is_byte_level(content: Mapping[str, Any]) -> bool:
    return '"ByteLevel"' in json.dumps([content.get("pre_tokenizer"), content.get("decoder")])


def _needed(content: Mapping[str, Any], ranks: Mapping[str, int]) -> set[str]:
    """Return the tokens that the tokenizer itself writes: those around a text, the unknown one, single bytes."""
    special = {token["content"] for token in content.get("added_tokens") or () if token.get("special")}
    around = set(re.findall(r'"([^"]+)"', json.dumps(content.get("post_processor"), ensure_ascii=False)))
    model = content["model"]
    unknown = model.get("unk_token")
    if model.get("unk_id") is not None:
        unknown = model["vocab"][model["unk_id"]][0]
    written = {token for token in special if token in around} | ({unknown} if unknown else set())
    return written | {token for token in ranks if _BYTE.fullmatch(token)}


def _chosen(ranks: Mapping[str, int], latin: int, *, byte_level: bool) -> set[str]:
    chosen, candidates = set(), []
    for token in ranks:
        text = _plain(token, byte_level=byte_level)
        bare = text.replace("\u2581", "").removeprefix("##").strip(" ")
        if (
            (len(bare) <= 1 and (not bare or _SINGLE.fullmatch(bare) or _CHINESE_ONLY.fullmatch(bare)))
            or (byte_level and len(token) == 1)
            or _CHINESE_ONLY.fullmatch(bare)
        ):
            chosen.add(token)
        elif _LATIN.fullmatch(bare):
            candidates.append(token)
    return chosen | set(sorted(candidates, key=lambda token: ranks[token])[:latin])


def _plain(token: str, *, byte_level: bool) -> str:
    """Return the text of a token; where bytes are no whole characters, with the sign for what cannot be read."""
    if not byte_level:
        return token
    table = _bytes_by_sign()
    return bytes(table.get(sign, 0) for sign in token).decode("utf-8", "replace")


@cache
def _bytes_by_sign() -> dict[str, int]:
    """Return which byte each sign of a byte-level tokenizer stands for (Radford et al. 2019, GPT-2)."""
    printed = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printed]
    return {chr(byte): byte for byte in printed} | {chr(256 + place): byte for place, byte in enumerate(others)}


def _merges(model: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what is merged; older files write the two as one line with a blank between."""
    pairs = (merge.split(" ") if isinstance(merge, str) else merge for merge in model["merges"])
    return [(left, right) for left, right in pairs]


def _with_parts(chosen: set[str], merges: Sequence[tuple[str, str]]) -> set[str]:
    """Return ``chosen`` with all that its tokens are merged from: the first way to merge a token is the one taken."""
    parts: dict[str, tuple[str, str]] = {}
    for left, right in merges:
        parts.setdefault(left + right, (left, right))
    whole, todo = set(chosen), list(chosen)
    while todo:
        for part in parts.get(todo.pop(), ()):
            if part not in whole:
                whole.add(part)
                todo.append(part)
    return whole


def _write_model(
    model: dict[str, Any], kind: str, chosen: set[str], new: Mapping[int, int], ranks: Mapping[str, int]
) -> None:
    if kind == "Unigram":
        # The place of a piece is its number: pieces that only added tokens have a number for stay as they are.
        model["vocab"] = [model["vocab"][number] for number in new if number < len(model["vocab"])]
        if model.get("unk_id") is not None:
            model["unk_id"] = new[model["unk_id"]]
        return
    model["vocab"] = {token: new[ranks[token]] for token in sorted(chosen, key=lambda token: ranks[token])}
    if kind == "BPE":
        model["merges"] = [
            [left, right] for left, right in _merges(model) if {left, right, left + right} <= model["vocab"].keys()
        ]


def _renumbered(part: Any, new: Mapping[int, int]) -> Any:  # noqa: ANN401 (any JSON)
    """Return a post-processor with new numbers: {"ids": [2]} of a template, ["</s>", 2] of other kinds."""
    if isinstance(part, dict):
        made = {key: _renumbered(value, new) for key, value in part.items()}
        if "ids" in part and "tokens" in part:
            made["ids"] = [new[number] for number in part["ids"]]
        return made
    if isinstance(part, list):
        if len(part) == 2 and isinstance(part[0], str) and isinstance(part[1], int):
            return [part[0], new[part[1]]]
        return [_renumbered(each, new) for each in part]
    return part
