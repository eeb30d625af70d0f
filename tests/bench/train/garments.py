"""The generator of garments against its discriminators, as trainer/src/text_to_image.rs has them."""
import torch
import torch.nn.functional as F
from torch import nn

from editor import follow

SIZE, BATCH, WORDS, VOCABULARY, KINDS = 64, 32, 3, 7, 3
SENTENCE, CONDITION, LOCAL, FORM = 256, 192, 4, 2
WIDTHS, FINE = [96, 80, 48, 16], 16


def norm(cin, out, kernel=3, stride=1):
    padding = 1 if stride == 2 else kernel // 2
    return nn.Sequential(nn.Conv2d(cin, out, kernel, stride, padding, bias=False), nn.BatchNorm2d(out))


def twice(x):
    return F.interpolate(x, scale_factor=2, mode="nearest")


def leaky(x):
    return F.leaky_relu(x, 0.2)


class Text(nn.Module):
    """src/prompt/encoder.rs"""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, 64)
        self.lstm = nn.LSTM(64, SENTENCE // 2, bidirectional=True, batch_first=True)

    def forward(self, sentences):
        states, _ = self.lstm(F.dropout(self.words(sentences), 0.1, self.training))
        return states, states.max(1)[0]


class Generator(nn.Module):
    """src/text_to_image.rs"""

    def __init__(self):
        super().__init__()
        last = WIDTHS[-1]
        self.mu, self.log_sigma = (nn.Linear(SENTENCE, CONDITION, bias=False) for _ in range(2))
        self.stem = norm(CONDITION, 2 * 16 * WIDTHS[0], 1)
        self.ups = nn.ModuleList(norm(a, 2 * b) for a, b in zip(WIDTHS, WIDTHS[1:]))
        self.coarse, self.fine = nn.Conv2d(last, FORM, 3, 1, 1), nn.Conv2d(FINE, FORM, 3, 1, 1)
        self.keys = nn.Linear(SENTENCE, last, bias=False)
        self.local = nn.ModuleList(norm(a, 2 * last) for a in (LOCAL, last, last))
        self.conv1, self.conv2 = norm(3 * last, 6 * last), norm(3 * last, 3 * last)
        self.up = norm(3 * last, 2 * FINE)

    def condition(self, sentence):
        return leaky(self.mu(sentence)), leaky(self.log_sigma(sentence))

    def forward(self, whole, local, words):
        x = F.glu(self.stem(whole[:, :, None, None]), 1).reshape(-1, WIDTHS[0], 4, 4)
        for up in self.ups:
            x = F.glu(up(twice(x)), 1)
        coarse = torch.tanh(self.coarse(x))
        d = F.glu(self.local[0](local), 1)
        for up in self.local[1:]:
            d = F.glu(up(twice(d)), 1)
        keys = self.keys(words)
        seen = torch.softmax(keys @ x.flatten(2).to(keys.dtype), 1)
        context = (keys.transpose(1, 2) @ seen).reshape(x.shape)
        x = torch.cat([x, d, context.to(x.dtype)], 1)
        x = x + self.conv2(F.glu(self.conv1(x), 1))
        return coarse, torch.tanh(self.fine(F.glu(self.up(twice(x)), 1)))


def halves(channels, width, size):
    """Convolutions that halve, down to 4 x 4; the widths of their results."""
    widths = [width << min(level, 3) for level in range((size // 4).bit_length() - 1)]
    first = nn.Conv2d(channels, width, 4, 2, 1)
    return nn.ModuleList([first, *(norm(a, b, 4, 2) for a, b in zip(widths, widths[1:]))]), widths


class Encoder(nn.Module):
    """The posterior: trainer/src/networks.rs"""

    def __init__(self):
        super().__init__()
        self.levels, widths = halves(FORM, 24, SIZE)
        self.mu, self.log_sigma = (nn.Linear(16 * widths[-1], CONDITION) for _ in range(2))
        self.local = nn.Conv2d(widths[2], 2 * LOCAL, 3, 1, 1)

    def forward(self, x):
        for n, level in enumerate(self.levels):
            x = leaky(level(x))
            if n == 2:
                mu, log_sigma = self.local(x).chunk(2, 1)
        x = x.flatten(1)
        return (self.mu(x), self.log_sigma(x).clamp(-6, 2)), (mu, log_sigma.clamp(-6, 2))


class Discriminator(nn.Module):
    """trainer/src/networks.rs"""

    def __init__(self, size):
        super().__init__()
        self.levels, widths = halves(FORM, 32, size)
        self.text = nn.Linear(SENTENCE, 128)
        self.joint = norm(widths[-1] + 128, widths[-1], 1)
        self.match, self.real = (nn.Conv2d(widths[-1], 1, 4) for _ in range(2))

    def features(self, x):
        for level in self.levels:
            x = leaky(level(x))
        return x

    def matching(self, features, sentence):
        text = leaky(self.text(sentence))[:, :, None, None].expand(-1, -1, *features.shape[2:])
        return self.match(leaky(self.joint(torch.cat([features, text], 1)))).flatten(1)


def against(logits, target):
    return F.softplus(-logits.float() if target else logits.float()).mean()


def divergence(of, other):
    (mu, log_sigma), (to, log_to) = of, other
    ratio = 2 * (log_sigma - log_to)
    return 0.5 * ((mu - to) ** 2 * torch.exp(-2 * log_to) + ratio.exp() - ratio - 1).mean()


def seen(form):
    light, alpha = form.float().chunk(2, 1)
    return torch.cat([(light + 1) * (alpha + 1) * 0.5 - 1, alpha], 1)


def apart(difference):
    """Light counts four times; edges count as well."""
    light, alpha = difference.chunk(2, 1)
    d = torch.cat([4 * light, alpha], 1)
    return d.abs().mean() + d.diff(dim=2).abs().mean() + d.diff(dim=3).abs().mean()


def augmented(forms):
    """Moves each form by up to an eighth, and hides a part of every other."""
    side = forms.shape[2]
    most = side // 8
    each = []
    for larger in F.pad(forms, [most] * 4, value=-1).unbind():
        y, x = torch.randint(0, 2 * most + 1, (2,)).tolist()
        moved = larger[:, y : y + side, x : x + side]
        if torch.rand(()) < 0.5:
            y, x = torch.randint(0, side // 2 + 1, (2,)).tolist()
            moved = moved.clone()
            moved[:, y : y + side // 2, x : x + side // 2] = -1
        each.append(moved)
    return torch.stack(each)


class Training:
    """Batches are ready."""

    def __init__(self):
        parts = {"encoder": Encoder(), "text": Text(), "generator": Generator(), "kinds": nn.Linear(CONDITION, KINDS)}
        self.net = nn.ModuleDict(parts).to(memory_format=torch.channels_last)
        self.discriminators = [Discriminator(size).to(memory_format=torch.channels_last) for size in (SIZE // 2, SIZE)]
        self.average = [value.clone() for value in self.net.state_dict().values()]
        adam = lambda net: torch.optim.Adam(net.parameters(), lr=4e-4, betas=(0.5, 0.999))
        self.adam, self.adams = adam(self.net), [adam(net) for net in self.discriminators]
        self.forms = torch.rand(4, BATCH, FORM, SIZE, SIZE) * 2 - 1

    def step(self, step, half):
        forms = self.forms[step % 4].to(memory_format=torch.channels_last)
        sentences = torch.randint(0, VOCABULARY, (BATCH, WORDS))
        kinds = torch.randint(0, KINDS, (BATCH,))
        cast = lambda: torch.autocast("cpu", torch.bfloat16, enabled=half)
        real = [seen(F.avg_pool2d(forms, 2)), seen(forms)]
        words, sentence = self.net["text"](sentences)
        generator = self.net["generator"]
        prior = generator.condition(sentence)
        with cast():
            posterior = self.net["encoder"](forms)
        whole, local = ([part.float() for part in of] for of in posterior)
        drawn = [mu + log_sigma.exp() * torch.randn_like(mu) for mu, log_sigma in (whole, local)]
        with cast():
            made = generator(*drawn, words)
        loss = sum(apart(seen(m) - r) for m, r in zip(made, real))
        standard = [torch.zeros_like(local[0])] * 2
        loss = loss + 0.01 * (divergence(whole, prior) + divergence(local, standard))
        named = lambda mu: F.cross_entropy(self.net["kinds"](mu), kinds)
        loss = loss + 0.1 * (named(whole[0]) + named(prior[0]))
        own = sentence.detach()
        wrong = own.roll(1, 0)
        for net, adam, r, m in zip(self.discriminators, self.adams, real, made):
            light, alpha = m.float().chunk(2, 1)
            r, m = augmented(r), augmented(seen(torch.cat([light, alpha.detach()], 1)))
            with cast():
                true, false = net.features(r), net.features(m.detach())
                right, other, edited = net.matching(true, own), net.matching(true, wrong), net.matching(false, own)
                plain = net.real(true).flatten(1), net.real(false).flatten(1)
            judged = against(right, True) + 0.5 * (
                against(other, False) + against(edited, False) + against(plain[0], True) + against(plain[1], False)
            )
            adam.zero_grad()
            judged.backward()
            adam.step()
            for weight in net.parameters():
                weight.requires_grad_(False)
            with cast():
                features = net.features(m)
                fits, real_one = net.matching(features, own), net.real(features).flatten(1)
            loss = loss + 0.05 * (against(fits, True) + against(real_one, True))
            for weight in net.parameters():
                weight.requires_grad_(True)
        self.adam.zero_grad()
        loss.backward()
        self.adam.step()
        follow(self.average, self.net)
