use super::inputs::Inputs;
use crate::report::model::{CellShape, LayerImage};

impl Inputs<'_> {
    /// Mean value of each cell of each layer, over all events.
    pub(super) fn layer_images(&self) -> Vec<LayerImage> {
        let (reference, generated) = (self.reference.mean_event(), self.generated.mean_event());
        self.detector
            .layers()
            .iter()
            .map(|layer| {
                let shape = CellShape::of(layer);
                LayerImage {
                    layer: layer.id(),
                    name: layer.name().to_owned(),
                    reference: shape.ordered(layer, &reference[layer.cells()]),
                    generated: shape.ordered(layer, &generated[layer.cells()]),
                    shape,
                }
            })
            .collect()
    }
}
