"""The training step: its parts and their order, gradients, optimizers, schedulers, and what is kept from one to the next."""
