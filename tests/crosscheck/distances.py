"""Distances in feature space computed by other programs, for validation/tests/crosscheck_distances.rs.

needs: numpy scipy scikit-learn jetnet==0.2.5 prdc==0.2 POT torch-fidelity dcor gudhi statsmodels vendi-score
usage: python tests/crosscheck/distances.py [SECTION...]    all sections, or these anew

Writes distances.json beside this file. Samples and draws are made from whole numbers, so that any
program can make the same ones: see `uniform`, `sample` and `draws`.
"""

import importlib.metadata
import json
import pathlib

import numpy as np

MASK = (1 << 64) - 1


def mixed(number):
    """The finaliser of splitmix64, of an array of 64-bit numbers."""
    with np.errstate(over="ignore"):
        z = number.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def bits(seed, count):
    return mixed(np.arange(count, dtype=np.uint64) + np.uint64(seed << 32))


def uniform(seed, count):
    """In [0, 1): the upper 53 bits of mixed(seed * 2^32 + i)."""
    return (bits(seed, count) >> np.uint64(11)).astype(float) * 2.0**-53


def sample(seed, events, features, shift=0.0, stretch=1.0):
    """Skewed and correlated: feature f is (u_f + u_g / 2) / (1.25 - u_f) * stretch + shift, g the next one."""
    u = uniform(seed, events * features).reshape(events, features)
    return (u + np.roll(u, -1, axis=1) / 2) / (1.25 - u) * stretch + shift


def draws(seed, count, below):
    """Numbers from 0 to below - 1: mixed(...) modulo below."""
    return (bits(seed, count) % np.uint64(below)).astype(int)


def version(*packages):
    return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)


def recipe(seed, events, features, shift=0.0, stretch=1.0):
    """The sample, and how it is made."""
    values = sample(seed, events, features, shift, stretch)
    return values, dict(seed=seed, events=events, features=features, shift=shift, stretch=stretch)


def jetnet_metrics():
    """jetnet.evaluation.gen_metrics. It imports energyflow for other figures than these; where energyflow
    does not load (its extension Wasserstein 1.0.1 is for numpy 1), an empty module stands in for it."""
    import sys
    import types

    try:
        import energyflow.emd  # noqa: F401
    except ImportError:
        sys.modules["energyflow"] = types.ModuleType("energyflow")
        sys.modules["energyflow.emd"] = types.ModuleType("energyflow.emd")
        sys.modules["energyflow.emd"].emds = sys.modules["energyflow"].EFPSet = None
    from jetnet.evaluation import gen_metrics

    return gen_metrics


def frechet():
    from scipy.linalg import sqrtm

    cases = []
    for name, a, b in [
        ("8 features", (1, 500, 8), (2, 400, 8, 0.1, 1.2)),
        ("46 features", (3, 600, 46), (4, 700, 46, 0.0, 1.1)),
    ]:
        (x, first), (y, second) = recipe(*a), recipe(*b)
        c1, c2 = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
        difference = x.mean(axis=0) - y.mean(axis=0)
        value = difference @ difference + np.trace(c1 + c2 - 2 * sqrtm(c1 @ c2).real)
        cases.append(dict(name=name, first=first, second=second, value=value))
    # Fewer events than features: the covariances lack rank. The nuclear norm of the product of the
    # centred samples is Tr (C1 C2)^(1/2) without a root of a singular matrix.
    (x, first), (y, second) = recipe(5, 20, 30), recipe(6, 15, 30, 0.2)
    xc, yc = x - x.mean(axis=0), y - y.mean(axis=0)
    difference = x.mean(axis=0) - y.mean(axis=0)
    nuclear = np.linalg.svd(xc @ yc.T, compute_uv=False).sum() / np.sqrt(19 * 14)
    value = difference @ difference + (xc**2).sum() / 19 + (yc**2).sum() / 14 - 2 * nuclear
    cases.append(dict(name="rank 19 and 14 in 30 features", first=first, second=second, value=value))
    return dict(tool=version("numpy", "scipy") + " sqrtm", cases=cases)


