"""The methods of peft that one strategy runs: what is set for each, and why others are refused.

A rate is that of the paper for a model of width 4,096, and falls as width grows where low-rank
matrices learn (Yang et al. 2022, arXiv 2203.03466). Where none is known of a method, LoRA's is
taken, and `guessed` says so.
"""

from __future__ import annotations

import dataclasses
import logging
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from harness.errors import UsageError, nearest
from harness.strategy.family import Family
from harness.text import words

if TYPE_CHECKING:
    from peft import PeftConfig

__all__ = ["METHODS", "REFUSED", "Method", "checked", "config_of", "method_named"]

WIDTH = 4096
LORA_RATE = 3.125e-4
ATTENTION = ("q_proj", "k_proj", "v_proj", "o_proj")
ALL_LINEAR = (*ATTENTION, "gate_proj", "up_proj", "down_proj")
Beside = Literal["matrices", "frozen matrices", "scales", "dense", "tokens", "keys"]
"""What a token meets beside the frozen weights: trained low-rank matrices; frozen ones with trained
scales (VeRA); scales alone; an update as large as the weights; learnt tokens or keys before it."""


@dataclass(frozen=True)
class Method:
    """One method."""

    kind: str  # name of its configuration among peft's types
    paper: str
    rate: float = LORA_RATE
    guessed: bool = False  # whether the rate is neither the paper's nor measured here
    family: Family = "low-rank"
    beside: Beside = "matrices"
    sets: Mapping[str, object] = field(default_factory=dict)  # what makes it this method
    defaults: Mapping[str, object] = field(default_factory=dict)  # ours, in the place of peft's
    targets: tuple[str, ...] = ALL_LINEAR

    @property
    def before(self) -> bool:
        """Whether it learns tokens before the text."""
        return self.beside in ("tokens", "keys")

    def learning_rate(self, width: int) -> float:
        """Returns the peak learning rate for a model of this width: see the module's text."""
        by_width = self.beside in ("matrices", "dense")
        return self.rate * WIDTH / width if by_width else self.rate


def _lora(paper: str, rate: float, alpha: int, **sets: object) -> Method:
    """Returns a kind of LoRA, of the rank that `lora` has."""
    guessed = rate == LORA_RATE and "init_lora_weights" in sets
    return Method("LORA", paper, rate, guessed, sets=sets, defaults={"r": 16, "lora_alpha": alpha})


def _other(kind: str, paper: str, beside: Beside, family: Family = "low-rank") -> Method:
    """Returns a method with peft's own values and a rate of LoRA."""
    return Method(kind, paper, guessed=True, family=family, beside=beside)


TWENTY = {"num_virtual_tokens": 20}
METHODS: dict[str, Method] = {
    "lora": _lora("Hu et al. 2021, arXiv 2106.09685", LORA_RATE, 32),
    "dora": _lora("Liu et al. 2024, arXiv 2402.09353", LORA_RATE, 32, use_dora=True),
    # alpha / sqrt(r) is 2, as it is alpha / r in the others
    "rslora": _lora("Kalajdzievski 2023, arXiv 2312.03732", LORA_RATE, 8, use_rslora=True),
    "pissa": _lora("Meng et al. 2024, arXiv 2404.02948", 2e-5, 16, init_lora_weights="pissa"),
    "olora": _lora("Büyükakyüz 2024, arXiv 2406.01775", LORA_RATE, 16, init_lora_weights="olora"),
    # 1e-3 for a width of 768
    "adalora": Method(
        "ADALORA", "Zhang et al. 2023, arXiv 2303.10512", 1.9e-4, defaults={"lora_alpha": 32}
    ),
    "vera": Method(
        "VERA", "Kopiczko et al. 2023, arXiv 2310.11454", 4e-3, beside="frozen matrices"
    ),
    "ia3": Method(
        "IA3",
        "Liu et al. 2022, arXiv 2205.05638",
        3e-3,
        family="adapters",
        beside="scales",
        targets=("k_proj", "v_proj", "down_proj"),
    ),
    "ln-tuning": Method(
        "LN_TUNING",
        "Zhao et al. 2023, arXiv 2312.11420",
        1e-3,
        guessed=True,
        family="adapters",
        beside="scales",
    ),
    # of 1e-3 and 5e-3 on dev rows of `fpb` (SmolLM2, 24 steps of 8 rows): .93 and .58 nats a token
    "p-tuning": Method(
        "P_TUNING",
        "Liu et al. 2021, arXiv 2103.10385",
        5e-3,
        family="soft prompts",
        beside="tokens",
        defaults=TWENTY,
    ),
    # the rate of Liu et al. 2021, arXiv 2110.07602, for prefixes without a network behind them
    "prefix": Method(
        "PREFIX_TUNING",
        "Li and Liang 2021, arXiv 2101.00190",
        1e-2,
        family="soft prompts",
        beside="keys",
        defaults=TWENTY,
    ),
    "boft": _other("BOFT", "Liu et al. 2023, arXiv 2311.06243", "dense", "adapters"),
    "c3a": _other("C3A", "Chen et al. 2024, arXiv 2407.19342", "dense", "adapters"),
    "delora": _other("DELORA", "Bini et al. 2025, arXiv 2503.18225", "matrices"),
    "fourierft": _other("FOURIERFT", "Gao et al. 2024, arXiv 2405.03003", "dense"),
    "gralora": _other("GRALORA", "Jung et al. 2025, arXiv 2505.20355", "matrices"),
    "hra": _other("HRA", "Yuan et al. 2024, arXiv 2405.17484", "dense", "adapters"),
    "loha": _other("LOHA", "Hyeon-Woo et al. 2021, arXiv 2108.06098", "dense"),
    "lokr": _other("LOKR", "Yeh et al. 2023, arXiv 2309.14859", "dense"),
    "miss": _other("MISS", "Kang and Yin 2024, arXiv 2409.15371", "matrices"),
    "oft": _other("OFT", "Qiu et al. 2023, arXiv 2306.07280", "matrices", "adapters"),
    "randlora": _other("RANDLORA", "Albert et al. 2025, arXiv 2502.00987", "dense"),
    "road": _other("ROAD", "Liao and Monz 2024, arXiv 2409.00119", "matrices", "adapters"),
    "shira": _other("SHIRA", "Bhardwaj et al. 2024, arXiv 2406.13175", "dense"),
    "vblora": _other("VBLORA", "Li et al. 2024, arXiv 2405.15179", "matrices"),
    "waveft": _other("WAVEFT", "Bilican et al. 2025, arXiv 2505.12532", "dense"),
}
_UNTRIED = "its settings are of no paper that was checked here"
REFUSED: dict[str, str] = {
    "prompt-tuning": "it is a strategy of its own: --strategy prompt-tuning",
    "adaption-prompt": "it replaces the attention of one architecture, and fits into no pack",
    "cartridge": "it needs a KV cache of a text that was read before",
    "cpt": "it needs to know which tokens of its context are labels",
    "multitask-prompt-tuning": "it needs several tasks",
    "poly": "it needs several tasks",
    "xlora": "it mixes adapters that were trained before",
    "trainable-tokens": "it needs the numbers of the tokens whose vectors learn",
    "shadow": "its side network doesn't take texts that share a sequence",
    "lily": "its router mixes the texts that run together, so that answers hang on the batch",
    "osf": "it trains all weights, taken apart into singular vectors",
    **dict.fromkeys(
        words("""
            adamss beft deft frod glora hira peanut psoft pvera supertuning tinylora unilora
        """),
        _UNTRIED,
    ),
}
OWN = frozenset(
    ["auto_mapping", "base_model_name_or_path", "corda_config", "eva_config", "fan_in_fan_out"]
    + ["inference_mode", "loftq_config", "megatron_config", "megatron_core", "modules_to_save"]
    + ["num_attention_heads", "num_layers", "num_transformer_submodules", "peft_type"]
    + ["peft_version", "revision", "runtime_config", "task_type", "token_dim", "total_step"]
)
"""Fields that come from the model or the run, or name what has no place here."""
NAMES = ("target_modules", "feedforward_modules", "exclude_modules", "layers_pattern")
NEEDS_DATA = ("eva", "corda", "loftq")


