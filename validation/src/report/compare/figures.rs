//! All figures of a model under stable names.

use std::collections::BTreeMap;

use crate::report::model::{ModelResult, WithFloor};

/// A figure, and what its best value is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judged {
    pub figure: WithFloor,
    best: Best,
}

#[derive(Debug, Clone, Copy)]
enum Best {
    /// The smaller the better.
    Least,
    /// The greater the better.
    Greatest,
    /// The nearer the better.
    At(f64),
}

impl Judged {
    /// How far it is from the best value, but for a constant.
    pub(super) fn distance(&self) -> f64 {
        let value = self.figure.value;
        match self.best {
            Best::Least => value,
            Best::Greatest => -value,
            Best::At(best) => (value - best).abs(),
        }
    }
}

/// Every figure that is a number, by its name.
pub(super) fn figures(model: &ModelResult) -> BTreeMap<String, Judged> {
    let mut found = BTreeMap::new();
    let mut add = |name: String, figure: WithFloor, best: Best| {
        if figure.value.is_finite() {
            found.insert(name, Judged { figure, best });
        }
    };
    for one in &model.observables {
        let of = |measure: &str| format!("{measure} of {}", one.name);
        add(of("kolmogorov-smirnov"), one.ks, Best::Least);
        add(of("chi2-per-ndf"), one.chi2_per_ndf, Best::Least);
        add(of("separation"), one.separation, Best::Least);
        add(of("anderson-darling"), one.anderson_darling, Best::Least);
        add(of("mann-whitney"), one.mann_whitney, Best::At(0.5));
        add(of("wasserstein"), one.wasserstein, Best::Least);
        add(of("energy-distance"), one.energy_distance, Best::Least);
        add(of("jensen-shannon"), one.jensen_shannon, Best::Least);
    }
    for bin in &model.per_condition {
        let place = format!("at {} {}", bin.condition, bin.label);
        for one in &bin.figures {
            let of = |measure: &str| format!("{measure} of {} {place}", one.observable);
            add(of("kolmogorov-smirnov"), one.ks, Best::Least);
            add(of("separation"), one.separation, Best::Least);
            add(of("mean-shift"), one.mean_shift, Best::At(0.0));
            add(of("spread-ratio"), one.spread_ratio, Best::At(1.0));
        }
        for (features, auc) in &bin.auc {
            add(format!("auc, {features}, {place}"), *auc, Best::At(0.5));
        }
    }
    if let Some(bias) = &model.response_bias {
        add("response-bias".to_owned(), bias.mean, Best::Least);
        add("response-bias-worst".to_owned(), bias.worst, Best::Least);
        add("resolution-bias".to_owned(), bias.resolution, Best::Least);
        add("response-chi2-per-ndf".to_owned(), bias.chi2_per_ndf, Best::Least);
    }
    if let Some(correlations) = &model.correlations {
        add("correlation".to_owned(), correlations.greatest, Best::Least);
    }
    if let Some(empty) = model.empty_events {
        add("empty-events".to_owned(), empty, Best::Least);
    }
    for one in &model.classifiers {
        let of = |measure: &str| format!("{measure}, {} on {}", one.kind, one.features);
        add(of("auc"), one.auc, Best::At(0.5));
        add(of("jsd"), one.jsd, Best::Least);
    }
    for one in &model.distances {
        let place =
            one.condition.as_ref().map_or_else(String::new, |condition| format!(" at {condition}"));
        let best = if one.greater_is_better { Best::Greatest } else { Best::Least };
        add(format!("{}, {}{place}", one.name, one.features), one.figure, best);
    }
    found
}
