use super::images::{ImageView, element};
use super::plane::PlaneView;
use super::profile::{histograms, profile};
use super::series::SeriesView;
use crate::suite::report::artefacts::Artefacts;
use crate::suite::report::text::escaped;

/// How the events of a problem are looked at, by their shape and the data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SampleView {
    Plane(PlaneView),
    Images(ImageView),
    Series(SeriesView),
    /// Single numbers.
    Line,
    /// Many values without a place.
    Values,
}

impl SampleView {
    /// `None` where the data have no finite value, or there are no data.
    pub fn of(artefacts: &Artefacts) -> Option<Self> {
        let data = &artefacts.reference;
        data.first()?;
        match artefacts.shape[..] {
            [1] => Some(Self::Line),
            [2] => PlaneView::of(data).map(Self::Plane),
            [_] => Some(Self::Values),
            [steps, features] => SeriesView::of(steps, features, data).map(Self::Series),
            [channels, rows, columns] => {
                ImageView::of([channels, rows, columns], data).map(Self::Images)
            }
            _ => None,
        }
    }

    /// What is to be known of the pictures.
    pub fn remark(&self) -> &'static str {
        match self {
            Self::Plane(_) => "Grey: data. Blue: generated points, as many.",
            Self::Images(view) if view.logarithmic => {
                "Grey is logarithmic over four decades below the highest value of the data."
            }
            Self::Images(_) => {
                "Images in the order of the classes that were asked for, else as they came; none was chosen."
            }
            Self::Series(_) => {
                "The first eight series, a colour for each feature; none was chosen."
            }
            Self::Line => "Grey: data. Blue: generated.",
            Self::Values => {
                "Mean and standard deviation of every value. Grey: data. Blue: generated."
            }
        }
    }
}

/// Whether input images of the same form stand beside the samples.
pub fn has_inputs(artefacts: &Artefacts) -> bool {
    let (input, sample) = (artefacts.input.iter().flatten().next(), artefacts.samples.first());
    input.zip(sample).is_some_and(|(input, sample)| input.len() == sample.len())
}

/// The data alone.
pub fn data_picture(view: &SampleView, artefacts: &Artefacts) -> String {
    let data = &artefacts.reference;
    let label = "Test data";
    match view {
        SampleView::Plane(view) => view.framed(&view.scatter(data, None), "", label),
        SampleView::Images(view) => element(&view.sheet(artefacts, data), label),
        SampleView::Series(view) => view.draw(data, label),
        SampleView::Line => histograms(data, None, label).unwrap_or_default(),
        SampleView::Values => profile(data, None, label).unwrap_or_default(),
    }
}

/// Samples of a system, with the data where they can be beside each other.
pub fn sample_picture(view: &SampleView, artefacts: &Artefacts, system: &str) -> String {
    let (data, samples) = (&artefacts.reference, &artefacts.samples);
    let label = format!("Samples of {}", escaped(system));
    match view {
        SampleView::Plane(view) => {
            let outside = view.outside(samples);
            let label = format!("{label} over the data, {outside} of {} outside", samples.len());
            view.framed(&view.scatter(data, Some(samples)), "", &label)
        }
        SampleView::Images(view) => match &artefacts.input {
            Some(input) if has_inputs(artefacts) => {
                let label = format!("{label}: rows of inputs, samples and data");
                element(&view.translations(artefacts, input), &label)
            }
            _ => element(&view.sheet(artefacts, samples), &label),
        },
        SampleView::Series(view) => view.draw(samples, &label),
        SampleView::Line => histograms(data, Some(samples), &label).unwrap_or_default(),
        SampleView::Values => profile(data, Some(samples), &label).unwrap_or_default(),
    }
}
