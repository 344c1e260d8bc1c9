"""What scores depend on beside the text itself, learned from one set of texts so that others can be scored by it."""

from dataclasses import dataclass, replace

from lbc_themes.core.records import Language
from lbc_themes.suggest.counts import TfIdf
from lbc_themes.suggest.self_training import Neighbours
from lbc_themes.suggest.standardise import Floats, Standard
from lbc_themes.suggest.text_space import Spread, TextSpace


@dataclass(frozen=True, kw_only=True)
class Basis:
    """The mean vector that is taken off, shape ``(dimensions,)``, and the weights of n-grams for the lexical view."""

    mean: Floats
    weights: TfIdf


@dataclass(frozen=True, kw_only=True)
class Settled:
    """Statistics of the texts of one language: the standards of the three views, and what the texts say together.

    ``told`` are the neighbours' answers spread over the columns of ``space``, whose texts are the teachers; all three
    are None where the texts were too few to correct one another.
    """

    basis: Basis
    dense: Standard
    lexical: Standard
    taught: Standard
    neighbours: Neighbours | None = None
    space: TextSpace | None = None
    told: Spread | None = None

    def without_neighbours(self) -> "Settled":
        """Return the standards alone, for texts of a language that the ground has none of."""
        return replace(self, neighbours=None, space=None, told=None)


Ground = dict[Language, Settled]
