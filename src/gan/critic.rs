use super::auxiliary::{Auxiliary, ConditionTarget, auxiliary_loss};
use super::critic_batch::{CriticBatch, CriticTerms, Side};
use super::objectives::{Judged, JudgedBatch, Objective};
use super::observables::ObservableMap;
use super::penalties::{Differentiated, Penalty, interpolate};
use super::schedule::Progress;
use super::view::Sight;
use crate::codec::{EventCodec, Labels};
use crate::compute::{Device, Tensor};
use crate::nn::{
    BatchStatistics, LabelCotangent, LayerDescription, Module, Network, Parameter, Pass, Site,
    feature_count,
};
use crate::random::{Normals, Uniforms};
use crate::settings::CriticSettings;

/// A network that tells real from generated events by what its view shows of them, given the
/// condition.
#[derive(Debug, Clone)]
pub struct Critic {
    network: Network,
    sight: Sight,
    objective: Objective,
    penalties: Vec<Penalty>,
    heads: Vec<(Auxiliary, ConditionTarget)>,
    target: Option<ConditionTarget>,
    packing: usize,
}

/// What a critic sees of one side.
#[derive(Debug, Clone)]
struct Seen {
    x: Tensor<2>,
    label: Tensor<2>,
    weight: Option<Tensor<2>>,
}

/// The output of the network for one side, and the gradient of the score where it was asked for.
#[derive(Debug)]
struct Answer {
    output: Tensor<2>,
    gradient: Option<Tensor<2>>,
}

/// Outputs up to which sides are asked for together.
const MOST_CUT: usize = 16;

impl Critic {
    /// A critic by settings that were checked for this codec.
    ///
    /// # Panics
    /// If they were not.
    pub fn new(
        settings: &CriticSettings,
        codec: &EventCodec,
        cells: Option<&ObservableMap>,
        normals: &mut Normals,
        device: &Device,
    ) -> Self {
        let layout = codec.layout();
        let sight = Sight::new(settings.sees, &layout, &settings.observables, cells);
        let seen = sight.width() * settings.packing;
        let layers = settings
            .network
            .layers(settings.outputs(seen))
            .expect("checked settings have one form of network");
        let mut site = Site { labels: layout.labels, normals, device };
        let target = |labels: &Labels, condition: &str| {
            ConditionTarget::new(labels, condition).expect("checked settings name a number")
        };
        let labels = codec.labels();
        Self {
            network: Network::build(&layers, &[seen], &mut site),
            sight,
            objective: settings.objective.clone(),
            penalties: settings.penalty.clone(),
            heads: settings
                .auxiliary
                .iter()
                .map(|head| (head.clone(), target(labels, &head.condition)))
                .collect(),
            target: settings.objective.target_condition().map(|name| target(labels, name)),
            packing: settings.packing,
        }
    }

    /// Values that the network sees at once, of all events of a pack.
    pub fn seen_width(&self) -> usize {
        self.sight.width() * self.packing
    }

    pub fn objective(&self) -> &Objective {
        &self.objective
    }

    pub fn describe(&self) -> Vec<LayerDescription> {
        self.network.describe()
    }

    /// Whether what it says of one event depends on the others of its batch.
    pub fn mixes_events(&self) -> bool {
        self.network.mixes_events()
    }

    /// Power iterations of spectral normalisation, before each step.
    pub fn before_step(&mut self) {
        self.network.before_step();
    }

    /// Takes up the statistics of batch norms.
    pub fn absorb(&mut self, terms: &mut CriticTerms) {
        for statistics in &mut terms.statistics {
            self.network.absorb(statistics);
        }
    }

    /// The score of each event alone, after the training; none where the critic has no such thing:
    /// it sees events in packs, or its objective needs a second batch.
    ///
    /// # Shapes
    /// `encoded`: `[events, EncodedLayout::width]`, `label`: `[events, labels]`; the scores:
    /// `[events, 1]`.
    pub fn scores(&self, encoded: &Tensor<2>, label: &Tensor<2>) -> Option<Tensor<2>> {
        if self.packing > 1 || !self.objective.has_score() || self.objective.needs_other_fake() {
            return None;
        }
        let mut pass = Pass::evaluation(Some(label.clone()));
        Some(self.score(&self.network.forward(self.sight.of(encoded), &mut pass)))
    }

