"""Any encoder of the hub or a folder, with transformers, pooled as sentence-transformers does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from harness.errors import UsageError, needs
from harness.models.sources.cache import digest_of
from harness.models.sources.encoders import ENCODERS, encoder_folder, name_of
from harness.records.model import ModelInfo
from harness.retrieval.embedders.base import Embedder, EmbedderConfig, TextRole, Vectors

__all__ = ["LocalEmbedder"]

MODULES = frozenset({"Transformer", "Pooling", "Normalize"})
POOLING = {
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_cls_token": "cls",
    "pooling_mode_lasttoken": "last",
}


class LocalEmbedder(Embedder):
    """Runs an encoder with torch.

    ``config.model`` is ``org/name`` or a folder, in the format of transformers or of
    sentence-transformers (whose pooling and length are then used).

    Raises:
        UsageError: There is no such model, or it has parts that aren't known here.
        MissingDependency: torch or transformers isn't installed.
    """

    def __init__(self, config: EmbedderConfig, device: str | None = None) -> None:
        super().__init__()
        with needs("this embedder", "local"):
            import torch
            from transformers import AutoModel, AutoTokenizer
        folder = encoder_folder(config.model, config.revision)
        self._folder = folder
        self._named = config.model if config.model in ENCODERS else name_of(config.model, folder)
        settings = _settings(folder)
        self.pooling = settings["pooling"] if config.pooling == "auto" else config.pooling
        self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
        self._model: Any = AutoModel.from_pretrained(
            folder, dtype=torch.float32, use_safetensors=True, trust_remote_code=False
        ).eval()
        self._device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        self._model.to(self._device)
        self._limit = config.max_tokens or settings["max_tokens"] or self._window()
        self.batch_size = config.batch_size
        self.name = name_of(config.model, folder)
        self.version = (
            f"{digest_of(folder)[:16]}/{self.pooling}/{self._limit}/"
            f"transformers-{version('transformers').split('.')[0]}"
        )
        e5 = "e5" in self.name.lower().split("/")[-1].split("-")
        default = {"query": "query: ", "passage": "passage: "} if e5 else settings["prefixes"]
        given: dict[TextRole, str | None] = {
            "query": config.query_prefix,
            "passage": config.passage_prefix,
        }
        self.prefixes = {role: default[role] if p is None else p for role, p in given.items()}

    def _window(self) -> int:
        """Returns how many tokens the model can take; an absolute position table may be padded."""
        settings = self._model.config
        positions = int(getattr(settings, "max_position_embeddings", 512))
        if settings.model_type in ("roberta", "xlm-roberta", "camembert"):
            positions -= int(settings.pad_token_id) + 1
        return int(min(positions, self._tokenizer.model_max_length))

    @property
    def dimension(self) -> int:
        """The model's hidden size."""
        return int(self._model.config.hidden_size)

    @property
    def info(self) -> ModelInfo:
        """The encoder that is loaded, with its sizes."""
        from harness.models.local.sizes import encoder_info

        return encoder_info(self._model, self._named, self._folder)

    def excess(self, text: str, kind: TextRole) -> str:
        """Says how many tokens a text has that is longer than the model's length."""
        line = self.prefixes[kind] + text
        if len(line.encode("utf-8", "replace")) + 2 <= self._limit:  # a token has a byte or more
            return ""
        length = len(self._tokenizer(line, split_special_tokens=True)["input_ids"])
        return f"{length:,} tokens, {self._limit:,} fit" if length > self._limit else ""

    def encode(self, texts: Sequence[str], kind: TextRole) -> tuple[Vectors, int]:
        """Embeds one batch; what is over the model's length is cut off."""
        import torch

        lines = [self.prefixes[kind] + text for text in texts]
        inputs = self._tokenizer(
            lines,
            padding=True,
            truncation=True,
            max_length=self._limit,
            split_special_tokens=True,  # control tokens in a passage are text
            return_tensors="pt",
        ).to(self._device)
        mask = inputs["attention_mask"]
        with torch.inference_mode():
            hidden = self._model(**inputs).last_hidden_state.float()
        if self.pooling == "mean":
            weights = mask.unsqueeze(-1).float()
            pooled = (hidden * weights).sum(1) / weights.sum(1)
        elif self.pooling == "cls":
            pooled = hidden[:, 0]
        else:
            rows = torch.arange(len(lines), device=hidden.device)
            places = torch.arange(mask.shape[1], device=hidden.device)
            pooled = hidden[rows, (mask * places).argmax(1)]
        return pooled.cpu().numpy(), int(mask.sum())


def _settings(folder: Path) -> dict[str, Any]:
    """Reads pooling, length and prompts as sentence-transformers writes them; else mean pooling."""
    modules = _json(folder / "modules.json") or []
    unknown = {str(part["type"]).rpartition(".")[2] for part in modules} - MODULES
    if unknown:
        raise UsageError(
            f"{folder.name} has a part that isn't supported: {', '.join(sorted(unknown))}",
            "Take a model of a transformer with mean, cls or last-token pooling.",
        )
    pooling = "mean"
    for part in modules:
        if str(part["type"]).endswith("Pooling"):
            pooling = _pooling(_json(folder / part["path"] / "config.json") or {}, folder.name)
            break
    prompts = (_json(folder / "config_sentence_transformers.json") or {}).get("prompts") or {}
    passage = prompts.get("passage", prompts.get("document", ""))
    return {
        "pooling": pooling,
        "max_tokens": (_json(folder / "sentence_bert_config.json") or {}).get("max_seq_length"),
        "prefixes": {"query": prompts.get("query", ""), "passage": passage},
    }


def _pooling(settings: dict[str, Any], name: str) -> str:
    """Reads a flag for each way of pooling (until version 5), or the name of one (since 6)."""
    chosen = [way for flag, way in POOLING.items() if settings.get(flag)]
    if mode := settings.get("pooling_mode"):
        chosen = [{"lasttoken": "last"}.get(mode, mode)]
    if len(chosen) != 1 or chosen[0] not in POOLING.values():
        raise UsageError(
            f"{name} pools in a way that isn't supported", "Take one that pools by mean or cls."
        )
    return chosen[0]


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
