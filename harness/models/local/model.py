"""A language model on this machine: loaded with transformers, scored and run by ourselves."""

from __future__ import annotations

import functools
import json
import logging
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import torch
import transformers

from harness.devices import Device, make_room
from harness.errors import DataError, MissingDependency, TooLong, UsageError, nearest, needs
from harness.models.local import generation, rolling, scoring
from harness.models.local.engine import SharedPrefix
from harness.models.local.forward import inference_mode, shared_prefix
from harness.models.local.packing import can_pack, why_not
from harness.models.local.saved import with_saved
from harness.models.local.sizes import architecture, context_length, loading, vocabulary
from harness.models.local.soft_prompt import learnt_ids
from harness.models.render import Encoded, Encoder
from harness.models.sources.catalog import ModelFolder
from harness.models.window import Window
from harness.records.model import ModelInfo
from harness.types import Generation, GenRequest, Prompt, ScoreRequest, Scores

if TYPE_CHECKING:
    from transformers import BitsAndBytesConfig, PreTrainedTokenizerBase

__all__ = ["LocalModel", "counted", "load_local", "quiet_libraries", "tokenizer_of"]

LONGEST = 2048  # tokens of a text that are read at once by a model without a limit
QUANTIZATIONS = {"nf4": "Linear4bit", "int8": "Linear8bitLt"}


class LocalModel:
    """A causal language model of transformers, as the harness uses it.

    The attributes are those of `harness.models.local.engine.Engine`; a strategy replaces `module`
    by one with adapters.
    """

    def __init__(
        self,
        module: torch.nn.Module,
        tokenizer: PreTrainedTokenizerBase,
        device: Device,
        info: ModelInfo,
    ) -> None:
        self.module = module
        self.tokenizer = tokenizer
        self.device = device
        self.info = info
        self.encoder = Encoder(tokenizer)
        self.encoder.before = learnt_ids(module)
        self.prefix: SharedPrefix | None = None
        self.vocabulary = vocabulary(module)
        self.end_ids = _end_ids(module, self.encoder)
        pads = (tokenizer.pad_token_id, tokenizer.eos_token_id, 0)
        self.pad_id: int = next(pad for pad in pads if pad is not None)

    def score(self, requests: Iterable[ScoreRequest]) -> Iterator[Scores]:
        """Yields the log-likelihood of each request's continuations; reads all requests first."""
        return counted(self.module, scoring.Session(self, more=False).score(list(requests)))

    def session(self, *, writes: bool = False) -> scoring.Session:
        """Returns what scores list after list while the weights stay as they are.

        With `writes` the model generates texts in the meantime, too, and does it faster.
        """
        return scoring.Session(self, writes=writes)

    @property
    def unshared(self) -> str:
        """Why requests can't share all of their common prefix; empty where they can."""
        return why_not(self.module)

    def generate(self, requests: Iterable[GenRequest]) -> Iterator[Generation]:
        """Yields new text for each request; reads all requests first."""
        return counted(self.module, generation.generate(self, list(requests)))

    def logprobs(self, texts: Iterable[str]) -> Iterator[Scores]:
        """Yields the log-likelihood of whole texts, for perplexity; ids count the texts from 0.

        Each is read after the token that begins a sequence, or ends one where there is none.
        """
        begin, end = self.tokenizer.bos_token_id, self.tokenizer.eos_token_id
        first = next(id_ for id_ in (begin, end, 0) if id_ is not None)
        tokens = [self.tokenizer.encode(text, add_special_tokens=False) for text in texts]
        limit = (self.context_length or LONGEST) - len(self.encoder.before)
        return counted(self.module, rolling.text_scores(self, tokens, first, limit))

    @contextmanager
    def holding(self, prompts: Sequence[Prompt]) -> Iterator[int]:
        """Computes the common prefix of prompts like those of coming requests; yields its length.

        A request with another prefix is answered without it.
        """
        tokens = [self.encode(prompt).ids for prompt in prompts]
        ids = shared_prefix(self.module, tokens, min(map(len, tokens), default=1) - 1)
        if ids:
            with inference_mode(self.module):
                self.prefix = SharedPrefix(self, ids, packs=can_pack(self.module))
        try:
            yield len(ids)
        finally:
            self.prefix = None

    def encode(self, prompt: Prompt, target: str | None = None, *, end: bool = True) -> Encoded:
        """Tokenises a prompt as served, with the answer to follow: see `Encoder.encode`."""
        return self.encoder.encode(prompt, target, end=end)

    def count_tokens(self, prompt: Prompt) -> int:
        """Returns the length of a rendered prompt in the model's own tokens."""
        return len(self.encode(prompt).ids)

    @property
    def context_length(self) -> int | None:
        """Longest input in tokens, answer included; None where there is no limit."""
        return context_length(self.module.config)

    @property
    def window(self) -> Window:
        """The tokens of its context, and how they are counted."""
        return Window(lambda: self.encoder, self.context_length, len(self.encoder.before))

    def check_length(self, request: str, tokens: int) -> None:
        """Refuses what doesn't fit into the context; nothing is cut off silently.

        Raises:
            TooLong: Request `request` of so many tokens is longer than the model's context.
        """
        limit = self.context_length
        if limit is not None and tokens > limit:
            raise TooLong(
                f"Request {request} takes {tokens} tokens, and {self.info.name} reads {limit}",
                "Use fewer examples, fewer or shorter passages, or a model with a longer context.",
            )


Result = TypeVar("Result", Scores, Generation)