def frechet_physics():
    from scipy.optimize import curve_fit, lsq_linear

    jetnet = jetnet_metrics()
    (x, first), (y, second) = recipe(11, 2000, 12), recipe(12, 1500, 12, 0.02, 1.03)
    xn, yn = jetnet._normalise_features(x, y)
    sizes, batches = [200, 260, 370, 640, 2000], 6
    points = []
    for point, size in enumerate(sizes):
        values = []
        for batch in range(batches):
            number = 100 + 2 * (point * batches + batch)
            a, b = xn[draws(number, size, len(x))], yn[draws(number + 1, size, len(y))]
            values.append(jetnet._calculate_frechet_distance(
                a.mean(axis=0), np.cov(a, rowvar=False), b.mean(axis=0), np.cov(b, rowvar=False)))
        points.append(np.mean(values))
    fits = []
    for values in (points, [2e-4, 5e-4, 1.2e-3, 1.9e-3, 2.8e-3], [4e-3, 2.4e-3, 1.9e-3, 6e-4, 2e-4]):
        x_values = 1 / np.array(sizes)
        jet, covariance = curve_fit(jetnet._linear, x_values, values, bounds=([0, 0], [np.inf, np.inf]))
        design = np.stack([np.ones(len(sizes)), x_values], axis=1)
        # The slope is taken in units of 1/100, where the problem is well scaled.
        exact = lsq_linear(design * [1, 0.01], values, bounds=(0, np.inf), tol=1e-14, method="bvls")
        residuals = np.sum((design @ (exact.x * [1, 0.01]) - values) ** 2)
        error = np.sqrt(residuals / (len(sizes) - 2) * np.linalg.inv(design.T @ design)[0, 0])
        fits.append(dict(values=[float(v) for v in values], intercept=exact.x[0], slope=exact.x[1] * 0.01,
                         error=error, jetnet_intercept=jet[0], jetnet_error=np.sqrt(covariance[0, 0])))
    (x, drawn_first), (y, drawn_second) = recipe(13, 3000, 6), recipe(14, 3000, 6, 0.05)
    settings = dict(min_samples=500, max_samples=2500, num_batches=20, num_points=10)
    values = [jetnet.fpd(x, y, **settings, seed=seed) for seed in range(8)]
    drawn = dict(first=drawn_first, second=drawn_second, **settings,
                 value=np.mean([v for v, _ in values]), spread=np.std([v for v, _ in values], ddof=1),
                 error=np.mean([e for _, e in values]))
    return dict(tool=version("jetnet", "numpy", "scipy"), first=first, second=second, sizes=sizes, batches=batches,
                seed=100, points=points, fits=fits, drawn=drawn)


def kernel_physics():
    jetnet = jetnet_metrics()
    (x, first), (y, second) = recipe(21, 900, 9), recipe(22, 700, 9, 0.02, 1.05)
    xn, yn = jetnet._normalise_features(x, y)
    batches, size = 7, 500
    values = [jetnet._mmd_poly_quadratic_unbiased(
        xn[draws(200 + 2 * batch, size, len(x))], yn[draws(201 + 2 * batch, size, len(y))])
        for batch in range(batches)]
    same = dict(first=first, second=second, seed=200, batches=values, size=size, value=np.median(values),
                error=np.subtract(*np.percentile(values, [83.725, 16.275])) / 2)
    (x, first), (y, second) = recipe(23, 3000, 6), recipe(24, 3000, 6, 0.05)
    values = np.array([jetnet.kpd(x, y, num_batches=10, batch_size=1000, seed=seed) for seed in range(12)])
    drawn = dict(first=first, second=second, batches=10, batch_size=1000, value=values[:, 0].mean(),
                 spread=values[:, 0].std(ddof=1), error=values[:, 1].mean())
    return dict(tool=version("jetnet"), same=same, drawn=drawn)


