//! Pictures of single events, and of the mean of several.

mod heading;
mod images;
mod layers;
mod layout;
mod projections;
mod table;

use detectors::{Detector, Response};
use ndarray::{ArrayView2, Axis};

use self::heading::Heading;
use super::correlations::pixels;
use super::drawing::canvas::draw_svg_up_to;
use super::drawing::style::{FigureSize, Style, Theme};
use super::error::{PlotError, check_length};
use super::units::Units;

/// A good size for an event.
pub const EVENT_SIZE: FigureSize = FigureSize { width: 1080, height: 560 };

/// What is drawn.
struct Picture<'a> {
    detector: &'a Detector,
    units: Units,
    title: String,
    heading: Heading,
    /// Mean of the conditions, of which images are drawn. `[condition_width]`
    conditions: Vec<f64>,
    /// What is below the read-out threshold is 0. `[value_count]`
    values: Vec<f64>,
    /// Events that this is the mean of.
    events: usize,
    /// Values of all events on the same colour scale, this one's included; none if it is alone.
    companions: Vec<Vec<f64>>,
}

/// Draws one event.
///
/// Layers are drawn side by side, at most eight of them; of a regular grid the three projections
/// onto its sides; of an image the image, with those it is generated for; of a table a bar for
/// each column. Values are shown on a logarithmic colour scale, few whole numbers on a linear one.
/// The figure is as wide as `size`, and at most as high.
///
/// # Shapes
/// `conditions`: `[detector.condition_width()]`; `values`: `[detector.value_count()]`.
///
/// # Errors
/// Other lengths. An event without any value is drawn empty.
pub fn event_display(
    detector: &Detector,
    conditions: &[f64],
    values: &[f32],
    title: &str,
    size: FigureSize,
) -> Result<String, PlotError> {
    let row = |length| (1, length);
    let conditions = ArrayView2::from_shape(row(conditions.len()), conditions);
    let values = ArrayView2::from_shape(row(values.len()), values);
    match (conditions, values) {
        (Ok(conditions), Ok(values)) => {
            mean_event_display(detector, conditions, values, title, size)
        }
        _ => Err(PlotError::Empty { figure: title.to_owned() }),
    }
}

/// Draws the mean of several events as [`event_display`] draws one.
///
/// # Shapes
/// `conditions`: `[events, detector.condition_width()]`; `values`:
/// `[events, detector.value_count()]`.
///
/// # Errors
/// Other lengths, or no events.
pub fn mean_event_display(
    detector: &Detector,
    conditions: ArrayView2<'_, f64>,
    values: ArrayView2<'_, f32>,
    title: &str,
    size: FigureSize,
) -> Result<String, PlotError> {
    Ok(Picture::new(detector, &ShownEvents { title, conditions, values })?.draw(size).0)
}

/// Events to show, or the mean of several.
///
/// # Shapes
/// `conditions`: `[events, detector.condition_width()]`; `values`:
/// `[events, detector.value_count()]`.
#[derive(Debug, Clone, Copy)]
pub struct ShownEvents<'a> {
    /// Such as the sample's name.
    pub title: &'a str,
    pub conditions: ArrayView2<'a, f64>,
    pub values: ArrayView2<'a, f32>,
}

/// Draws events of several samples below each other, on the same colour scale.
///
/// # Errors
/// Other lengths than the detector has, or nothing to show.
pub fn event_displays(
    detector: &Detector,
    shown: &[ShownEvents<'_>],
    size: FigureSize,
) -> Result<String, PlotError> {
    let pictures: Result<Vec<Picture>, PlotError> =
        shown.iter().map(|events| Picture::new(detector, events)).collect();
    let mut pictures = pictures?;
    if pictures.is_empty() {
        return Err(PlotError::Empty { figure: "events".to_owned() });
    }
    let values: Vec<Vec<f64>> = pictures.iter().map(|picture| picture.values.clone()).collect();
    for picture in &mut pictures {
        picture.companions.clone_from(&values);
    }
    let drawn: Vec<(String, u32)> = pictures.iter().map(|picture| picture.draw(size)).collect();
    let width = size.width;
    let height: u32 = drawn.iter().map(|(_, height)| height).sum();
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\">\n"
    );
    let mut top = 0;
    for (svg, height) in drawn {
        text += &svg.replacen("<svg ", &format!("<svg y=\"{top}\" "), 1);
        top += height;
    }
    Ok(text + "</svg>\n")
}

impl<'a> Picture<'a> {
    fn new(detector: &'a Detector, shown: &ShownEvents<'_>) -> Result<Self, PlotError> {
        let ShownEvents { title, conditions, values } = *shown;
        check_length(title, "a row of conditions", conditions.ncols(), detector.condition_width())?;
        check_length(title, "an event", values.ncols(), detector.value_count())?;
        check_length(title, "the list of conditions", conditions.nrows(), values.nrows())?;
        let threshold = match detector.response() {
            Response::Layers(_) => detector.readout_threshold(),
            Response::Table(_) => f64::NEG_INFINITY,
        };
        let read_out = |&value: &f32| match f64::from(value) {
            value if value >= threshold => value,
            _ => 0.0,
        };
        let events = values.nrows();
        let Some(mean_conditions) = conditions.mean_axis(Axis(0)) else {
            return Err(PlotError::Empty { figure: title.to_owned() });
        };
        Ok(Self {
            detector,
            units: Units::of(detector),
            title: title.to_owned(),
            heading: Heading::of(detector, conditions, title),
            conditions: mean_conditions.to_vec(),
            values: values
                .axis_iter(Axis(1))
                .map(|column| column.iter().map(read_out).sum::<f64>() / events as f64)
                .collect(),
            events,
            companions: Vec::new(),
        })
    }

    /// # Returns
    /// The SVG document and its height.
    fn draw(&self, size: FigureSize) -> (String, u32) {
        let mut drawn = 0;
        let svg = draw_svg_up_to(size.width, &self.title, |canvas| {
            let theme = Theme::new(Style::Plain, 560);
            self.heading.draw(canvas, size, &theme);
            let height = match self.detector.response() {
                Response::Table(columns) => table::draw(canvas, self, columns, size, &theme),
                Response::Layers(layers) => match self.detector.grid() {
                    Some([_, _, (2..)]) => projections::draw(canvas, self, size, &theme),
                    Some(_) => images::draw(canvas, self, &layers[0], size, &theme),
                    None => layers::draw(canvas, self, layers, size, &theme),
                },
            };
            drawn = pixels(height);
            drawn
        });
        (svg, drawn)
    }

    /// The values of all events that share the colour scale.
    fn values_for_colors(&self) -> impl Iterator<Item = &f64> {
        let alone = self.companions.is_empty().then_some(&self.values);
        self.companions.iter().chain(alone).flatten()
    }
}

impl Picture<'_> {
    /// Label of the colour bar.
    fn value_label(&self) -> String {
        if self.events > 1 { self.units.mean_value_label() } else { self.units.value_label() }
    }

    /// Whether values are whole numbers: their mean is not.
    fn has_whole_numbers(&self) -> bool {
        self.detector.has_whole_numbers() && self.events == 1
    }
}
