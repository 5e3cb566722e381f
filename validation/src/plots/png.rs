//! Figures as pixels.

use std::sync::{Arc, LazyLock};

use resvg::{tiny_skia, usvg};

use super::error::PlotError;
use super::font::{BOLD, FAMILY, REGULAR};

static FONTS: LazyLock<Arc<usvg::fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = usvg::fontdb::Database::new();
    fonts.load_font_data(REGULAR.to_vec());
    fonts.load_font_data(BOLD.to_vec());
    fonts.set_sans_serif_family(FAMILY);
    Arc::new(fonts)
});

/// Pixels in a PNG for each pixel of the SVG.
pub const PNG_SCALE: f32 = 2.0;

/// Renders an SVG document as a PNG file, with the bundled font alone: the same pixels everywhere.
///
/// # Errors
/// If the document is not valid SVG, or too large for an image.
pub fn render_png(svg: &str, scale: f32) -> Result<Vec<u8>, PlotError> {
    let options = usvg::Options {
        fontdb: Arc::clone(&FONTS),
        font_family: FAMILY.to_owned(),
        ..usvg::Options::default()
    };
    let tree = usvg::Tree::from_str(svg, &options)?;
    let size = tree.size().to_int_size().scale_by(scale);
    let pixmap = size.and_then(|size| tiny_skia::Pixmap::new(size.width(), size.height()));
    let mut pixmap = pixmap.ok_or_else(|| PlotError::Png("no image of this size".to_owned()))?;
    let transform = tiny_skia::Transform::from_scale(scale, scale);
    resvg::render(&tree, transform, &mut pixmap.as_mut());
    pixmap.encode_png().map_err(|error| PlotError::Png(error.to_string()))
}
