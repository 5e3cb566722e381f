//! ROC curves of the classifiers that try to tell the samples apart.

use super::axis::{Axis, Scale};
use super::canvas::{Stroke, draw_svg};
use super::error::PlotError;
use super::font::text_width;
use super::geometry::Rect;
use super::legend::{Block, Entry, MARGIN, Swatch};
use super::panel::Panel;
use super::rich_text::literal;
use super::style::{FigureContext, FigureSize, GUIDE, SERIES};
use super::ticks::number;
use super::two_panels::draw_titles;
use crate::report::model::ClassifierResult;

/// A good size for a ROC figure.
pub const ROC_SIZE: FigureSize = FigureSize { width: 560, height: 560 };

/// Draws the ROC curve of every classifier with its AUC, the AUC of reference against reference,
/// and the diagonal of a classifier that knows nothing.
///
/// # Errors
/// If there is no classifier.
pub fn roc_figure(
    classifiers: &[ClassifierResult],
    context: &FigureContext,
    size: FigureSize,
) -> Result<String, PlotError> {
    if classifiers.is_empty() {
        return Err(PlotError::Empty { figure: "ROC".to_owned() });
    }
    let typography = size.typography();
    let left = 14.0 + typography.label + text_width("0.0", typography.tick, false) + 6.0;
    let top = 2.0 * typography.label;
    let width = f64::from(size.width) - left - 16.0;
    let height = f64::from(size.height) - top - 2.9 * typography.label - 4.0;
    let panel = Panel {
        rect: Rect::new(left, top, width, height),
        x: Axis::new(Scale::Linear, (0.0, 1.0), "False positive rate", 5),
        y: Axis::new(Scale::Linear, (0.0, 1.0), "True positive rate", 5),
    };
    draw_svg((size.width, size.height), "ROC curves", |canvas| {
        let diagonal = [panel.point((0.0, 0.0)), panel.point((1.0, 1.0))];
        canvas.dashed(&diagonal, (5.0, 4.0), Stroke::new(GUIDE, 1.2))?;
        for (classifier, color) in classifiers.iter().zip(SERIES.into_iter().cycle()) {
            let finite = classifier.roc.iter().filter(|(x, y)| x.is_finite() && y.is_finite());
            let curve: Vec<_> = finite.map(|&point| panel.point(point)).collect();
            canvas.polyline(&curve, Stroke::new(color, 1.9))?;
        }
        let block = legend(classifiers);
        let (block_width, block_height) = block.size(&typography, width - 2.0 * MARGIN);
        let x = panel.rect.right() - MARGIN - block_width;
        let y = panel.rect.bottom() - MARGIN - block_height;
        block.draw(canvas, Rect::new(x, y, block_width, block_height), &typography)?;
        draw_titles(canvas, panel.rect, &typography, context)?;
        panel.draw_frame(canvas, &typography, true)?;
        panel.draw_x_label(canvas, &typography)?;
        panel.draw_y_label(canvas, 6.0 + typography.label, &typography)
    })
}

fn legend(classifiers: &[ClassifierResult]) -> Block {
    let mut entries = Vec::new();
    for (classifier, color) in classifiers.iter().zip(SERIES.into_iter().cycle()) {
        let (auc, floor) = (number(classifier.auc.value), number(classifier.auc.floor));
        let features = literal(&classifier.features);
        let text = format!("{features}: AUC {auc} (floor {floor})");
        entries.push(Entry::Sample(Swatch::Curve(color), text));
    }
    entries.push(Entry::Sample(Swatch::Dashes(GUIDE), "indistinguishable: AUC 0.5".to_owned()));
    Block { entries }
}
