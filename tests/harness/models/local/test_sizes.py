"""What is known of a model's sizes from its configuration alone."""

from transformers import Phi3Config

from harness.models.local.sizes import context_length


def test_positions_that_stretch_limit_the_context_to_where_they_dont():
    factors = {"short_factor": [1.0] * 8, "long_factor": [2.0] * 8}
    stretched = {"rope_type": "longrope", "rope_theta": 1e4, **factors}
    config = Phi3Config(
        hidden_size=32,
        num_attention_heads=2,
        max_position_embeddings=256,
        original_max_position_embeddings=64,
        rope_parameters=stretched | {"original_max_position_embeddings": 64},
    )
    assert context_length(config) == 64
    assert context_length(Phi3Config(max_position_embeddings=256)) == 256
