"""Our themes as a real BERTopic object."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer

from lbc_themes.core.errors import InputError, MissingExtraError
from lbc_themes.encoding import load_encoder
from lbc_themes.segmenting import content_words
from lbc_themes.themes.bertopic_ways import NO_THEME, with_our_ways
from lbc_themes.themes.features import unit
from lbc_themes.themes.material import Rows

if TYPE_CHECKING:
    from lbc_themes.themes.model import ThemeModel


class CentredEncoder:
    """The model's encoder for BERTopic: vectors less the mean of the study, unit length."""

    def __init__(self, name: str, mean: Rows) -> None:
        """Remember the encoder's name and the study's mean vector."""
        self.name = name
        self.mean = mean

    def embed(self, documents: Sequence[str], verbose: bool = False) -> NDArray[np.float32]:  # noqa: ARG002, FBT001, FBT002 (BERTopic's own signature)
        """Return the centred vectors of texts; refuses where the study's own vectors are of another encoder."""
        vectors = load_encoder(self.name).encode(list(documents))
        if vectors.shape[1] != len(self.mean):
            raise InputError(
                f"the themes were found on vectors of {len(self.mean)} dimensions, and {self.name} makes "
                f"{vectors.shape[1]}; hand BERTopic vectors of your encoder (embeddings=...)"
            )
        return centred(vectors, self.mean)


def centred(vectors: Rows, mean: Rows) -> NDArray[np.float32]:
    """Return vectors less ``mean``, brought to unit length."""
    return unit(vectors.astype(np.float64) - mean).astype(np.float32)


def bertopic_of(model: "ThemeModel") -> Any:  # noqa: ANN401 (BERTopic has no types)
    """Return a BERTopic object whose topics are the themes, in their order from 0, with our words and names.

    BERTopic is handed labels (manual topic modelling), centred vectors and the word cutter, and keeps our order of
    topics; its language is "multilingual", without which it strips every Chinese character. Its embedding model is the
    encoder of the theme model, and ``with_our_ways`` says which of its methods are seen to. Topic 3 is
    ``model.themes_[3]``; the names are its custom labels. The first call takes about ten seconds, the time that
    importing BERTopic takes.
    """
    if not model.themes_:
        raise InputError("there are no themes to hand to BERTopic; fit a model on texts that say something first")
    mean = model.material_.vectors.mean(axis=0)
    topics = {theme.id: number for number, theme in enumerate(model.themes_)}
    found = _empty(CentredEncoder(model.encoder, mean))
    # BERTopic numbers topics by size in an order of its own where sizes are equal.
    found._sort_mappings_by_frequency = lambda documents: documents
    labels = [topics.get(int(label), -1) for label in model.labels_]
    found.fit(list(model.material_.texts), embeddings=centred(model.material_.vectors, mean), y=labels)
    del found._sort_mappings_by_frequency
    names = {number: theme.name for number, theme in enumerate(model.themes_)}
    found.set_topic_labels(names | ({-1: NO_THEME} if -1 in labels else {}))
    return with_our_ways(found)


def _empty(encoder: CentredEncoder) -> Any:  # noqa: ANN401 (BERTopic has no types)
    try:
        from bertopic import BERTopic
        from bertopic.backend import BaseEmbedder
        from bertopic.cluster import BaseCluster
        from bertopic.dimensionality import BaseDimensionalityReduction
    except ImportError as fault:
        raise MissingExtraError(package="bertopic", extra="bertopic", purpose="to_bertopic()") from fault
    # BERTopic takes only its own class for an encoder, and that class is not there before BERTopic is imported.
    embedder = BaseEmbedder()
    embedder.embed = encoder.embed
    return BERTopic(
        language="multilingual",
        embedding_model=embedder,
        umap_model=BaseDimensionalityReduction(),
        hdbscan_model=BaseCluster(),
        vectorizer_model=CountVectorizer(analyzer=content_words),
    )
