use std::collections::BinaryHeap;

use detectors::{ConditionKind, Detector};
use ndarray::{ArrayView2, Axis};

use crate::random::mixed;

/// The values of all events, or of a random choice of so many: those whose numbers have the
/// smallest hashes, which does not depend on how the events come.
#[derive(Debug, Clone)]
pub(crate) struct KeptEvents {
    capacity: usize,
    events: Vec<usize>,
    width: usize,
    /// `[kept events, values]`
    values: Vec<f32>,
    /// Columns of the conditions that are images.
    image_columns: Vec<usize>,
    /// `[kept events, pixels of all condition images]`
    images: Vec<f32>,
    /// (hash of the event's number, its row here), the greatest hash on top; empty until rows
    /// are replaced.
    hashes: BinaryHeap<(u64, usize)>,
}

impl KeptEvents {
    /// `bytes` of memory for values and condition images.
    pub(super) fn new(detector: &Detector, bytes: usize) -> Self {
        let image_columns: Vec<usize> = detector
            .conditions()
            .iter()
            .filter(|condition| matches!(condition.kind, ConditionKind::Image(_)))
            .flat_map(detectors::Condition::columns)
            .collect();
        let width = detector.value_count();
        let event_bytes = (width + image_columns.len()) * size_of::<f32>();
        Self {
            capacity: (bytes / event_bytes.max(1)).max(1),
            events: Vec::new(),
            width,
            values: Vec::new(),
            image_columns,
            images: Vec::new(),
            hashes: BinaryHeap::new(),
        }
    }

    /// Keeps at most so many events, and at least one.
    pub(super) fn limit(&mut self, events: usize) {
        self.capacity = events.max(1);
    }

    /// Takes events, and forgets others where there is no room.
    pub(super) fn push(
        &mut self,
        first_event: usize,
        conditions: ArrayView2<'_, f64>,
        values: ArrayView2<'_, f32>,
    ) {
        for (offset, row) in values.axis_iter(Axis(0)).enumerate() {
            let event = first_event + offset;
            let images = self.image_columns.iter().map(|&c| conditions[[offset, c]] as f32);
            if self.events.len() < self.capacity {
                self.events.push(event);
                self.values.extend(row);
                self.images.extend(images);
                continue;
            }
            if self.hashes.is_empty() {
                let known = self.events.iter().enumerate();
                self.hashes = known.map(|(slot, &event)| (mixed(event as u64), slot)).collect();
            }
            let hash = mixed(event as u64);
            let Some(mut greatest) = self.hashes.peek_mut() else { continue };
            if hash > greatest.0 {
                continue;
            }
            let slot = greatest.1;
            *greatest = (hash, slot);
            self.events[slot] = event;
            let width = self.width;
            let target = &mut self.values[slot * width..(slot + 1) * width];
            target.iter_mut().zip(row).for_each(|(target, &value)| *target = value);
            let width = self.image_columns.len();
            let target = &mut self.images[slot * width..(slot + 1) * width];
            target.iter_mut().zip(images).for_each(|(target, value)| *target = value);
        }
    }

    pub(super) fn finish(&mut self) {
        self.hashes = BinaryHeap::new();
        self.values.shrink_to_fit();
        self.images.shrink_to_fit();
    }

    /// Numbers of the kept events, in the order of their rows.
    pub(crate) fn events(&self) -> &[usize] {
        &self.events
    }

    /// # Shapes
    /// `[kept events, values]`
    pub(crate) fn values(&self) -> ArrayView2<'_, f32> {
        ArrayView2::from_shape((self.events.len(), self.width), &self.values)
            .expect("every kept event has all values")
    }

    /// # Shapes
    /// `[kept events, pixels of all condition images]`
    pub(crate) fn images(&self) -> ArrayView2<'_, f32> {
        ArrayView2::from_shape((self.events.len(), self.image_columns.len()), &self.images)
            .expect("every kept event has all pixels")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, s};

    #[test]
    fn it_keeps_the_smallest_hashes_however_the_events_come() {
        let sky = detectors::builtin("radio-sky").expect("built in");
        let conditions = Array2::from_shape_fn((700, 1024), |(event, _)| event as f64);
        let values = Array2::from_shape_fn((700, 1024), |(event, _)| event as f32 + 0.5);
        let keep = |blocks: &[usize]| {
            // 50 events of 1024 pixels and as many of the condition.
            let mut kept = KeptEvents::new(&sky, 50 * 2048 * 4);
            let mut first = 0;
            for &events in blocks {
                let block = s![first..first + events, ..];
                kept.push(first, conditions.slice(block), values.slice(block));
                first += events;
            }
            kept.finish();
            kept
        };
        let whole = keep(&[700]);
        let mut expected: Vec<usize> = (0..700).collect();
        expected.sort_by_key(|&event| mixed(event as u64));
        expected.truncate(50);
        expected.sort_unstable();
        let mut found = whole.events().to_vec();
        found.sort_unstable();
        assert_eq!(found, expected);
        for (row, &event) in whole.events().iter().enumerate() {
            assert_eq!(whole.values()[[row, 1023]], event as f32 + 0.5);
            assert_eq!(whole.images()[[row, 1023]], event as f32);
        }
        for blocks in [&[1, 49, 1, 649][..], &[300, 400], &[50, 650]] {
            let pieces = keep(blocks);
            assert_eq!(pieces.events(), whole.events());
            assert_eq!(pieces.values(), whole.values());
        }
        assert_eq!(keep(&[20, 20]).events(), (0..40).collect::<Vec<_>>());
    }
}
