"""The runtime observer: the only package that imports torch."""
