use serde::{Deserialize, Serialize};

use super::layer::{
    BatchStatistics, Blueprint, LabelCotangent, Layer, Pass, Site, Trace, feature_count,
};
use super::layer_settings::LayerSettings;
use super::network::{Network, output_shape};
use super::operation::Operation;
use super::parameter::{Module, Parameter};
use crate::compute::Tensor;

/// y = (f₁(x), f₂(x), …): several stacks of layers on the same input, their flat outputs one behind
/// the other; for networks with several heads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BranchesSettings {
    pub branch: Vec<BranchSettings>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BranchSettings {
    pub layer: Vec<LayerSettings>,
}

#[derive(Debug, Clone)]
struct Branches {
    branches: Vec<Network>,
    shape: [usize; 1],
}

impl Blueprint for BranchesSettings {
    fn output_shape(&self, input: &[usize], labels: usize) -> Result<Vec<usize>, String> {
        if self.branch.is_empty() {
            return Err("has no branches".to_owned());
        }
        let mut features = 0;
        for branch in &self.branch {
            features += feature_count(&output_shape(&branch.layer, input, labels)?);
        }
        Ok(vec![features])
    }

    fn build(&self, input: &[usize], site: &mut Site<'_>) -> Box<dyn Layer> {
        let branches: Vec<Network> =
            self.branch.iter().map(|branch| Network::build(&branch.layer, input, site)).collect();
        let features = branches.iter().map(|branch| feature_count(branch.output_shape())).sum();
        Box::new(Branches { branches, shape: [features] })
    }
}

impl Layer for Branches {
    fn output_shape(&self) -> &[usize] {
        &self.shape
    }

    fn forward(&self, x: Tensor<2>, pass: &mut Pass) -> Tensor<2> {
        let outputs = self.branches.iter().map(|branch| branch.forward(x.clone(), pass));
        Tensor::cat(outputs.collect(), 1)
    }

    fn forward_with_trace(&self, x: Tensor<2>, pass: &mut Pass) -> (Tensor<2>, Trace) {
        let mut trace = Trace::default();
        let outputs = self.branches.iter().map(|branch| {
            let (y, part) = branch.forward_with_trace(x.clone(), pass);
            trace.parts.push(part);
            y
        });
        let outputs = outputs.collect();
        (Tensor::cat(outputs, 1), trace)
    }

    /// gₓ = Σ of the branches' own.
    fn vjp(&self, trace: &Trace, cotangent: Tensor<2>, label: &mut LabelCotangent) -> Tensor<2> {
        let mut first = 0;
        self.branches
            .iter()
            .zip(&trace.parts)
            .map(|(branch, part)| {
                let features = feature_count(branch.output_shape());
                first += features;
                branch.vjp(part, cotangent.clone().narrow(1, first - features, features), label)
            })
            .reduce(|sum, cotangent| sum + cotangent)
            .expect("there is a branch at least")
    }

    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        for (i, branch) in self.branches.iter_mut().enumerate() {
            branch.for_each_parameter(&mut |name, parameter| {
                visit(&format!("branches.{i}.{name}"), parameter);
            });
        }
    }

    fn before_step(&mut self) {
        self.branches.iter_mut().for_each(Network::before_step);
    }

    fn absorb(&mut self, statistics: &mut BatchStatistics) {
        self.branches.iter_mut().for_each(|branch| branch.absorb(statistics));
    }

    fn mixes_events(&self) -> bool {
        self.branches.iter().any(Network::mixes_events)
    }

    fn operations(&self) -> Vec<Operation> {
        vec![Operation::Branches(self.branches.iter().map(Network::operations).collect())]
    }

    fn clone_box(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::{cpu, matrix, to_host};
    use crate::nn::DenseSettings;
    use crate::random::{Purpose, Streams};

    fn branch(outputs: usize) -> BranchSettings {
        let dense: DenseSettings =
            toml::from_str(&format!("outputs = {outputs}")).expect("a dense layer");
        BranchSettings { layer: vec![LayerSettings::Dense(dense), LayerSettings::Tanh] }
    }

    #[test]
    fn the_vjp_is_burns_own_gradient() {
        let settings = BranchesSettings { branch: vec![branch(3), branch(2)] };
        assert_eq!(settings.output_shape(&[4], 0), Ok(vec![5]));
        let mut normals = Streams::new(3, Purpose::Initialisation).normals(0);
        let mut site = Site { labels: 0, normals: &mut normals, device: &cpu() };
        let layer = settings.build(&[4], &mut site);
        let x = matrix((0..8).map(|i| 0.3 * i as f32 - 1.0).collect(), 2, 4, &cpu());
        let x = Tensor::from_inner(x).require_grad();
        let graph = {
            let mut layer = layer.clone();
            layer.for_each_parameter(&mut |_, p| p.set_flat(Tensor::from_inner(p.flat())));
            layer
        };
        let mut pass = Pass::evaluation(None);
        let (y, trace) = graph.forward_with_trace(x.clone(), &mut pass);
        let cotangent = y.ones_like().detach();
        let ours = graph.vjp(&trace, cotangent, &mut LabelCotangent::default());
        let gradients = y.sum().backward();
        approx::assert_abs_diff_eq!(
            to_host(ours.inner()).as_slice(),
            to_host(x.grad(&gradients).expect("x has one")).as_slice(),
            epsilon = 1e-6
        );
    }
}
