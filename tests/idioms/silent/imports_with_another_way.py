"""An old name that is imported where it is still there."""
# not: torchvision-removed

try:
    from torchvision.models.utils import load_state_dict_from_url
except ImportError:
    from torch.hub import load_state_dict_from_url

print(load_state_dict_from_url("https://example.org/net.pt", progress=True))
