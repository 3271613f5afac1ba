# bug: only the decoder's optimizer is cleared: the encoder's gradients add up over all batches
# style: researcher's sequence autoencoder for sensor curves, encoder and decoder with an optimizer each
# codes: LR301 LR708
import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self, hidden, code):
        super().__init__()
        self.rnn = nn.GRU(1, hidden, batch_first=True)
        self.project = nn.Linear(hidden, code)

    def forward(self, curves):
        _, last = self.rnn(curves)
        return self.project(last[-1])


class Decoder(nn.Module):
    def __init__(self, code, hidden, length):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(code, hidden), nn.ReLU(), nn.Linear(hidden, length))

    def forward(self, z):
        return self.net(z).unsqueeze(-1)


def curves(n, length=20):
    t = torch.linspace(0, 1, length)
    amplitude = 0.5 + torch.rand(n, 1)
    frequency = 1 + torch.randint(0, 3, (n, 1))
    phase = 6.28 * torch.rand(n, 1)
    return (amplitude * torch.sin(6.28 * frequency * t + phase)).unsqueeze(-1)


def train_batch(batch, encoder, decoder, encoder_optimizer, decoder_optimizer, criterion):
    decoder_optimizer.zero_grad()
    reconstruction = decoder(encoder(batch))
    loss = criterion(reconstruction, batch)
    loss.backward()
    encoder_optimizer.step()
    decoder_optimizer.step()
    return loss.item()


def train_iters(encoder, decoder, data, n_epochs, batch_size=32, learning_rate=0.03):
    encoder_optimizer = torch.optim.SGD(encoder.parameters(), lr=learning_rate, momentum=0.9)
    decoder_optimizer = torch.optim.SGD(decoder.parameters(), lr=learning_rate, momentum=0.9)
    criterion = nn.MSELoss()
    for epoch in range(1, n_epochs + 1):
        shuffled = data[torch.randperm(len(data))]
        losses = [
            train_batch(batch, encoder, decoder, encoder_optimizer, decoder_optimizer, criterion)
            for batch in shuffled.split(batch_size)
        ]
        if epoch % 4 == 0:
            print(f"epoch {epoch:3d}  reconstruction error {sum(losses) / len(losses):.4f}")


def main():
    torch.manual_seed(4)
    train_curves, test_curves = curves(640), curves(160)
    encoder, decoder = Encoder(32, 6), Decoder(6, 48, 20)
    train_iters(encoder, decoder, train_curves, n_epochs=20)
    with torch.no_grad():
        error = nn.functional.mse_loss(decoder(encoder(test_curves)), test_curves).item()
    print(f"test error {error:.4f}, variance of the curves {test_curves.var().item():.4f}")


if __name__ == "__main__":
    main()
