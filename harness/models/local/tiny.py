"""Tiny random models with a real tokenizer, as folders that `load_local` opens.

Nothing is downloaded: a byte-level BPE learns about 600 tokens from a few sentences, and two
layers of random weights are written as safetensors. Their answers are nonsense, but repeatable.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

__all__ = ["save", "sizes", "tiny_bert", "tiny_llama", "tokenizer"]

SENTENCES = [
    "Question: Is the policy holder covered when the insured vehicle is stolen abroad?",
    "Answer: Yes, theft is covered up to the sum insured, less the deductible.",
    "The company reported a net profit of 12.5 million euros, up 8 % from last year.",
    "Sentiment: positive, negative or neutral. Revenue fell, and the outlook was cut.",
    "육아 휴직 기간은 최대 1년이며, 복직 신청은 30일 전에 해야 합니다.",
    "질문: 지급 보험금은 어떻게 계산합니까? 답변: 손해액에서 자기부담금을 뺍니다.",
    "근무복장 규정과 휴직 및 복직 관리기준을 알려줘. 문서에 없으면 모른다고 답한다.",
    "The claim was denied because the premium had not been paid for three months.",
]
BOS, EOS, PAD, TURN, END = "<s>", "</s>", "<pad>", "<|start|>", "<|end|>"
CHAT_TEMPLATE = (
    "{% for m in messages %}"
    "{{ '<|start|>' + m['role'] + '\n' + m['content'] + '<|end|>\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start|>assistant\n' }}{% endif %}"
)
CONTEXT = 512


def tokenizer(
    *, chat: bool, vocabulary: int = 600, texts: Sequence[str] = SENTENCES * 2
) -> PreTrainedTokenizerFast:
    """Trains a byte-level BPE; a base one puts BOS in front, a chat one has a template."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[BOS, EOS, PAD, TURN, END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(texts, trainer)
    if not chat:
        bpe.post_processor = processors.TemplateProcessing(
            single=f"{BOS} $A", special_tokens=[(BOS, bpe.token_to_id(BOS))]
        )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=bpe, bos_token=BOS, eos_token=END if chat else EOS, pad_token=PAD
    )
    if chat:
        fast.chat_template = CHAT_TEMPLATE
    return fast


def sizes(tokens: PreTrainedTokenizerFast) -> dict[str, Any]:
    """Returns the arguments of a configuration with two small layers."""
    return {
        "vocab_size": len(tokens),
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 16,
        "max_position_embeddings": CONTEXT,
        "bos_token_id": tokens.bos_token_id,
        "eos_token_id": tokens.eos_token_id,
        "pad_token_id": tokens.pad_token_id,
        "initializer_range": 0.3,  # at the usual 0.02 all tokens are nearly as likely
    }


def save(model: PreTrainedModel, tokens: PreTrainedTokenizerFast, folder: Path) -> Path:
    """Writes a model with its tokenizer, and returns the folder."""
    from harness.models.local.model import quiet_libraries

    with quiet_libraries():
        model.save_pretrained(str(folder))
    tokens.save_pretrained(str(folder))
    return folder


def tiny_llama(folder: Path, *, chat: bool = True, seed: int = 0, context: int = CONTEXT) -> Path:
    """Writes a Llama with a chat template (or none) and untied embeddings."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    tokens = tokenizer(chat=chat)
    torch.manual_seed(seed)
    arguments = sizes(tokens) | {"max_position_embeddings": context}
    return save(LlamaForCausalLM(LlamaConfig(**arguments)), tokens, folder)


def tiny_bert(folder: Path, *, seed: int = 0) -> Path:
    """Writes a BERT without a classification head."""
    import torch
    from transformers import BertConfig, BertModel

    tokens = tokenizer(chat=False)
    torch.manual_seed(seed)
    known = {"head_dim", "num_key_value_heads"}
    options = {name: value for name, value in sizes(tokens).items() if name not in known}
    return save(BertModel(BertConfig(**options)), tokens, folder)