    /// The critic's loss on a batch.
    ///
    /// `uniforms` are for dropout; `equilibrium` is BEGAN's k.
    pub fn terms(
        &self,
        batch: &CriticBatch,
        uniforms: Uniforms,
        equilibrium: f64,
        progress: Progress,
    ) -> CriticTerms {
        let mut pass = Pass::training(None, uniforms);
        let mut statistics = Vec::new();
        let mut noise = batch.instance_noise.iter().cloned();
        let mut see = |side: &Side| self.see(side, noise.next());
        let real = see(&batch.real);
        let fake = see(&batch.fake);
        let other = batch.other_fake.as_ref().map(&mut see);
        let penalised = |kind: fn(&Penalty) -> bool| self.penalties.iter().any(kind);
        let traced = [
            penalised(|penalty| matches!(penalty, Penalty::R1 { .. })),
            penalised(|penalty| matches!(penalty, Penalty::R2 { .. })),
            false,
        ];
        let sides: Vec<&Seen> = [&real, &fake].into_iter().chain(&other).collect();
        let mut answers = self.ask_all(&sides, &traced, &mut pass, &mut statistics);
        let judged = |seen: &Seen, answer: &Answer| self.judged(seen, self.score(&answer.output));
        let judged = JudgedBatch {
            real: judged(&real, &answers[0]),
            fake: judged(&fake, &answers[1]),
            other_fake: other.as_ref().map(|other| judged(other, &answers[2])),
        };
        let flipped = batch.flipped.as_ref().map(|flipped| self.first_of_packs(flipped));
        let objective = self.objective.critic_loss(&judged, equilibrium, flipped.as_ref());

        let penalties: Vec<Tensor<1>> = self
            .penalties
            .iter()
            .map(|penalty| {
                let gradient = |answer: &mut Answer| {
                    answer.gradient.clone().expect("the side was traced for this penalty")
                };
                penalty.of(match penalty {
                    Penalty::R1 { .. } => gradient(&mut answers[0]),
                    Penalty::R2 { .. } => gradient(&mut answers[1]),
                    Penalty::Drift { .. } => judged.real.output.clone(),
                    Penalty::GradientPenalty(settings) => {
                        let other = judged.other_fake.as_ref().map(|other| &other.output);
                        let epsilon = self.first_of_packs(&batch.epsilon);
                        self.gradient_between(&real, &fake, epsilon, settings.of, other, &mut pass)
                    }
                })
            })
            .collect();
        let auxiliary = [(&real, &answers[0]), (&fake, &answers[1])]
            .into_iter()
            .filter_map(|(seen, answer)| self.head_loss(seen, &answer.output))
            .reduce(|sum, loss| sum + loss);
        let mut loss = objective.clone();
        for (value, penalty) in penalties.iter().zip(&self.penalties) {
            loss = loss + value.clone() * penalty.weight_at(progress);
        }
        if let Some(auxiliary) = &auxiliary {
            loss = loss + auxiliary.clone();
        }
        CriticTerms {
            loss,
            score_difference: self.objective.score_difference(&judged, &objective),
            objective,
            penalties,
            auxiliary,
            reconstruction: self.objective.reconstruction_losses(&judged),
            statistics,
        }
    }

