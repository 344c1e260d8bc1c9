"""Build the vectors of the library's own codebooks, so that a first run need not make them.

    python models/build_codebook_vectors.py

Run it after a codebook or its utterances changed. What is not in the file is encoded when needed, so an old file costs
time and nothing else; a test tells when it is old.
"""

from lbc_themes.assets import codebook_names, codebook_path, model_folder
from lbc_themes.codebook import load_codebook
from lbc_themes.encoding.cache import text_key
from lbc_themes.encoding.e5_onnx import E5OnnxEncoder
from lbc_themes.encoding.protocol import Vectors
from lbc_themes.encoding.shipped import VECTORS_NAME, write_shipped
from lbc_themes.suggest.code_texts import texts_to_encode

if __name__ == "__main__":
    encoder = E5OnnxEncoder(model_folder("e5-small-zh"))
    vectors: dict[bytes, Vectors] = {}
    for name in codebook_names():
        for kind, texts in texts_to_encode(load_codebook(name)).items():
            made = encoder.encode(texts, kind)
            vectors |= {text_key(encoder.name, kind, text): row for text, row in zip(texts, made, strict=True)}
    write_shipped(codebook_path(VECTORS_NAME), vectors)
    print(f"{len(vectors)} vectors")
