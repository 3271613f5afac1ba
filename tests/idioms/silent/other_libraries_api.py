import timm
import torch
import torchvision
from torch import nn

model = timm.create_model("resnet50", pretrained=True, num_classes=10)
seg = torchvision.models.segmentation.fcn_resnet50(weights=None, num_classes=21)
hub = torch.hub.load("pytorch/vision", "resnet18", pretrained=True)
config = type("Config", (), {"data": 3})()
print(config.data, model.data_config if hasattr(model, "data_config") else None)
state = torch.load("x.pt", map_location="cpu", weights_only=True)
model.load_state_dict(state["model"], strict=False)
scheduler = timm.scheduler.CosineLRScheduler(optimizer, t_initial=10)
for epoch in range(10):
    scheduler.step(epoch)
    for batch in loader:
        out = model(batch.data.to("cpu"))
