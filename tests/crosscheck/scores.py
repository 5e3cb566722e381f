"""Scores of classifiers, adversaries, generators, modes and series computed by other programs, for
validation/tests/crosscheck_scores.rs.

needs: numpy scipy scikit-learn torch torch-fidelity glicko2 choix shapely
usage: python tests/crosscheck/scores.py [SECTION...]    all sections, or these anew

Writes scores.json beside this file. Arrays are made from whole numbers, so that any program can make
the same ones: see `uniform`.
"""

import importlib.metadata
import json
import pathlib
import sys

import numpy as np


def uniform(seed, *shape):
    """In [0, 1): the upper 53 bits of splitmix64's finaliser of seed * 2^32 + i."""
    with np.errstate(over="ignore"):
        number = np.arange(np.prod(shape), dtype=np.uint64) + np.uint64(seed << 32)
        z = number + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return ((z >> np.uint64(11)).astype(float) * 2.0**-53).reshape(shape)


def version(*packages):
    return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)


def class_scores():
    """Logits 8 u - 4, the first class raised by 1; training shares (c + 1) / sum."""
    import scipy.special
    import scipy.stats
    import torch
    from torch_fidelity.metric_isc import isc_features_to_metric

    events, classes = 1003, 10
    logits = 8 * uniform(1, events, classes) - 4
    logits[:, 0] += 1
    p = scipy.special.softmax(logits, axis=1)
    marginal = p.mean(axis=0)
    train = np.arange(1, classes + 1) / np.arange(1, classes + 1).sum()
    entropy = scipy.stats.entropy
    whole = isc_features_to_metric(torch.from_numpy(logits), splits=1, shuffle=False)
    split = isc_features_to_metric(torch.from_numpy(logits), splits=10, shuffle=False)
    by_class = []
    predicted = p.argmax(axis=1)
    for label in range(classes):
        of_class = p[predicted == label]
        if len(of_class):
            pairs = [entropy(a, of_class, axis=1).mean() for a in np.broadcast_to(of_class[:, None], (len(of_class), len(of_class), classes))]
            by_class.append(float(np.exp(np.mean(pairs))))
    divergence = np.mean(entropy(p, np.broadcast_to(train, p.shape), axis=1))
    return dict(
        seed=1,
        events=events,
        classes=classes,
        inception=dict(tool=version("torch-fidelity"), whole=whole["inception_score_mean"], mean=split["inception_score_mean"], deviation=split["inception_score_std"]),
        tool=version("scipy"),
        modified=dict(classes=by_class, mean=float(np.mean(by_class))),
        literal_mode=float(np.exp(divergence - entropy(marginal, train))),
        informative_mode=float(np.exp(np.mean(entropy(p, np.broadcast_to(marginal, p.shape), axis=1)) - entropy(marginal, train))),
        am=float(entropy(train, marginal) + np.mean(entropy(p, axis=1))),
    )


def classifier_distances():
    """Features u + 0.2 (feature + 1) v, with v the next feature's u; the second sample times 1.1 plus 0.1."""
    import torch
    from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric

    def sample(seed, events):
        u = uniform(seed, events, 6)
        return u + 0.2 * np.arange(1, 7) * np.roll(u, -1, axis=1)

    first, second = sample(2, 300), 1.1 * sample(3, 250) + 0.1
    statistics = [fid_features_to_statistics(torch.from_numpy(x)) for x in (first, second)]
    value = fid_statistics_to_metric(*statistics, verbose=False)["frechet_inception_distance"]
    return dict(seeds=[2, 3], events=[300, 250], features=6, tool=version("torch-fidelity"), value=float(value))


def adversaries():
    """Outputs u^power of discriminators; curves u of NRDS, sorted downwards."""
    test_1, test_2 = uniform(10, 500) ** 0.4, uniform(11, 500) ** 0.42
    cross_1, cross_2 = uniform(12, 400) ** 1.5, uniform(13, 450) ** 2.5
    outputs = uniform(14, 4, 3, 200) ** (1 + np.arange(4)[:, None, None] / 2 + np.arange(3)[None, :, None])
    fooled = (outputs > 0.5).mean(axis=2)
    curves = np.sort(uniform(15, 5, 12), axis=1)[:, ::-1] / (1 + np.arange(5)[:, None])
    epochs = np.cumsum(1 + np.arange(12) % 3)
    areas = np.trapezoid(curves, epochs, axis=1)
    return dict(
        tool=version("numpy"),
        r_test=float((test_1 <= 0.5).mean() / (test_2 <= 0.5).mean()),
        r_samples=float((cross_1 > 0.5).mean() / (cross_2 > 0.5).mean()),
        generators=fooled.mean(axis=0).tolist(),
        discriminators=(1 - fooled.mean(axis=1)).tolist(),
        nrds=(areas / areas.sum()).tolist(),
    )


