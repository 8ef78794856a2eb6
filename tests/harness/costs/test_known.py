"""Sizes of known models: consistent with the published counts, and with the models themselves."""

import pytest
import yaml

from harness.costs.known import FILE, known_architecture, known_models
from harness.costs.memory import lora_parameters
from harness.errors import UsageError
from harness.models.sources.catalog import catalog

RAW = yaml.safe_load(FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", RAW)
def test_the_published_count_follows_from_the_sizes(name: str) -> None:
    row, sizes = RAW[name], known_architecture(name)
    assert sizes is not None
    tables = 1 if row.get("tied") else 2
    matrices = sizes.trunk_parameters + tables * sizes.vocabulary * sizes.hidden
    norms = sizes.layers * row.get("norms", 2) * sizes.hidden + sizes.hidden
    if row.get("qk_norm"):
        norms += 2 * sizes.layers * sizes.head_dim
    rest = sizes.parameters - matrices - norms
    if "qwen" in name.lower():  # biases of query, key and value
        rest -= sizes.layers * (sizes.query_width + 2 * sizes.kv_heads * sizes.head_dim)
    if name == "BloombergGPT":  # a bias for every matrix and norm, and a norm after the embedding
        rest -= sizes.layers * 11 * sizes.hidden + 3 * sizes.hidden
    assert rest == 0


def test_names_are_found_in_any_case_and_by_their_aliases() -> None:
    seven = known_architecture("mistral-7b")
    assert seven is not None and seven == known_architecture("MistralAI/mistral-7b-v0.1")
    assert known_architecture("nobody/knows") is None
    assert len(known_models()) > 2 * len(RAW) - 5


def test_the_catalogue_s_models_are_known_as_their_files_are() -> None:
    for entry in catalog().values():
        sizes = known_architecture(entry.name)
        assert sizes is not None and sizes.parameters == entry.parameters


def test_adapters_have_the_sizes_that_peft_counts() -> None:
    small, three = (
        known_architecture("smollm2-135m-instruct"),
        known_architecture("meta-llama/Llama-3.2-3B"),
    )
    assert small is not None and three is not None
    assert lora_parameters(small, 16) == 4_884_480  # in the ledger of a run
    assert lora_parameters(three, 32, ("q_proj", "v_proj")) == 9_175_040  # PEFT's comparison
    with pytest.raises(UsageError, match="q_proj"):
        lora_parameters(small, 8, ("q_prog",))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "kind", "config"),
    [
        (
            "google/gemma-3-270m",
            "Gemma3ForCausalLM",
            {
                "hidden_size": 640,
                "intermediate_size": 2048,
                "num_hidden_layers": 18,
                "num_attention_heads": 4,
                "num_key_value_heads": 1,
                "head_dim": 256,
                "vocab_size": 262_144,
            },
        ),
        ("mistralai/Mistral-7B-v0.1", "MistralForCausalLM", {}),  # its defaults are the model
    ],
)
def test_a_real_model_has_these_sizes(name: str, kind: str, config: dict[str, int]) -> None:
    import torch

    from harness.models.local.sizes import architecture

    transformers = pytest.importorskip("transformers")
    cls = getattr(transformers, kind)
    with torch.device("meta"):
        module = cls(cls.config_class(**config))
    found, known = architecture(module), known_architecture(name)
    assert known is not None
    # norms of query and key are matrices of no one: the trunk counts products only
    assert found == known
