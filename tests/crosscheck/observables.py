#!/usr/bin/env python3
"""Makes observables.json: observables of events, physics of samples and measures of images, computed apart from
showerforge with numpy, SciPy, scikit-learn, scikit-image and pytorch-msssim.

needs: pip install numpy scipy scikit-learn scikit-image pytorch-msssim
usage: python tests/crosscheck/observables.py

Events follow an integer recipe that the Rust test repeats: cell i of event e of sample s has
    v = ((7919 i + 104729 e + 15485863 s) mod 1009) / 10, and 0 where (31 i + 17 e + 13 s) mod 7 < 3,
and the geometry of the detectors is read from their descriptions in detectors/src.
"""
import json
import sys
import tomllib
import warnings
from pathlib import Path

import numpy as np
import pytorch_msssim
import scipy
import skimage
import sklearn
import torch
from scipy.optimize import brentq, curve_fit
from scipy.signal import correlate2d
from scipy.stats import binned_statistic, kurtosis
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from sklearn.metrics import roc_auc_score

ROOT = Path(__file__).parents[2]
TINY = 1e-16


# --- events ----------------------------------------------------------------------------------------------------------
def events(count, cells, sample=1):
    e, i = np.indices((count, cells))
    value = ((7919 * i + 104729 * e + 15485863 * sample) % 1009) / 10
    value[(31 * i + 17 * e + 13 * sample) % 7 < 3] = 0
    return value


class Layer:
    def __init__(self, number, name, x, y, r, low, high, side, shape):
        self.id, self.name = number, name
        self.x, self.y, self.r = x, y, r
        self.low, self.high, self.side = low, high, side
        self.shape = shape  # (cells along x, cells along y, y fastest) of rectangles


def rings(number, name, edges, sectors):
    edges = np.array(edges, float)
    middle = (edges[1:] + edges[:-1]) / 2
    alpha = -np.pi + (np.arange(sectors) + 0.5) * 2 * np.pi / sectors
    r = np.tile(middle, sectors)
    alpha = np.repeat(alpha, len(middle))
    whole = sectors == 1
    return Layer(number, name, None if whole else r * np.cos(alpha), None if whole else r * np.sin(alpha), r,
                 np.tile(edges[:-1], sectors), np.tile(edges[1:], sectors), None, None)


def rectangles(number, name, x_edges, y_edges, y_fastest):
    x_edges, y_edges = np.array(x_edges, float), np.array(y_edges, float)
    x, y = (x_edges[1:] + x_edges[:-1]) / 2, (y_edges[1:] + y_edges[:-1]) / 2
    dx, dy = np.diff(x_edges), np.diff(y_edges)
    if y_fastest:
        gx, gy = np.repeat(x, len(y)), np.tile(y, len(x))
        side = np.sqrt(np.repeat(dx, len(y)) * np.tile(dy, len(x)))
    else:
        gx, gy = np.tile(x, len(y)), np.repeat(y, len(x))
        side = np.sqrt(np.tile(dx, len(y)) * np.repeat(dy, len(x)))
    return Layer(number, name, gx, gy, np.hypot(gx, gy), None, None, side, (len(x), len(y), y_fastest))


class Detector:
    def __init__(self, path):
        text = tomllib.loads((ROOT / "detectors/src" / path).read_text())
        response = text["response"]
        self.name = text["name"]
        self.threshold = response.get("readout_threshold", 0)
        self.grid = response.get("grid")
        self.is_calorimeter = text["family"] == "calorimeter"
        self.layers = []
        for layer in response.get("layer", []):
            for copy in range(layer.get("repeat", 1)):
                number = layer["id"] + copy
                if "radial_edges_mm" in layer:
                    made = rings(number, layer["name"], layer["radial_edges_mm"], layer["angular_bins"])
                else:
                    made = rectangles(number, layer["name"], layer["x_edges_mm"], layer["y_edges_mm"],
                                      layer.get("y_fastest", False))
                self.layers.append(made)
        if self.grid:
            (nx, ny, nz), (dx, dy, _) = self.grid["cells"], self.grid["cell_size_mm"]
            edges = [(np.arange(n + 1) - n / 2) * d for n, d in ((nx, dx), (ny, dy))]
            self.layers = [rectangles(z, "", *edges, False) for z in range(nz)]
        ends = np.cumsum([len(layer.r) for layer in self.layers])
        self.cells = ends[-1]
        self.slices = [slice(end - len(layer.r), end) for layer, end in zip(self.layers, ends)]

    def cut(self, values):
        return np.where(values < self.threshold, 0, values)


