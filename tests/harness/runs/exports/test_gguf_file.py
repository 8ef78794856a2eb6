"""GGUF files: read back by transformers bit for bit, and answered by llama.cpp as in process."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("gguf")

import gguf
import torch
import transformers
from safetensors.torch import load_file
from tokenizers import Regex, pre_tokenizers

from harness.errors import MissingDependency, UsageError
from harness.models.local import tiny
from harness.models.serving import PROGRAMS, Settings, serving
from harness.models.serving.wire import ask
from harness.models.sources.cache import cache_folder
from harness.models.sources.fetch import is_cached
from harness.models.sources.gguf import convert, read_header, splits
from harness.runs.exports.gguf import write_gguf
from harness.runs.exports.gguf_tokens import compared
from tests.tiny_models import tiny_gemma3, tiny_of

LLAMA_3 = {
    "rope_type": "llama3", "rope_theta": 1e4, "factor": 8.0, "low_freq_factor": 1.0,
    "high_freq_factor": 4.0, "original_max_position_embeddings": 32,
}  # fmt: skip
ENDS = {"</s>", "<|end|>", "<|im_end|>", "<|endoftext|>", "<eos>", "<end_of_turn>"}
PROMPT = "Question: Is the policy holder covered when the insured vehicle is stolen abroad? 보험 12"
MODELS: dict[str, dict[str, Any]] = {
    "llama": {},
    "llama3": {"model_type": "llama", "rope_parameters": LLAMA_3},
    "mistral": {"sliding_window": None},
    "qwen2": {"tie_word_embeddings": True, "vocab_size": 640},  # more rows than tokens
    "qwen3": {"head_dim": 128},  # transformers' reader takes no other
    "gemma3": {
        "model_type": "gemma3_text", "num_hidden_layers": 7, "sliding_window": 16,
        "layer_types": (["sliding_attention"] * 5 + ["full_attention"]) * 2,
        "query_pre_attn_scalar": 16,
        "rope_parameters": {
            "full_attention": {"rope_type": "default", "rope_theta": 1e6},
            "sliding_attention": {"rope_type": "default", "rope_theta": 100.0},
        },
    },
}  # fmt: skip


def written(kind: str, folder: Path, *, dtype: Any = torch.float32) -> Path:
    """Writes a tiny random model whose norms and biases aren't ones and zeros."""
    words = sentence_pieces() if kind == "gemma3" else tiny.tokenizer(chat=kind == "llama")
    values = tiny.sizes(words) | {"model_type": kind} | MODELS[kind]
    if kind.startswith("qwen"):
        words.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(splits()["qwen2"]), "isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )
    if kind == "qwen2":
        del values["head_dim"]
    if "layer_types" in values:
        values["layer_types"] = values["layer_types"][: values["num_hidden_layers"]]
    config = transformers.AutoConfig.for_model(values.pop("model_type"), **values)
    torch.manual_seed(0)
    model = transformers.AutoModelForCausalLM.from_config(config)
    for name, weight in model.named_parameters():
        if weight.dim() == 1:
            weight.data += torch.randn_like(weight) * 0.1
        else:  # large embeddings, tied to the head, would drown what the layers add
            weight.data = torch.randn_like(weight) * (0.1 if "embed" in name else 0.3)
    model.to(dtype).save_pretrained(folder)
    words.save_pretrained(folder)
    return folder


def sentence_pieces() -> Any:
    """Returns a tokenizer of Gemma's sort: pieces with a letter for spaces, and bytes."""
    from tokenizers import Tokenizer, models, normalizers, trainers
    from transformers.tokenization_utils_base import generate_merges

    bpe = Tokenizer(models.BPE())
    bpe.normalizer = normalizers.Replace(" ", "\u2581")
    trainer = trainers.BpeTrainer(vocab_size=500, show_progress=False)
    bpe.train_from_iterator([word for text in tiny.SENTENCES for word in text.split()], trainer)
    pieces = sorted(bpe.get_vocab(), key=bpe.get_vocab().__getitem__)
    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"]
    names = [*special, *(f"<0x{byte:02X}>" for byte in range(256)), "\u2581", *pieces]
    vocab = {name: id_ for id_, name in enumerate(names)}
    merges = generate_merges(vocab, {name: -id_ for name, id_ in vocab.items()})
    return transformers.GemmaTokenizer(vocab=vocab, merges=merges)


def llama_cpp() -> None:
    try:
        PROGRAMS["llama.cpp"].found()
    except MissingDependency as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("kind", MODELS)
def test_transformers_reads_the_same_model_back(kind: str, tmp_path: Path) -> None:
    folder = written(kind, tmp_path / "model", dtype=torch.bfloat16)
    types = write_gguf(folder, tmp_path / "model.gguf", "bf16")
    assert set(types) == {"bf16", "f32"}
    out = tmp_path / "back"
    out.mkdir()
    convert(tmp_path / "model.gguf", out)
    before, after = (load_file(each / "model.safetensors") for each in (folder, out))
    assert before.keys() == after.keys()
    for name, tensor in before.items():
        assert torch.equal(after[name], tensor), name
    words, back = (json.loads((each / "tokenizer.json").read_text()) for each in (folder, out))
    assert back["model"]["merges"] == words["model"]["merges"]
    assert back["model"]["vocab"].items() >= words["model"]["vocab"].items()
    ids = [transformers.AutoTokenizer.from_pretrained(each)(PROMPT) for each in (folder, out)]
    assert ids[0].input_ids == ids[1].input_ids


