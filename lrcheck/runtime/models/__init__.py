"""Models as they are built and called: which module is the model, its mode, its first weights, one question to each."""
