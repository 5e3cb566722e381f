"""Two-sample tests and classifier figures computed by SciPy and scikit-learn.

Writes statistics.json beside this file. The samples are made from whole numbers, so that any
program can make the same ones: see `sample`.
"""
import json, pathlib
import numpy, scipy, scipy.special, scipy.stats, sklearn
from scipy.stats import chi2
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import log_loss, roc_auc_score


def sample(n, multiplier, modulus, scale):
    """Values ((i * multiplier) % modulus) / scale for i in 0..n."""
    return [((i * multiplier) % modulus) / scale for i in range(n)]


def ks(a, b):
    d = scipy.stats.ks_2samp(a, b, method="asymp").statistic
    n, m = len(a), len(b)
    return {"distance": float(d), "p_value": float(scipy.special.kolmogorov(numpy.sqrt(n * m / (n + m)) * d))}


def weighted_chi2(w1, w2):
    w1, w2 = numpy.array(w1, float), numpy.array(w2, float)
    keep = (w1 + w2) > 0
    w1, w2 = w1[keep], w2[keep]
    value = float((((w1.sum() * w2 - w2.sum() * w1) ** 2) / (w1.sum() ** 2 * w2 + w2.sum() ** 2 * w1)).sum())
    # For equal totals the form is that of a contingency table, which SciPy knows.
    contingency = None
    if w1.sum() == w2.sum():
        contingency = float(scipy.stats.chi2_contingency([w1, w2], correction=False).statistic)
        assert abs(contingency - value) < 1e-9 * value
    ndf = int(keep.sum()) - 1
    return {"chi2": value, "ndf": ndf, "p_value": float(chi2.sf(value, ndf)), "contingency": contingency}


def separation(a, b):
    p, q = numpy.array(a, float), numpy.array(b, float)
    p, q = p / p.sum(), q / q.sum()
    return float(0.5 * ((p - q) ** 2 / (p + q + 1e-16)).sum())


pairs = [
    ((100, 37, 101, 10.0), (80, 29, 97, 9.0)),
    ((500, 37, 503, 100.0), (400, 29, 401, 85.0)),
    ((300, 7, 11, 1.0), (200, 5, 13, 1.2)),  # many equal values
]
edges = list(numpy.linspace(0, 5, 26))
out = {"made_with": f"numpy {numpy.__version__}, scipy {scipy.__version__}, scikit-learn {sklearn.__version__}",
       "two_sample": [], "counts": [], "classifier": []}
for first, second in pairs:
    a, b = sample(*first), sample(*second)
    p, q = numpy.histogram(a, edges)[0].tolist(), numpy.histogram(b, edges)[0].tolist()
    out["two_sample"].append({"first": first, "second": second, "ks": ks(a, b), "first_counts": p,
                              "second_counts": q, "chi2": weighted_chi2(p, q), "separation": separation(p, q)})
for p, q in (([10, 20, 0, 30, 5], [12, 15, 0, 33, 5]), ([100, 200, 300], [1, 2, 2]), ([3, 0, 7], [5, 1, 4])):
    out["counts"].append({"first": p, "second": q, "chi2": weighted_chi2(p, q), "separation": separation(p, q)})
for n, m, shift in ((150, 120, 0.0), (150, 120, 0.7), (40, 60, 3.0)):
    negative = sample(n, 37, 53, 20.0)
    positive = [x + shift for x in sample(m, 29, 47, 20.0)]
    scores = numpy.array(negative + positive)
    labels = numpy.r_[numpy.zeros(n), numpy.ones(m)]
    half = numpy.arange(n + m) % 2 == 0
    isotonic = IsotonicRegression(out_of_bounds="clip", y_min=1e-6, y_max=1 - 1e-6).fit(scores[half], labels[half])
    calibrated = isotonic.predict(scores[~half])
    out["classifier"].append({"negative": n, "positive": m, "shift": shift,
                              "auc": float(roc_auc_score(labels, scores)),
                              "calibrated_first_ten": calibrated[:10].tolist(),
                              "cross_entropy": float(log_loss(labels[~half], calibrated))})
pathlib.Path(__file__).with_name("statistics.json").write_text(json.dumps(out, indent=1) + "\n")
