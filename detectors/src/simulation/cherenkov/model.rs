use super::likelihood::RingLikelihood;
use super::pixels::Pixels;
use super::radiator::Radiator;
use super::splot::SignalPlot;
use super::track::{Frame, mass_mev, photons, velocity_gap};
use crate::Detector;
use crate::condition::ConditionKind;
use crate::response::Response;
use crate::simulation::conditions::{self, Draw};
use crate::simulation::description::CherenkovDescription;
use crate::simulation::random::Random;

/// No photon is farther from its track than this: θ_c of a fast particle in a gas, with room.
const WIDEST_RING_RAD: f64 = 0.08;
const MOST_PIXELS: usize = 1_000;

/// A checked simulation of a gas Cherenkov detector.
#[derive(Debug, Clone)]
pub(in crate::simulation) struct CherenkovModel {
    columns: Columns,
    masses_mev: Vec<f64>,
    momentum_range_mev: [f64; 2],
    pseudorapidity_range: [f64; 2],
    background_tracks_per_track: f64,
    smearing_rad: f64,
    radiator: Radiator,
    pixels: Pixels,
    likelihood: RingLikelihood,
    output: Output,
    signal_plot: Option<SignalPlot>,
}

/// Where the conditions are.
#[derive(Debug, Clone)]
struct Columns {
    momentum: usize,
    pseudorapidity: usize,
    tracks: usize,
    species: usize,
}

#[derive(Debug, Clone)]
enum Output {
    /// 1 for each pixel that is hit.
    Hits,
    /// ln L of each of these less ln L of the pion; `None` is the track that emits nothing.
    LikelihoodDifferences(Vec<Option<f64>>),
}

impl CherenkovModel {
    pub fn new(
        detector: &Detector,
        description: &CherenkovDescription,
        draws: &mut [Draw],
    ) -> Result<Self, String> {
        let images = |kind: &ConditionKind| matches!(kind, ConditionKind::Image(_));
        if detector.conditions().iter().any(|condition| images(&condition.kind)) {
            return Err("its simulation takes no images as conditions".to_owned());
        }
        let (momentum, momentum_range_mev) = conditions::number(detector, "P")?;
        let (pseudorapidity, pseudorapidity_range) = conditions::number(detector, "ETA")?;
        let (tracks, tracks_range) = conditions::number(detector, "nTracks")?;
        let (species, names) = conditions::category(detector, "species")?;
        if momentum_range_mev[0] <= 0.0 {
            return Err("`minimum` of condition `P` must be above 0".to_owned());
        }
        let masses_mev = names
            .iter()
            .map(|name| mass_mev(name).ok_or_else(|| format!("it knows no mass of a `{name}`")))
            .collect::<Result<Vec<_>, _>>()?;
        match (description.tracks_mean, description.tracks_shape) {
            (None, None) => {}
            (Some(mean), Some(shape)) if mean > 0.0 && shape > 0.0 => {
                let [minimum, maximum] = tracks_range;
                draws[tracks] = Draw::Count { mean, shape, minimum, maximum };
            }
            _ => {
                return Err(
                    "`simulation.tracks_mean` and `simulation.tracks_shape` must be positive, or \
                            both be left out"
                        .to_owned(),
                );
            }
        }
        let not_negative = [
            ("direction_smearing_mrad", description.direction_smearing_mrad),
            ("background_tracks_per_track", description.background_tracks_per_track),
        ];
        for (key, value) in not_negative {
            if !(value.is_finite() && value >= 0.0) {
                return Err(format!("`simulation.{key}` is {value}, expected at least 0"));
            }
        }
        let focal_length_mm = description.focal_length_mm;
        if !(focal_length_mm.is_finite() && focal_length_mm > 0.0) {
            return Err("`simulation.focal_length_mm` must be positive".to_owned());
        }
        let smearing_rad = 1e-3 * description.direction_smearing_mrad;
        let pixels = pixels(detector, description)?;
        let corner_mm = pixels.half_width_mm() * std::f64::consts::SQRT_2;
        if !(description.likelihood_radius_mm > 0.0
            && description.background_radius_mm >= 0.0
            && description.background_radius_mm < corner_mm - pixels.size_mm)
        {
            return Err(format!(
                "`simulation.background_radius_mm` must leave pixels beyond it, within {corner_mm:.1} \
                 mm, and `simulation.likelihood_radius_mm` must be positive"
            ));
        }
        Ok(Self {
            columns: Columns { momentum, pseudorapidity, tracks, species },
            masses_mev,
            momentum_range_mev,
            pseudorapidity_range,
            background_tracks_per_track: description.background_tracks_per_track,
            smearing_rad,
            radiator: Radiator::new(description)?,
            pixels,
            likelihood: RingLikelihood {
                focal_length_mm,
                smearing_mm: smearing_rad * focal_length_mm,
                likelihood_radius_mm: description.likelihood_radius_mm,
                background_radius_mm: description.background_radius_mm,
            },
            output: output(detector)?,
            signal_plot: signal_plot(detector, description)?,
        })
    }

