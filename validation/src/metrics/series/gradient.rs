//! Back-propagation through time for the network of `network.rs`.

use super::network::{LANES, Lanes, Layout, NEW, RESET, Trace, UPDATE, forward, output};

/// Which outputs the loss is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Readout {
    /// That of the last step.
    Last,
    /// Those of all steps.
    EveryStep,
}

/// Adds to `gradient` that of the loss of up to `LANES` series, and returns the loss.
///
/// `loss(step, lane, output)` gives an output's part of the loss and its derivative; for lanes
/// without a series both are 0.
///
/// # Shapes
/// `inputs`: `[steps, inputs]`; `gradient`: one for each of `parameters`.
pub(super) fn add_gradient(
    layout: Layout,
    parameters: &[f64],
    inputs: &[Lanes],
    readout: Readout,
    loss: &dyn Fn(usize, usize, f64) -> (f64, f64),
    gradient: &mut [f64],
) -> f64 {
    let hidden = layout.hidden;
    let steps = inputs.len() / layout.inputs;
    let trace = forward(layout, parameters, inputs);
    let mut total = 0.0;
    // The derivative by the state after the step.
    let mut by_state = vec![[0.0; LANES]; hidden];
    for step in (0..steps).rev() {
        if readout == Readout::EveryStep || step + 1 == steps {
            let state = &trace.states[(step + 1) * hidden..(step + 2) * hidden];
            let outputs = output(layout, parameters, state);
            let mut by_output = [0.0; LANES];
            for (lane, &output) in outputs.iter().enumerate() {
                let (part, derivative) = loss(step, lane, output);
                total += part;
                by_output[lane] = derivative;
            }
            gradient[layout.output_bias()] += by_output.iter().sum::<f64>();
            for unit in 0..hidden {
                let place = layout.output_weight() + unit;
                gradient[place] += dot(&by_output, &state[unit]);
                add(&mut by_state[unit], parameters[place], &by_output);
            }
        }
        let input = &inputs[step * layout.inputs..(step + 1) * layout.inputs];
        by_state = through_step(layout, parameters, &trace, step, input, &by_state, gradient);
    }
    total
}

/// The derivative by the state before a step, from that by the state after it.
fn through_step(
    layout: Layout,
    parameters: &[f64],
    trace: &Trace,
    step: usize,
    input: &[Lanes],
    by_state: &[Lanes],
    gradient: &mut [f64],
) -> Vec<Lanes> {
    let hidden = layout.hidden;
    let state = &trace.states[step * hidden..(step + 1) * hidden];
    let mut by_previous = vec![[0.0; LANES]; hidden];
    for (unit, by_after) in by_state.iter().enumerate() {
        let place = step * hidden + unit;
        let (r, z) = (&trace.reset[place], &trace.update[place]);
        let (n, recalled) = (&trace.new[place], &trace.recalled[place]);
        let lanes = std::array::from_fn::<usize, LANES, _>(|lane| lane);
        // By the sums before the activations.
        let by_new = lanes.map(|l| by_after[l] * (1.0 - z[l]) * (1.0 - n[l] * n[l]));
        let by_update = lanes.map(|l| by_after[l] * (state[unit][l] - n[l]) * z[l] * (1.0 - z[l]));
        let by_reset = lanes.map(|l| by_new[l] * recalled[l] * r[l] * (1.0 - r[l]));
        let by_recalled = lanes.map(|l| by_new[l] * r[l]);
        for (gate, by_input, by_hidden) in [
            (RESET, &by_reset, &by_reset),
            (UPDATE, &by_update, &by_update),
            (NEW, &by_new, &by_recalled),
        ] {
            gradient[layout.input_bias(gate, unit)] += by_input.iter().sum::<f64>();
            gradient[layout.hidden_bias(gate, unit)] += by_hidden.iter().sum::<f64>();
            let weights = layout.input_weight(gate, unit);
            for (weight, value) in input.iter().enumerate() {
                gradient[weights + weight] += dot(by_input, value);
            }
            let weights = layout.hidden_weight(gate, unit);
            for (weight, value) in state.iter().enumerate() {
                gradient[weights + weight] += dot(by_hidden, value);
                add(&mut by_previous[weight], parameters[weights + weight], by_hidden);
            }
        }
        for (previous, lane) in by_previous[unit].iter_mut().zip(lanes) {
            *previous += by_after[lane] * z[lane];
        }
    }
    by_previous
}

fn dot(a: &Lanes, b: &Lanes) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add(sum: &mut Lanes, factor: f64, values: &Lanes) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += factor * value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, generator, uniform};

    #[test]
    fn the_gradient_is_that_of_finite_differences() {
        let layout = Layout { inputs: 3, hidden: 4 };
        let mut random = generator(3, Purpose::SeriesWeights);
        let mut parameters = layout.first_parameters(&mut random);
        for parameter in &mut parameters {
            *parameter += 0.2 * (uniform(&mut random) - 0.5);
        }
        let inputs: Vec<Lanes> =
            (0..5 * 3).map(|_| std::array::from_fn(|_| 2.0 * uniform(&mut random) - 1.0)).collect();
        // Some loss that weighs every output of the first seven lanes differently.
        let loss = |step: usize, lane: usize, output: f64| {
            if lane >= 7 {
                return (0.0, 0.0);
            }
            let target = 0.1 * (step + lane) as f64;
            ((output - target).powi(2), 2.0 * (output - target))
        };
        for readout in [Readout::Last, Readout::EveryStep] {
            let value = |parameters: &[f64]| {
                let mut unused = vec![0.0; parameters.len()];
                add_gradient(layout, parameters, &inputs, readout, &loss, &mut unused)
            };
            let mut gradient = vec![0.0; parameters.len()];
            add_gradient(layout, &parameters, &inputs, readout, &loss, &mut gradient);
            for place in 0..parameters.len() {
                let mut moved = parameters.clone();
                moved[place] = parameters[place] + 1e-5;
                let above = value(&moved);
                moved[place] = parameters[place] - 1e-5;
                let expected = (above - value(&moved)) / 2e-5;
                let found = gradient[place];
                assert!((found - expected).abs() < 1e-7, "{readout:?} {place}: {found} {expected}");
            }
        }
    }
}
