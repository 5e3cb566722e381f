use super::settings::{Measure, Scope, Threshold};

impl Measure {
    /// As it is written in TOML.
    pub fn name(self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(name)) => name,
            _ => String::new(),
        }
    }

    /// Whether it is a figure of a single observable.
    pub(crate) fn of_observable(self) -> bool {
        matches!(
            self,
            Self::KolmogorovSmirnov
                | Self::Chi2PerNdf
                | Self::Separation
                | Self::AndersonDarling
                | Self::Wasserstein
                | Self::EnergyDistance
                | Self::JensenShannon
                | Self::MeanShift
                | Self::SpreadRatio
        )
    }

    fn title(self) -> &'static str {
        match self {
            Self::Conditions => "conditions that are missing or distributed otherwise",
            Self::KolmogorovSmirnov => "Kolmogorov–Smirnov distance",
            Self::Chi2PerNdf => "χ²/ndf",
            Self::Separation => "separation power",
            Self::AndersonDarling => "Anderson–Darling statistic",
            Self::Wasserstein => "W₁ in standard deviations",
            Self::EnergyDistance => "energy distance in standard deviations",
            Self::JensenShannon => "Jensen–Shannon divergence",
            Self::MeanShift => "shift of the mean in standard deviations",
            Self::SpreadRatio => "|ratio of the standard deviations − 1|",
            Self::ResponseBias => "bias of the mean response",
            Self::ResponseBiasWorst => "bias of the response at one energy",
            Self::ResolutionBias => "bias of the resolution",
            Self::ResponseChi2PerNdf => "χ²/ndf of E_tot / E_inc over the incident energies",
            Self::Correlation => "greatest difference of correlation coefficients",
            Self::DeadCells => "dead cells",
            Self::HotCells => "hot cells",
            Self::CellSpread => "excess spread of the cells' occupancies",
            Self::Duplicates => "share of repeated events",
            Self::Copies => "share of events copied from the reference",
            Self::EmptyEvents => "difference of the shares of empty events",
            Self::Auc => "AUC",
            Self::Jsd => "Jensen–Shannon divergence by classifier",
            Self::Fpd => "Fréchet physics distance",
            Self::Kpd => "kernel physics distance",
            Self::Frechet => "Fréchet distance",
            Self::Mmd => "maximum mean discrepancy",
            Self::SlicedWasserstein => "sliced Wasserstein distance",
            Self::Precision => "precision",
            Self::Recall => "recall",
            Self::Density => "density",
            Self::Coverage => "coverage",
            Self::PrdF8 => "F₈ of the PRD curve",
            Self::PrdF18 => "F₁/₈ of the PRD curve",
        }
    }
}

impl Threshold {
    /// What is judged, in words.
    pub(crate) fn title(&self) -> String {
        let mut title = String::new();
        if self.measure.of_observable() {
            title += "worst ";
        }
        title += self.measure.title();
        if let Some(features) = &self.features {
            title += &format!(" on {features} features");
        }
        if let Some(classifier) = &self.classifier {
            title += &format!(" ({classifier})");
        }
        if let Some(names) = &self.observables {
            title += &format!(" of {}", names.join(", "));
        }
        if self.per == Scope::Condition {
            title += ", worst bin of the conditions";
        }
        title
    }

    /// Whether an observable is meant.
    pub(crate) fn names(&self, observable: &str) -> bool {
        self.observables
            .as_ref()
            .is_none_or(|patterns| patterns.iter().any(|pattern| matches(pattern, observable)))
    }
}

/// Whether a name fits a pattern in which `*` stands for any characters.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut left) = name.strip_prefix(head) else { return false };
    loop {
        if matches(rest, left) {
            return true;
        }
        let mut characters = left.chars();
        if characters.next().is_none() {
            return false;
        }
        left = characters.as_str();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_any_characters() {
        for (pattern, name, fits) in [
            ("E_tot", "E_tot", true),
            ("E_*", "E_12", true),
            ("E_*", "W_12", false),
            ("*_12", "sparsity_12", true),
            ("E*_2", "ECeta_2", true),
            ("E*_2", "ECeta_21", false),
            ("*", "", true),
        ] {
            assert_eq!(matches(pattern, name), fits, "{pattern} {name}");
        }
    }

    #[test]
    fn names_are_those_of_the_files() {
        assert_eq!(Measure::ResponseChi2PerNdf.name(), "response-chi2-per-ndf");
        assert_eq!(Measure::PrdF18.name(), "prd-f1-8");
        assert_eq!(Measure::Auc.name(), "auc");
    }
}
