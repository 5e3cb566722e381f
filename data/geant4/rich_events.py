"""Images around a track among others, and the likelihood of each species from them."""

import numpy as np

from rich_optics import (
    FOCAL_LENGTH_MM,
    HALF_WINDOW_MM,
    MASSES_GEV,
    PION,
    PIXEL_MM,
    PIXEL_RADIUS_MM,
    PIXELS,
    expected_ring,
)

# Rings end within the first radius; the second leaves a margin for the background outside them.
RING_REGION_MM = 80.0
BACKGROUND_REGION_MM = 82.0
# Share of an event's tracks that have passed the gas within its acceptance.
TRACKS_IN_GAS = 0.55

TARGETS = ("RichDLLe", "RichDLLmu", "RichDLLk", "RichDLLp", "RichDLLbt")
_IN_RINGS = PIXEL_RADIUS_MM < RING_REGION_MM
_OUTSIDE = PIXEL_RADIUS_MM > BACKGROUND_REGION_MM


def multiplicities(random, events):
    """Tracks in an event: a gamma distribution of mean 180, from 10 to 600."""
    return np.clip(random.gamma(4.0, 45.0, events), 10, 600).astype(int)


def others_near(random, track, tracks_in_event, along):
    """Other simulated tracks to lay over this one: those whose rings can reach its window."""
    chosen = random.integers(0, len(along), random.poisson(TRACKS_IN_GAS * tracks_in_event))
    chord2 = 2 - 2 * (along[chosen] @ along[track])
    reach2 = 4 * (1.5 * HALF_WINDOW_MM / FOCAL_LENGTH_MM) ** 2
    return chosen[(chord2 < reach2) & (chosen != track)]


def image(photons, along, across_x, across_y):
    """1 where a photon's place is, [row, column], the track in the centre."""
    forward = np.maximum(photons @ along, 0.1)
    x = FOCAL_LENGTH_MM * (photons @ across_x) / forward
    y = FOCAL_LENGTH_MM * (photons @ across_y) / forward
    inside = (np.abs(x) < HALF_WINDOW_MM) & (np.abs(y) < HALF_WINDOW_MM)
    place = [((v[inside] + HALF_WINDOW_MM) // PIXEL_MM).astype(int) for v in (y, x)]
    pixels = np.zeros((PIXELS, PIXELS), np.uint8)
    pixels[tuple(np.clip(p, 0, PIXELS - 1) for p in place)] = 1
    return pixels


def _expected_pixels(momentum_gev, mass_gev):
    """Mean number of photo-electrons of the track in each pixel."""
    photoelectrons, radius, spread = expected_ring(momentum_gev, mass_gev)
    if photoelectrons == 0:
        return np.zeros_like(PIXEL_RADIUS_MM)
    profile = np.exp(-0.5 * ((PIXEL_RADIUS_MM - radius) / spread) ** 2)
    per_mm = photoelectrons * profile / (np.sqrt(2 * np.pi) * spread)
    return per_mm / (2 * np.pi * max(radius, 1.0)) * PIXEL_MM**2


def log_likelihood(pixels, mean):
    """Of hit and empty pixels near the track, each hit with the chance 1 - exp(-mean)."""
    hit, mean = pixels[_IN_RINGS] == 1, mean[_IN_RINGS]
    return np.log(-np.expm1(-mean[hit])).sum() - mean[~hit].sum()


def likelihood_differences(pixels, momentum_gev):
    """ln L of e, mu, K, p and of no ring ("below threshold"), less that of the pion, [5]."""
    occupancy = (pixels[_OUTSIDE].sum() + 0.5) / _OUTSIDE.sum()
    background = -np.log(1 - min(occupancy, 0.9))
    rings = [_expected_pixels(momentum_gev, mass) for mass in MASSES_GEV]
    rings.append(np.zeros_like(PIXEL_RADIUS_MM))
    values = np.array([log_likelihood(pixels, ring + background) for ring in rings])
    return np.delete(values, PION) - values[PION]
