use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::classifiers::Judged;
use super::entries::Figures;
use super::settings::ValidationSettings;
use crate::Sample;
use crate::random::{Purpose, generator, permutation};

/// What the reference is compared with to learn how great a figure is without any fault.
pub(super) enum Floor {
    /// For each split, whether an event is in the first half. `[splits][events]`
    Halves(Vec<Vec<bool>>),
    /// A second, independent sample of the reference simulation.
    SecondReference,
}

impl Floor {
    pub(super) fn new(
        reference: &Sample,
        second_reference: Option<&Sample>,
        settings: &ValidationSettings,
    ) -> Self {
        if second_reference.is_some() {
            return Self::SecondReference;
        }
        let halves = (0..settings.floor_splits).map(|split| {
            let mut random = generator(settings.seed, Purpose::Halves(split));
            let events = reference.events();
            let mut in_first = vec![false; events];
            for &event in &permutation(events, &mut random)[..events / 2] {
                in_first[event] = true;
            }
            in_first
        });
        Self::Halves(halves.collect())
    }

    /// How the floor was made, for the report.
    pub(super) fn description(
        &self,
        reference: &Sample,
        second_reference: Option<&Sample>,
        settings: &ValidationSettings,
    ) -> String {
        match (self, second_reference) {
            (Self::SecondReference, Some(second)) => format!(
                "reference ({} events) against a second reference sample, `{}` ({} events)",
                reference.events(),
                second.label(),
                second.events()
            ),
            _ => format!(
                "random halves of the reference against each other, averaged over {} splits \
                 (classifiers: the first split; seed {}); a half has {} of the {} events, and \
                 figures whose fluctuations are known to fall with the number of events are scaled \
                 to the sizes of the comparison; errors are the spread over the splits",
                settings.floor_splits,
                settings.seed,
                reference.events() / 2,
                reference.events()
            ),
        }
    }
}

/// Figures of reference against reference, by what they are of.
#[derive(Default)]
pub(super) struct FloorCache {
    figures: Mutex<HashMap<String, Arc<Vec<Figures>>>>,
    classifiers: Mutex<HashMap<String, Option<Arc<Judged>>>>,
}

impl FloorCache {
    pub(super) fn figures(
        &self,
        key: String,
        compute: impl FnOnce() -> Vec<Figures>,
    ) -> Arc<Vec<Figures>> {
        let known = self.figures.lock().expect("no thread panicked").get(&key).cloned();
        known.unwrap_or_else(|| {
            let found = Arc::new(compute());
            self.figures.lock().expect("no thread panicked").insert(key, Arc::clone(&found));
            found
        })
    }

    pub(super) fn classifier<E>(
        &self,
        key: &str,
        compute: impl FnOnce() -> Result<Option<Judged>, E>,
    ) -> Result<Option<Arc<Judged>>, E> {
        let known = self.classifiers.lock().expect("no thread panicked").get(key).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let found = compute()?.map(Arc::new);
        let mut classifiers = self.classifiers.lock().expect("no thread panicked");
        classifiers.insert(key.to_owned(), found.clone());
        Ok(found)
    }
}

/// The numbers of the events in the first half, and of those in the second.
pub(super) fn members(in_first: &[bool]) -> (Vec<usize>, Vec<usize>) {
    (0..in_first.len()).partition(|&event| in_first[event])
}

/// Random halves of what is split into a few parts instead of single events.
pub(super) fn halves_of_parts(parts: usize, split: usize, seed: u64) -> (Vec<usize>, Vec<usize>) {
    let mut random = generator(seed, Purpose::Halves(split as u32));
    let mut first = permutation(parts, &mut random);
    let second = first.split_off(parts / 2);
    (first, second)
}