def method_named(name: str) -> Method:
    """Returns a method. Raises `UsageError`: there is none of this name, or it is refused."""
    if name in METHODS:
        return METHODS[name]
    if name in REFUSED:
        raise UsageError(f"peft's method {name!r} isn't run: {REFUSED[name]}")
    raise UsageError(f"there is no method {name!r}", nearest(name, [*METHODS, *REFUSED]))


def _kind(method: Method) -> type[PeftConfig]:
    # It warns of a package that would fetch code from the hub (see `quiet_libraries`).
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    from peft.mapping import PEFT_TYPE_TO_CONFIG_MAPPING

    kinds: dict[str, type[PeftConfig]] = {
        each.value: config for each, config in PEFT_TYPE_TO_CONFIG_MAPPING.items()
    }
    return kinds[method.kind]


def checked(
    name: str, values: Mapping[str, object], others: typing.Collection[str]
) -> dict[str, object]:
    """Returns fields of a method's configuration in the types that peft declares.

    `others` are the parameters that aren't peft's, for a hint to a misspelled name.

    Raises:
        UsageError: There is no such field, or it can't have this value.
    """
    method, kind = method_named(name), None
    found: dict[str, object] = {}
    for key, value in values.items():
        kind = kind or _kind(method)
        known = {each.name for each in dataclasses.fields(kind)} - OWN
        if key not in known:
            raise UsageError(
                f"neither the recipe nor peft's {kind.__name__} has a parameter {key!r}",
                nearest(key, [*known, *others]),
            )
        found[key] = _typed(kind, key, value)
        if key in method.sets and found[key] != method.sets[key]:
            raise UsageError(f"method={name} is {key}={method.sets[key]}, and not {value}")
        if key == "init_lora_weights" and str(value).partition("_")[0] in NEEDS_DATA:
            raise UsageError(f"{key}={value} isn't run: it needs data of its own before training")
    return found


def _typed(kind: type[PeftConfig], key: str, value: object) -> object:
    import yaml
    from pydantic import TypeAdapter, ValidationError

    if key in NAMES and isinstance(value, str):
        return [each.strip() for each in value.split(",")]
    adapter = TypeAdapter(typing.get_type_hints(kind)[key])
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        message = error.errors()[0]["msg"].lower()
    try:  # a list or a mapping that was written on the command line
        return adapter.validate_python(yaml.safe_load(str(value)))
    except (ValidationError, yaml.YAMLError):
        raise UsageError(
            f"{key} = {value!r} isn't what peft's {kind.__name__} takes: {message}"
        ) from None


def config_of(name: str, values: Mapping[str, object], **more: object) -> PeftConfig:
    """Makes the configuration of a method; `more` are fields that come from model and run.

    Raises:
        UsageError: peft refuses the values.
    """
    method = method_named(name)
    kind = _kind(method)
    known = {each.name for each in dataclasses.fields(kind)}
    given = {**method.defaults, **more, **method.sets, **values, "task_type": "CAUSAL_LM"}
    try:
        return kind(**{key: value for key, value in given.items() if key in known})
    except (ValueError, TypeError) as error:
        raise UsageError(f"peft refuses these values of {name}: {error}") from error
