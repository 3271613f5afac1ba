"""Thin callbacks over `watch` for the libraries that own the training loop; each is imported with its library only."""