def discrepancies():
    import dcor
    from sklearn.gaussian_process.kernels import RationalQuadratic
    from sklearn.metrics.pairwise import rbf_kernel
    from scipy.spatial.distance import pdist
    from torch_fidelity import metric_kid

    (x, first), (y, second) = recipe(31, 600, 7), recipe(32, 600, 7, 0.1, 1.1)
    poly = dict(kid_kernel="poly", kid_kernel_poly_degree=3, kid_kernel_poly_gamma=None, kid_kernel_poly_coef0=1)
    cases = [dict(name="polynomial, unbiased", kernel=dict(polynomial=dict(degree=3, gamma=1 / 7, offset=1)),
                  estimator="unbiased", value=metric_kid.kernel_mmd(x, y, **poly), tool=version("torch_fidelity"))]

    def both(name, kernel, function, tool):
        within_x, within_y, between = function(x, x), function(y, y), function(x, y)
        for estimator in ("biased", "unbiased"):
            value = metric_kid.mmd2(within_x, between, within_y, mmd_est=estimator)
            cases.append(dict(name=f"{name}, {estimator}", kernel=kernel, estimator=estimator, value=value, tool=tool))

    both("Gaussians", dict(gaussian=dict(bandwidths=[0.5, 1.5])),
         lambda a, b: sum(rbf_kernel(a, b, gamma=1 / (2 * s * s)) for s in (0.5, 1.5)),
         version("scikit-learn", "torch_fidelity"))
    exponents = [0.2, 0.5, 1.0, 2.0, 5.0]
    both("rational quadratics", {"rational-quadratic": dict(exponents=exponents, length=1.5)},
         lambda a, b: sum(RationalQuadratic(length_scale=1.5, alpha=alpha)(a, b) for alpha in exponents),
         version("scikit-learn", "torch_fidelity"))
    median = np.median(pdist(np.concatenate([x, y])))
    (u, third), (v, fourth) = recipe(33, 500, 5), recipe(34, 350, 5, 0.1)
    energy = dict(first=third, second=fourth, biased=dcor.energy_distance(u, v),
                  unbiased=dcor.energy_distance(u, v, estimation_stat="u_statistic"), tool=version("dcor"))
    test = dcor.homogeneity.energy_test(u[:80], v[:90] - 0.07, num_resamples=9999, random_state=1)
    energy["test"] = dict(events=[80, 90], shift=-0.07, p_value=test.pvalue)
    (p, fifth), (q, sixth) = recipe(35, 3000, 8), recipe(36, 3000, 8, 0.05)
    import torch

    kid = [metric_kid.kid_features_to_metric(
        torch.tensor(p), torch.tensor(q), kid_subsets=100, kid_subset_size=1000, rng_seed=seed, verbose=False, **poly)
        for seed in range(8)]
    mean = [k["kernel_inception_distance_mean"] for k in kid]
    drawn = dict(first=fifth, second=sixth, mean=np.mean(mean), spread=np.std(mean, ddof=1),
                 deviation=np.mean([k["kernel_inception_distance_std"] for k in kid]), tool=version("torch_fidelity"))
    return dict(first=first, second=second, cases=cases, median=median, median_tool=version("scipy") + " pdist",
                energy=energy, kernel_distance=drawn)


def neighbours():
    import contextlib
    import io

    import prdc
    from sklearn.neighbors import NearestNeighbors

    cases = []
    for name, a, b in [
        ("10 features", (41, 700, 10), (42, 600, 10, 0.0, 1.1)),
        ("60 features, shifted", (43, 500, 60), (44, 550, 60, 0.1, 1.0)),
        ("5 features, narrower", (45, 600, 5), (46, 600, 5, 0.2, 0.6)),
    ]:
        (x, first), (y, second) = recipe(*a), recipe(*b)
        for k in (3, 5):
            with contextlib.redirect_stdout(io.StringIO()):
                found = prdc.compute_prdc(x, y, nearest_k=k)
            cases.append(dict(name=f"{name}, k = {k}", first=first, second=second, k=k,
                              value={key: float(value) for key, value in found.items()}))
    (x, first), (y, second) = recipe(47, 300, 12), recipe(48, 400, 12)
    distances, events = NearestNeighbors(n_neighbors=3, algorithm="brute").fit(y).kneighbors(x)
    inside, inside_events = NearestNeighbors(n_neighbors=2, algorithm="brute").fit(y).kneighbors()
    search = dict(first=first, second=second, queries=list(range(0, 300, 37)),
                  distances=distances[::37], events=events[::37],
                  sum=distances.sum(), sum_within=inside.sum(), events_sum=int(events.sum() + inside_events.sum()),
                  tool=version("scikit-learn") + " NearestNeighbors")
    return dict(tool=version("prdc"), cases=cases, search=search)