def glicko():
    """Glickman's example and players with random games, by glicko2 as it is and with his formula.

    The package takes the rating in the place of the rating deviation in the function whose root is the new
    volatility (`_f`); `corrected` has phi there, as in Glickman's step 5.
    """
    import math

    import glicko2

    class Corrected(glicko2.Player):
        def _f(self, x, delta, v, a):
            phi2 = (self.rd / 173.7178) ** 2
            e = math.exp(x)
            return e * (delta**2 - phi2 - v - e) / (2 * (phi2 + v + e) ** 2) - (x - a) / self._tau**2

    def rated(kind, rating, rd, vol, games):
        player = kind(rating=rating, rd=rd, vol=vol)
        player.update_player([g[0] for g in games], [g[1] for g in games], [g[2] for g in games])
        return [player.rating, player.rd, player.vol]

    cases = []
    published = (1500.0, 200.0, 0.06, [(1400.0, 30.0, 1.0), (1550.0, 100.0, 0.0), (1700.0, 300.0, 0.0)])
    u = uniform(20, 6, 40)
    random = [
        (1300 + 400 * row[0], 50 + 250 * row[1], 0.05 + 0.05 * row[2], [(1200 + 600 * row[3 * k], 30 + 300 * row[3 * k + 1], round(row[3 * k + 2], 3)) for k in range(1, 3 + 2 * i)])
        for i, row in enumerate(u)
    ]
    upset = (2000.0, 40.0, 0.06, [(1000.0, 50.0, 0.0)] * 6)
    for case in [published, *random, upset]:
        case = json.loads(json.dumps(case))
        cases.append(dict(player=case[:3], games=case[3], package=rated(glicko2.Player, *case), corrected=rated(Corrected, *case)))
    return dict(tool=version("glicko2"), tau=0.5, cases=cases)


def inversions():
    """G(z) = A z + b by least squares, and tanh(A z) + z_0 z_1 / 5 by scipy from many starts."""
    import scipy.optimize

    a = 2 * uniform(30, 12, 4) - 1
    b = uniform(31, 12)
    events = 4 * uniform(32, 5, 12) - 2
    linear = []
    for event in events:
        latent, *_ = np.linalg.lstsq(a, event - b, rcond=None)
        linear.append(dict(latent=latent.tolist(), error=float(np.sum((a @ latent + b - event) ** 2))))

    def residual(z, event):
        return np.tanh(a @ z) + z[0] * z[1] / 5 - event

    curved = []
    for k, event in enumerate(0.6 * events):
        starts = [np.zeros(4), *np.random.default_rng(k).normal(size=(40, 4))]
        found = [scipy.optimize.least_squares(residual, z, args=(event,), xtol=1e-15, ftol=1e-15, gtol=1e-15) for z in starts]
        curved.append(float(2 * min(f.cost for f in found)))
    return dict(tool=version("numpy"), curved_tool=version("scipy"), linear=linear, curved=curved)


def internals():
    """Jacobian of tanh(A z) + z_0 z_1 / 5, the length of its way along a line, and principal axes."""
    import scipy.integrate
    from sklearn.decomposition import PCA

    a = 2 * uniform(30, 12, 4) - 1

    def jacobian(z):
        matrix = (1 - np.tanh(a @ z) ** 2)[:, None] * a
        matrix[:, 0] += z[1] / 5
        matrix[:, 1] += z[0] / 5
        return matrix

    points = 2 * uniform(33, 2, 4) - 1
    values = np.linalg.svd(jacobian(points[0]), compute_uv=False)
    way = points[1] - points[0]
    length, _ = scipy.integrate.quad(lambda t: np.linalg.norm(jacobian(points[0] + t * way) @ way), 0, 1, epsabs=1e-12)
    u = uniform(34, 200, 5)
    pca = PCA().fit(u * np.arange(1, 6) + np.roll(u, -1, axis=1))
    axes = [axis * np.sign(axis[np.argmax(np.abs(axis))]) for axis in pca.components_]
    return dict(
        tool=version("numpy"),
        singular_values=values.tolist(),
        condition=float(values[0] / values[-1]),
        length_tool=version("scipy"),
        length=float(length),
        axes_tool=version("scikit-learn"),
        variances=pca.explained_variance_.tolist(),
        axes=np.array(axes).tolist(),
    )