    /// What the generator minimises against this critic: its objective, and the losses of the
    /// critic's heads at generated events. `instance_noise` is as in [`CriticBatch`].
    pub fn generator_loss(
        &self,
        real: &Side,
        fake: &Side,
        other_fake: Option<&Side>,
        instance_noise: &[Tensor<2>],
        uniforms: Uniforms,
    ) -> Tensor<1> {
        let mut pass = Pass::training(None, uniforms);
        let mut unused = Vec::new();
        let mut noise = instance_noise.iter().cloned();
        let mut see = |side: &Side| self.see(side, noise.next());
        let seen_real = see(real);
        let seen_fake = see(fake);
        let seen_other = other_fake.map(&mut see);
        let mut sides: Vec<&Seen> = vec![&seen_fake];
        sides.extend(&seen_other);
        let looks_at_real = self.objective.pairs_with_real();
        if looks_at_real {
            sides.push(&seen_real);
        }
        let answers = self.ask_all(&sides, &[false; 3], &mut pass, &mut unused);
        let score = |answer: &Answer| self.score(&answer.output);
        let judged_fake = self.judged(&seen_fake, score(&answers[0]));
        let judged_real = if looks_at_real {
            self.judged(&seen_real, score(answers.last().expect("there is the fake side")))
        } else {
            judged_fake.clone()
        };
        let batch = JudgedBatch {
            real: judged_real,
            fake: judged_fake,
            other_fake: seen_other.as_ref().map(|other| self.judged(other, score(&answers[1]))),
        };
        let loss = self.objective.generator_loss(&batch);
        match self.head_loss(&seen_fake, &answers[0].output) {
            Some(heads) => loss + heads,
            None => loss,
        }
    }

    /// The gradient between real and generated events; with respect to the conditions too, if
    /// they are interpolated.
    fn gradient_between(
        &self,
        real: &Seen,
        fake: &Seen,
        epsilon: Tensor<2>,
        of: Differentiated,
        other: Option<&Tensor<2>>,
        pass: &mut Pass,
    ) -> Tensor<2> {
        let label = match of {
            Differentiated::Data => real.label.clone(),
            Differentiated::DataAndCondition => {
                interpolate(real.label.clone(), fake.label.clone(), epsilon.clone())
            }
        };
        let between =
            Seen { x: interpolate(real.x.clone(), fake.x.clone(), epsilon), label, weight: None };
        pass.set_label(Some(between.label.clone()));
        let (output, trace) = self.network.forward_with_trace(between.x, pass);
        pass.take_statistics();
        let cotangent = self.cotangent(&output, other);
        let mut label = match of {
            Differentiated::Data => LabelCotangent::default(),
            Differentiated::DataAndCondition => LabelCotangent::wanted(),
        };
        let gradient = self.network.vjp(&trace, cotangent, &mut label);
        match label.into_sum() {
            Some(label) => Tensor::cat(vec![gradient, label], 1),
            None => gradient,
        }
    }

    /// What the critic sees of events, packed.
    fn see(&self, side: &Side, noise: Option<Tensor<2>>) -> Seen {
        let mut x = self.sight.of(&side.encoded);
        let [events, width] = x.dims();
        if self.packing > 1 {
            x = x.reshape([events / self.packing, width * self.packing]);
        }
        if let Some(noise) = noise {
            x = x + noise;
        }
        Seen {
            x,
            label: self.first_of_packs(&side.label),
            weight: side.weights.as_ref().map(|weights| self.product_of_packs(weights)),
        }
    }

    /// The first row of every pack: events of a pack have the same condition.
    fn first_of_packs(&self, rows: &Tensor<2>) -> Tensor<2> {
        if self.packing == 1 {
            return rows.clone();
        }
        let [events, width] = rows.dims();
        rows.clone().reshape([events / self.packing, width * self.packing]).narrow(1, 0, width)
    }

    /// The weight of a pack is the product of those of its events, which are drawn one by one.
    ///
    /// # Shapes
    /// `[events, 1]` to `[packs, 1]`.
    fn product_of_packs(&self, rows: &Tensor<2>) -> Tensor<2> {
        let packs = rows.clone().reshape([rows.dims()[0] / self.packing, self.packing]);
        // Not `prod_dim`, which takes logarithms.
        (0..self.packing)
            .map(|event| packs.clone().narrow(1, event, 1))
            .reduce(|product, weight| product * weight)
            .expect("a pack has an event at least")
    }

