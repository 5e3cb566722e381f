"""Panels of calorimeter showers: response, depth, width, cells. Each draws on axes and returns
text."""

import numpy as np
from matplotlib.ticker import NullFormatter

# Energies that are not a few values are taken together in so many bins of equal width in ln E.
ENERGY_BINS = 6
FEW_VALUES = 12


def energy_groups(incident_mev):
    """Mean incident energy and chosen events of each energy, or of each bin."""
    values = np.unique(incident_mev)
    if len(values) <= FEW_VALUES:
        return [(value, incident_mev == value) for value in values]
    edges = np.geomspace(values[0], values[-1] * 1.000001, ENERGY_BINS + 1)
    bins = np.digitize(incident_mev, edges) - 1
    chosen = [bins == i for i in range(ENERGY_BINS)]
    return [(incident_mev[c].mean(), c) for c in chosen if c.sum() > 1]


def response(axes, incident_mev, total_mev):
    """Mean and spread of E_tot/E_inc, and the resolution times the root of the energy."""
    ratio, lines = total_mev / incident_mev, []
    axes.semilogx(incident_mev, ratio, ".", color="0.8", ms=2)
    groups = energy_groups(incident_mev)
    mean = np.array([ratio[chosen].mean() for _, chosen in groups])
    spread = np.array([ratio[chosen].std() for _, chosen in groups])
    axes.errorbar([energy for energy, _ in groups], mean, spread, fmt="o", capsize=3)
    for (energy, chosen), m, s in zip(groups, mean, spread):
        stochastic = 100 * s / m * np.sqrt(1e-3 * energy)
        lines.append(
            f"{energy:9.0f} MeV: {chosen.sum():5d} events, E_tot/E_inc {m:.4f}, "
            f"resolution {stochastic:.1f} %/sqrt(E/GeV)"
        )
    axes.set_xticks([energy for energy, _ in groups], [f"{energy:.0f}" for energy, _ in groups])
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set(xlabel="E_inc [MeV]", ylabel="E_tot / E_inc", title="response")
    return lines


