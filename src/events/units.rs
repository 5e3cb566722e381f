//! Are the energies in MeV? Told from the response E_tot / E_inc and the detector's range.

use detectors::Detector;

use super::Survey;

/// What a number in `from` is multiplied by to be in `to`; `None` for units of different things.
pub(super) fn unit_factor(from: &str, to: &str) -> Option<f64> {
    const KNOWN: [&[(&str, f64)]; 3] = [
        &[("eV", 1e-6), ("keV", 1e-3), ("MeV", 1.0), ("GeV", 1e3), ("TeV", 1e6)],
        &[("um", 1e-3), ("mm", 1.0), ("cm", 10.0), ("m", 1e3)],
        &[("mrad", 1e-3), ("rad", 1.0), ("deg", std::f64::consts::PI / 180.0)],
    ];
    if from == to {
        return Some(1.0);
    }
    KNOWN.iter().find_map(|units| {
        let of = |name: &str| units.iter().find(|(known, _)| *known == name).map(|(_, f)| *f);
        Some(of(from)? / of(to)?)
    })
}

/// Why the energies cannot be in MeV, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WrongUnits {
    pub evidence: String,
    pub advice: String,
}

/// A response within a factor of three of this is a mistake of units, not physics.
const FACTOR: f64 = 1000.0;

/// Looks for a factor of 1000 between showers and incident energies, or in both.
pub(super) fn wrong_units(survey: &Survey, detector: &Detector) -> Option<WrongUnits> {
    let range = detector.normalising_range()?;
    let median = survey.median_response;
    let seen = survey.response.count;
    // A detector that nothing is known of has no range to speak of.
    let is_known = range.end() / range.start() < 1e12;
    let most = |count: usize| is_known && 2 * count > seen;
    let near = |expected: f64| {
        let relative = median / detector.sampling_fraction();
        relative > expected / 3.0 && relative < expected * 3.0
    };
    let ratio = format!("the median of E_tot/E_inc is {}", plain(median));
    let wrong = |what: &str, advice: &str| {
        Some(WrongUnits { evidence: format!("{ratio}, so {what}"), advice: advice.to_owned() })
    };
    if near(FACTOR) {
        if most(survey.in_range) {
            wrong("the showers look like they are in keV", "divide `showers` by 1000")
        } else if most(survey.in_range_if_gev) {
            wrong(
                "the incident energies look like they are in GeV",
                "multiply `incident_energies` by 1000",
            )
        } else {
            wrong(
                "the incident energies look like they are in GeV, or the showers in keV",
                "bring both to MeV",
            )
        }
    } else if near(1.0 / FACTOR) {
        if most(survey.in_range) {
            wrong("the showers look like they are in GeV", "multiply `showers` by 1000")
        } else if most(survey.in_range_if_kev) {
            wrong(
                "the incident energies look like they are in keV",
                "divide `incident_energies` by 1000",
            )
        } else {
            wrong(
                "the showers look like they are in GeV, or the incident energies in keV",
                "bring both to MeV",
            )
        }
    } else {
        both_wrong(survey, detector)
    }
}

/// A ratio of about 1000 or 0.001 with three digits.
pub(super) fn plain(ratio: f64) -> String {
    match ratio {
        large if large >= 100.0 => format!("{large:.0}"),
        small if small < 0.01 => format!("{small:.5}"),
        other => format!("{other:.3}"),
    }
}

/// A plain response, and the incident energies outside of the range by a factor of 1000.
///
/// Energies somewhat below the range are a choice; the lowest a hundred times below is none.
fn both_wrong(survey: &Survey, detector: &Detector) -> Option<WrongUnits> {
    let seen = survey.response.count;
    let nearly_all = |count: usize| count > 0 && 100 * count >= 99 * seen;
    if 2 * survey.in_range > seen {
        return None;
    }
    let range = detector.normalising_range()?;
    let column = detector.normalising_column()?;
    let energy = detector.conditions().iter().position(|c| c.first_column == column)?;
    let energy = &survey.conditions[energy].moments;
    let far_below = energy.minimum < 0.01 * range.start();
    let (unit, advice) = if far_below && nearly_all(survey.in_range_if_gev) {
        ("GeV", "multiply `incident_energies` and `showers` by 1000")
    } else if nearly_all(survey.in_range_if_kev) {
        ("keV", "divide `incident_energies` and `showers` by 1000")
    } else {
        return None;
    };
    Some(WrongUnits {
        evidence: format!(
            "the incident energies are {} to {}, detector `{}` has {} to {} MeV, so all energies \
             look like they are in {unit}",
            energy.minimum,
            energy.maximum,
            detector.name(),
            range.start(),
            range.end(),
        ),
        advice: advice.to_owned(),
    })
}
