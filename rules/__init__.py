"""The rules of lrcheck: one module for each, named after the bug, in a folder for each family."""
