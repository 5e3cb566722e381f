/// So many intervals of the radius are told apart before breakpoints are sorted.
const BINS: usize = 64;

/// Energies that are spread evenly over some radii each: F(r) = Σ e min(1, max(0, (r − a) / (b −
/// a))) rises in straight pieces, which change where an energy begins or ends.
#[derive(Debug, Default)]
pub(super) struct Ramps {
    breakpoints: Vec<Breakpoint>,
    total: f64,
    greatest: f64,
    /// Changes of the straight piece in each interval of the radius.
    bins: Vec<Line>,
}

/// Where F's slope changes, and by how much.
#[derive(Debug, Clone, Copy)]
struct Breakpoint {
    radius: f64,
    density: f64,
}

/// A straight piece: F(r) = slope · r − offset.
#[derive(Debug, Clone, Copy, Default)]
struct Line {
    slope: f64,
    offset: f64,
}

impl Line {
    fn at(self, radius: f64) -> f64 {
        self.slope * radius - self.offset
    }

    fn add(&mut self, Breakpoint { radius, density }: Breakpoint) {
        self.slope += density;
        self.offset += density * radius;
    }
}

impl Ramps {
    pub fn clear(&mut self) {
        self.breakpoints.clear();
        (self.total, self.greatest) = (0.0, 0.0);
    }

    /// An energy from radius `from` to `to` > `from`.
    pub fn push(&mut self, from: f64, to: f64, energy: f64) {
        let density = energy / (to - from);
        self.breakpoints.push(Breakpoint { radius: from, density });
        self.breakpoints.push(Breakpoint { radius: to, density: -density });
        self.total += energy;
        self.greatest = self.greatest.max(to);
    }

    /// F(r).
    pub fn within(&self, radius: f64) -> f64 {
        let below = self.breakpoints.iter().filter(|one| one.radius < radius);
        below.map(|one| one.density * (radius - one.radius)).sum()
    }

    /// The radii with these parts of the energy; 0 without energy.
    pub fn radii<const N: usize>(&mut self, parts: [f64; N]) -> [f64; N] {
        if self.total <= 0.0 {
            return [0.0; N];
        }
        let width = self.greatest / BINS as f64;
        let bin_of = |radius: f64| ((radius / width) as usize).min(BINS - 1);
        self.bins.clear();
        self.bins.resize(BINS, Line::default());
        for &breakpoint in &self.breakpoints {
            self.bins[bin_of(breakpoint.radius)].add(breakpoint);
        }
        parts.map(|part| {
            let wanted = part * self.total;
            let (mut line, mut bin) = (Line::default(), 0);
            while bin < BINS - 1 {
                let Line { slope, offset } = self.bins[bin];
                let next = Line { slope: line.slope + slope, offset: line.offset + offset };
                if next.at((bin + 1) as f64 * width) >= wanted {
                    break;
                }
                (line, bin) = (next, bin + 1);
            }
            let inside = self.breakpoints.iter().filter(|one| bin_of(one.radius) == bin);
            let mut inside: Vec<Breakpoint> = inside.copied().collect();
            inside.sort_by(|a, b| a.radius.total_cmp(&b.radius));
            let last = inside.last().map_or(self.greatest, |last| last.radius);
            for breakpoint in inside {
                if line.at(breakpoint.radius) >= wanted {
                    break;
                }
                line.add(breakpoint);
            }
            // Rounding may leave the last piece without a slope.
            if line.slope > 0.0 { (wanted + line.offset) / line.slope } else { last }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ramps(of: &[(f64, f64, f64)]) -> Ramps {
        let mut ramps = Ramps::default();
        of.iter().for_each(|&(from, to, energy)| ramps.push(from, to, energy));
        ramps
    }

    #[test]
    fn a_gap_without_energy_is_crossed() {
        let of = [(0.0, 1.0, 1.0), (9.0, 10.0, 3.0), (99.0, 100.0, 1e-9)];
        let [half, all] = ramps(&of).radii([0.5, 1.0]);
        approx::assert_relative_eq!(half, 9.0 + (1.0 + 0.5e-9) / 3.0, max_relative = 1e-12);
        assert!(all > 9.9 && all <= 100.0 + 1e-6, "{all}");
        assert_eq!(ramps(&[]).radii([0.5]), [0.0]);
    }

    proptest! {
        #[test]
        fn that_part_of_the_energy_is_within(
            of in prop::collection::vec((0.0..50.0f64, 0.1..9.0f64, 0.01..5.0f64), 1..90),
            part in 0.01..0.99f64,
        ) {
            let of: Vec<_> = of.into_iter().map(|(from, width, e)| (from, from + width, e)).collect();
            let [radius] = ramps(&of).radii([part]);
            let total: f64 = of.iter().map(|(_, _, energy)| energy).sum();
            let within: f64 =
                of.iter().map(|(a, b, e)| e * ((radius - a) / (b - a)).clamp(0.0, 1.0)).sum();
            prop_assert!((within - part * total).abs() <= 1e-11 * total, "{within} {total}");
        }
    }
}