    /// Values and weight of one event.
    pub fn simulate(&self, conditions: &[f64], random: &mut Random) -> (Vec<f32>, f64) {
        let (is_background, weight) = match &self.signal_plot {
            Some(plot) => plot.draw(random),
            None => (false, 1.0),
        };
        let mut species = conditions[self.columns.species] as usize;
        if is_background {
            let other = random.index(self.masses_mev.len() - 1);
            species = if other < species { other } else { other + 1 };
        }
        let momentum_mev = conditions[self.columns.momentum];
        let azimuth = std::f64::consts::TAU * random.uniform();
        let track = Frame::new(conditions[self.columns.pseudorapidity], azimuth);
        let path_mm = self.radiator.length_mm / track.along[2].max(0.1);
        let mut is_hit = vec![false; self.pixels.count * self.pixels.count];
        let gap = velocity_gap(momentum_mev, self.masses_mev[species]);
        self.hits(&track.seen_from(&track), path_mm, gap, &mut is_hit, random);
        self.background(&track, conditions[self.columns.tracks], &mut is_hit, random);
        (self.values(&is_hit, momentum_mev, path_mm), weight)
    }

    fn values(&self, is_hit: &[bool], momentum_mev: f64, path_mm: f64) -> Vec<f32> {
        match &self.output {
            Output::Hits => is_hit.iter().map(|hit| f32::from(u8::from(*hit))).collect(),
            Output::LikelihoodDifferences(masses) => {
                let pion = mass_mev("pion").expect("in the table");
                let known: Vec<f64> =
                    std::iter::once(pion).chain(masses.iter().flatten().copied()).collect();
                let likelihoods = self.likelihood.over_no_ring(
                    &self.radiator,
                    &self.pixels,
                    is_hit,
                    momentum_mev,
                    path_mm,
                    &known,
                );
                let mut others = likelihoods[1..].iter();
                masses
                    .iter()
                    .map(|mass| match mass {
                        Some(_) => others.next().expect("one for each mass") - likelihoods[0],
                        None => -likelihoods[0],
                    })
                    .map(|difference| difference as f32)
                    .collect()
            }
        }
    }

    fn hits(
        &self,
        track: &Frame,
        path_mm: f64,
        velocity_gap: f64,
        is_hit: &mut [bool],
        random: &mut Random,
    ) {
        let focal_length_mm = self.likelihood.focal_length_mm;
        let smearing = self.smearing_rad;
        photons(&self.radiator, track, path_mm, velocity_gap, smearing, random, |x, y| {
            if let Some(pixel) = self.pixels.at(focal_length_mm * x, focal_length_mm * y) {
                is_hit[pixel] = true;
            }
        });
    }

