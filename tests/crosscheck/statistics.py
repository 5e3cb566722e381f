"""One-dimensional two-sample statistics by other tools, for validation/tests/crosscheck_statistics.rs.

Needs: numpy, scipy, scikit-learn, statsmodels, dcor, mpmath.
Usage: python statistics.py (writes statistics.json beside this file; a minute).

Samples come from whole numbers, so that any program can make the same ones: see `sample` and
`weights`. Only the bootstrap and the permutations draw random numbers, with the seed in `SEED`.
"""
import importlib.metadata
import json
import math
import pathlib
import warnings

import dcor
import mpmath
import numpy
import scipy
from scipy import stats
from scipy.spatial.distance import jensenshannon
from sklearn.metrics import roc_auc_score
from statsmodels.stats.multitest import multipletests

SEED = 5
warnings.filterwarnings("ignore", message="p-value (capped|floored)")


def sample(count, multiplier, modulus, scale, offset):
    """Values ((i multiplier) mod modulus) / scale + offset, i from 0."""
    return numpy.array([((i * multiplier) % modulus) / scale + offset for i in range(count)])


def weights(count, multiplier, modulus, scale):
    """Weights ((i multiplier) mod modulus + 1) / scale, i from 0."""
    return numpy.array([((i * multiplier) % modulus + 1) / scale for i in range(count)])


# Pairs of samples: without equal values, with many equal values, small and far apart.
SAMPLES = [
    ((100, 37, 101, 10.0, 0.03), (80, 29, 97, 9.0, 0.5)),
    ((500, 37, 503, 100.0, 0.0), (400, 29, 401, 85.0, 0.011)),
    ((300, 7, 11, 1.0, 0.0), (200, 5, 13, 1.25, 0.0)),
    ((8, 3, 11, 1.0, 0.25), (12, 5, 13, 1.0, 0.0)),
    ((60, 7, 61, 10.0, 0.0), (60, 11, 67, 10.0, 2.05)),
    ((40, 7, 41, 10.0, 0.0), (30, 11, 37, 10.0, 3.05)),
    ((6, 1, 7, 1.0, 0.0), (5, 1, 7, 1.0, 2.5)),
]
WEIGHTS = ((3, 7, 2.0), (5, 11, 4.0))


def paths(a, b):
    """The share of the ways to deal the pooled values with at least the distance found: lattice
    paths counted in whole numbers, looked at where the next value is greater."""
    n, m = len(a), len(b)
    pooled = numpy.sort(numpy.r_[a, b])
    ends = [k for k in range(1, n + m + 1) if k == n + m or pooled[k] > pooled[k - 1]]
    a, b = numpy.sort(a), numpy.sort(b)
    below = lambda v, x: int(numpy.searchsorted(v, x, side="right"))
    greatest = max(abs(below(a, x) * m - below(b, x) * n) for x in pooled)
    ways = {0: 1}
    for k in range(1, n + m + 1):
        new = {}
        for i, count in ways.items():
            if i < n:
                new[i + 1] = new.get(i + 1, 0) + count
            if k - 1 - i < m:
                new[i] = new.get(i, 0) + count
        if k in ends:
            new = {i: c for i, c in new.items() if abs(i * m - (k - i) * n) < greatest}
        ways = new
    total = math.comb(n + m, n)
    outside = total - sum(ways.values())
    return float(mpmath.mpf(outside) / total)


def weighted_ks(a, w, b, v):
    """Distance of the weighted distribution functions, and Kolmogorov's limit with effective counts."""
    points = numpy.r_[a, b]
    share = lambda x, u: numpy.array([u[x <= p].sum() for p in points]) / u.sum()
    distance = numpy.abs(share(a, w) - share(b, v)).max()
    n, m = (u.sum() ** 2 / (u**2).sum() for u in (w, v))
    return float(distance), float(scipy.special.kolmogorov(math.sqrt(n * m / (n + m)) * distance))