def transport():
    import ot
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    cases = []
    for name, a, b in [
        ("4 features", (51, 300, 4), (52, 300, 4, 0.1, 1.1)),
        ("46 features", (53, 200, 46), (54, 200, 46, 0.0, 1.05)),
    ]:
        (x, first), (y, second) = recipe(*a), recipe(*b)
        weights = np.full(len(x), 1 / len(x))
        costs = cdist(x, y)
        rows, columns = linear_sum_assignment(costs)
        assert abs(costs[rows, columns].mean() / ot.emd2(weights, weights, costs) - 1) < 1e-12
        cases.append(dict(name=name, first=first, second=second, one=ot.emd2(weights, weights, costs),
                          two=np.sqrt(ot.emd2(weights, weights, costs**2))))
    (x, first), (y, second) = recipe(55, 400, 5), recipe(56, 300, 5, 0.05, 1.1)
    # 12 directions from the normal sample of the recipe, one a column.
    raw = sample(57, 12, 5, shift=-1.2)
    directions = (raw / np.linalg.norm(raw, axis=1, keepdims=True)).T
    sliced = dict(first=first, second=second, seed=57, count=12, shift=-1.2,
                  one=ot.sliced_wasserstein_distance(x, y, projections=directions, p=1),
                  two=ot.sliced_wasserstein_distance(x, y, projections=directions, p=2))
    drawn = [ot.sliced_wasserstein_distance(x, y, n_projections=2000, p=p, seed=1) for p in (1, 2)]
    return dict(tool=version("POT"), cases=cases, sliced=sliced, drawn=drawn)


def clusters():
    from scipy.spatial.distance import jensenshannon
    from sklearn.cluster import KMeans
    from statsmodels.stats.proportion import proportions_ztest

    (x, first), (y, second) = recipe(61, 900, 6), recipe(62, 700, 6, 0.05, 1.1)
    means = KMeans(n_clusters=15, init=x[:15], n_init=1, algorithm="lloyd", tol=0, max_iter=100).fit(x)
    mine, other = (np.bincount(means.predict(sample), minlength=15) for sample in (x, y))
    p_values = [proportions_ztest([a, b], [len(x), len(y)])[1] for a, b in zip(mine, other)]
    divergence = jensenshannon(mine, other) ** 2
    bins = dict(first=first, second=second, clusters=15, inertia=means.inertia_, first_counts=mine,
                second_counts=other, p_values=p_values, divergence=divergence,
                tool=version("scikit-learn") + " KMeans", test_tool=version("statsmodels", "scipy"))
    # The curve by its definition, with the counts of the clusters as distributions.
    p, q = mine / mine.sum(), other / other.sum()
    slopes = np.tan(np.linspace(1e-10, np.pi / 2 - 1e-10, 1001))[:, None]
    precision = np.minimum(slopes * p, q).sum(axis=1)
    recall = precision / slopes[:, 0]
    f = {beta: ((1 + beta**2) * precision * recall / (beta**2 * precision + recall + 1e-10)).max() for beta in (8, 1 / 8)}
    curve = dict(precision=precision[::100], recall=recall[::100], f_8=f[8], f_eighth=f[1 / 8], tool=version("numpy"))
    return dict(bins=bins, curve=curve)


def neighbour_tests():
    from scipy.stats import mannwhitneyu, wilcoxon
    from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

    (x, first), (y, second), (z, third) = recipe(71, 400, 4), recipe(72, 400, 4, 0.05), recipe(73, 350, 4, 0.0, 1.02)
    both, labels = np.concatenate([x, y]), np.repeat([0, 1], 400)
    model = KNeighborsClassifier(n_neighbors=2, algorithm="brute").fit(both, labels)
    nearest = model.kneighbors(n_neighbors=1, return_distance=False)[:, 0]
    right = labels[nearest] == labels
    test = dict(accuracy=right.mean(), real=right[:400].mean(), generated=right[400:].mean(),
                paired=(nearest[nearest] == np.arange(800)).mean())

    def nearest_distance(queries, points, k=1):
        return NearestNeighbors(n_neighbors=k, algorithm="brute").fit(points).kneighbors(queries)[0]

    generated, held_out = nearest_distance(y, x)[:, 0], nearest_distance(z, x)[:, 0]
    u = mannwhitneyu(held_out, generated, alternative="two-sided", method="asymptotic", use_continuity=False)
    memorisation = dict(nearer=u.statistic / (400 * 350), p_value=u.pvalue, generated=np.median(generated),
                        held_out=np.median(held_out), below=np.mean(generated < np.percentile(held_out, 5)))
    first_distances, second_distances = (nearest_distance(z, sample, 5).mean(axis=1) for sample in (x, y))
    w = wilcoxon(first_distances, second_distances, method="asymptotic", correction=False)
    retrieval = dict(first=first_distances.mean(), second=second_distances.mean(), statistic=w.statistic,
                     p_value=w.pvalue, nearer=np.mean(first_distances < second_distances))
    return dict(first=first, second=second, third=third, test=test, memorisation=memorisation, retrieval=retrieval,
                tool=version("scikit-learn", "scipy"))


