"""An old name that is imported, whatever is installed."""

from torchvision.models.utils import load_state_dict_from_url  # error: torchvision-removed

print(load_state_dict_from_url("https://example.org/net.pt", progress=True))
