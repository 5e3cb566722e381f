"""Normal scores by scikit-learn's QuantileTransformer(output_distribution="normal").

Writes quantile_transform.json beside this file, the golden numbers of
src/codec/transforms/quantile_normal.rs. The columns follow a whole-number recipe that the test
repeats, so the file holds results only: for each case the fitted quantiles of each column, the
normal scores of some values, and the values of some normal scores.

needs: pip install scikit-learn;  usage: python quantile_transform.py
"""

import json
import pathlib

import numpy as np
import scipy
import scipy.stats
import sklearn
from sklearn.preprocessing import QuantileTransformer


def column(kind, events):
    """`events` values of a recipe, as 32-bit floats are."""
    k = (np.arange(events, dtype=np.int64) * 7919) % 5003
    values = {
        "even": k / 1000.0 - 2.0,
        "cubic": (k / 2501.5 - 1.0) ** 3 * 40.0,
        "sparse": np.where(k % 5 < 2, 0.0, (k / 5003.0) ** 4 * 900.0),
        "counts": (k % 7) * (k % 3) * 1.0,
        "constant": np.full(events, 3.25),
    }[kind]
    return values.astype(np.float32).astype(np.float64)


KINDS = ["even", "cubic", "sparse", "counts", "constant"]
SCORES = [-9.0, -5.5, -5.0, -4.0, -2.5, -1.0, -0.3, 0.0, 0.1, 0.7, 1.5, 3.0, 4.5, 5.1, 5.5, 9.0]
out = {
    "made_with": f"numpy {np.__version__}, scipy {scipy.__version__}, scikit-learn {sklearn.__version__}",
    "scores": SCORES,
    "cases": [],
    "ppf": [[p, float(scipy.stats.norm.ppf(p))] for p in
            [1e-300, 1e-20, 1e-7, 1e-4, 0.02, 0.0749, 0.0751, 0.3, 0.5, 0.6, 0.93, 0.999, 1 - 1e-7]],
}
# More quantiles than events in the last case: scikit-learn then takes one for each event.
for events, quantiles in ((700, 50), (1200, 173), (30, 100)):
    columns = []
    for kind in KINDS:
        fitted = column(kind, events)
        transformer = QuantileTransformer(n_quantiles=quantiles, output_distribution="normal", subsample=None)
        transformer.fit(fitted[:, None])
        low, high = fitted.min(), fitted.max()
        span = high - low
        values = np.concatenate([
            fitted[:20],
            low + span * (np.arange(25) + 0.37) / 25.0,
            [low, high, low - 1.0, high + 1.0, low + 5e-8, high - 5e-8, low + 3e-7, high - 3e-7],
        ])
        columns.append({
            "kind": kind,
            "quantiles": transformer.quantiles_[:, 0].tolist(),
            "values": values.tolist(),
            "encoded": transformer.transform(values[:, None])[:, 0].tolist(),
            "decoded": transformer.inverse_transform(np.array(SCORES)[:, None])[:, 0].tolist(),
        })
    out["cases"].append({"events": events, "n_quantiles": quantiles, "columns": columns})
pathlib.Path(__file__).with_name("quantile_transform.json").write_text(json.dumps(out, indent=None) + "\n")
