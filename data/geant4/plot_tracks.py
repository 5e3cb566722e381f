"""Panels of tracks in the RICH: photo-electrons, angles, likelihoods, images."""

import numpy as np

from rich_optics import (
    EFFICIENCY,
    ENERGY_EV,
    INDEX,
    MASSES_GEV,
    PIXEL_MM,
    PIXEL_RADIUS_MM,
    SPECIES,
    expected_ring,
)

PION, KAON = SPECIES.index("pi+"), SPECIES.index("kaon+")
SATURATED_GEV = 80.0


def _mean_index():
    """Of the detected photons of a fast track."""
    weight = (1 - 1 / INDEX**2) * EFFICIENCY * np.gradient(ENERGY_EV)
    return np.average(INDEX, weights=weight)


def photoelectrons(axes, momentum_gev, species, count):
    """Against the momentum, with the expectation of Frank and Tamm."""
    lines, steps = [], np.geomspace(3, 100, 200)
    for s, (name, mass) in enumerate(zip(SPECIES, MASSES_GEV)):
        chosen = species == s
        colour = f"C{s}"
        axes.semilogx(momentum_gev[chosen], count[chosen], ".", ms=1, alpha=0.4, color=colour)
        expected = [expected_ring(p, mass)[0] for p in steps]
        axes.semilogx(steps, expected, "-", color=colour, label=name)
        fast = chosen & (momentum_gev > SATURATED_GEV)
        if fast.any():
            wanted = np.mean([expected_ring(p, mass)[0] for p in momentum_gev[fast]])
            lines.append(
                f"{name} above {SATURATED_GEV:.0f} GeV: {count[fast].mean():.1f} photo-electrons, "
                f"expected {wanted:.1f}"
            )
    kaon_with = momentum_gev[(species == KAON) & (count >= 3)]
    if kaon_with.size:
        threshold = MASSES_GEV[KAON] / np.sqrt(_mean_index() ** 2 - 1)
        lines.append(
            f"least momentum of a kaon with 3 photo-electrons {kaon_with.min():.2f} GeV, "
            f"threshold {threshold:.2f} GeV"
        )
    axes.set(xlabel="P [GeV]", ylabel="photo-electrons", title="ring")
    axes.legend()
    return lines


def angles(axes, momentum_gev, species, angle_rad):
    index, steps = _mean_index(), np.geomspace(3, 100, 300)
    for s, mass in enumerate(MASSES_GEV):
        chosen = (species == s) & (angle_rad > 0)
        axes.semilogx(
            momentum_gev[chosen], 1e3 * angle_rad[chosen], ".", ms=1, alpha=0.4, color=f"C{s}"
        )
        cosine = np.minimum(np.hypot(1, mass / steps) / index, 1)
        axes.semilogx(steps, 1e3 * np.arccos(cosine), "-", color=f"C{s}")
    axes.set(xlabel="P [GeV]", ylabel="theta_C [mrad]", title="angle", ylim=(0, 70))
    fast = (species == PION) & (momentum_gev > SATURATED_GEV) & (angle_rad > 0)
    measured, wanted = 1e3 * angle_rad[fast].mean(), 1e3 * np.arccos(1 / index)
    return [
        f"pions above {SATURATED_GEV:.0f} GeV: {measured:.2f} mrad, saturated {wanted:.2f} mrad"
    ]


def separation(axes, momentum_gev, species, difference):
    """RichDLLk of kaons and pions, and the chance that a kaon's is above a pion's."""
    lines = []
    for low, high in ((3, 10), (10, 20), (20, 40), (40, 60), (60, 100)):
        chosen = (momentum_gev > low) & (momentum_gev < high)
        kaon, pion = difference[chosen & (species == KAON)], difference[chosen & (species == PION)]
        if kaon.size and pion.size:
            above = (kaon[:, None] > pion).mean() + 0.5 * (kaon[:, None] == pion).mean()
            lines.append(f"{low} to {high} GeV: AUC of kaon and pion by RichDLLk {above:.3f}")
        if low == 20:
            bins = np.linspace(-80, 80, 60)
            axes.hist(kaon, bins, histtype="step", label="kaons")
            axes.hist(pion, bins, histtype="step", label="pions")
    axes.set(xlabel="RichDLLk, 20 to 40 GeV", ylabel="tracks", title="likelihood")
    axes.legend()
    return lines


def tracks(figure, data):
    features, species = data["features"][:].astype(float), data["species"][:]
    momentum, count = 1e-3 * features[:, 0], data["npe_ring"][:]
    axes = figure.subplots(2, 3).ravel()
    lines = photoelectrons(axes[0], momentum, species, count)
    lines += angles(axes[1], momentum, species, data["theta_c_rad"][:])
    lines += table(axes[2:], data["targets"], momentum, species) if "targets" in data else []
    lines += pictures(axes[2:], data["images"][:], momentum, species) if "images" in data else []
    return lines


def table(axes, targets, momentum, species):
    names, values = targets.attrs["columns"].split(","), targets[:].astype(float)
    lines = separation(axes[0], momentum, species, values[:, names.index("RichDLLk")])
    for panel, name in zip(axes[1:], ("RichDLLe", "RichDLLp", "RichDLLbt")):
        value = np.clip(values[:, names.index(name)], -150, 150)
        for s, label in enumerate(SPECIES):
            panel.hist(value[species == s], 60, histtype="step", label=label)
        panel.set(xlabel=name, ylabel="tracks", yscale="log")
        panel.legend()
    return lines


def pictures(axes, images, momentum, species):
    """Two images of fast pions, the mean of all, and hits against the distance from the track."""
    fast = np.flatnonzero((species == PION) & (momentum > 30))
    quiet = fast[np.argsort(images[fast].sum(axis=(1, 2)))][:2]
    for panel, event in zip(axes, quiet):
        panel.imshow(images[event], origin="lower", cmap="gray_r")
        panel.set(title=f"pion of {momentum[event]:.0f} GeV")
    axes[2].imshow(images[fast].mean(axis=0), origin="lower")
    axes[2].set(title=f"mean of {len(fast)} pions above 30 GeV")
    edges = np.arange(0, 90, PIXEL_MM)
    pixels, _ = np.histogram(PIXEL_RADIUS_MM, edges)
    for s in (PION, SPECIES.index("proton")):
        chosen = images[(species == s) & (momentum > 30)].mean(axis=0)
        hits, _ = np.histogram(PIXEL_RADIUS_MM, edges, weights=chosen)
        axes[3].stairs(hits / np.maximum(pixels, 1), edges, label=SPECIES[s])
    axes[3].set(xlabel="r [mm]", ylabel="share of pixels hit", title="above 30 GeV")
    axes[3].legend()
    hits, columns = images.sum(axis=(1, 2)), images.mean(axis=(0, 1))
    return [
        f"pixels hit: {images.mean():.3f}; in an image {hits.min()} to {hits.max()} "
        f"of {images[0].size}, half have {np.median(hits):.0f} or fewer",
        f"pixels hit in the left and the right quarter of the columns: {columns[:16].mean():.3f}, "
        f"{columns[-16:].mean():.3f}; in the lower and the upper of the rows: "
        f"{images[:, :16].mean():.3f}, {images[:, -16:].mean():.3f}",
    ]
