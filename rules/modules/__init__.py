"""How modules are written."""
