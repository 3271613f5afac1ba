"""Batches, loaders and data sets: what is read, in which order, and what training and evaluation share."""
