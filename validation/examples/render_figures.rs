//! Renders every kind of figure in every style, of made-up data: `render_figures FOLDER`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use detectors::Family;
use validation::plots::{
    ConditionMap, ConditionMeasure, Correlations, Efficiency, Estimates, FigureContext, FigureSize,
    Giveaways, Histogram, HistogramSample, IdentificationCurves, LayerMaps, Mark, Outside, Plot,
    Positions, PrecisionRecall, PrecisionRecallCurve, Profile, ProfileSample, ProfileScale,
    ResolutionFit, Roc, RocAxes, RocCurve, Scale, Style, Summary, SummaryItem, Training,
    TrainingPanel, TrainingSeries, Units, VerdictRow, VerdictStrip, VerticalScale, radial_profile,
};
use validation::report::model::CellShape;
use validation::report::{FigureFormats, write_figure_in};

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: render_figures FOLDER");
        return ExitCode::from(2);
    };
    match render(&folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("failed to {error}");
            ExitCode::FAILURE
        }
    }
}

type Named = (&'static str, FigureSize, Box<dyn Plot>);

fn render(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    #[expect(clippy::disallowed_methods, reason = "the atomic writer is in the crate above")]
    let sink = |relative: &Path, bytes: &[u8]| {
        let path = folder.join(relative);
        if let Some(parent) = path.parent() {
            fs_err::create_dir_all(parent)?;
        }
        fs_err::write(path, bytes)
    };
    for style in Style::ALL {
        let context = FigureContext {
            title: "CaloChallenge photons",
            subtitle: "photon, 256 MeV to 4.19 TeV",
            label: (style != Style::Plain).then_some("Toy Simulation"),
            style,
        };
        for (name, size, plot) in figures() {
            let svg = plot.svg(&context, size)?;
            let path = Path::new(style.name()).join(name);
            write_figure_in(&path, &svg, name, FigureFormats::ALL, &sink)?;
        }
    }
    Ok(())
}

fn figures() -> Vec<Named> {
    let mut random = Random(3);
    let mut all: Vec<Named> = Vec::new();
    let paper = FigureSize::PAPER;
    let one = histogram(&mut random, 1, "E_tot / E_inc", (0.7, 1.2), 0.95);
    let log = Histogram { vertical: VerticalScale::Logarithmic, ..one.clone() };
    all.push(("histogram", paper, Box::new(one)));
    all.push(("histogram_log", paper, Box::new(log)));
    let three = histogram(&mut random, 3, "EC η of layer 2 (mm)", (-3.0, 3.0), 0.0);
    let log = Histogram { vertical: VerticalScale::Logarithmic, ..three.clone() };
    all.push(("histogram_of_three", paper, Box::new(three.clone())));
    all.push(("histogram_of_three_log", paper, Box::new(log)));
    all.push(("histogram_compact", FigureSize::COMPACT, Box::new(three)));
    all.push(("histogram_log_x", paper, Box::new(log_histogram(&mut random))));
    all.push(("longitudinal_profile", paper, Box::new(longitudinal(&mut random))));
    all.push(("response", paper, Box::new(response(&mut random))));
    all.push(("resolution", paper, Box::new(resolution(&mut random))));
    all.push(("profile_of_condition", paper, Box::new(of_condition(&mut random))));
    let roc = roc();
    let rejection = Roc { axes: RocAxes::Rejection, ..roc.clone() };
    all.push(("roc", FigureSize::SQUARE, Box::new(roc)));
    all.push(("roc_rejection", FigureSize::SQUARE, Box::new(rejection)));
    all.push(("efficiency", FigureSize::SQUARE, Box::new(efficiency(1))));
    all.push(("efficiency_of_pairs", FigureSize::SQUARE, Box::new(efficiency(3))));
    all.push(("precision_recall", FigureSize::SQUARE, Box::new(precision_recall())));
    all.push(("training", paper, Box::new(training(&mut random))));
    all.push(("giveaways", paper, Box::new(giveaways(&mut random, 2))));
    let wide = FigureSize::MAPS;
    all.push(("correlations", wide, Box::new(correlations(&mut random, 7, 1))));
    all.push(("correlations_of_45", wide, Box::new(correlations(&mut random, 45, 2))));
    all.push(("condition_map", wide, Box::new(condition_map(&mut random, false))));
    all.push(("condition_significance", wide, Box::new(condition_map(&mut random, true))));
    all.push(("summary", FigureSize { width: 820, height: 0 }, Box::new(summary(&mut random, 1))));
    let many = Box::new(summary(&mut random, 3));
    all.push(("summary_of_three", FigureSize { width: 820, height: 0 }, many));
    all.push(("verdict", FigureSize { width: 820, height: 0 }, Box::new(verdict())));
    let layer = layer(&mut random);
    all.push(("radial_profile", paper, Box::new(radial_profile(&layer))));
    all.push(("layer_maps", wide, Box::new(layer)));
    all
}

const MODELS: [&str; 3] = ["photon surrogate", "parametric_simulation.h5", "CaloFlow student"];

fn histogram(
    random: &mut Random,
    models: usize,
    label: &str,
    (low, high): (f64, f64),
    mean: f64,
) -> Histogram {
    let bins = 60;
    let edges: Vec<f64> =
        (0..=bins).map(|edge| low + (high - low) * f64::from(edge) / f64::from(bins)).collect();
    let width = 0.06 * (high - low);
    let mut sample = |label: &str, events: usize, shift: f64, broad: f64| {
        let mut counts = vec![0.0; 60];
        let mut outside = Outside::default();
        for _ in 0..events {
            let tail = if random.uniform() < 0.02 { 4.0 } else { 1.0 };
            let value = mean + width * (shift + tail * broad * random.normal());
            let place = (value - low) / (high - low) * f64::from(bins);
            match place {
                place if place < 0.0 => outside.below += 1,
                place if place >= f64::from(bins) => outside.above += 1,
                place => counts[place as usize] += 1.0,
            }
        }
        HistogramSample {
            label: label.to_owned(),
            sums: counts,
            variances: None,
            entries: events,
            outside,
            remark: if models > 1 && label != "Geant4" {
                "KS 0.012, χ^{2}/ndf 1.21, S 0.0023".to_owned()
            } else {
                String::new()
            },
        }
    };
    Histogram {
        name: "toy".to_owned(),
        label: label.to_owned(),
        edges,
        log_x: false,
        vertical: VerticalScale::Linear,
        reference: sample("Geant4", 20_000, 0.0, 1.0),
        generated: (0..models)
            .map(|index| {
                let shift = 0.1 * index as f64 - 0.05;
                sample(MODELS[index], 20_000, shift, 1.0 + 0.15 * index as f64)
            })
            .collect(),
        notes: if models == 1 {
            [
                "KS = 0.0123 (floor 0.0101)",
                "χ^{2}/ndf = 1.21 (floor 0.981)",
                "Separation = 0.00231 (floor 0.00104)",
            ]
            .map(str::to_owned)
            .to_vec()
        } else {
            Vec::new()
        },
    }
}

fn log_histogram(random: &mut Random) -> Histogram {
    let edges: Vec<f64> = (0..=40).map(|n| 10_f64.powf(-2.0 + f64::from(n) / 8.0)).collect();
    let mut sample = |label: &str, shift: f64| {
        let mut sums = vec![0.0; 40];
        let mut variances = vec![0.0; 40];
        for _ in 0..8000 {
            let place = 18.0 + shift + 5.0 * random.normal();
            let weight = 0.5 + random.uniform();
            if (0.0..40.0).contains(&place) {
                sums[place as usize] += weight;
                variances[place as usize] += weight * weight;
            }
        }
        HistogramSample {
            label: label.to_owned(),
            sums,
            variances: Some(variances),
            entries: 8000,
            ..HistogramSample::default()
        }
    };
    Histogram {
        name: "weighted".to_owned(),
        label: "Energy in layer 1 (MeV)".to_owned(),
        edges,
        log_x: true,
        vertical: VerticalScale::Logarithmic,
        reference: sample("Geant4, weighted", 0.0),
        generated: vec![sample(MODELS[0], 0.7)],
        notes: vec![],
    }
}

fn profile_sample(label: &str, values: Vec<f64>, errors: &[f64]) -> ProfileSample {
    ProfileSample {
        label: label.to_owned(),
        estimates: Estimates::symmetric(values, errors),
        ..ProfileSample::default()
    }
}

fn longitudinal(random: &mut Random) -> Profile {
    let mut sample = |label: &str, scale: f64| {
        let depth = |layer: u32| (f64::from(layer) + 0.5) / 10.0 * scale;
        let values: Vec<f64> = (0..30)
            .map(|layer| {
                let depth = depth(layer);
                900.0 * depth.powi(3) * (-2.6 * depth).exp() * (1.0 + 0.02 * random.normal())
            })
            .collect();
        let errors: Vec<f64> = values.iter().map(|value| 0.02 * value).collect();
        profile_sample(label, values, &errors)
    };
    Profile {
        name: "longitudinal".to_owned(),
        x_label: "Depth (X_0)".to_owned(),
        y_label: "Mean energy per layer (MeV)".to_owned(),
        positions: Positions::Edges((0..=30).map(f64::from).collect()),
        x_scale: Scale::Linear,
        y_scale: ProfileScale::FromZero,
        reference: sample("Geant4", 1.0),
        generated: vec![sample(MODELS[0], 1.02), sample(MODELS[1], 0.96)],
        notes: vec![],
    }
}

fn energies() -> Vec<f64> {
    (0..15).map(|n| 0.256 * 2_f64.powi(n)).collect()
}

fn response(random: &mut Random) -> Profile {
    let mut sample = |label: &str, offset: f64| {
        let values = energies().into_iter().map(|energy| 0.93 + offset + 0.012 * energy.log10());
        let values: Vec<f64> = values.map(|value| value + 0.001 * random.normal()).collect();
        profile_sample(label, values, &[0.0015; 15])
    };
    Profile {
        name: "response".to_owned(),
        x_label: "E_inc (GeV)".to_owned(),
        y_label: "Mean E_tot / E_inc".to_owned(),
        positions: Positions::Points(energies()),
        x_scale: Scale::Log,
        y_scale: ProfileScale::Close,
        reference: sample("Geant4", 0.0),
        generated: vec![sample(MODELS[0], 0.004), sample(MODELS[1], -0.007)],
        notes: vec![],
    }
}

fn resolution(random: &mut Random) -> Profile {
    let mut sample = |label: &str, stochastic: f64| {
        let fit = ResolutionFit {
            stochastic: (stochastic, 0.002),
            noise: (0.012, 0.001),
            constant: (0.006, 0.0002),
        };
        let values: Vec<f64> =
            energies().iter().map(|&e| fit.at(e) * (1.0 + 0.01 * random.normal())).collect();
        let errors: Vec<f64> = values.iter().map(|value| 0.012 * value).collect();
        let mut sample = profile_sample(label, values, &errors);
        sample.curve = fit.curve((0.2, 6000.0));
        sample.remark = fit.words();
        sample
    };
    Profile {
        name: "resolution".to_owned(),
        x_label: "E_inc (GeV)".to_owned(),
        y_label: "Resolution σ / μ of E_tot / E_inc".to_owned(),
        positions: Positions::Points(energies()),
        x_scale: Scale::Log,
        y_scale: ProfileScale::FromZero,
        reference: sample("Geant4", 0.098),
        generated: vec![sample(MODELS[0], 0.102), sample(MODELS[1], 0.11)],
        notes: vec!["fit: √(a^{2}/E + b^{2}/E^{2} + c^{2})".to_owned()],
    }
}

fn of_condition(random: &mut Random) -> Profile {
    let etas: Vec<f64> = (0..10).map(|n| -2.25 + 0.5 * f64::from(n)).collect();
    let mut sample = |label: &str, offset: f64| {
        let values = etas.iter().map(|eta| 31.0 + offset + 2.0 * eta * eta + 0.4 * random.normal());
        profile_sample(label, values.collect(), &[0.5; 10])
    };
    let (reference, generated) = (sample("Geant4", 0.0), vec![sample(MODELS[0], 3.0)]);
    Profile {
        name: "condition".to_owned(),
        x_label: "η".to_owned(),
        y_label: "Mean width in η (mm)".to_owned(),
        positions: Positions::Points(etas),
        x_scale: Scale::Linear,
        y_scale: ProfileScale::Close,
        reference,
        generated,
        notes: vec![],
    }
}

fn roc() -> Roc {
    let curve = |label: &str, power: f64, floor: f64| RocCurve {
        label: label.to_owned(),
        points: (0..=200)
            .map(|n| (f64::from(n) / 200.0).powf(power))
            .map(|x| (x, x.powf(1.0 / power)))
            .collect(),
        auc: power / (power + 1.0),
        auc_error: Some(0.004),
        floor: Some(floor),
    };
    Roc {
        curves: vec![
            curve("low-level", 4.0, 0.51),
            curve("high-level", 2.2, 0.503),
            curve("boosted trees", 1.4, 0.499),
        ],
        axes: RocAxes::Rates,
    }
}

fn efficiency(pairs: usize) -> Efficiency {
    let curve = |power: f64| -> Vec<(f64, f64)> {
        (0..=100).map(|n| f64::from(n) / 100.0).map(|x| (x, x.powf(power) * 0.9)).collect()
    };
    let names = ["K against π", "p against π", "μ against π"];
    Efficiency {
        reference_label: "Geant4".to_owned(),
        generated_labels: vec![MODELS[0].to_owned(), MODELS[2].to_owned()],
        pairs: (0..pairs)
            .map(|pair| IdentificationCurves {
                label: names[pair].to_owned(),
                reference: curve(9.0 + 5.0 * pair as f64),
                generated: vec![curve(8.2 + 5.0 * pair as f64), curve(10.5 + 5.0 * pair as f64)],
            })
            .collect(),
        x_label: "Efficiency".to_owned(),
        y_label: "Misidentification probability".to_owned(),
    }
}

fn precision_recall() -> PrecisionRecall {
    let curve = |label: &str, bend: f64| PrecisionRecallCurve {
        label: label.to_owned(),
        points: (0..=100)
            .map(|n| f64::from(n) / 100.0 * std::f64::consts::FRAC_PI_2)
            .map(|t| (t.cos().powf(bend), t.sin().powf(bend)))
            .collect(),
        f8: 0.93,
        f_one_eighth: 0.88,
    };
    PrecisionRecall { curves: vec![curve(MODELS[0], 0.15), curve(MODELS[1], 0.5)] }
}

fn training(random: &mut Random) -> Training {
    let mut series = |label: &str, start: f64, end: f64, noise: f64| TrainingSeries {
        label: label.to_owned(),
        points: (0..20_000)
            .map(|step| {
                let progress = f64::from(step) / 20_000.0;
                let value = end + (start - end) * (-5.0 * progress).exp();
                (f64::from(step * 5), value * (1.0 + noise * random.normal()))
            })
            .collect(),
    };
    Training {
        x_label: "Iteration".to_owned(),
        panels: vec![
            TrainingPanel {
                y_label: "Loss".to_owned(),
                logarithmic: false,
                series: vec![
                    series("generator", 2.0, 0.7, 0.1),
                    series("discriminator", -3.0, -0.4, 0.15),
                ],
            },
            TrainingPanel {
                y_label: "Separation".to_owned(),
                logarithmic: true,
                series: vec![series("E_tot, validation", 0.5, 0.003, 0.2)],
            },
        ],
    }
}

const FEATURES: [&str; 9] = [
    "E_tot / E_inc",
    "E in layer 0",
    "E in layer 2",
    "EC η of layer 1 (mm)",
    "EC η of layer 2 (mm)",
    "Width η of layer 1 (mm)",
    "Width η of layer 2 (mm)",
    "Sparsity of layer 12",
    "r_90 of layer 2 (mm)",
];

fn giveaways(random: &mut Random, models: usize) -> Giveaways {
    let samples = (0..models).map(|model| {
        let values = (0..9).map(|n| 0.12 / f64::from(n + 1) + 0.01 * random.normal());
        (MODELS[model].to_owned(), values.collect(), Some(vec![0.008; 9]))
    });
    Giveaways {
        measure: "Loss of AUC when shuffled".to_owned(),
        features: FEATURES.map(str::to_owned).to_vec(),
        samples: samples.collect(),
    }
}

fn correlations(random: &mut Random, count: usize, models: usize) -> Correlations {
    let mut matrix = |noise: f64| -> Vec<f64> {
        let mut values = vec![0.0; count * count];
        for row in 0..count {
            for column in 0..=row {
                let distance = (row - column) as f64;
                let value = (-0.4 * distance).exp() * (distance * 0.9).cos();
                let value = if row == column { 1.0 } else { value + noise * random.normal() };
                values[row * count + column] = value.clamp(-1.0, 1.0);
                values[column * count + row] = values[row * count + column];
            }
        }
        values
    };
    let name = |n: usize| if count < 10 { FEATURES[n].to_owned() } else { format!("E_{n}") };
    Correlations {
        names: (0..count).map(name).collect(),
        reference: ("Geant4".to_owned(), matrix(0.0)),
        generated: (0..models).map(|model| (MODELS[model].to_owned(), matrix(0.04))).collect(),
        measure: "Pearson correlation".to_owned(),
    }
}

fn condition_map(random: &mut Random, significance: bool) -> ConditionMap {
    let bins: Vec<String> = energies()
        .iter()
        .map(
            |gev| {
                if *gev < 1.0 { format!("{:.0} MeV", gev * 1e3) } else { format!("{gev:.2} GeV") }
            },
        )
        .collect();
    let mut value = || match significance {
        true => 2.0 * random.normal() + 0.8,
        false => 10_f64.powf(-2.5 + 0.5 * random.normal()),
    };
    let mut values: Vec<f64> = (0..9 * bins.len()).map(|_| value()).collect();
    values[17] = f64::NAN;
    ConditionMap {
        observables: FEATURES.map(str::to_owned).to_vec(),
        condition: "E_inc".to_owned(),
        bins,
        values,
        measure: match significance {
            true => ConditionMeasure::Significance,
            false => ConditionMeasure::Positive,
        },
        label: if significance { "Excess / σ" } else { "Separation power" }.to_owned(),
    }
}

fn summary(random: &mut Random, models: usize) -> Summary {
    let groups = ["total energy", "layer energies", "centres of energy", "widths", "sparsity"];
    let mut items = Vec::new();
    for (index, feature) in FEATURES.iter().enumerate() {
        items.push(SummaryItem {
            group: groups[index / 2].to_owned(),
            label: (*feature).to_owned(),
            family: (*feature).to_owned(),
            floor: 10_f64.powf(-4.0 + 0.3 * random.normal()),
            values: (0..models).map(|_| 10_f64.powf(-3.0 + 0.6 * random.normal())).collect(),
        });
    }
    Summary {
        measure: "Separation power".to_owned(),
        samples: MODELS[..models].iter().map(|&model| model.to_owned()).collect(),
        items,
    }
}

fn verdict() -> VerdictStrip {
    let row = |name: &str, cells: [(Mark, &str); 3]| VerdictRow {
        name: name.to_owned(),
        cells: cells.map(|(mark, words)| (mark, words.to_owned())).to_vec(),
    };
    VerdictStrip {
        models: MODELS.map(str::to_owned).to_vec(),
        rows: vec![
            row(
                "AUC of the low-level classifier",
                [
                    (Mark::Good, "0.53 ± 0.01 (limit 0.60)"),
                    (Mark::Bad, "0.87 ± 0.01 (limit 0.60)"),
                    (Mark::Warning, "0.60 ± 0.02 (limit 0.60)"),
                ],
            ),
            row(
                "Worst separation power",
                [
                    (Mark::Good, "0.0023 ± 0.0004"),
                    (Mark::Good, "0.0041 ± 0.0004"),
                    (Mark::Abstained, "too few events"),
                ],
            ),
            row(
                "χ^{2}/ndf of E_tot / E_inc",
                [
                    (Mark::Warning, "1.9 ± 0.3 (limit 2)"),
                    (Mark::Good, "1.1 ± 0.2 (limit 2)"),
                    (Mark::Bad, "5.4 ± 0.3 (limit 2)"),
                ],
            ),
        ],
    }
}

fn layer(random: &mut Random) -> LayerMaps {
    let edges = vec![0.0, 2.0, 4.0, 8.0, 16.0, 30.0, 50.0, 80.0, 120.0];
    let mut values = || -> Vec<f64> {
        (0..8 * 10)
            .map(|cell| 300.0 * (-0.9 * f64::from(cell % 8)).exp() * (1.0 + 0.2 * random.normal()))
            .collect()
    };
    LayerMaps {
        name: "layer 2".to_owned(),
        shape: CellShape::Rings { radial_edges_mm: edges, angular_bins: 10 },
        reference: ("Geant4".to_owned(), values()),
        generated: vec![(MODELS[0].to_owned(), values()), (MODELS[1].to_owned(), values())],
        units: Units {
            family: Family::Calorimeter,
            quantity: "energy".to_owned(),
            unit: "MeV".to_owned(),
            length: "mm".to_owned(),
        },
    }
}

/// Numbers that look random (splitmix64).
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / 2f64.powi(53)
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}
