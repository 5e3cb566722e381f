//! The pulse of a CR-RCⁿ shaper, and what is read off a sampled pulse.

/// The response of a CR-RCⁿ shaper of time constant τ to a step of charge, scaled to a peak of 1 at
/// t = n τ (Knoll, "Radiation Detection and Measurement", 4th ed., section 16.III):
///
/// (t / n τ)ⁿ exp(n − t / τ) for t > 0, else 0.
pub(super) fn cr_rc(t: f64, time_constant: f64, order: i32) -> f64 {
    if t <= 0.0 {
        return 0.0;
    }
    let order_f = f64::from(order);
    (t / (order_f * time_constant)).powi(order) * (order_f - t / time_constant).exp()
}

/// What a read-out would find in a sampled pulse.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct PulseQuantities {
    /// Of the parabola through the greatest sample and its neighbours.
    pub amplitude: f64,
    /// Of the same parabola, in samples.
    pub peak_time: f64,
    /// Full width at half of the amplitude, by straight lines between samples, in samples.
    pub width: f64,
    /// Root mean square of the first samples, in front of the pulse.
    pub noise: f64,
}

/// `quiet`: samples in front of any pulse.
///
/// # Panics
/// With fewer than three samples, or no quiet one.
pub(super) fn quantities(samples: &[f64], quiet: usize) -> PulseQuantities {
    let last = samples.len() - 1;
    let peak = (0..samples.len())
        .max_by(|a, b| samples[*a].total_cmp(&samples[*b]))
        .expect("there are samples")
        .clamp(1, last - 1);
    let [before, at, behind] = [samples[peak - 1], samples[peak], samples[peak + 1]];
    let curvature = before - 2.0 * at + behind;
    // Flat pulses have no parabola.
    let shift =
        if curvature < 0.0 { (0.5 * (before - behind) / curvature).clamp(-1.0, 1.0) } else { 0.0 };
    let amplitude = at - 0.25 * (before - behind) * shift;
    let half = 0.5 * amplitude;
    // Where the line between two samples goes through one half.
    let crossing = |from: usize, to: usize| {
        let (a, b) = (samples[from], samples[to]);
        from as f64 + (to as f64 - from as f64) * (a - half) / (a - b)
    };
    let falls =
        (peak..last).find(|&i| samples[i + 1] < half).map_or(last as f64, |i| crossing(i, i + 1));
    let rises =
        (1..=peak).rev().find(|&i| samples[i - 1] < half).map_or(0.0, |i| crossing(i, i - 1));
    let squares: f64 = samples[..quiet].iter().map(|sample| sample * sample).sum();
    PulseQuantities {
        amplitude,
        peak_time: peak as f64 + shift,
        width: falls - rises,
        noise: (squares / quiet as f64).sqrt(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pulses_have_their_peak_at_n_tau() {
        assert_eq!(cr_rc(-1.0, 2.0, 2), 0.0);
        approx::assert_relative_eq!(cr_rc(4.0, 2.0, 2), 1.0, max_relative = 1e-12);
        assert!(cr_rc(3.9, 2.0, 2) < 1.0 && cr_rc(4.1, 2.0, 2) < 1.0);
    }

    #[test]
    fn a_triangle_is_read_off_exactly() {
        // Half of the peak is crossed in the middle between samples.
        let found = quantities(&[0.0, 0.0, 1.0, 2.0, 1.0, 0.0], 2);
        let expected = PulseQuantities { amplitude: 2.0, peak_time: 3.0, width: 2.0, noise: 0.0 };
        assert_eq!(found, expected);
    }

    #[test]
    fn a_fine_sampling_finds_the_pulse_itself() {
        let samples: Vec<f64> =
            (0..400).map(|i| 0.7 * cr_rc(f64::from(i) - 30.3, 25.0, 2)).collect();
        let found = quantities(&samples, 20);
        approx::assert_relative_eq!(found.amplitude, 0.7, max_relative = 1e-5);
        approx::assert_relative_eq!(found.peak_time, 80.3, max_relative = 1e-3);
        // Half of the peak at t / τ = 0.76124 and 4.15592, by scipy.optimize.brentq.
        approx::assert_relative_eq!(found.width, 25.0 * (4.155_92 - 0.761_24), max_relative = 1e-3);
    }

    #[test]
    fn what_is_no_pulse_gives_numbers_too() {
        let flat = quantities(&[0.1; 6], 2);
        assert_eq!((flat.amplitude, flat.width), (0.1, 5.0));
        let rising = quantities(&[0.0, 1.0, 2.0, 3.0], 1);
        assert!(rising.peak_time.is_finite() && rising.width.is_finite());
    }
}
