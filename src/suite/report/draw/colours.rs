/// Red, green and blue.
pub type Colour = [u8; 3];

/// Colours that are told apart by colour-blind readers as well, dark enough on white paper.
const SERIES: [Colour; 8] = [
    [0, 114, 178],
    [213, 94, 0],
    [0, 158, 115],
    [204, 121, 167],
    [160, 110, 0],
    [86, 180, 233],
    [106, 61, 154],
    [70, 70, 70],
];

/// The colour of a series by its number; after the eighth they come again.
pub fn series_colour(number: usize) -> Colour {
    SERIES[number % SERIES.len()]
}

/// [`series_colour`] as CSS has it.
pub fn series_css(number: usize) -> String {
    let [red, green, blue] = series_colour(number);
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Grey from black (0) to white (1).
pub fn grey(share: f64) -> Colour {
    [(255.0 * share.clamp(0.0, 1.0)).round() as u8; 3]
}

/// Stops of a scale from pale yellow over green to blue, light enough for black marks on top.
const STOPS: [[f64; 3]; 5] = [
    [255.0, 252.0, 229.0],
    [206.0, 232.0, 188.0],
    [138.0, 205.0, 186.0],
    [82.0, 164.0, 195.0],
    [56.0, 108.0, 176.0],
];

/// A colour for a share from 0 to 1; lightness falls all along.
pub fn sequential(share: f64) -> Colour {
    let place = share.clamp(0.0, 1.0) * (STOPS.len() - 1) as f64;
    let below = (place.floor() as usize).min(STOPS.len() - 2);
    let part = place - below as f64;
    let mix = |channel: usize| {
        let (from, to) = (STOPS[below][channel], STOPS[below + 1][channel]);
        (from + part * (to - from)).round() as u8
    };
    [mix(0), mix(1), mix(2)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lightness_falls_along_the_scale() {
        let light = |share: f64| sequential(share).map(f64::from).iter().sum::<f64>();
        let found: Vec<f64> = (0..=20).map(|step| light(f64::from(step) / 20.0)).collect();
        assert!(found.windows(2).all(|pair| pair[1] < pair[0]), "{found:?}");
        assert_eq!(sequential(f64::NAN.max(0.0)), [255, 252, 229]);
        assert_eq!(series_css(8), series_css(0));
    }
}
