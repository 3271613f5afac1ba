"""LR6: API that is deprecated, removed or legacy; what it is about stands in `lrcheck.knowledge`."""
