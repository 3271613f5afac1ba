# bug: the discriminator ends in nn.Sigmoid and its loss is BCEWithLogitsLoss, which applies a second sigmoid
# style: GAN tutorial script, 8x8 digits, two optimizers
# codes: LR103
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)

nz = 16  # size of the latent vector
ngf = 16
ndf = 16
batch_size = 64
num_epochs = 8
lr = 1e-3

images = torch.tensor(load_digits().images, dtype=torch.float32).unsqueeze(1) / 8.0 - 1.0
dataloader = DataLoader(TensorDataset(images), batch_size=batch_size, shuffle=True, drop_last=True)


def weights_init(m):
    classname = m.__class__.__name__
    if classname.find("Conv") != -1:
        nn.init.normal_(m.weight.data, 0.0, 0.05)
    elif classname.find("BatchNorm") != -1:
        nn.init.normal_(m.weight.data, 1.0, 0.02)
        nn.init.constant_(m.bias.data, 0)


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(
            nn.ConvTranspose2d(nz, ngf * 2, 2, 1, 0, bias=False),
            nn.BatchNorm2d(ngf * 2),
            nn.ReLU(True),
            nn.ConvTranspose2d(ngf * 2, ngf, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ngf),
            nn.ReLU(True),
            nn.ConvTranspose2d(ngf, 1, 4, 2, 1, bias=False),
            nn.Tanh(),
        )

    def forward(self, x):
        return self.main(x)


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(1, ndf, 4, 2, 1, bias=False),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(ndf, ndf * 2, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ndf * 2),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(ndf * 2, 1, 2, 1, 0, bias=False),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return self.main(x).view(-1)


netG = Generator().apply(weights_init)
netD = Discriminator().apply(weights_init)
criterion = nn.BCEWithLogitsLoss()
optimizerD = torch.optim.Adam(netD.parameters(), lr=lr, betas=(0.5, 0.999))
optimizerG = torch.optim.Adam(netG.parameters(), lr=lr, betas=(0.5, 0.999))

for epoch in range(num_epochs):
    lossesD, lossesG = [], []
    for (real,) in dataloader:
        # (1) update D
        netD.zero_grad()
        ones, zeros = torch.ones(real.size(0)), torch.zeros(real.size(0))
        errD_real = criterion(netD(real), ones)
        errD_real.backward()
        fake = netG(torch.randn(real.size(0), nz, 1, 1))
        errD_fake = criterion(netD(fake.detach()), zeros)
        errD_fake.backward()
        optimizerD.step()
        # (2) update G
        netG.zero_grad()
        errG = criterion(netD(fake), ones)
        errG.backward()
        optimizerG.step()
        lossesD.append(errD_real.item() + errD_fake.item())
        lossesG.append(errG.item())
    print(
        f"[{epoch + 1}/{num_epochs}] Loss_D {sum(lossesD) / len(lossesD):.4f} Loss_G {sum(lossesG) / len(lossesG):.4f}"
    )

netG.eval()
with torch.no_grad():
    samples = netG(torch.randn(200, nz, 1, 1))
print(f"mean pixel: real {images.mean():.3f}, generated {samples.mean():.3f}")
print(f"pixel spread: real {images.std(0).mean():.3f}, generated {samples.std(0).mean():.3f}")
