"""How training goes: numbers of sampled steps, curves, ranks, time."""
