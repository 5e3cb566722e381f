/// Where all data lie, with a known distance to it.
pub trait KnownManifold {
    /// Features of an event.
    fn features(&self) -> usize;

    /// Distance of an event to the nearest point of the manifold, 0 on it.
    ///
    /// # Shapes
    /// `event`: `[features]`.
    fn distance(&self, event: &[f64]) -> f64;
}