    /// Asks for all sides: in as few passes as can be; but one by one where batch norm would mix
    /// them, and where outputs are wide, so that to cut them apart costs more than it saves.
    fn ask_all(
        &self,
        sides: &[&Seen],
        traced: &[bool],
        pass: &mut Pass,
        statistics: &mut Vec<BatchStatistics>,
    ) -> Vec<Answer> {
        if self.network.mixes_events() || feature_count(self.network.output_shape()) > MOST_CUT {
            let ask = |(side, traced): (&&Seen, &bool)| {
                let answer = self.ask(&[side], *traced, None, pass).remove(0);
                statistics.push(pass.take_statistics());
                answer
            };
            return sides.iter().zip(traced).map(ask).collect();
        }
        let mut answers: Vec<Option<Answer>> = sides.iter().map(|_| None).collect();
        for with_trace in [true, false] {
            let chosen: Vec<usize> =
                (0..sides.len()).filter(|&i| traced[i] == with_trace).collect();
            if chosen.is_empty() {
                continue;
            }
            let parts: Vec<&Seen> = chosen.iter().map(|&i| sides[i]).collect();
            for (i, answer) in chosen.iter().zip(self.ask(&parts, with_trace, None, pass)) {
                answers[*i] = Some(answer);
            }
        }
        answers.into_iter().map(|answer| answer.expect("each side is in one of the two")).collect()
    }

    /// One pass for these sides together.
    fn ask(
        &self,
        sides: &[&Seen],
        traced: bool,
        other: Option<&Tensor<2>>,
        pass: &mut Pass,
    ) -> Vec<Answer> {
        let joined = |of: fn(&Seen) -> &Tensor<2>| match sides {
            [one] => of(one).clone(),
            _ => Tensor::cat(sides.iter().map(|side| of(side).clone()).collect(), 0),
        };
        pass.set_label(Some(joined(|side| &side.label)));
        let x = joined(|side| &side.x);
        let (output, gradient) = if traced {
            let (output, trace) = self.network.forward_with_trace(x, pass);
            let cotangent = self.cotangent(&output, other);
            let gradient = self.network.vjp(&trace, cotangent, &mut LabelCotangent::default());
            (output, Some(gradient))
        } else {
            (self.network.forward(x, pass), None)
        };
        let mut first = 0;
        sides
            .iter()
            .map(|side| {
                let rows = side.x.dims()[0];
                first += rows;
                let part = |all: &Tensor<2>| {
                    if sides.len() == 1 {
                        all.clone()
                    } else {
                        all.clone().narrow(0, first - rows, rows)
                    }
                };
                Answer { output: part(&output), gradient: gradient.as_ref().map(part) }
            })
            .collect()
    }

    /// The cotangent of the network's output: that of the objective, and 0 for the heads.
    fn cotangent(&self, output: &Tensor<2>, other: Option<&Tensor<2>>) -> Tensor<2> {
        let cotangent = self.objective.output_cotangent(&self.score(output), other);
        if self.heads.is_empty() {
            return cotangent;
        }
        let rows = output.dims()[0];
        let zeros = Tensor::zeros([rows, self.heads.len()], &cotangent.device());
        Tensor::cat(vec![cotangent, zeros], 1)
    }

    /// The outputs that the objective looks at, without the heads.
    fn score(&self, output: &Tensor<2>) -> Tensor<2> {
        if self.heads.is_empty() {
            return output.clone();
        }
        output.clone().narrow(1, 0, output.dims()[1] - self.heads.len())
    }

    fn head_loss(&self, seen: &Seen, output: &Tensor<2>) -> Option<Tensor<1>> {
        if self.heads.is_empty() {
            return None;
        }
        let first = output.dims()[1] - self.heads.len();
        let found = output.clone().narrow(1, first, self.heads.len());
        auxiliary_loss(&self.heads, &found, &seen.label, seen.weight.as_ref())
    }

    fn judged(&self, seen: &Seen, output: Tensor<2>) -> Judged {
        Judged {
            output,
            seen: seen.x.clone(),
            weight: seen.weight.clone(),
            target: self.target.as_ref().map(|target| target.of(&seen.label)),
        }
    }
}

impl Module for Critic {
    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        self.network.for_each_parameter(visit);
    }
}