def spread(x, e, total):
    centre = (e @ x) / (total + TINY)
    return centre, np.sqrt(np.maximum(0, (e @ (x * x)) / (total + TINY) - centre**2))


def contained(low, high, energy, part):
    """The radius with a part of the energy: the root of F(r) = part * F(infinity)."""
    def missing(r):
        return np.sum(energy * np.clip((r - low) / (high - low), 0, 1)) - part * energy.sum()
    return brentq(missing, 0, high.max(), xtol=1e-13, rtol=9e-16, maxiter=1000) if energy.sum() > 0 else 0.0


def radii(detector, values):
    """r50 and r90 of each event, and the cells' spread for a profile."""
    found, spreads = [], []
    for event in values:
        cells = [event[s] for s in detector.slices]
        if detector.layers[0].low is not None:
            low = np.concatenate([layer.low for layer in detector.layers])
            high = np.concatenate([layer.high for layer in detector.layers])
        else:
            total = event.sum() + TINY
            x = np.concatenate([layer.x for layer in detector.layers])
            y = np.concatenate([layer.y for layer in detector.layers])
            side = np.concatenate([layer.side for layer in detector.layers])
            d = np.hypot(x - (event @ x) / total, y - (event @ y) / total)
            low, high = np.maximum(0, d - side / 2), d + side / 2
        energy = np.concatenate(cells)
        found.append([contained(low, high, energy, part) for part in (0.5, 0.9)])
        spreads.append((low, high, energy))
    return np.array(found), spreads


def barrel_shapes(detector, values):
    by_name = {layer.name: (layer, s) for layer, s in zip(detector.layers, detector.slices)}
    total = values.sum(1)
    middle, s = by_name["middle"]
    m = values[:, s].reshape(-1, 7, 7)  # eta, phi
    e77, e37, e33 = m.sum((1, 2)), m[:, 2:5].sum((1, 2)), m[:, 2:5, 2:5].sum((1, 2))
    e35, x = m[:, 2:5, 1:6].sum(2), middle.x.reshape(7, 7)[2:5, 0]
    w2 = np.sqrt(np.maximum(0, e35 @ x**2 / e35.sum(1) - (e35 @ x / e35.sum(1)) ** 2))
    strips = values[:, by_name["strips"][1]].reshape(-1, 56, 3).sum(2)
    ratio, side, ws3, wstot = [], [], [], []
    for profile in strips:
        top = int(profile.argmax())
        padded = np.concatenate([[0], profile, [0]])
        local = (profile > padded[:-2]) & (profile > padded[2:])
        local[top] = False
        second = profile[local].max(initial=0)
        ratio.append((profile[top] - second) / (profile[top] + second))
        def window(n, top=top, profile=profile):
            inside = np.arange(max(0, top - n), min(len(profile), top + n + 1))
            return inside, profile[inside]
        three, seven = window(1)[1].sum(), window(3)[1].sum()
        side.append((seven - three) / three)
        for n, out in ((1, ws3), (10, wstot)):
            i, e = window(n)
            out.append(np.sqrt((e * (i - top) ** 2).sum() / e.sum()))
    return {"R_eta": e37 / e77, "R_phi": e33 / e37, "w_eta2": w2, "f1": strips.sum(1) / total, "E_ratio": ratio,
            "f_side": side, "w_s3": ws3, "w_s_tot": wstot, "f3": values[:, by_name["back"][1]].sum(1) / total}


