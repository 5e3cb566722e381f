use std::ops::{Add, AddAssign, Div, Mul, Range, Sub};

use crate::observables::CellValue;

/// Events that are measured side by side: each takes the same steps, so that the processor's
/// vector instructions do several at once.
pub(crate) const LANES: usize = 4;

/// A number of each event. What happens in one lane does not depend on the others.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[repr(align(32))]
pub(crate) struct Lanes(pub(crate) [f64; LANES]);

impl Lanes {
    pub(crate) const ZERO: Self = Self([0.0; LANES]);

    pub(crate) fn map(self, function: impl Fn(f64) -> f64) -> Self {
        Self(self.0.map(function))
    }

    /// 1 where the number is above 0.
    #[inline(always)]
    pub(crate) fn is_positive(self) -> Self {
        let [a, b, c, d] = self.0;
        let one = |number: f64| if number > 0.0 { 1.0 } else { 0.0 };
        Self([one(a), one(b), one(c), one(d)])
    }

    pub(crate) fn greater(self, other: Self) -> Self {
        let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
        Self([a.max(e), b.max(f), c.max(g), d.max(h)])
    }
}

/// An operation number by number. Written out: closures are not always seen through.
macro_rules! operation {
    ($trait:ident, $name:ident, $operator:tt) => {
        impl $trait for Lanes {
            type Output = Self;

            #[inline(always)]
            fn $name(self, other: Self) -> Self {
                let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
                Self([a $operator e, b $operator f, c $operator g, d $operator h])
            }
        }
    };
}

operation!(Add, add, +);
operation!(Sub, sub, -);
operation!(Mul, mul, *);
operation!(Div, div, /);

impl AddAssign for Lanes {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Mul<Lanes> for f64 {
    type Output = Lanes;

    #[inline(always)]
    fn mul(self, lanes: Lanes) -> Lanes {
        let [a, b, c, d] = lanes.0;
        Lanes([self * a, self * b, self * c, self * d])
    }
}

/// Replaces `cells` by those of some cells of the events. What is below `cutoff` is 0.
///
/// # Shapes
/// `events`: `[LANES][values]`; `cells`: `[cells in range]`.
pub(crate) fn load<E: CellValue>(
    events: &[&[E]; LANES],
    range: &Range<usize>,
    cutoff: f64,
    cells: &mut Vec<Lanes>,
) {
    let count = range.len();
    cells.resize(count, Lanes::ZERO);
    let cells = &mut cells[..count];
    let [a, b, c, d] = events.map(|event| &event[range.clone()][..count]);
    for cell in 0..count {
        let values: [f64; LANES] = [a[cell].into(), b[cell].into(), c[cell].into(), d[cell].into()];
        let [a, b, c, d] = values;
        let cut = |value: f64| if value < cutoff { 0.0 } else { value };
        cells[cell] = Lanes([cut(a), cut(b), cut(c), cut(d)]);
    }
}
