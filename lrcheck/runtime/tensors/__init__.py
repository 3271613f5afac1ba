"""What is done to tensors: each call of a torch function is followed by facts, losses by what they are given."""