@pytest.mark.parametrize("kind", MODELS)
def test_llama_cpp_answers_as_in_process(kind: str, tmp_path: Path) -> None:
    llama_cpp()
    folder = written(kind, tmp_path / "model")
    write_gguf(folder, tmp_path / "model.gguf", "f32")
    assert compared(tmp_path / "model.gguf", folder).startswith("9 texts")
    assert behind(folder, tmp_path / "model.gguf", [PROMPT], 12) < 0.1


def behind(folder: Path, file: Path, prompts: list[str], length: int) -> float:
    """Returns by how much a token of llama.cpp's is less likely in process than the best, at most.

    That is 0 where both answer the same; llama.cpp keeps keys and values in 16 bits.
    """
    words = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    ends = words.convert_tokens_to_ids([end for end in ENDS if end in words.get_vocab()])
    gaps = []
    with serving("llama.cpp", file, Settings(context_length=512, parallel=1, threads=1)) as served:
        for prompt in prompts:
            given = words(prompt).input_ids
            body = {
                "prompt": given, "n_predict": length, "temperature": 0, "return_tokens": True,
                "ignore_eos": True,
            }  # fmt: skip
            url = served.base_url.removesuffix("/v1")
            found = ask(f"{url}/completion", body, 300.0)["tokens"]
            assert len(found) == length
            with torch.no_grad():
                logits = model(torch.tensor([given + found])).logits[0, len(given) - 1 : -1]
            logits[:, ends] = -torch.inf
            chosen = logits[torch.arange(length), torch.tensor(found)]
            gaps.append(float((logits.max(-1).values - chosen).max()))
    return max(gaps)


def test_types_are_as_documented(tmp_path: Path) -> None:
    folder = written("llama", tmp_path / "model")
    names = {"q8_0": 0.02, "q4_0": 0.3, "f16": 1e-3}
    for kind, error in names.items():
        file = tmp_path / f"{kind}.gguf"
        types = write_gguf(folder, file, kind)
        tensors = {tensor.name: tensor for tensor in gguf.GGUFReader(file).tensors}
        head = gguf.quants.dequantize(
            tensors["output.weight"].data, tensors["output.weight"].tensor_type
        )
        whole = load_file(folder / "model.safetensors")["lm_head.weight"].numpy()
        assert abs(head - whole).max() < error * abs(whole).max()
        assert tensors["output_norm.weight"].tensor_type.name == "F32"
        assert tensors["blk.0.attn_q.weight"].tensor_type.name == kind.upper()
        assert sum(types.values()) == len(tensors)
    assert (
        types
        != write_gguf(folder, tmp_path / "4.gguf", "q4_0")
        == {"q4_0": 14, "q8_0": 2, "f32": 5}
    )
    assert read_header(file).chat and read_header(file).context == tiny.CONTEXT


def test_what_llama_cpp_would_compute_otherwise_is_refused(tmp_path: Path) -> None:
    plain = written("llama", tmp_path / "plain")
    cases: list[tuple[Path, str]] = [
        (tiny_of("phi3", tmp_path / "phi3"), "a model of type phi3"),
        (tiny_gemma3(tmp_path / "gemma3"), "its own final_logit_softcapping, layer_types"),
    ]
    for number, (file, old, new, says) in enumerate(
        (
            ("config.json", '"silu"', '"gelu"', "its own activation"),
            ("config.json", '"default"', '"dynamic", "factor": 2.0', "its own rope_type"),
            ("tokenizer.json", '"use_regex": true', '"use_regex": false', "cuts texts in its own"),
            (
                "tokenizer.json",
                '"normalizer": null',
                '"normalizer": {"type": "Lowercase"}',
                "Lowerc",
            ),
        )
    ):
        folder = tmp_path / str(number)
        shutil.copytree(plain, folder)
        text = (folder / file).read_text()
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1))
        cases.append((folder, says))
    for folder, says in cases:
        with pytest.raises(UsageError, match=says) as caught:
            write_gguf(folder, tmp_path / "out.gguf", "f32")
        assert "convert_hf_to_gguf.py" in caught.value.hint
        assert not (tmp_path / "out.gguf").exists()
    with pytest.raises(UsageError, match="'q5' isn't written"):
        write_gguf(plain, tmp_path / "out.gguf", "q5")


def test_other_tokens_are_noticed(tmp_path: Path) -> None:
    """A wrong name of how a text is cut gives other tokens; llama.cpp itself says nothing."""
    llama_cpp()
    folder = written("llama", tmp_path / "model")
    file = tmp_path / "model.gguf"
    write_gguf(folder, file, "f32")
    file.write_bytes(file.read_bytes().replace(b"gpt-2", b"qwen2", 1))
    with pytest.raises(UsageError, match="other tokens than the model has"):
        compared(file, folder)


# --- the real ones --------------------------------------------------------------------------


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.parametrize("name", ["smollm2-135m-instruct", "gemma-3-270m"])
def test_real_models_are_the_same_in_llama_cpp(name: str, tmp_path: Path) -> None:
    llama_cpp()
    if not is_cached(name):
        pytest.skip(f"harness models fetch {name}")
    folder, file = cache_folder() / "models" / name, tmp_path / f"{name}.gguf"
    write_gguf(folder, file, "f32")
    assert compared(file, folder).startswith("9 texts")
    korean = "Q: 대한민국의 수도는?\nA: 서울\nQ: 일본의 수도는?\nA:"
    prompts = ["The capital of France is", korean, "def fib(n):\n"]
    assert behind(folder, file, prompts, 16) < 0.02
    out = tmp_path / "back"
    out.mkdir()
    convert(file, out)
    before, after = (load_file(each / "model.safetensors") for each in (folder, out))
    assert all(torch.equal(after[key], tensor) for key, tensor in before.items())
    words, back = (json.loads((each / "tokenizer.json").read_text()) for each in (folder, out))
    assert words == back