def modes():
    """The mode floor(K u^1.3) and a place uniform in a square of 4 sigma about it; stacked labels floor(1000 u^1.2)."""
    import scipy.stats
    from sklearn.neighbors import NearestNeighbors

    angle = 2 * np.pi * np.arange(8) / 8
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    axis = np.arange(-4, 5, 2.0)
    grid = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
    cases = []
    for seed, name, centres, sigma in [(40, "ring", ring, 0.01), (43, "grid", grid, 0.05)]:
        chosen = (len(centres) * uniform(seed, 2500) ** 1.3).astype(int)
        events = centres[chosen] + 4 * sigma * (2 * uniform(seed + 1, 2500, 2) - 1)
        distance, nearest = NearestNeighbors(n_neighbors=1).fit(centres).kneighbors(events)
        distance, nearest = distance[:, 0], nearest[:, 0]
        shares = np.bincount(nearest, minlength=len(centres)) / len(events)
        equal = np.full(len(centres), 1 / len(centres))
        cases.append(
            dict(
                name=name,
                seed=seed,
                found=len(np.unique(nearest[distance < 3 * sigma])),
                high_quality=float((distance < 3 * sigma).mean()),
                generated_to_expected=float(scipy.stats.entropy(shares, equal)),
                expected_to_generated=float(scipy.stats.entropy(equal, shares)),
            )
        )
    labels = (1000 * uniform(46, 26000) ** 1.2).astype(int)
    shares = np.bincount(labels, minlength=1000) / len(labels)
    stacked = dict(seed=46, found=int((shares > 0).sum()), generated_to_expected=float(scipy.stats.entropy(shares, np.full(1000, 1e-3))))
    return dict(tool=version("scikit-learn", "scipy"), cases=cases, stacked=stacked)


def polygons():
    """Distances of points 4 u - 2 to a pentagon."""
    import shapely

    corners = [[0.0, -1.0], [1.0, -0.5], [0.8, 0.6], [-0.4, 0.9], [-1.1, -0.2]]
    points = 4 * uniform(50, 300, 2) - 2
    distances = shapely.distance(shapely.Polygon(corners), shapely.points(points))
    return dict(tool=version("shapely"), corners=corners, seed=50, points=300, area=float(shapely.area(shapely.Polygon(corners))), distances=[float(d) for d in distances[:40]], precision=float((distances <= 0.25).mean()))


def judgements():
    """Binomial tests, and preferences of which each model's count over another is floor(20 u) (0 on the diagonal)."""
    import choix
    from scipy.stats import binomtest

    binomial = []
    for successes, trials, probability in [(8, 10, 0.5), (3, 10, 0.5), (55, 100, 0.5), (480, 1000, 0.5), (7, 20, 0.2), (0, 12, 0.3), (90, 300, 0.25), (12, 12, 0.9)]:
        found = binomtest(successes, trials, probability)
        interval = found.proportion_ci(method="exact")
        binomial.append(dict(successes=successes, trials=trials, probability=probability, p_value=float(found.pvalue), interval=[float(interval.low), float(interval.high)]))
    wins = np.floor(20 * uniform(60, 5, 5)).astype(int)
    np.fill_diagonal(wins, 0)
    pairs = [(i, j) for i in range(5) for j in range(5) for _ in range(wins[i, j])]
    strengths = choix.opt_pairwise(5, pairs, alpha=0.0, method="Newton-CG", tol=1e-12)
    iterated = choix.mm_pairwise(5, pairs, alpha=0.0, max_iter=100000, tol=1e-13)
    assert np.abs(strengths - strengths.mean() - iterated + iterated.mean()).max() < 1e-5
    return dict(tool=version("scipy"), binomial=binomial, preferences_tool=version("choix"), seed=60, log_strengths=(iterated - iterated.mean()).tolist())


def recurrent():
    """torch.nn.GRU in 64 bits with 3 inputs and 4 units: parameters 2 u - 1 in the order of its names."""
    import torch

    gru = torch.nn.GRU(3, 4, batch_first=True, dtype=torch.float64)
    for seed, (name, parameter) in enumerate(gru.named_parameters(), start=70):
        parameter.data = torch.from_numpy(2 * uniform(seed, *parameter.shape) - 1)
    assert [name for name, _ in gru.named_parameters()] == ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]
    series = torch.from_numpy(4 * uniform(74, 3, 7, 3) - 2)
    states, _ = gru(series)
    return dict(tool=version("torch"), states=states.detach().flatten().tolist())