def counted(module: torch.nn.Module, results: Iterator[Result]) -> Iterator[Result]:
    """Yields results with forward passes in their usages; those since the last result go to the next one."""
    passes = 0

    def count(*_: Any) -> None:
        nonlocal passes
        passes += 1

    handle = module.register_forward_pre_hook(count)
    try:
        for result in results:
            result.usage.passes += passes
            passes = 0
            yield result
    finally:
        handle.remove()


def load_local(
    weights: ModelFolder | Path,
    *,
    device: Device,
    quantization: str | None = None,  # ``nf4`` or ``int8``
    adapter: Path | None = None,  # an adapter's folder, or that of a whole model to use instead
    merge: bool = False,  # add LoRA's update to the weights instead of computing it beside them
) -> LocalModel:
    """Loads a model folder.

    Raises:
        UsageError: There is no such quantization, or merging would round to its few bits.
        DataError: The folder can't be loaded.
        MissingDependency: The quantization needs a package that isn't there.
    """
    _check_options(quantization, merge)
    if isinstance(weights, Path):
        weights = ModelFolder(weights, weights.name)
    whole = adapter is not None and (adapter / "config.json").is_file()
    make_room(device)
    with quiet_libraries():
        tokenizer = tokenizer_of(weights.path)
        folder = adapter if adapter and whole else weights.path
        module = _module(folder, weights, device, quantization)
        sizes = architecture(module)
        applied = None
        if adapter is not None and not whole:
            module, applied = with_saved(module, adapter, merge)
    module.eval()
    info = ModelInfo(
        name=weights.name,
        digest=weights.digest,
        weights_origin=weights.origin,
        licence=weights.licence,
        chat=bool(tokenizer.chat_template),
        dtype=device.dtype,
        quantization=quantization,
        adapter=applied,
        architecture=sizes,
    )
    return LocalModel(module, tokenizer, device, info)


def _check_options(quantization: str | None, merge: bool) -> None:
    if quantization not in (None, *QUANTIZATIONS):
        raise UsageError(
            f"Unknown quantization '{quantization}'", nearest(str(quantization), QUANTIZATIONS)
        )
    if merge and quantization is not None:
        raise UsageError(
            f"An adapter can't be merged into {quantization} weights: the sum would be rounded",
            "Serve it beside them: --set merge=false.",
        )


@functools.lru_cache(maxsize=4)
def tokenizer_of(folder: Path) -> PreTrainedTokenizerBase:
    """Loads a folder's tokenizer once for all who read with it: a large one takes seconds.

    Raises:
        DataError: It can't be loaded.
    """
    hint = "A folder needs tokenizer.json, as save_pretrained(folder) writes it."
    with loading(f"The model {folder.name} has no usable tokenizer", hint):
        return transformers.AutoTokenizer.from_pretrained(
            str(folder), local_files_only=True, trust_remote_code=False
        )


def _module(
    folder: Path, weights: ModelFolder, device: Device, quantization: str | None
) -> torch.nn.Module:
    options: dict[str, Any] = {"dtype": device.torch_dtype}
    if quantization is not None:
        options["quantization_config"] = _bits_and_bytes(quantization, device)
        options["device_map"] = {"": device.torch}
    hint = "A folder needs config.json and its weights as safetensors, whole and of one model."
    with loading(f"The model {weights.name} can't be loaded", hint):
        module, loaded = transformers.AutoModelForCausalLM.from_pretrained(
            str(folder),
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            attn_implementation=_attention(folder),
            output_loading_info=True,
            **options,
        )
    if missing := sorted(loaded["missing_keys"]):  # else they would be random
        raise DataError(
            f"The model {weights.name} lacks {len(missing)} of its weights, first {missing[0]}",
            "Copy its folder again: config.json and *.safetensors don't belong together.",
        )
    if quantization is None:
        return module.to(device.torch)
    _check_packed(module, quantization)
    return module


def _attention(folder: Path) -> str:
    """Returns the attention to use: SDPA can't cap attention logits, as Gemma 2 does."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "sdpa"  # the loader explains better what is wrong
    return "eager" if config.get("attn_logit_softcapping") else "sdpa"


def _bits_and_bytes(quantization: str, device: Device) -> BitsAndBytesConfig:
    with needs(f"quantization {quantization}", "local"):
        import bitsandbytes  # noqa: F401
    if quantization == "int8":
        return transformers.BitsAndBytesConfig(load_in_8bit=True)
    return transformers.BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=device.torch_dtype,
    )


def _check_packed(module: torch.nn.Module, quantization: str) -> None:
    """Refuses weights that the library silently left unpacked, as some combinations do."""
    import bitsandbytes

    kind = getattr(bitsandbytes.nn, QUANTIZATIONS[quantization])
    dtype = torch.uint8 if quantization == "nf4" else torch.int8
    layers = [layer for layer in module.modules() if isinstance(layer, kind)]
    if not layers or any(layer.weight.dtype != dtype for layer in layers):
        raise MissingDependency(
            f"bitsandbytes left the weights unpacked for {quantization} on this device",
            "Use another device, or run without quantization.",
        )


def _end_ids(module: torch.nn.Module, encoder: Encoder) -> frozenset[int]:
    ends: set[int] = set()
    for config in (getattr(module, "generation_config", None), module.config.get_text_config()):
        ids = getattr(config, "eos_token_id", None)
        ends.update([ids] if isinstance(ids, int) else ids or [])
    if encoder.end_id is not None:
        ends.add(encoder.end_id)
    return frozenset(ends | encoder.other_ends)


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Silences warnings and progress bars of the libraries while a model loads."""
    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()
    # On the CPU it recommends a package that would fetch code from the hub.
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        yield
