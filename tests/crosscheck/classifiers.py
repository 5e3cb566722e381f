"""Figures of classifiers by scikit-learn, scipy, numpy and PyTorch, for the cross-check in Rust.

Needs: numpy, scipy, scikit-learn, torch.
Usage: python tests/crosscheck/classifiers.py   (writes classifiers.json beside itself)

The events come from a recipe that both sides follow: a linear congruential generator
s -> (6364136223846793005 s + 1442695040888963407) mod 2^64 with uniform numbers
u = (s >> 40) / 2^24, drawn event by event and feature by feature.
"""

import json
import pathlib

import numpy as np
import scipy
import scipy.stats
import sklearn
import torch
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score
from sklearn.preprocessing import StandardScaler

SEED = 20240817
PUBLISHED_SEEDS = 10
TREE_SEEDS = 5


class Numbers:
    """The generator of the recipe."""

    def __init__(self, seed):
        self.state = seed

    def uniform(self):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 40) / 2**24

    def bell(self):
        """Sum of three uniform numbers, less its mean."""
        return self.uniform() + self.uniform() + self.uniform() - 1.5


def scores(seed, count, shift, grid):
    """Bell-shaped scores, rounded to the grid where there is one, so that some are equal."""
    numbers = Numbers(seed)
    values = np.array([shift + numbers.bell() for _ in range(count)])
    return np.round(values * grid) / grid if grid else values


def weights(count, period):
    """0.25, 0.75, 1.25, ... with the period."""
    return 0.25 + 0.5 * (np.arange(count) % period)


def labelled(seed, count, spread):
    """Events of three labels around three corners, in 4 features."""
    numbers = Numbers(seed)
    corners = np.array([[0, 0, 1, 0], [1, 0, 0, 0], [0, 1, 0, 0.5]], dtype=float)
    labels = np.arange(count) % 3
    features = np.array(
        [[corners[k, f] + spread * numbers.bell() for f in range(4)] for k in labels]
    )
    return features, labels


def two_samples(seed, count, generated):
    """8 features; in the generated, two are correlated, one is wider and one is shifted."""
    numbers = Numbers(seed)
    events = np.array([[numbers.bell() for _ in range(8)] for _ in range(count)])
    if generated:
        events[:, 1] = 0.8 * events[:, 1] + 0.4 * events[:, 0]
        events[:, 2] *= 1.2
        events[:, 3] += 0.1
    return events.astype(np.float32).astype(np.float64)


def delong_error(negative, positive, v=None, w=None):
    """Over all pairs; with weights as the Rust documentation has it."""
    v = np.ones(len(negative)) if v is None else v
    w = np.ones(len(positive)) if w is None else w
    kernel = (positive[None, :] > negative[:, None]) + 0.5 * (
        positive[None, :] == negative[:, None]
    )
    of_negative = kernel @ w / w.sum()
    of_positive = v @ kernel / v.sum()

    def variance(values, weight):
        mean = np.average(values, weights=weight)
        effective = weight.sum() ** 2 / (weight**2).sum()
        spread = (weight**2 * (values - mean) ** 2).sum() / weight.sum() ** 2
        return effective / (effective - 1) * spread

    return float(np.sqrt(variance(of_negative, v) + variance(of_positive, w)))


def of_scores():
    negative, positive = scores(SEED, 400, 0.0, 40), scores(SEED + 1, 300, 0.3, 40)
    v, w = weights(400, 5), weights(300, 3)
    both, truth = np.r_[negative, positive], np.r_[np.zeros(400), np.ones(300)]
    weight = np.r_[v, w]
    test_negative, test_positive = scores(SEED + 2, 200, 0.0, 0), scores(SEED + 3, 250, 0.3, 0)
    test, test_truth = np.r_[test_negative, test_positive], np.r_[np.zeros(200), np.ones(250)]
    test_weight = np.r_[weights(200, 5), weights(250, 3)]
    grid = np.linspace(-2, 2, 81)
    out = {
        "auc": roc_auc_score(truth, both),
        "auc_weighted": roc_auc_score(truth, both, sample_weight=weight),
        "delong": delong_error(negative, positive),
        "delong_weighted": delong_error(negative, positive, v, w),
    }
    for name, of, test_of in [("", None, None), ("_weighted", weight, test_weight)]:
        fit = IsotonicRegression(out_of_bounds="clip", y_min=1e-6, y_max=1 - 1e-6)
        fit.fit(both, truth, sample_weight=of)
        probabilities = fit.predict(test)
        entropy = log_loss(test_truth, probabilities, sample_weight=test_of)
        out["isotonic" + name] = fit.predict(grid).tolist()
        out["cross_entropy" + name] = entropy
        out["jsd" + name] = (np.log(2) - entropy) / np.log(2)
    return out


def logistic(features, labels, strength=1.0):
    model = LogisticRegression(C=strength, solver="newton-cg", tol=1e-12, max_iter=10000)
    return model.fit(features, labels)


