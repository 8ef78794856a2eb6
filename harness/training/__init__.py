"""The one training loop that all weight-changing strategies share."""
