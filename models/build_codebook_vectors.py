"""Build what depends on the library's own codebooks alone, so that a first run need not: vectors, words, weights.

    python models/build_codebook_vectors.py

Run it after a codebook, its utterances, a word list or a constant of the ranking changed. What is not in the files is
worked out when needed, so an old file costs time and nothing else; a test tells when it is old.
"""

from lbc_themes.codebook import load_codebook
from lbc_themes.core.assets import codebook_names, model_folder
from lbc_themes.encoding import encoder_names, load_encoder
from lbc_themes.encoding.cache import SHIPPED, text_key, write_shipped
from lbc_themes.encoding.encoder import OnnxEncoder, Vectors
from lbc_themes.suggest.explain import WORDS_KEY, CodeWords, texts_by_code, to_arrays, words_by_code, words_key
from lbc_themes.suggest.features import PREPARED, Arrays, texts_to_encode, write_prepared
from lbc_themes.suggest.zero_shot import ZeroShot

if __name__ == "__main__":
    encoder = OnnxEncoder(model_folder("e5-small-zh"))
    vectors: dict[bytes, Vectors] = {}
    for name in codebook_names():
        for kind, texts in texts_to_encode(load_codebook(name)).items():
            made = encoder.encode(texts, kind)
            vectors |= {text_key(encoder.name, kind, text): row for text, row in zip(texts, made, strict=True)}
    write_shipped(SHIPPED, vectors)
    print(f"{len(vectors)} vectors")
    parts: dict[str, Arrays] = {}
    words: dict[str, CodeWords] = {}
    PREPARED.unlink(missing_ok=True)
    for name in codebook_names():
        codebook = load_codebook(name)
        texts = texts_by_code(codebook, None)
        words |= dict(zip(map(words_key, texts), words_by_code(texts), strict=True))
        for encoder_name in encoder_names():
            zero_shot = ZeroShot(codebook, None, load_encoder(encoder_name, cache=None))
            parts[zero_shot.ridge_key()] = {"weights": zero_shot.ridge_weights()}
    parts[WORDS_KEY] = to_arrays(words)
    write_prepared(PREPARED, parts)
    print(f"{len(parts)} prepared parts")