def of_labels():
    real, real_labels = labelled(SEED + 10, 240, 0.7)
    test, test_labels = labelled(SEED + 11, 180, 0.7)
    generated, generated_labels = labelled(SEED + 12, 300, 0.9)
    out = {}
    three = logistic(real, real_labels, 0.5)
    out["coefficients"] = three.coef_.tolist()
    out["intercepts"] = (three.intercept_ - three.intercept_.mean()).tolist()
    first_two = real_labels < 2
    two = logistic(real[first_two], real_labels[first_two], 0.5)
    out["two_coefficients"] = two.coef_[0].tolist()
    out["two_intercept"] = float(two.intercept_[0])
    out["probabilities"] = three.predict_proba(test[:5]).tolist()

    def standardised(features, labels):
        scaler = StandardScaler().fit(features)
        model = logistic(scaler.transform(features), labels)
        return (
            lambda events: model.predict(scaler.transform(events)),
            lambda events: model.predict_proba(scaler.transform(events)),
        )

    of_real, real_probability = standardised(real, real_labels)
    of_generated, generated_probability = standardised(generated, generated_labels)
    out["real_to_real"] = accuracy_score(test_labels, of_real(test))
    out["real_to_generated"] = accuracy_score(generated_labels, of_real(generated))
    out["generated_to_real"] = accuracy_score(test_labels, of_generated(test))
    out["quality_index"] = 100 * out["generated_to_real"] / out["real_to_real"]
    as_many, as_many_probability = standardised(generated[:240], generated_labels[:240])
    out["boundary_gap"] = accuracy_score(test_labels, of_real(test)) - accuracy_score(
        test_labels, as_many(test)
    )

    def margin(probability):
        own = probability[np.arange(len(test)), test_labels]
        others = probability.copy()
        others[np.arange(len(test)), test_labels] = 0
        return float((np.log(own) - np.log(others.max(1))).mean())

    out["margin_gap"] = margin(real_probability(test)) - margin(as_many_probability(test))
    divergences = scipy.stats.entropy(generated_probability(test), real_probability(test), axis=1)
    out["divergence"] = float(divergences.mean())
    out["divergence_error"] = float(scipy.stats.sem(divergences))
    out["c2st_p_value"] = float(scipy.stats.norm.sf((0.56 - 0.5) * 2 * np.sqrt(300)))
    return out


def published(train, held_out, test, width, epochs, seed):
    """CaloChallenge's classifier, in 64 bits; each part is (features, labels)."""
    torch.manual_seed(seed)
    layers, inputs = [], train[0].shape[1]
    for _ in range(3):
        layers += [torch.nn.Linear(inputs, width), torch.nn.LeakyReLU()]
        inputs = width
    model = torch.nn.Sequential(*layers, torch.nn.Linear(width, 1)).double()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-4)
    criterion = torch.nn.BCEWithLogitsLoss()
    features, labels = (torch.tensor(part) for part in train)

    def probability(events):
        with torch.no_grad():
            return torch.sigmoid(model(torch.tensor(events)))[:, 0].numpy()

    best, best_state = -np.inf, None
    for _ in range(epochs):
        for batch in torch.randperm(len(features)).split(1000):
            optimizer.zero_grad()
            criterion(model(features[batch])[:, 0], labels[batch]).backward()
            optimizer.step()
        accuracy = accuracy_score(held_out[1], np.round(probability(held_out[0])))
        if accuracy > best:
            best = accuracy
            best_state = {name: value.clone() for name, value in model.state_dict().items()}
    model.load_state_dict(best_state)
    calibration = IsotonicRegression(out_of_bounds="clip", y_min=1e-6, y_max=1 - 1e-6)
    calibration.fit(probability(held_out[0]), held_out[1])
    rescaled = calibration.predict(probability(test[0]))
    jsd = (np.log(2) - log_loss(test[1], rescaled)) / np.log(2)
    return roc_auc_score(test[1], rescaled), jsd


def parts(seed, count):
    """60, 20 and 20 % of each sample in a random order."""
    random = np.random.default_rng(seed)
    samples = [two_samples(SEED + 20, count, False), two_samples(SEED + 21, count, True)]
    samples = [events[random.permutation(count)] for events in samples]
    ends = [0, count * 6 // 10, count * 8 // 10, count]

    def part(first, last):
        size = last - first
        both = np.concatenate([events[first:last] for events in samples])
        return both, np.r_[np.zeros(size), np.ones(size)]

    return [part(first, last) for first, last in zip(ends, ends[1:])]


def of_trainings():
    torch.set_default_dtype(torch.float64)
    found = []
    for seed in range(PUBLISHED_SEEDS):
        found.append(published(*parts(seed, 2000), width=128, epochs=50, seed=seed))
    auc, jsd = np.array(found).T
    trees = []
    for seed in range(TREE_SEEDS):
        train, held_out, test = parts(seed, 2000)
        model = HistGradientBoostingClassifier(
            max_iter=300, max_depth=5, learning_rate=0.1, early_stopping=True,
            n_iter_no_change=25, l2_regularization=1.0, max_bins=128, random_state=seed,
        )
        model.fit(*train, X_val=held_out[0], y_val=held_out[1])
        trees.append(roc_auc_score(test[1], model.predict_proba(test[0])[:, 1]))
    return {
        "published_auc": [float(auc.mean()), float(auc.std(ddof=1))],
        "published_jsd": [float(jsd.mean()), float(jsd.std(ddof=1))],
        "trees_auc": [float(np.mean(trees)), float(np.std(trees, ddof=1))],
    }


def main():
    result = {
        "tools": {
            "numpy": np.__version__,
            "scipy": scipy.__version__,
            "scikit-learn": sklearn.__version__,
            "torch": torch.__version__.split("+")[0],
        },
        "seed": SEED,
        "published_seeds": PUBLISHED_SEEDS,
        "tree_seeds": TREE_SEEDS,
        "scores": of_scores(),
        "labels": of_labels(),
        "trainings": of_trainings(),
    }
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