def two_samples():
    found = []
    for number, (first, second) in enumerate(SAMPLES):
        a, b = sample(*first), sample(*second)
        w, v = weights(len(a), *WEIGHTS[0]), weights(len(b), *WEIGHTS[1])
        ties = len(numpy.unique(numpy.r_[a, b])) < len(a) + len(b)
        limit = scipy.special.kolmogorov(
            math.sqrt(len(a) * len(b) / (len(a) + len(b))) * stats.ks_2samp(a, b).statistic)
        ad = stats.anderson_ksamp([a, b], variant="midrank")
        permuted = stats.anderson_ksamp([a, b], variant="midrank", method=stats.PermutationMethod(
            n_resamples=9999, rng=numpy.random.default_rng(SEED))) if number in (0, 6) else None
        normal = stats.mannwhitneyu(a, b, method="asymptotic")
        exact = not ties and min(len(a), len(b)) * len(a) * len(b) <= 10**6
        labels, scores = numpy.r_[numpy.ones(len(a)), numpy.zeros(len(b))], numpy.r_[a, b]
        distance, p_value = weighted_ks(a, w, b, v)
        energy = stats.energy_distance(a, b) ** 2
        assert abs(dcor.energy_distance(a[:, None], b[:, None]) - energy) < 1e-9 * energy
        found.append({
            "first": first, "second": second, "ties": ties,
            "ks": {
                "distance": float(stats.ks_2samp(a, b).statistic),
                "exact": None if ties else float(stats.ks_2samp(a, b, method="exact").pvalue),
                "paths": paths(a, b),
                "asymptotic": float(stats.ks_2samp(a, b, method="asymp").pvalue),
                "limit": float(limit),
                "weighted_distance": distance, "weighted_p_value": p_value,
            },
            "anderson_darling": {
                "statistic": float(ad.statistic), "p_value": float(ad.pvalue),
                "permutation_p_value": None if permuted is None else float(permuted.pvalue),
            },
            "mann_whitney": {
                "u": float(normal.statistic), "normal": float(normal.pvalue),
                "exact": float(stats.mannwhitneyu(a, b, method="exact").pvalue) if exact else None,
                "weighted_auc": float(roc_auc_score(labels, scores, sample_weight=numpy.r_[w, v])),
            },
            "wasserstein": float(stats.wasserstein_distance(a, b)),
            "weighted_wasserstein": float(stats.wasserstein_distance(a, b, w, v)),
            "energy": float(energy), "weighted_energy": float(stats.energy_distance(a, b, w, v) ** 2),
        })
    return found


def anderson_darling_limit():
    """P(A^2 > x) by Gil-Pelaez' inversion of the characteristic function, summed in 40 digits."""
    mpmath.mp.dps = 40
    step, phase, last = mpmath.mpf(1) / 40, 0, None
    terms = []
    for k in range(30_000):
        t = (k + mpmath.mpf(1) / 2) * step
        z = mpmath.mpc(0, 2 * t)
        determinant = -mpmath.cos(mpmath.pi / 2 * mpmath.sqrt(1 + 4 * z)) / (mpmath.pi * z)
        angle = mpmath.arg(determinant)
        if last is not None:
            # The phase goes on where its principal value jumps.
            phase += 2 * mpmath.pi * mpmath.nint((last - angle - phase) / (2 * mpmath.pi))
        last = angle + phase
        size = 1 / mpmath.sqrt(abs(determinant))
        if size < mpmath.mpf(10) ** -36:
            break
        terms.append((t, size, -last / 2))
    found = []
    for x in (0.1, 0.3, 0.7, 1.0, 1.248, 1.933, 2.492, 3.878125, 6.0, 10.0, 20.0):
        x = mpmath.mpf(x)
        total = sum(size * mpmath.sin(angle - t * x) / t for t, size, angle in terms)
        found.append([float(x), float(mpmath.mpf(1) / 2 + total * step / mpmath.pi)])
    return found


def histograms():
    found = []
    cases = [([10, 20, 0, 30, 5], [12, 15, 0, 33, 5]), ([100, 200, 300], [1, 2, 2]),
             ([3, 0, 7], [5, 1, 4]), ([4, 1, 0], [0, 2, 9]), ([0.5, 2.25, 8.0, 0.0], [1.5, 1.0, 3.5, 0.25])]
    for p, q in cases:
        found.append({"first": p, "second": q, "jensen_shannon": float(jensenshannon(p, q, base=2) ** 2),
                      "kullback_leibler": str(float(stats.entropy(p, q, base=2)))})
    return found


