# bug: kl_div gets the student's probabilities instead of its log-probabilities
# style: distillation
# codes: LR113
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
loader = DataLoader(TensorDataset(torch.tensor(X).float() / 16, torch.tensor(y)), batch_size=64, shuffle=True)
teacher = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10))
student = nn.Sequential(nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 10))

opt = torch.optim.Adam(teacher.parameters(), lr=3e-3)
for _ in range(3):
    for x, t in loader:
        opt.zero_grad()
        F.cross_entropy(teacher(x), t).backward()
        opt.step()

teacher.eval()
opt = torch.optim.Adam(student.parameters(), lr=3e-3)
T = 2.0
for epoch in range(5):
    for x, t in loader:
        with torch.no_grad():
            soft = F.softmax(teacher(x) / T, dim=1)
        out = student(x)
        loss = F.kl_div(F.softmax(out / T, dim=1), soft, reduction="batchmean") * T * T + F.cross_entropy(out, t)
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
