//! Faults that are put into Geant4 showers on purpose, and the figure of the verdict that finds
//! each: the reference is the embedded validation sample, the "generated" one the training sample.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use detectors::{Detector, LayerShape};
use ndarray::Array2;
use showerforge::events::{EventFile, Events};
use validation::report::model::{Criterion, ModelResult, Status};
use validation::thresholds::Thresholds;
use validation::{ClassifierChoice, Generated, Sample, Silent, ValidationSettings, validate};

fn photons() -> Detector {
    detectors::builtin("calochallenge-photons").unwrap()
}

fn geant4(name: &str) -> Events {
    let path = format!("{}/data/geant4_photons_{name}.hdf5", env!("CARGO_MANIFEST_DIR"));
    EventFile::open(path.as_ref(), &photons()).unwrap().read_all().unwrap()
}

fn sample(label: &str, events: Events) -> Sample {
    let Events { conditions, values, weights } = events;
    Sample::new(label, &photons(), conditions, values, weights, Vec::new()).unwrap()
}

fn judged(fault: impl FnOnce(Events) -> Events) -> ModelResult {
    let reference = sample("valid", geant4("valid"));
    let generated = sample("train", fault(geant4("train")));
    let settings =
        ValidationSettings { classifiers: ClassifierChoice::None, ..ValidationSettings::default() };
    let generated = [Generated { name: "train", sample: &generated }];
    let limits = Thresholds::default();
    let report =
        validate(&reference, &generated, None, &photons(), &settings, &limits, &Silent).unwrap();
    report.models.into_iter().next().unwrap()
}

fn of<'a>(result: &'a ModelResult, measure: &str) -> &'a Criterion {
    result.verdict.criteria.iter().find(|one| one.measure == measure).unwrap()
}

fn red(result: &ModelResult) -> Vec<&str> {
    let criteria = result.verdict.criteria.iter();
    criteria.filter(|one| one.status == Status::Red).map(|one| one.measure.as_str()).collect()
}

#[test]
fn geant4_against_itself_is_green() {
    let found = judged(|events| events);
    for one in &found.verdict.criteria {
        assert!(matches!(one.status, Status::Green | Status::Abstained), "{one:?}");
    }
    assert_eq!(found.verdict.status, Status::Green);
    assert!(found.weaknesses.is_empty(), "{:?}", found.weaknesses);
}

#[test]
fn a_total_that_is_two_percent_too_great_is_a_bias_of_the_response() {
    let found = judged(|mut events| {
        events.values.mapv_inplace(|value| 1.02 * value);
        events
    });
    let bias = of(&found, "response-bias");
    assert_eq!(bias.status, Status::Red, "{bias:?}");
    approx::assert_abs_diff_eq!(bias.figure.value, 0.02, epsilon = 0.003);
    assert!(found.weaknesses.iter().any(|text| text.contains("mean response is off by")));
}

#[test]
fn a_dead_voxel_is_found_and_named() {
    // The second ring of the strips, in the first sector.
    const DEAD: usize = 9;
    let found = judged(|mut events| {
        events.values.column_mut(DEAD).fill(0.0);
        events
    });
    assert_eq!(red(&found), ["dead-cells"]);
    let cells = found.cells.as_ref().unwrap();
    assert_eq!((cells.dead, cells.worst[0].cell, cells.worst[0].layer), (1, DEAD, 1));
    assert!(of(&found, "dead-cells").place.contains("cell 9 (layer 1)"));
}

#[test]
fn a_collapsed_mode_is_a_lack_of_coverage_at_its_energy() {
    let found = judged(|mut events| {
        let at: Vec<usize> =
            (0..events.len()).filter(|&event| events.conditions[[event, 0]] == 2048.0).collect();
        // Twenty showers over and over, each a little brighter or dimmer.
        for (number, &event) in at.iter().enumerate() {
            let template = events.values.row(at[number % 20]).to_owned();
            let factor = 1.0 + 0.01 * ((number / 20) as f32 / 66.0 - 0.5);
            events.values.row_mut(event).assign(&(template * factor));
        }
        events
    });
    let coverage = found
        .verdict
        .criteria
        .iter()
        .find(|one| one.measure == "coverage" && one.name.contains("worst bin"))
        .unwrap();
    assert_eq!(coverage.status, Status::Red, "{coverage:?}");
    assert!(coverage.place.contains("2.048 GeV"), "{coverage:?}");
}

#[test]
fn a_missing_energy_is_told_before_anything_else() {
    let found = judged(|events| {
        let kept: Vec<usize> =
            (0..events.len()).filter(|&e| events.conditions[[e, 0]] != 512.0).collect();
        events.select(&kept)
    });
    let first = &found.verdict.criteria[0];
    assert_eq!((first.measure.as_str(), first.status), ("conditions", Status::Red));
    assert!(first.place.contains("there are no events at 512 MeV"), "{first:?}");
}

#[test]
fn a_layer_with_its_angle_the_wrong_way_round_breaks_correlations() {
    let detector = photons();
    let layer = &detector.layers()[2];
    let (first, rings, sectors) = match layer.shape() {
        LayerShape::Rings { radial_edges_mm, angular_bins } => {
            (layer.cells().start, radial_edges_mm.len() - 1, *angular_bins)
        }
        LayerShape::Rectangles { .. } => panic!("data set 1 has rings"),
    };
    let found = judged(|mut events| {
        let turned: Array2<f32> = Array2::from_shape_fn(events.values.dim(), |(event, cell)| {
            let source = if layer.cells().contains(&cell) {
                let (sector, ring) = ((cell - first) / rings, (cell - first) % rings);
                first + (sectors - 1 - sector) * rings + ring
            } else {
                cell
            };
            events.values[[event, source]]
        });
        events.values = turned;
        events
    });
    let correlation = of(&found, "correlation");
    assert_eq!(correlation.status, Status::Red, "{correlation:?}");
    assert_eq!(correlation.place, "ECphi_1 and ECphi_2");
    assert!(!red(&found).contains(&"separation"), "each layer by itself is as it was");
}

#[test]
fn one_percent_of_repeated_events_is_found() {
    let found = judged(|mut events| {
        let repeated = events.len() / 100;
        for event in 0..repeated {
            let copy = events.values.row(events.len() - 1 - event).to_owned();
            let energy = events.conditions[[events.len() - 1 - event, 0]];
            events.values.row_mut(event).assign(&copy);
            events.conditions[[event, 0]] = energy;
        }
        events
    });
    let repeated = of(&found, "duplicates");
    assert_eq!(repeated.status, Status::Red, "{repeated:?}");
    assert_eq!(found.duplicates.as_ref().unwrap().generated, 80);
    assert!(found.weaknesses.iter().any(|text| text.contains("1.00 % of the events")));
}