def likelihood():
    from scipy.spatial.distance import cdist
    from scipy.special import logsumexp
    from sklearn.neighbors import KernelDensity

    (x, first), (y, second), (z, third) = recipe(81, 500, 5), recipe(82, 300, 5, 0.02), recipe(83, 320, 5)
    bandwidths = [0.1, 0.2, 0.3, 0.5, 0.8]
    models = [KernelDensity(bandwidth=s).fit(x) for s in bandwidths]
    validation = [model.score_samples(y).mean() for model in models]
    best = int(np.argmax(validation))
    test = models[best].score_samples(z)
    # scikit-learn's trees stop at a relative error of some 1e-9.
    width = bandwidths[best]
    exact = logsumexp(-cdist(z, x, "sqeuclidean") / (2 * width**2), axis=1) - np.log(len(x))
    exact -= x.shape[1] / 2 * np.log(2 * np.pi * width**2)
    assert np.allclose(test, exact, rtol=1e-7)
    # Coverage: the window of every second event, the others give the threshold.
    model = KernelDensity(bandwidth=0.3).fit(x[::2])
    threshold = np.percentile(model.score_samples(x[1::2]), 5)
    coverage = np.mean(model.score_samples(z) > threshold)
    return dict(first=first, second=second, third=third, bandwidths=bandwidths, best=bandwidths[best],
                mean=exact.mean(), error=exact.std(ddof=1) / np.sqrt(len(test)), trees_mean=test.mean(), threshold=threshold, coverage=coverage,
                tool=version("scikit-learn") + " KernelDensity", exact_tool=version("scipy") + " logsumexp")


def topology():
    import gudhi
    from scipy.spatial.distance import cdist

    cases = []
    for name, a, landmarks, gamma in [
        ("2 features", (91, 300, 2), 24, 1 / 12), ("6 features", (92, 250, 6), 20, 1 / 6),
        ("2 features, all", (93, 60, 2), 12, 1.0),
    ]:
        x, first = recipe(*a)
        distances = cdist(x, x[:landmarks])
        most = gamma * distances.max()
        order = np.argsort(distances, kind="stable")
        table = [[(int(l), float(row[l])) for l in places] for row, places in zip(distances, order)]
        tree = gudhi.WitnessComplex(nearest_landmark_table=table).create_simplex_tree(
            max_alpha_square=most, limit_dimension=2)
        simplices = [(s, v) for s, v in tree.get_filtration()]
        edges, triangles = ([(s, v) for s, v in simplices if len(s) == size] for size in (2, 3))
        tree.persistence(homology_coeff_field=2)
        holes = sorted(tree.persistence_intervals_in_dimension(1).tolist())
        cases.append(dict(name=name, first=first, landmarks=landmarks, most=most, edges=len(edges),
                          triangles=len(triangles), edge_sum=sum(v for _, v in edges),
                          triangle_sum=sum(v for _, v in triangles), births=[b for b, _ in holes],
                          deaths=[None if np.isinf(d) else d for _, d in holes]))
    return dict(cases=cases, tool=version("gudhi") + " WitnessComplex")


def vendi():
    from sklearn.metrics.pairwise import rbf_kernel
    from vendi_score import vendi

    x, first = recipe(95, 200, 4)
    return dict(first=first, gaussian=vendi.score_K(rbf_kernel(x, gamma=1 / (2 * 0.5**2))),
                cosine=vendi.score_dual(x, normalize=True), bandwidth=0.5, tool=version("vendi-score"))


SECTIONS = [
    frechet, frechet_physics, kernel_physics, discrepancies, neighbours, transport, clusters, neighbour_tests,
    likelihood, topology, vendi,
]


def main():
    import sys
    import warnings

    warnings.filterwarnings("ignore")
    path = pathlib.Path(__file__).with_suffix(".json")
    wanted = sys.argv[1:] or [section.__name__ for section in SECTIONS]
    result = json.loads(path.read_text()) if sys.argv[1:] else {}
    result |= {section.__name__: section() for section in SECTIONS if section.__name__ in wanted}
    path.write_text(json.dumps(result, indent=1, default=lambda v: v.tolist()) + "\n")


if __name__ == "__main__":
    main()