def two_dimensions():
    """Weighted points on a grid of bins, in the weighted-weighted form of the chi2 test."""
    first = [(700, 37, 701, 70.0, 0.0), (700, 53, 709, 88.0, 0.0)]
    second = [(500, 29, 503, 52.0, 0.0), (500, 61, 509, 63.0, 0.0)]
    edges = [0.0, 2.0, 4.0, 6.0, 8.0]
    found = []
    for weighted in (False, True):
        bins = []
        for (x, y), recipe in ((first, (3, 7, 2.0)), (second, (5, 11, 4.0))):
            u = weights(x[0], *recipe) if weighted else numpy.ones(x[0])
            fill = lambda u: numpy.histogram2d(sample(*x), sample(*y), [edges, edges], weights=u)[0].ravel()
            inside = (fill(u), fill(u**2))
            bins.append([numpy.r_[part, total - part.sum()] for part, total in zip(inside, (u.sum(), (u**2).sum()))])
        (w1, s1), (w2, s2) = bins
        keep = (s1 > 1e-9) | (s2 > 1e-9)
        w1, s1, w2, s2 = w1[keep], s1[keep], w2[keep], s2[keep]
        chi2 = ((w1.sum() * w2 - w2.sum() * w1) ** 2 / (w1.sum() ** 2 * s2 + w2.sum() ** 2 * s1)).sum()
        ndf = int(keep.sum()) - 1
        found.append({"weighted": weighted, "chi2": float(chi2), "ndf": ndf,
                      "p_value": float(stats.chi2.sf(chi2, ndf)),
                      "sparse": [int((w**2 < 10 * s)[s > 0].sum()) for w, s in ((w1, s1), (w2, s2))]})
    return {"first": first, "second": second, "edges": edges, "cases": found}


def garwood():
    found = []
    for level in (stats.chi2.cdf(1, 1), 0.9, 0.95, 0.999):
        for count in (0, 0.01, 0.5, 1, 2, 3.7, 10, 55.5, 1000, 123456, 5e6):
            tail = (1 - level) / 2
            low = stats.chi2.ppf(tail, 2 * count) / 2 if count > 0 else 0.0
            found.append([float(level), float(count), float(low), float(stats.chi2.isf(tail, 2 * count + 2) / 2)])
    return found


def many_tests():
    found = []
    for p in ([0.01, 0.04, 0.03, 0.005], [0.5], [0.001, 0.002, 0.2, 0.9, 0.002, 0.04],
              [((i * 37) % 101) ** 2 / 2e5 for i in range(60)]):
        found.append({"p_values": p, "holm": multipletests(p, method="holm")[1].tolist(),
                      "benjamini_hochberg": multipletests(p, method="fdr_bh")[1].tolist()})
    return found


def bootstrap():
    """Standard errors over resamples with replacement."""
    first, second = (400, 37, 401, 100.0, 0.0), (300, 29, 307, 85.0, 0.4)
    a, b = sample(*first) ** 2, sample(*second) ** 2
    edges = [0.0, 1.0, 2.0, 4.0, 6.0, 9.0, 12.0, 17.0]
    rng = numpy.random.default_rng(SEED)

    def figures(a, b):
        p, q = numpy.histogram(a, edges)[0], numpy.histogram(b, edges)[0]
        shares = p / p.sum(), q / q.sum()
        w1, w2 = numpy.r_[p, len(a) - p.sum()].astype(float), numpy.r_[q, len(b) - q.sum()].astype(float)
        keep = w1 + w2 > 0
        w1, w2 = w1[keep], w2[keep]
        chi2 = ((w1.sum() * w2 - w2.sum() * w1) ** 2 / (w1.sum() ** 2 * w2 + w2.sum() ** 2 * w1)).sum()
        return [stats.ks_2samp(a, b, method="asymp").statistic,
                stats.anderson_ksamp([a, b], variant="midrank").statistic,
                stats.mannwhitneyu(a, b, method="asymptotic").statistic / len(a) / len(b),
                stats.wasserstein_distance(a, b), stats.energy_distance(a, b) ** 2,
                jensenshannon(p, q, base=2) ** 2,
                0.5 * ((shares[0] - shares[1]) ** 2 / (shares[0] + shares[1] + 1e-16)).sum(),
                chi2 / (keep.sum() - 1)]

    replicas = [figures(rng.choice(a, len(a)), rng.choice(b, len(b))) for _ in range(3000)]
    return {"first": first, "second": second, "edges": edges, "replicas": len(replicas),
            "standard_errors": numpy.std(replicas, axis=0, ddof=1).tolist(),
            "means": numpy.mean(replicas, axis=0).tolist()}


versions = ("numpy", "scipy", "scikit-learn", "statsmodels", "dcor", "mpmath")
out = {
    "made_with": ", ".join(f"{name} {importlib.metadata.version(name)}" for name in versions),
    "seed": SEED, "weights": WEIGHTS, "two_samples": two_samples(),
    "anderson_darling_limit": anderson_darling_limit(), "histograms": histograms(),
    "two_dimensions": two_dimensions(), "garwood": garwood(), "many_tests": many_tests(),
    "bootstrap": bootstrap(),
}
pathlib.Path(__file__).with_name("statistics.json").write_text(json.dumps(out, indent=1) + "\n")