def shares(axes, incident_mev, layer_mev, names):
    """Share of the energy in each layer, for the lowest and the highest energies."""
    groups, lines = energy_groups(incident_mev), []
    place = np.arange(len(names))
    for energy, chosen in (groups[0], groups[len(groups) // 2], groups[-1]):
        share = layer_mev[chosen].sum(axis=0) / layer_mev[chosen].sum()
        axes.plot(place, share, "o-", ms=3, label=f"{energy / 1e3:.2g} GeV")
        depth = (share * place).sum()
        top = ", ".join(f"{names[i]} {share[i]:.3f}" for i in np.argsort(-share)[:4])
        lines.append(f"{energy:9.0f} MeV: mean layer {depth:.2f}; largest shares: {top}")
    if len(names) <= FEW_VALUES:
        axes.set_xticks(place, names)
    axes.set(xlabel="layer", ylabel="share of the energy", title="depth")
    axes.legend()
    return lines


def spectrum(axes, cells_mev, threshold_mev):
    """Energies of the cells that have any, and how much there is below a read-out threshold."""
    filled, totals = cells_mev[cells_mev > 0], cells_mev.sum(axis=1)
    axes.hist(np.log10(filled), bins=80, histtype="step")
    axes.set(xlabel="log10(E / MeV)", ylabel="cells", title="cells with energy", yscale="log")
    below = filled[filled < threshold_mev]
    return [
        f"cells with energy: {filled.size / cells_mev.size:.4f} of all, "
        f"smallest {filled.min():.4g} MeV; "
        f"below {threshold_mev} MeV {below.size / filled.size:.4f} of them, with "
        f"{below.sum() / filled.sum():.2g} of the energy; empty showers: {(totals == 0).sum()}"
    ]


def radial_profile(axes, edges_mm, ring_mev):
    """Share of the energy per mm of radius, and the radius that holds nine tenths."""
    share = ring_mev / ring_mev.sum()
    axes.stairs(share / np.diff(edges_mm), edges_mm)
    axes.set(xlabel="r [mm]", ylabel="share of the energy per mm", title="width", yscale="log")
    within = np.interp(0.9, np.r_[0, np.cumsum(share)], edges_mm)
    return [f"nine tenths of the energy within {within:.1f} mm"]


def polar(figure, data, layers):
    """Voxels in rings and sectors."""
    incident, showers = data["incident_energies"][:].ravel(), data["showers"][:].astype(float)
    parts = [showers[:, layer.first_voxel : layer.first_voxel + layer.voxels] for layer in layers]
    layer_mev = np.stack([part.sum(axis=1) for part in parts], axis=1)
    edges = np.unique(np.concatenate([layer.radial_edges_mm for layer in layers]))
    rings = np.zeros(len(edges) - 1)
    for layer, part in zip(layers, parts):
        of_ring = part.sum(axis=0).reshape(layer.angular_bins, layer.rings).sum(axis=0)
        # A wide ring is spread evenly over the narrow ones of other layers.
        fine = np.clip(np.searchsorted(layer.radial_edges_mm, edges[1:]) - 1, 0, layer.rings - 1)
        inside = edges[1:] <= layer.radial_edges_mm[-1]
        widths = np.diff(edges) / np.diff(layer.radial_edges_mm)[fine]
        rings += np.where(inside, of_ring[fine] * widths, 0)
    axes = figure.subplots(2, 2).ravel()
    return [
        *response(axes[0], incident, showers.sum(axis=1)),
        *shares(axes[1], incident, layer_mev, [str(layer.layer) for layer in layers]),
        *radial_profile(axes[2], edges, rings),
        *spectrum(axes[3], showers, 1.0),
    ]


def barrel(figure, data, samplings, eta_cell):
    """Cells of a barrel in η and φ: also the mean middle cells, and where strips see the impact."""
    incident, showers = data["incident_energies"][:].ravel(), data["showers"][:].astype(float)
    parts, first = [], 0
    for sampling in samplings:
        part = showers[:, first : first + sampling.cells]
        parts.append(part.reshape(-1, sampling.eta_cells, sampling.phi_cells))
        first += sampling.cells
    layer_mev = np.stack([part.sum(axis=(1, 2)) for part in parts], axis=1)
    axes = figure.subplots(2, 3).ravel()
    middle = parts[2].mean(axis=0)
    picture = axes[2].imshow(middle.T, origin="lower", extent=(-3.5, 3.5, -3.5, 3.5))
    figure.colorbar(picture, ax=axes[2], label="MeV")
    axes[2].set(xlabel="eta cell", ylabel="phi cell", title="mean of the middle sampling")
    strips = parts[1].sum(axis=2)
    filled = strips.sum(axis=1) > 0
    centre = (np.arange(strips.shape[1]) + 0.5) / 8 - 3.5
    seen = (strips[filled] @ centre) / strips[filled].sum(axis=1) * eta_cell
    true = data["d_eta"][:][filled].astype(float)
    axes[3].plot(true, seen, ".", ms=3)
    axes[3].axline((0, 0), slope=1, color="0.5", lw=1)
    axes[3].set(xlabel="d_eta", ylabel="centre of the strips", title="impact", ylim=(-0.02, 0.02))
    phi = parts[0].sum(axis=1)
    by_index = [phi[data["phi_index"][:] == i].sum(axis=0) for i in range(4)]
    for i, energy in enumerate(by_index):
        axes[4].plot(energy / energy.sum(), "o-", label=f"phi_index {i}")
    axes[4].set(xlabel="phi cell", ylabel="share", title="presampler")
    axes[4].legend()
    return [
        *response(axes[0], incident, showers.sum(axis=1)),
        *shares(axes[1], incident, layer_mev, ["PS", "strips", "middle", "back"]),
        *spectrum(axes[5], showers, 1.0),
        f"strips against the impact: correlation {np.corrcoef(true, seen)[0, 1]:.3f}",
    ]


def grid(figure, data, cell_mm):
    """Equal cells, [x, y, z], in GeV, with a polar angle."""
    incident, theta = 1e3 * data["energy"][:].astype(float), data["theta"][:].astype(float)
    cells = 1e3 * data["ECAL"][:].astype(float)
    axes = figure.subplots(2, 3).ravel()
    layer_mev = cells.sum(axis=(1, 2))
    names = [str(layer) for layer in range(cells.shape[3])]
    size = cells.shape[1]
    half = size * cell_mm / 2
    edges = np.arange(size + 1) * cell_mm - half
    for axis, chosen, title in (
        (axes[2], theta <= np.quantile(theta, 0.2), "mean of the fifth of lowest theta"),
        (axes[3], theta >= np.quantile(theta, 0.8), "mean of the fifth of highest theta"),
    ):
        picture = np.log10(np.maximum(cells[chosen].mean(axis=0).sum(axis=1), 1e-4))
        axis.imshow(picture, aspect="auto", origin="lower", extent=(0, cells.shape[3], -half, half))
        axis.set(xlabel="z [layer]", ylabel="x [mm]", title=f"{title}: log10(MeV)")
    axes[4].stairs(cells.sum(axis=(0, 1, 3)) / cells.sum(), edges, label="y")
    axes[4].stairs(cells.sum(axis=(0, 2, 3)) / cells.sum(), edges, label="x")
    axes[4].set(xlabel="x or y [mm]", ylabel="share of the energy", title="width", yscale="log")
    axes[4].legend()
    slope = mean_slope(cells, edges)
    lines = [
        *response(axes[0], incident, cells.sum(axis=(1, 2, 3))),
        *shares(axes[1], incident, layer_mev, names),
        *spectrum(axes[5], cells.reshape(len(cells), -1), 0.01),
        f"theta from {np.degrees(theta.min()):.1f} to {np.degrees(theta.max()):.1f} degrees",
    ]
    if theta.std() > 0:
        together = np.corrcoef(np.tan(np.pi / 2 - theta), slope)[0, 1]
        lines.append(
            f"slope of x with the layer against tan(90 degrees - theta): correlation {together:.3f}"
        )
    return lines


def mean_slope(cells, edges_mm):
    """Slope of the centre of gravity in x over the layers, in mm a layer, for each event."""
    centre, layers = 0.5 * (edges_mm[1:] + edges_mm[:-1]), np.arange(cells.shape[3])
    along_x = cells.sum(axis=2)
    weight = along_x.sum(axis=1)
    x = np.einsum("exz,x->ez", along_x, centre) / np.maximum(weight, 1e-12)
    total = weight.sum(axis=1, keepdims=True)
    dx = x - (weight * x).sum(axis=1, keepdims=True) / total
    dz = layers - (weight * layers).sum(axis=1, keepdims=True) / total
    return (weight * dx * dz).sum(axis=1) / (weight * dz * dz).sum(axis=1)