    /// Rings of other tracks: any species, ln P and η uniform in their ranges.
    fn background(&self, track: &Frame, tracks: f64, is_hit: &mut [bool], random: &mut Random) {
        let reach = self.pixels.half_width_mm() * std::f64::consts::SQRT_2
            / self.likelihood.focal_length_mm
            + WIDEST_RING_RAD;
        let least_cosine = libm::cos(reach.min(1.5));
        let [least_momentum, most_momentum] = self.momentum_range_mev.map(libm::log);
        let mean = self.background_tracks_per_track * tracks.max(0.0);
        for _ in 0..random.poisson(mean) {
            let [least, most] = self.pseudorapidity_range;
            let eta = random.uniform_in(least, most);
            let other = Frame::new(eta, std::f64::consts::TAU * random.uniform());
            let seen = other.seen_from(track);
            if seen.along[2] < least_cosine {
                continue;
            }
            let momentum = libm::exp(random.uniform_in(least_momentum, most_momentum));
            let mass = self.masses_mev[random.index(self.masses_mev.len())];
            let path_mm = self.radiator.length_mm / other.along[2].max(0.1);
            self.hits(&seen, path_mm, velocity_gap(momentum, mass), is_hit, random);
        }
    }
}

fn pixels(detector: &Detector, description: &CherenkovDescription) -> Result<Pixels, String> {
    let (count, size_mm) = match detector.grid_description() {
        Some(grid) => {
            let [x, y, z] = grid.cells;
            let [dx, dy, _] = grid.cell_size_mm;
            if x != y || z != 1 || dx != dy {
                return Err("its simulation needs a square image of square pixels".to_owned());
            }
            if description.pixels.is_some() || description.pixel_size_mm.is_some() {
                return Err("`simulation.pixels` and `simulation.pixel_size_mm` are those of \
                            `[response.grid]`: leave them out"
                    .to_owned());
            }
            (x, dx)
        }
        None => match (description.pixels, description.pixel_size_mm) {
            (Some(count), Some(size)) => (count, size),
            _ => {
                return Err("a table of likelihoods needs `simulation.pixels` and \
                            `simulation.pixel_size_mm`"
                    .to_owned());
            }
        },
    };
    if !(1..=MOST_PIXELS).contains(&count) {
        return Err(format!("its simulation has {count} pixels, expected 1 to {MOST_PIXELS}"));
    }
    if !(size_mm.is_finite() && size_mm > 0.0) {
        return Err(format!("`simulation.pixel_size_mm` is {size_mm}, expected a positive number"));
    }
    Ok(Pixels::new(count, size_mm))
}

fn output(detector: &Detector) -> Result<Output, String> {
    let columns = match detector.response() {
        Response::Layers(_) if detector.grid_description().is_some() => return Ok(Output::Hits),
        Response::Layers(_) => return Err("its simulation needs a `[response.grid]`".to_owned()),
        Response::Table(columns) => columns,
    };
    columns
        .iter()
        .map(|column| match column.name.as_str() {
            "RichDLLe" => Ok(mass_mev("electron")),
            "RichDLLmu" => Ok(mass_mev("muon")),
            "RichDLLk" => Ok(mass_mev("kaon")),
            "RichDLLp" => Ok(mass_mev("proton")),
            "RichDLLbt" => Ok(None),
            other => Err(format!("its simulation knows no column `{other}`")),
        })
        .collect::<Result<_, _>>()
        .map(Output::LikelihoodDifferences)
}

fn signal_plot(
    detector: &Detector,
    description: &CherenkovDescription,
) -> Result<Option<SignalPlot>, String> {
    let fraction = description.sweight_background_fraction;
    if fraction == 0.0 {
        return Ok(None);
    }
    if !(fraction > 0.0 && fraction < 1.0) {
        return Err(format!(
            "`simulation.sweight_background_fraction` is {fraction}, expected 0 to 1, without 1"
        ));
    }
    if detector.weights_dataset().is_none() {
        return Err("`simulation.sweight_background_fraction` needs a `weights_dataset`".to_owned());
    }
    Ok(Some(SignalPlot::new(fraction)))
}
