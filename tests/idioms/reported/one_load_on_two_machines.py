"""One call in two arms: the keywords differ for another reason than the version of torch."""

import torch

if torch.cuda.is_available():
    state = torch.load("net.pt")  # error: unsafe-load
else:
    state = torch.load("net.pt", map_location="cpu")  # error: unsafe-load
