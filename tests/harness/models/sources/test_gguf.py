"""GGUF to safetensors: a tiny file written here, and the real ones where they are cached."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from harness.errors import DataError, MissingDependency, StorageError
from harness.models.local import tiny
from harness.models.sources import cache
from harness.models.sources.fetch import is_cached, resolve
from harness.models.sources.gguf import convert, read_header

torch = pytest.importorskip("torch")
gguf = pytest.importorskip("gguf")

NAMES = {
    "embed_tokens": "token_embd", "lm_head": "output", "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm", "q_proj": "attn_q", "k_proj": "attn_k",
    "v_proj": "attn_v", "o_proj": "attn_output", "gate_proj": "ffn_gate", "up_proj": "ffn_up",
    "down_proj": "ffn_down",
}  # fmt: skip


def _gguf_name(name: str) -> str:
    if name == "model.norm.weight":
        return "output_norm.weight"
    block = re.search(r"layers\.(\d+)\.", name)
    *_, layer, kind = name.split(".")
    return f"blk.{block[1]}.{NAMES[layer]}.{kind}" if block else f"{NAMES[layer]}.{kind}"


def _interleaved(name: str, tensor: Any, config: Any) -> Any:
    """Puts the rows of a query or key matrix into the order in which llama.cpp keeps them."""
    heads = {"q_proj": config.num_attention_heads, "k_proj": config.num_key_value_heads}
    count = heads.get(name.split(".")[-2])
    if count is None:
        return tensor
    halves = tensor.reshape(count, 2, tensor.shape[0] // count // 2, tensor.shape[1])
    return halves.swapaxes(1, 2).reshape(tensor.shape)


def write_gguf(model: Any, words: Any, path: Path, *, pre: str = "gpt-2", **flags: bool) -> Path:
    """Writes a Llama or Qwen2 as a GGUF file in 32 bits, as llama.cpp's own converter does."""
    config, kind = model.config, model.config.model_type
    writer = gguf.GGUFWriter(path, kind)
    writer.add_context_length(tiny.CONTEXT)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    if kind == "llama":
        writer.add_rope_dimension_count(config.head_dim)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(len(words))
    bpe = json.loads(words.backend_tokenizer.to_str())
    special = {token["id"] for token in bpe["added_tokens"]}
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre)
    writer.add_token_list([words.convert_ids_to_tokens(i) for i in range(len(words))])
    writer.add_token_types([3 if i in special else 1 for i in range(len(words))])
    writer.add_token_merges([" ".join(pair) for pair in bpe["model"]["merges"]])
    writer.add_bos_token_id(words.bos_token_id)
    writer.add_eos_token_id(words.eos_token_id)
    writer.add_pad_token_id(words.pad_token_id)
    writer.add_add_bos_token(flags.get("add_bos", False))
    if words.chat_template:
        writer.add_chat_template(words.chat_template)
    for name, tensor in model.state_dict().items():
        if config.tie_word_embeddings and name == "lm_head.weight":
            continue
        values = tensor.numpy()
        if kind == "llama":
            values = _interleaved(name, values, config)
        writer.add_tensor(_gguf_name(name), values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture(scope="module")
def original(tiny_llama: Path) -> tuple[Any, Any]:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    return (
        AutoModelForCausalLM.from_pretrained(tiny_llama, dtype=torch.float32),
        AutoTokenizer.from_pretrained(tiny_llama),
    )


@pytest.fixture(scope="module")
def file(original: tuple[Any, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_gguf(*original, tmp_path_factory.mktemp("gguf") / "tiny.gguf")


@pytest.fixture(scope="module")
def converted(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("converted")
    convert(file, out)
    return out


def test_the_header(file: Path) -> None:
    header = read_header(file)
    assert (header.architecture, header.tokenizer, header.pre_tokenizer) == (
        "llama", "gpt2", "gpt-2",
    )  # fmt: skip
    assert header.chat and header.add_bos is False and header.context == tiny.CONTEXT


def test_the_weights_are_the_same_in_bfloat16(original: tuple[Any, Any], converted: Path) -> None:
    from transformers import AutoModelForCausalLM

    loaded = AutoModelForCausalLM.from_pretrained(converted, dtype="auto")
    assert loaded.dtype is torch.bfloat16
    for name, tensor in original[0].state_dict().items():
        assert torch.equal(loaded.state_dict()[name], tensor.to(torch.bfloat16)), name


def test_the_tokenizer_survives(original: tuple[Any, Any], converted: Path) -> None:
    from transformers import AutoTokenizer

    words, loaded = original[1], AutoTokenizer.from_pretrained(converted)
    for text in tiny.SENTENCES:
        assert loaded(text).input_ids == words(text).input_ids
    assert loaded.chat_template == words.chat_template
    assert loaded.eos_token_id == words.eos_token_id
    assert loaded.model_max_length == tiny.CONTEXT


@pytest.mark.parametrize("tied", [True, False])
def test_qwen2_keeps_its_biases_and_its_head(tmp_path: Path, tied: bool) -> None:
    """Biases of queries, keys and values, grouped heads, base of the rotation, epsilon, tying."""
    from transformers import AutoModelForCausalLM, Qwen2Config, Qwen2ForCausalLM

    words = tiny.tokenizer(chat=True)
    sizes = {key: value for key, value in tiny.sizes(words).items() if key != "head_dim"}
    rotation = {"rope_type": "default", "rope_theta": 1e6}
    torch.manual_seed(0)
    model = Qwen2ForCausalLM(
        Qwen2Config(**sizes, tie_word_embeddings=tied, rms_norm_eps=1e-5, rope_parameters=rotation)
    )
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(parameter)
        parameter.data = parameter.data.bfloat16().float()  # not the rotation's own table
    model.eval()
    out = tmp_path / "out"
    out.mkdir()
    convert(write_gguf(model, words, tmp_path / "tiny.gguf", pre="qwen2"), out)
    loaded = AutoModelForCausalLM.from_pretrained(out, dtype=torch.float32)
    assert loaded.config.tie_word_embeddings == tied
    given = torch.tensor([words("육아 휴직 기간은 최대 1년이며, 12.5 %").input_ids])
    with torch.no_grad():
        assert torch.allclose(loaded(given).logits, model(given).logits, atol=1e-5)


@pytest.mark.parametrize(
    ("pre", "expected"),
    [("smollm", ["a", "ĊĊ", "1", "2", "Ġb"]), ("gpt-2", ["a", "Ċ", "Ċ", "12", "Ġb"])],
)
def test_smollm_splits_digits_before_words(
    original: tuple[Any, Any], tmp_path: Path, pre: str, expected: list[str]
) -> None:
    from transformers import AutoTokenizer

    out, told = tmp_path / "out", []
    out.mkdir()
    convert(write_gguf(*original, tmp_path / "pre.gguf", pre=pre), out, told.append)
    backend = AutoTokenizer.from_pretrained(out).backend_tokenizer
    pieces = [piece for piece, _ in backend.pre_tokenizer.pre_tokenize_str("a\n\n12 b")]
    assert pieces == expected and not told


def test_nothing_is_left_that_only_its_owner_can_read(converted: Path) -> None:
    assert all(path.stat().st_mode & 0o044 == 0o044 for path in converted.iterdir())
    config = json.loads((converted / "tokenizer_config.json").read_text(encoding="utf-8"))
    assert not {"is_local", "local_files_only"} & set(config)


def test_a_bos_token_is_kept(original: tuple[Any, Any], tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    source = write_gguf(*original, tmp_path / "bos.gguf", add_bos=True)
    out = tmp_path / "out"
    out.mkdir()
    assert convert(source, out).add_bos
    words = AutoTokenizer.from_pretrained(out)
    assert words("").input_ids == [words.bos_token_id]
    assert words("a").input_ids.count(words.bos_token_id) == 1


def test_an_unknown_pre_tokenizer_is_said(original: tuple[Any, Any], tmp_path: Path) -> None:
    source = write_gguf(*original, tmp_path / "odd.gguf", pre="odd-one")
    out, told = tmp_path / "out", []
    out.mkdir()
    convert(source, out, told.append)
    assert any("'odd-one' is unknown" in text for text in told)


def test_resolving_a_file(file: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = resolve(str(file), cache=tmp_path, offline=True)
    assert not cache.check(folder.path)
    assert folder.name == "tiny" and str(tmp_path) not in folder.name
    assert "Converting" not in capfd.readouterr().err, "transformers' bars stay off the terminal"


@pytest.mark.parametrize("content", [b"", b"GGUF", b"not a model at all" * 100])
def test_what_is_no_gguf_file(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "bad.gguf"
    file.write_bytes(content)
    with pytest.raises(DataError, match=r"bad\.gguf"):
        convert(file, tmp_path)


def test_a_file_that_is_cut_off(file: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(file.read_bytes()[:-5000])
    with pytest.raises(DataError, match=r"cut\.gguf"):
        resolve(str(cut), cache=tmp_path / "cache")
    assert not list((tmp_path / "cache" / "models").iterdir())


def test_a_full_disk_is_noticed_before(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr(cache.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(StorageError, match="MiB are needed"):
        convert(file, tmp_path)


# --- the real ones --------------------------------------------------------------------------


def _real(name: str) -> Path:
    if not is_cached(name):
        pytest.skip(f"python -m harness models fetch {name}")
    try:
        return resolve(name, offline=True).path
    except MissingDependency as error:
        pytest.skip(str(error))


KOREAN = "보험계약자는 2.5년 안에 계약을 해지할 수 있습니다."


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "text", "tokens", "empty", "eos"),
    [
        ("smollm2-135m-instruct", "Question:\n\n1. a", ["Question", ":", "ĊĊ", "1", ".", "Ġa"],
         [], 2),
        ("gemma-3-270m", "보험계약자는", ["<bos>", "보험", "계", "약", "자는"], [2], 1),
        ("gemma-3-270m", "  12\n\n", ["<bos>", "▁▁", "1", "2", "\n\n"], [2], 1),
        ("qwen2.5-coder-0.5b-instruct", "a\n\n12 b", ["a", "ĊĊ", "1", "2", "Ġb"], [], 151645),
        ("qwen2.5-coder-1.5b-instruct", "a\n\n12 b", ["a", "ĊĊ", "1", "2", "Ġb"], [], 151645),
    ],
)  # fmt: skip
def test_real_tokenizers(
    name: str, text: str, tokens: list[str], empty: list[int], eos: int
) -> None:
    from transformers import AutoTokenizer

    words = AutoTokenizer.from_pretrained(_real(name))
    assert words.convert_ids_to_tokens(words(text).input_ids) == tokens
    assert words.decode(words(KOREAN).input_ids, skip_special_tokens=True) == KOREAN
    assert words("").input_ids == empty and words.eos_token_id == eos
    assert bool(words.chat_template) == ("instruct" in name)


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "prompt", "answer"),
    [
        ("smollm2-135m-instruct", "What is insurance?", "Insurance is a financial"),
        (
            "gemma-3-270m",
            "Q: 대한민국의 수도는?\nA: 서울\nQ: 일본의 수도는?\nA:",
            "도쿄|Tokyo|東京",
        ),
        ("qwen2.5-coder-0.5b-instruct", "What is the capital of France?", "Paris"),
    ],
)
def test_real_models_speak(name: str, prompt: str, answer: str) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    path = _real(name)
    words = AutoTokenizer.from_pretrained(path)
    model = AutoModelForCausalLM.from_pretrained(path, dtype=torch.bfloat16)
    if words.chat_template:
        turns = [{"role": "user", "content": prompt}]
        prompt = words.apply_chat_template(turns, add_generation_prompt=True, tokenize=False)
    given = words(prompt, return_tensors="pt")
    made = model.generate(**given, max_new_tokens=10, do_sample=False)
    assert re.search(answer, words.decode(made[0, given.input_ids.shape[1] :]))
