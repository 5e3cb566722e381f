"""A gas RICH like the first one of LHCb: gas, efficiency, optics, and the ring that a track should
give.

85 cm of C4F10. The optics are ideal: a photon's direction is its place on the plane of the pixels,
at the focal length times the tangent of its angle to the track. Refractive index and efficiency are
approximate: a Sellmeier term with n - 1 = 1.42e-3 at 400 nm, and a photo-cathode's efficiency times
that of mirrors and window.
"""

import numpy as np

RADIATOR_MM = 850.0
FOCAL_LENGTH_MM = 1350.0
PIXEL_MM = 2.8
PIXELS = 64
HALF_WINDOW_MM = PIXELS * PIXEL_MM / 2
# Point of emission and alignment, in mm on the plane.
SMEAR_MM = 0.9
GAS_DENSITY_G_CM3 = 0.01018

ENERGY_EV = np.linspace(1.9, 6.2, 44)
EV_NM = 1239.84
INDEX = 1 + 0.25324e-6 / ((1 / 73.7) ** 2 - (ENERGY_EV / EV_NM) ** 2)
EFFICIENCY = 0.42 * np.interp(
    ENERGY_EV,
    [1.9, 2.3, 2.8, 3.2, 4.0, 4.8, 5.6, 6.2],
    [0.0, 0.06, 0.20, 0.27, 0.27, 0.24, 0.17, 0.0],
)

SPECIES = ("e+", "mu+", "pi+", "kaon+", "proton")
MASSES_GEV = (0.000511, 0.10566, 0.13957, 0.49368, 0.93827)
PION = SPECIES.index("pi+")

# Photons of a unit charge per eV and cm (Frank and Tamm): alpha / (hbar c).
FRANK_TAMM_PER_EV_CM = 370.0

_centres = (np.arange(PIXELS) + 0.5) * PIXEL_MM - HALF_WINDOW_MM
# Distance of each pixel from the track in mm, [row, column].
PIXEL_RADIUS_MM = np.hypot(*np.meshgrid(_centres, _centres))


def detected(photon_energy_ev, random):
    """Which photons give a photo-electron."""
    efficiency = np.interp(photon_energy_ev, ENERGY_EV, EFFICIENCY)
    return random.random(len(photon_energy_ev)) < efficiency


def expected_ring(momentum_gev, mass_gev):
    """Photo-electrons of a track, its ring's radius and spread in mm; 0, 0, 1 below threshold."""
    beta = 1 / np.hypot(1, mass_gev / momentum_gev)
    sine2 = np.clip(1 - 1 / (beta * INDEX) ** 2, 0, None)
    weight = sine2 * EFFICIENCY * np.gradient(ENERGY_EV)
    photoelectrons = FRANK_TAMM_PER_EV_CM * RADIATOR_MM / 10 * weight.sum()
    if photoelectrons < 1e-6:
        return 0.0, 0.0, 1.0
    radius = FOCAL_LENGTH_MM * np.tan(np.arcsin(np.sqrt(sine2)))
    mean = np.average(radius, weights=weight)
    colour = np.average((radius - mean) ** 2, weights=weight)
    return photoelectrons, mean, np.sqrt(colour + SMEAR_MM**2 + PIXEL_MM**2 / 12)


def track_directions(pseudorapidity, azimuth):
    """Unit vectors along the tracks and two across, each [tracks, 3]."""
    polar = 2 * np.arctan(np.exp(-pseudorapidity))
    sine, cosine = np.sin(polar), np.cos(polar)
    x, y = np.cos(azimuth), np.sin(azimuth)
    along = np.stack([sine * x, sine * y, cosine], axis=1)
    across = np.stack([cosine * x, cosine * y, -sine], axis=1)
    return along, across, np.stack([-y, x, np.zeros_like(x)], axis=1)