def find_ring(detector, values):
    layer, (width, height, _) = detector.layers[0], detector.grid["cell_size_mm"]
    (nx, ny, _), pixel = detector.grid["cells"], np.sqrt(width * height)
    reach, half, r = min(nx * width, ny * height) / 2, 1.5 * pixel, layer.r
    best, radius, step = np.zeros(len(values)), np.zeros(len(values)), 0
    while (rho := half + step * 0.5 * pixel) + half <= reach:
        ring = (r >= rho - half) & (r <= rho + half)
        bands = (r >= rho - 3 * half) & (r <= rho + 3 * half) & ~ring
        background = values[:, bands].sum(1) * ring.sum() / bands.sum()
        excess = values[:, ring].sum(1) - background
        better = excess > best
        moment = values[:, ring] @ r[ring] - background * r[ring].mean()
        radius[better], best[better] = moment[better] / excess[better], excess[better]
        step += 1
    return radius, best


def power(image):
    """Radial power spectrum, and its logarithmic slope."""
    ny, nx = image.shape
    n = min(nx, ny)
    modes = np.abs(np.fft.fft2(image)) ** 2 / image.size
    k = np.hypot(np.fft.fftfreq(nx)[None, :], np.fft.fftfreq(ny)[:, None]) * n
    ring = np.floor(k + 0.5).astype(int)
    p = np.array([modes[ring == number].mean() for number in range(n // 2 + 1)])
    return p, np.polyfit(np.log10(np.arange(1, len(p))), np.log10(p[1:]), 1)[0]


def observables(detector, values, scale, with_layers=True):
    values = detector.cut(values)
    out, total = {}, values.sum(1)
    single = len(detector.layers) == 1
    if detector.is_calorimeter:
        out["E_tot"], out["E_tot_over_E_inc"] = total, total / scale
    sums = np.stack([values[:, s].sum(1) for s in detector.slices], 1)
    if not single:
        out["depth"], out["depth_width"] = spread(np.arange(len(detector.layers), dtype=float), sums, total)
        r = radii(detector, values)[0]
        out["r50"], out["r90"] = r[:, 0], r[:, 1]
        out["n_hits"] = (values > 0).sum(1)
        if detector.grid:
            third = 3 * np.arange(len(detector.layers)) // len(detector.layers)
            for t, name in enumerate(("front_third", "middle_third", "back_third")):
                out[name] = sums[:, third == t].sum(1) / total
            for axis in "xy":
                position = np.concatenate([getattr(layer, axis) for layer in detector.layers])
                out[f"EC{axis}"], out[f"W{axis}"] = spread(position, values, total)
        if detector.name == "atlas-em-barrel":
            out |= barrel_shapes(detector, values)
    if with_layers:
        for layer, s, energy in zip(detector.layers, detector.slices, sums.T):
            e, n = values[:, s], f"_{layer.id}" if detector.is_calorimeter else ""
            eta, phi = ("eta", "phi") if layer.low is not None else ("x", "y")
            names = {"C": "EC{}", "W": "W{}"} if detector.is_calorimeter else {"C": "centre_{}", "W": "width_{}"}
            if not single:
                out[f"E{n}"] = energy
            if layer.x is not None:
                for position, axis in ((layer.x, eta), (layer.y, phi)):
                    centre, width = spread(position, e, energy)
                    out[names["C"].format(axis) + n], out[names["W"].format(axis) + n] = centre, width
            centre, width = spread(layer.r, e, energy)
            if detector.is_calorimeter:
                out[f"ECr{n}"], out[f"Wr{n}"] = centre, width
            else:
                out["mean_radius"], out["width_radius"] = centre, width
            out[f"sparsity{n}"] = 1 - (e > 0).mean(1)
    if detector.name == "rich-rings":
        out["hits"] = total
        out["ring_radius"], out["ring_hits"] = find_ring(detector, values)
    if detector.name == "radio-sky":
        out["flux_density"], out["peak_flux_density"] = total, values.max(1)
        out["power_slope"] = [power(event.reshape(32, 32))[1] for event in values]
    return {name: np.asarray(column, float).tolist() for name, column in out.items()}


# --- samples ---------------------------------------------------------------------------------------------------------
def moments(values, weights):
    """Mean, its error, spread, its error."""
    n = weights.sum() ** 2 / (weights**2).sum()
    mean = (weights * values).sum() / weights.sum()
    spread = np.sqrt(max(0, (weights * (values - mean) ** 2).sum() / weights.sum()) * n / (n - 1))
    return [mean, spread / np.sqrt(n), spread, spread / np.sqrt(2 * (n - 1))]


def correlation(columns, weights=None):
    if weights is None:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            matrix = np.corrcoef(columns)
    else:
        covariance = np.cov(columns, aweights=weights)
        matrix = covariance / np.sqrt(np.outer(np.diag(covariance), np.diag(covariance)))
    matrix = np.nan_to_num(matrix, nan=0.0)
    np.fill_diagonal(matrix, 1)
    return matrix


def sample_physics(detector, count):
    # Samples hold 32-bit values.
    values = [detector.cut(events(count, detector.cells, s).astype(np.float32).astype(float)) for s in (1, 2)]
    energies = 1000.0 * 2 ** (np.arange(count) % 4)
    weights = (np.arange(count) * 37 % 11) + 0.5
    signed = (np.arange(count) * 37 % 11) - 2.0
    sums = [np.stack([v[:, s].sum(1) for s in detector.slices], 1) for v in values]
    out = {"events": count}
    out["longitudinal"] = [moments(column, signed) for column in sums[0].T]
    out["longitudinal_over_E_inc"] = [moments(column / energies, np.ones(count)) for column in sums[0].T]
    low_high_energy = radii(detector, values[0])[1]
    if detector.layers[0].low is not None:
        edges = np.unique(np.concatenate([np.append(layer.low, layer.high) for layer in detector.layers]))
    else:
        side = min(layer.side.min() for layer in detector.layers)
        end = max((np.hypot(layer.x, layer.y) + layer.side / 2).max() for layer in detector.layers)
        edges = np.arange(int(np.ceil(end / side)) + 1) * side
    rings_of = np.array([[np.sum(e * np.clip((r - low) / (high - low), 0, 1)) for r in edges]
                         for low, high, e in low_high_energy])
    per_ring = np.diff(rings_of, axis=1)
    out["lateral"] = [[low, high, *moments(column, signed)] for low, high, column
                      in zip(edges[:-1], edges[1:], per_ring.T)]
    last = len(detector.layers) - 1
    chosen = range(last + 1) if last < 8 else (0, last // 2, last)
    a, b = correlation(sums[0].T), correlation(sums[1].T)
    out["correlation"] = {row: a[row].tolist() for row in chosen}
    out["correlation_weighted"] = {row: correlation(sums[0].T, weights)[row].tolist() for row in chosen}
    difference = np.abs(a - b)[np.triu_indices(len(a), 1)]
    out["greatest_difference"], out["rms_difference"] = difference.max(), np.sqrt((difference**2).mean())
    groups = [energies == energy for energy in np.unique(energies)]
    response = sums[0].sum(1) / energies
    out["resolution"] = []
    for group in groups:
        mean, error, width, width_error = moments(response[group], weights[group])
        relative = width / mean
        out["resolution"].append([energies[group][0], mean, error, relative,
                                  relative * np.hypot(width_error / width, error / mean)])
    return out


def voxels(detector):
    """Histogram of all voxels above the threshold, and its separation power."""
    values = [detector.cut(events(64, detector.cells, s)) for s in (1, 2)]
    edges = np.logspace(np.log10(detector.threshold), np.log10(values[0].max()), 50)
    edges[0], edges[-1] = detector.threshold, values[0].max()
    counts = [np.histogram(v[v > 0], edges)[0] for v in values]
    p, q = (c / c.sum() for c in counts)
    return {"reference": counts[0].tolist(), "generated": counts[1].tolist(),
            "separation": 0.5 * ((p - q) ** 2 / (p + q + TINY)).sum()}


def resolution_fits():
    energy = np.array([0.256, 0.512, 1.024, 2.048, 4.096, 8.192, 16.384, 65.536, 262.144])
    scatter = 1 + 0.03 * np.array([1, -2, 0.5, 1.5, -1, 0.3, -0.7, 1.2, -0.4])

    def term(powers):
        return lambda e, *p: np.sqrt(sum((c * x(e)) ** 2 for c, x in zip(p, powers)))

    a, b, c = (lambda e: 1 / np.sqrt(e)), (lambda e: 1 / e), (lambda e: np.ones_like(e))
    cases = []
    for name, truth, names in (("all terms", (0.11, 0.04, 0.009), "abc"), ("no noise", (0.3, 0.0, 0.02), "ac"),
                               ("stochastic only", (0.1, 0.0, 0.0), "a")):
        powers = [{"a": a, "b": b, "c": c}[n] for n in names]
        y = term((a, b, c))(energy, *truth)
        # Without the scatter that would ask for the terms that are not there.
        y = y * (scatter if name == "all terms" else 1.0)
        if name == "no noise":
            y = y * np.array([0.96, 0.97, 1.01, 1.0, 1.02, 1.01, 0.99, 1.0, 1.0])
        if name == "stochastic only":
            y = y * np.array([0.97, 0.98, 1.0, 1.01, 1.01, 1.01, 1.0, 0.99, 0.98])
        error = 0.02 * y
        best, covariance = curve_fit(term(powers), energy, y, p0=[0.1] * len(powers), sigma=error,
                                     absolute_sigma=True, ftol=1e-15, xtol=1e-15, gtol=1e-15, maxfev=100000)
        chi2 = (((y - term(powers)(energy, *best)) / error) ** 2).sum()
        cases.append({"name": name, "energy_mev": (1000 * energy).tolist(), "resolution": y.tolist(),
                      "error": error.tolist(), "terms": names, "coefficients": np.abs(best).tolist(),
                      "errors": np.sqrt(np.diag(covariance)).tolist(), "chi2": chi2})
    return cases


def tracks():
    """Discriminants of two species with ties, and weights of either sign."""
    i = np.arange(300)
    signal, background = (i * 7919 % 211) / 10 + 3.0, (i[:250] * 104729 % 223) / 10
    positive = [(i * 37 % 11) + 0.5, (i[:250] * 17 % 7) + 0.25]
    signed = [(i * 37 % 11) - 2.0, (i[:250] * 17 % 7) - 1.0]

    def area(ws, wb):
        compare = (signal[:, None] > background).astype(float) + 0.5 * (signal[:, None] == background)
        v10, v01 = (compare * wb).sum(1) / wb.sum(), (compare * ws[:, None]).sum(0) / ws.sum()
        return [(ws * v10).sum() / ws.sum(), np.hypot(moments(v10, ws)[1], moments(v01, wb)[1])]

    truth = np.append(np.ones(300), np.zeros(250))
    scores = np.append(signal, background)
    return {"unweighted": area(np.ones(300), np.ones(250)), "positive": area(*positive), "signed": area(*signed),
            "sklearn_unweighted": roc_auc_score(truth, scores),
            "sklearn_positive": roc_auc_score(truth, scores, sample_weight=np.concatenate(positive))}


def momentum_profile():
    i = np.arange(400)
    x, y = 3000 * (1 + (i * 7919 % 397) / 12), ((i * 104729) % 1009) / 10
    edges = np.logspace(np.log10(3000), np.log10(100000), 13)
    def of(statistic):
        return binned_statistic(x, y, statistic, edges)[0]
    return {"edges": edges.tolist(), "count": of("count").tolist(), "mean": of("mean").tolist(),
            "spread": of(lambda v: np.std(v, ddof=1)).tolist()}


# --- images ----------------------------------------------------------------------------------------------------------
def image_pair(size):
    y, x = np.indices((size, size))
    smooth = 50 + 30 * ((x * x + 3 * y * y) % 97) / 97 + 0.5 * x
    other = smooth + ((7919 * x + 104729 * y) % 101) / 10 - 5
    return smooth, other


def images():
    out = []
    for size in (32, 176):
        a, b = image_pair(size)
        span = a.max() - a.min()
        gradient = [np.abs(i[1:, 1:] - i[:-1, 1:]) + np.abs(i[1:, 1:] - i[1:, :-1]) for i in (a, b)]
        spectrum, slope = power(b)
        i = np.arange(64)
        filters = [(((i * 7919 + s * 31) % 113) / 56 - 1).reshape(8, 8) for s in (1, 2, 3)]
        through = [kurtosis(correlate2d(b, f, mode="valid").ravel(), fisher=False) for f in filters]
        made = {"size": size, "range": span, "psnr": peak_signal_noise_ratio(a, b, data_range=span),
                "ssim": structural_similarity(a, b, data_range=span, gaussian_weights=True, sigma=1.5,
                                              use_sample_covariance=False),
                "sharpness_difference": 10 * np.log10(span**2 / np.abs(gradient[0] - gradient[1]).mean()),
                "power": spectrum.tolist(), "power_slope": slope, "contrast": b.std() / b.mean(),
                "filter_kurtosis": float(np.mean(through))}
        if size >= 176:
            tensors = [torch.from_numpy(i)[None, None] for i in (a, b)]
            # Its own window is made in 32 bits.
            window = np.exp(-0.5 * ((np.arange(11) - 5) / 1.5) ** 2)
            window = torch.from_numpy(window / window.sum())[None, None, None]
            made["ms_ssim"] = float(pytorch_msssim.ms_ssim(*tensors, data_range=span, win=window))
        out.append(made)
    return out


def main():
    detectors = {path: Detector(path) for path in (
        "calorimeter/calochallenge_photons.toml", "calorimeter/calochallenge_pions.toml",
        "calorimeter/calochallenge_electrons.toml", "calorimeter/clic_ecal_25.toml",
        "calorimeter/regular_grid.toml", "calorimeter/atlas_em_barrel.toml", "cherenkov/rich_rings.toml",
        "radio/radio_sky.toml")}
    by_name = {detector.name: detector for detector in detectors.values()}
    per_event = {}
    for name, detector in by_name.items():
        few_layers = len(detector.layers) < 20
        per_event[name] = observables(detector, events(3, detector.cells), 1000.0, few_layers)
    made = {
        "tools": {"python": sys.version.split()[0], "numpy": np.__version__, "scipy": scipy.__version__,
                  "scikit-learn": sklearn.__version__, "scikit-image": skimage.__version__,
                  "pytorch-msssim": "1.0.0", "torch": torch.__version__},
        "events": per_event,
        "voxels": {name: voxels(by_name[name]) for name in ("calochallenge-photons", "calochallenge-electrons")},
        "samples": {name: sample_physics(by_name[name], count) for name, count in (
            ("calochallenge-photons", 64), ("calochallenge-electrons", 64), ("clic-ecal-25", 24),
            ("atlas-em-barrel", 24))},
        "resolution_fits": resolution_fits(),
        "tracks": tracks(),
        "momentum_profile": momentum_profile(),
        "images": images(),
    }
    path = Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(made) + "\n")
    print(path.name, path.stat().st_size)


main()
