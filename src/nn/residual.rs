use serde::{Deserialize, Serialize};

use super::layer::{
    BatchStatistics, Blueprint, LabelCotangent, Layer, Pass, Site, Trace, feature_count,
};
use super::layer_settings::LayerSettings;
use super::network::{Network, output_shape};
use super::operation::Operation;
use super::parameter::{Module, Parameter};
use crate::compute::Tensor;

/// y = s(x) + f(x) (arXiv:1512.03385): f the layers inside, s those of the shortcut, or the
/// identity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResidualSettings {
    pub layer: Vec<LayerSettings>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shortcut: Vec<LayerSettings>,
}

#[derive(Debug, Clone)]
struct Residual {
    branch: Network,
    shortcut: Option<Network>,
    shape: Vec<usize>,
}

impl Blueprint for ResidualSettings {
    fn output_shape(&self, input: &[usize], labels: usize) -> Result<Vec<usize>, String> {
        if self.layer.is_empty() {
            return Err("has no layers inside".to_owned());
        }
        let branch = output_shape(&self.layer, input, labels)?;
        let shortcut = output_shape(&self.shortcut, input, labels)?;
        if feature_count(&branch) != feature_count(&shortcut) {
            return Err(format!(
                "has {branch:?} features behind its layers and {shortcut:?} behind its shortcut, \
                 expected the same"
            ));
        }
        Ok(branch)
    }

    fn build(&self, input: &[usize], site: &mut Site<'_>) -> Box<dyn Layer> {
        let branch = Network::build(&self.layer, input, site);
        let shortcut =
            (!self.shortcut.is_empty()).then(|| Network::build(&self.shortcut, input, site));
        let shape = branch.output_shape().to_vec();
        Box::new(Residual { branch, shortcut, shape })
    }
}

impl Layer for Residual {
    fn output_shape(&self) -> &[usize] {
        &self.shape
    }

    fn forward(&self, x: Tensor<2>, pass: &mut Pass) -> Tensor<2> {
        let y = self.branch.forward(x.clone(), pass);
        match &self.shortcut {
            Some(shortcut) => shortcut.forward(x, pass) + y,
            None => x + y,
        }
    }

    fn forward_with_trace(&self, x: Tensor<2>, pass: &mut Pass) -> (Tensor<2>, Trace) {
        let (y, branch) = self.branch.forward_with_trace(x.clone(), pass);
        let mut trace = Trace { parts: vec![branch], ..Trace::default() };
        let skipped = match &self.shortcut {
            Some(shortcut) => {
                let (skipped, part) = shortcut.forward_with_trace(x, pass);
                trace.parts.push(part);
                skipped
            }
            None => x,
        };
        (skipped + y, trace)
    }

    fn vjp(&self, trace: &Trace, cotangent: Tensor<2>, label: &mut LabelCotangent) -> Tensor<2> {
        let through = self.branch.vjp(&trace.parts[0], cotangent.clone(), label);
        match &self.shortcut {
            Some(shortcut) => shortcut.vjp(&trace.parts[1], cotangent, label) + through,
            None => cotangent + through,
        }
    }

    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        self.branch.for_each_parameter(visit);
        if let Some(shortcut) = &mut self.shortcut {
            shortcut.for_each_parameter(&mut |name, parameter| {
                visit(&format!("shortcut.{name}"), parameter);
            });
        }
    }

    fn before_step(&mut self) {
        self.branch.before_step();
        if let Some(shortcut) = &mut self.shortcut {
            shortcut.before_step();
        }
    }

    fn absorb(&mut self, statistics: &mut BatchStatistics) {
        self.branch.absorb(statistics);
        if let Some(shortcut) = &mut self.shortcut {
            shortcut.absorb(statistics);
        }
    }

    fn mixes_events(&self) -> bool {
        self.branch.mixes_events() || self.shortcut.as_ref().is_some_and(Network::mixes_events)
    }

    fn operations(&self) -> Vec<Operation> {
        vec![Operation::Residual {
            body: self.branch.operations(),
            shortcut: self.shortcut.as_ref().map(Network::operations).unwrap_or_default(),
        }]
    }

    fn clone_box(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