def sines(seed, series):
    """sin(f t + phase) as (. + 1) / 2 of 5 features at 24 steps, f and phase 0.1 u."""
    frequency, phase = 0.1 * uniform(seed, series, 1, 5), 0.1 * uniform(seed + 1, series, 1, 5)
    return (np.sin(frequency * np.arange(24)[None, :, None] + phase) + 1) / 2


def series_scores():
    """Discriminative and predictive scores by PyTorch, each with five seeds; of "mixed", every second is u."""
    import torch

    torch.set_num_threads(1)
    real, alike = sines(80, 600), sines(83, 600)
    mixed = np.where(np.arange(600)[:, None, None] % 2 == 0, sines(86, 600), uniform(88, 600, 24, 5))
    least, greatest = real.min(axis=(0, 1)), real.max(axis=(0, 1))
    real, alike, mixed = [torch.from_numpy((x - least) / (greatest - least)).float() for x in (real, alike, mixed)]

    class Network(torch.nn.Module):
        def __init__(self, inputs, hidden):
            super().__init__()
            self.gru = torch.nn.GRU(inputs, hidden, batch_first=True)
            self.out = torch.nn.Linear(hidden, 1)
            torch.nn.init.xavier_uniform_(self.out.weight)
            h = hidden
            for gate in range(3):
                torch.nn.init.xavier_uniform_(self.gru.weight_ih_l0.data[gate * h : (gate + 1) * h])
                torch.nn.init.xavier_uniform_(self.gru.weight_hh_l0.data[gate * h : (gate + 1) * h])
            for bias in [self.gru.bias_ih_l0, self.gru.bias_hh_l0, self.out.bias]:
                torch.nn.init.zeros_(bias)
            self.gru.bias_ih_l0.data[: 2 * h] = 1.0

        def forward(self, x):
            return self.out(self.gru(x)[0])[..., 0]

    def discriminative(fake, seed, iterations=400, batch=64):
        torch.manual_seed(seed)
        split = lambda x: torch.split(x[torch.randperm(len(x))], [480, 120])
        (a, test_a), (b, test_b) = split(real), split(fake)
        network = Network(5, 4)
        adam = torch.optim.Adam(network.parameters(), lr=1e-2)
        soft = torch.nn.functional.softplus
        for _ in range(iterations):
            x, y = a[torch.randperm(len(a))[:batch]], b[torch.randperm(len(b))[:batch]]
            loss = soft(-network(x)[:, -1]).mean() + soft(network(y)[:, -1]).mean()
            adam.zero_grad()
            loss.backward()
            adam.step()
        with torch.no_grad():
            accuracy = ((network(test_a)[:, -1] > 0).float().mean() + (network(test_b)[:, -1] <= 0).float().mean()) / 2
        return abs(float(accuracy) - 0.5)

    def predictive(train, seed, iterations=1000, batch=64):
        torch.manual_seed(seed)
        network = Network(4, 4)
        adam = torch.optim.Adam(network.parameters(), lr=1e-2)
        for _ in range(iterations):
            x = train[torch.randperm(len(train))[:batch]]
            loss = (torch.sigmoid(network(x[:, :-1, :4])) - x[:, 1:, 4]).abs().mean()
            adam.zero_grad()
            loss.backward()
            adam.step()
        with torch.no_grad():
            return float((torch.sigmoid(network(real[:, :-1, :4])) - real[:, 1:, 4]).abs().mean())

    def summary(values):
        return dict(values=values, mean=float(np.mean(values)), deviation=float(np.std(values, ddof=1)))

    seeds = range(1, 6)
    return dict(
        tool=version("torch"),
        discriminative=dict(hidden=4, iterations=400, batch=64, learning_rate=1e-2, alike=summary([discriminative(alike, s) for s in seeds]), mixed=summary([discriminative(mixed, s) for s in seeds])),
        predictive=dict(hidden=4, iterations=1000, batch=64, learning_rate=1e-2, alike=summary([predictive(alike, s) for s in seeds]), mixed=summary([predictive(mixed, s) for s in seeds])),
    )


SECTIONS = [class_scores, classifier_distances, adversaries, glicko, inversions, internals, modes, polygons, judgements, recurrent, series_scores]


def main():
    path = pathlib.Path(__file__).with_suffix(".json")
    wanted = sys.argv[1:] or [section.__name__ for section in SECTIONS]
    result = json.loads(path.read_text()) if path.exists() and sys.argv[1:] else {}
    for section in SECTIONS:
        if section.__name__ in wanted:
            result[section.__name__] = section()
    path.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
