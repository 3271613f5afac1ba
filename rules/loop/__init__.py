"""The protocol of a training step."""
