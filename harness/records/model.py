"""Which model answered, and its sizes, as a record names them."""

from __future__ import annotations

from pydantic import ConfigDict, Field, JsonValue, TypeAdapter
from pydantic.dataclasses import dataclass

__all__ = ["Architecture", "ModelInfo"]

_STRICT = ConfigDict(extra="forbid", protected_namespaces=())


@dataclass(frozen=True, config=_STRICT)
class Architecture:
    """The sizes that FLOPs, memory and a projection are computed from."""

    parameters: int = Field(description="All weights, tied ones once.")
    trunk_parameters: int = Field(
        description="Weights that take part in matrix products for every token: without the "
        "embedding table and the output head."
    )
    layers: int = Field(description="Number of transformer blocks.")
    hidden: int = Field(description="Width of the residual stream.")
    kv_heads: int = Field(description="Key/value heads a layer.")
    head_dim: int = Field(description="Width of one head.")
    vocabulary: int = Field(description="Rows of the output head; 0: an encoder has none.")
    heads: int = Field(
        default=0,
        description="Query heads a layer; 0: not known, their total width is the hidden one.",
    )
    intermediate: int = Field(
        default=0,
        description="Width inside the feed-forward block; 0: not known, found from the trunk.",
    )
    normed: int = Field(
        default=0,
        description="Widths of everything that a layer normalises, together; 0: not known, two "
        "norms of the hidden width.",
    )

    @property
    def query_width(self) -> int:
        """Width of all query heads together."""
        return self.heads * self.head_dim if self.heads else self.hidden

    @property
    def norm_width(self) -> int:
        """Widths of everything that a layer normalises, together."""
        return self.normed or 2 * self.hidden

    @property
    def inner_width(self) -> int:
        """Width inside the feed-forward block; from the trunk, if need be, as a gated one's."""
        if self.intermediate:
            return self.intermediate
        attention = 2 * self.hidden * (self.query_width + self.kv_heads * self.head_dim)
        return round((self.trunk_parameters / self.layers - attention) / (3 * self.hidden))


@dataclass(frozen=True, config=_STRICT)
class ModelInfo:
    """Which model answered."""

    name: str = Field(description="Catalogue name, hub id or folder name; never an absolute path.")
    digest: str | None = Field(
        default=None,
        description="sha256 over the weights, or the hub revision; null behind an API.",
    )
    weights_origin: str = Field(
        default="unknown", description="Where the weights come from: '4-bit GGUF, de-quantised'."
    )
    licence: str = Field(default="unknown", description="Licence of the weights.")
    chat: bool = Field(default=False, description="Whether prompts go through the chat template.")
    dtype: str | None = Field(
        default=None, description="Type of the weights in memory (bfloat16); null behind an API."
    )
    quantization: str | None = Field(default=None, description="nf4, int8, q8_0, q4_0 or null.")
    adapter: str | None = Field(
        default=None,
        description="'merged' into the weights, or computed 'beside' them; null: none.",
    )
    architecture: Architecture | None = Field(
        default=None, description="Sizes; null behind an API."
    )
    tuned: str | None = Field(
        default=None,
        description="Name of what a vendor made of it by fine-tuning, which answered; null: nothing.",
    )

    @property
    def asked(self) -> str:
        """The name whose tokens are priced."""
        return self.tuned or self.name

    def as_dict(self) -> dict[str, JsonValue]:
        """Returns the fields as JSON values."""
        value: dict[str, JsonValue] = TypeAdapter(ModelInfo).dump_python(self, mode="json")
        return value
