//! The problems: one kind a file.

mod detector_simulations;
mod high_dimensional;
mod image_measures;
mod image_pairs;
mod image_sets;
mod image_source;
mod images;
mod paired;
mod point_sets;
mod points;
mod series;
mod unpaired;

use super::error::SuiteError;
use super::problem::Problem;

/// All problems, in the order of the documentation.
pub fn all() -> Vec<Box<dyn Problem>> {
    let points = point_sets::ALL.iter().map(|set| Box::new(*set) as Box<dyn Problem>);
    let images = image_sets::ALL.iter().map(|recipe| Box::new(images::Images::new(recipe)) as _);
    let simulations =
        detector_simulations::ALL.iter().map(|problem| Box::new(*problem) as Box<dyn Problem>);
    let paired = paired::ALL.iter().map(|task| Box::new(*task) as _);
    let unpaired = unpaired::ALL.iter().map(|task| Box::new(*task) as _);
    points
        .chain(images)
        .chain(paired)
        .chain(unpaired)
        .chain(series::all())
        .chain(simulations)
        .collect()
}

/// The problem of this name.
///
/// # Errors
/// No such problem.
pub fn find(name: &str) -> Result<Box<dyn Problem>, SuiteError> {
    all()
        .into_iter()
        .find(|problem| problem.name() == name)
        .ok_or_else(|| SuiteError::Unknown { what: "problem", name: name.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_has_a_name_of_its_own() {
        let mut names: Vec<String> = all().iter().map(|p| p.name().to_owned()).collect();
        names.sort();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count, "{names:?}");
    }
}
