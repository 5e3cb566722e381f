use std::fmt::Write as _;

use super::images::shown_width;
use super::samples::SampleView;
use crate::suite::report::artefacts::Artefacts;
use crate::suite::report::draw::{Picture, png_uri};
use crate::suite::report::text::escaped;

/// Seconds that a frame stays.
const FRAME_SECONDS: f64 = 0.35;
/// Share of the time until the last frame, which then stays.
const MOVING: f64 = 0.85;

/// Samples over a training as one picture of all frames, that CSS moves past a window; the last
/// frame stands still where motion is not wanted and on paper. `None` without frames.
pub fn film(view: &SampleView, artefacts: &Artefacts, system: &str) -> Option<String> {
    let of_data = match view {
        SampleView::Plane(view) => Some(view.frame_of_data(&artefacts.reference)),
        _ => None,
    };
    let frames: Vec<(u64, Picture)> = artefacts
        .frames
        .iter()
        .filter_map(|frame| {
            let picture = match view {
                SampleView::Plane(view) => view.frame(of_data.as_ref()?, &frame.samples),
                SampleView::Images(view) if !frame.samples.is_empty() => view.frame(&frame.samples),
                SampleView::Series(view) => view.frame(&frame.samples),
                _ => return None,
            };
            Some((frame.iteration, picture))
        })
        .collect();
    let (first, last) = (frames.first()?, frames.last()?);
    let (width, height) = (last.1.width, last.1.height);
    let mut strip = Picture::new(width * frames.len(), height, [255; 3]);
    for (number, (_, picture)) in frames.iter().enumerate() {
        strip.paste(picture, number * width, 0);
    }
    let shown = if matches!(view, SampleView::Images(_)) { shown_width(&last.1) } else { width };
    let count = frames.len();
    let steps = (count - 1).max(1);
    let end = -100.0 * (count - 1) as f64 / count as f64;
    let time = FRAME_SECONDS * count as f64 / MOVING;
    let mut counter = String::new();
    for (iteration, _) in &frames {
        let _ = write!(counter, "<span>iteration {iteration}</span>");
    }
    let style = format!("animation-timing-function:steps({steps});animation-duration:{time:.1}s");
    Some(format!(
        "<div class=\"film\" style=\"--end:{end:.4}%;width:{shown}px\">\
         <div class=\"window\"><img class=\"strip\" style=\"width:{}%;{style}\" alt=\"Samples of {} at {count} times of the training, from iteration {} to {}\" src=\"{}\"></div>\
         <div class=\"counter\" aria-hidden=\"true\"><div style=\"{style}\">{counter}</div></div></div>",
        100 * count,
        escaped(system),
        first.0,
        last.0,
        png_uri(&strip.png())
    ))
}
