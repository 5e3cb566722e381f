//! How an event is measured: one pass over its cells, four events side by side.

mod containment;
mod lanes;
mod lateral;
mod layer;
mod moments;
mod ramps;
mod ring;
mod shapes;

use std::borrow::Cow;

use detectors::Detector;
use ndarray::{ArrayView2, Axis};

use self::containment::Containment;
use self::lanes::load;
use self::layer::LayerMeter;
use self::moments::{Axial, TINY};
use self::ramps::Ramps;
use self::ring::RingFinder;
pub(super) use self::shapes::cells_along_x;
use self::shapes::{ShapeMeter, ShapeSums};
use super::power_spectrum::SlopeMeter;
use super::{CellValue, ObservableKind, Quantity};
use crate::ValidationError;
pub(super) use lanes::{LANES, Lanes};

/// How the events of a detector are measured.
#[derive(Debug, Clone)]
pub struct Meter {
    /// Quantities of the whole event, which come first.
    whole: Vec<Quantity>,
    layers: Vec<LayerMeter>,
    containment: Option<Containment>,
    shapes: Option<ShapeMeter>,
    ring: Option<RingFinder>,
    slope: Option<SlopeMeter>,
    /// What is below is 0.
    cutoff: f64,
    /// Values of an event.
    values: usize,
}

/// Memory that is used again from event to event.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    cells: Vec<Lanes>,
    rings: Vec<Lanes>,
    contained: Vec<Lanes>,
    ramps: Ramps,
    shapes: ShapeSums,
    /// What was measured, in the order of [`ObservableKind::all`].
    pub found: Vec<Lanes>,
}

/// Hands at most [`LANES`] events on as slices; the last one stands for those that are missing.
///
/// # Shapes
/// `events`: `[1 to LANES, values]`
pub(super) fn in_lanes<E: CellValue, R>(
    events: ArrayView2<'_, E>,
    work: impl FnOnce(&[&[E]; LANES]) -> R,
) -> R {
    let rows: Vec<Cow<'_, [E]>> = events
        .axis_iter(Axis(0))
        .map(|row| row.to_slice().map_or_else(|| Cow::Owned(row.to_vec()), Cow::Borrowed))
        .collect();
    work(&std::array::from_fn(|lane| &*rows[lane.min(rows.len() - 1)]))
}

/// Sums over the event.
#[derive(Debug, Default)]
struct Event {
    energy: Lanes,
    hits: Lanes,
    depth: Axial,
    x: Axial,
    y: Axial,
    thirds: [Lanes; 3],
    radii: [Lanes; 2],
    ring: (Lanes, Lanes),
    peak: Lanes,
    slope: Lanes,
}

impl Meter {
    pub fn of(detector: &Detector) -> Self {
        let kinds = ObservableKind::all(detector).into_iter();
        let whole: Vec<Quantity> =
            kinds.filter(|kind| kind.layer.is_none()).map(|kind| kind.quantity).collect();
        let has = |quantity| whole.contains(&quantity);
        let layers = detector.layers().iter();
        let threshold = detector.readout_threshold();
        Self {
            layers: layers.map(|layer| LayerMeter::of(detector, layer)).collect(),
            containment: has(Quantity::Radius50).then(|| Containment::of(detector)).flatten(),
            shapes: ShapeMeter::of(detector),
            ring: has(Quantity::RingRadius).then(|| RingFinder::of(detector)).flatten(),
            slope: has(Quantity::PowerSlope).then(|| SlopeMeter::of(detector)).flatten(),
            // Without a threshold, every value above 0 counts.
            cutoff: if threshold > 0.0 { threshold } else { f64::from_bits(1) },
            whole,
            values: detector.value_count(),
        }
    }

    /// Whether so many events with so many values each and so many scales can be measured.
    pub(super) fn check_shape(
        &self,
        (events, values): (usize, usize),
        scales: usize,
    ) -> Result<(), ValidationError> {
        if values == self.values && events == scales {
            return Ok(());
        }
        Err(ValidationError::Shape {
            found_events: events,
            found_values: values,
            events: scales,
            values: self.values,
        })
    }

    /// Measures [`LANES`] events; the observables are in `scratch.found`.
    ///
    /// # Shapes
    /// `events`: `[LANES][values]`; `scales`: what the values of each are fractions of.
    pub(super) fn measure<E: CellValue>(
        &self,
        events: &[&[E]; LANES],
        scales: Lanes,
        scratch: &mut Scratch,
    ) {
        let Scratch { cells, rings, contained, ramps, shapes, found } = scratch;
        found.clear();
        found.resize(self.whole.len(), Lanes::ZERO);
        contained.clear();
        contained.resize(self.containment.as_ref().map_or(0, Containment::len), Lanes::ZERO);
        let mut event = Event::default();
        for (number, layer) in self.layers.iter().enumerate() {
            load(events, &layer.cells, self.cutoff, cells);
            let moments = layer.sums(cells, rings);
            event.energy += moments.energy;
            event.hits += moments.hits;
            event.depth.add(number as f64, moments.energy);
            event.x.first += moments.x.first;
            event.x.second += moments.x.second;
            event.y.first += moments.y.first;
            event.y.second += moments.y.second;
            event.thirds[3 * number / self.layers.len()] += moments.energy;
            if let Some(containment) = &self.containment {
                containment.add(number, cells, rings, contained);
            }
            if let Some(meter) = &self.shapes {
                meter.add(number, cells, moments.energy, shapes);
            }
            if let Some(finder) = &self.ring {
                event.ring = finder.find(cells, rings);
            }
            if let Some(meter) = &self.slope {
                event.peak = cells.iter().fold(Lanes::ZERO, |most, cell| most.greater(*cell));
                event.slope = meter.slopes(cells);
            }
            found.extend(layer.quantities.iter().map(|&quantity| layer.value(quantity, &moments)));
        }
        if let Some(containment) = &self.containment {
            let barycentre = (event.x.centre(event.energy), event.y.centre(event.energy));
            event.radii = containment.radii(contained, barycentre, [0.5, 0.9], ramps);
        }
        for (found, &quantity) in found.iter_mut().zip(&self.whole) {
            *found = match quantity {
                Quantity::Column(column) => Lanes(events.map(|event| event[column].into())),
                Quantity::Shape(shape) => shapes.value(shape, event.energy),
                other => event.value(other, scales),
            };
        }
    }
}

impl Event {
    fn value(&self, quantity: Quantity, scales: Lanes) -> Lanes {
        match quantity {
            Quantity::Response => self.energy / scales,
            Quantity::Depth => self.depth.centre(self.energy),
            Quantity::DepthWidth => self.depth.width(self.energy),
            Quantity::Third(third) => {
                self.thirds[third.min(2)] / self.energy.map(|energy| energy + TINY)
            }
            Quantity::Radius50 => self.radii[0],
            Quantity::Radius90 => self.radii[1],
            Quantity::Hits => self.hits,
            Quantity::CentreX => self.x.centre(self.energy),
            Quantity::CentreY => self.y.centre(self.energy),
            Quantity::WidthX => self.x.width(self.energy),
            Quantity::WidthY => self.y.width(self.energy),
            Quantity::RingRadius => self.ring.0,
            Quantity::RingHits => self.ring.1,
            Quantity::Peak => self.peak,
            Quantity::PowerSlope => self.slope,
            _ => self.energy,
        }
    }
}
