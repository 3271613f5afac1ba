"""What only a run shows."""
