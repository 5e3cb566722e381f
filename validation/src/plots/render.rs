//! Figures as pixels and as PDF.

use std::sync::{Arc, LazyLock};

use krilla::geom::Size;
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::{Document, SerializeSettings};
use krilla_svg::{SurfaceExt, SvgSettings};
use resvg::{tiny_skia, usvg};

use super::drawing::font::{BOLD, FAMILY, REGULAR};
use super::error::PlotError;

static FONTS: LazyLock<Arc<usvg::fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = usvg::fontdb::Database::new();
    fonts.load_font_data(REGULAR.to_vec());
    fonts.load_font_data(BOLD.to_vec());
    fonts.set_sans_serif_family(FAMILY);
    Arc::new(fonts)
});

/// Pixels in a PNG for each pixel of the SVG.
pub const PNG_SCALE: f32 = 2.0;
/// Points (1/72 inch) in a PDF for each CSS pixel (1/96 inch).
const POINTS: f32 = 0.75;

/// An SVG document, read once to be rendered in other formats.
pub struct Rendered {
    tree: usvg::Tree,
}

impl Rendered {
    /// Reads an SVG document with the bundled font alone: the same result everywhere.
    ///
    /// # Errors
    /// If the document is not valid SVG.
    pub fn of(svg: &str) -> Result<Self, PlotError> {
        let options = usvg::Options {
            fontdb: Arc::clone(&FONTS),
            font_family: FAMILY.to_owned(),
            ..usvg::Options::default()
        };
        Ok(Self { tree: usvg::Tree::from_str(svg, &options)? })
    }

    /// As a PNG file.
    ///
    /// # Errors
    /// If the document is too large for an image.
    pub fn png(&self, scale: f32) -> Result<Vec<u8>, PlotError> {
        let size = self.tree.size().to_int_size().scale_by(scale);
        let pixmap = size.and_then(|size| tiny_skia::Pixmap::new(size.width(), size.height()));
        let mut pixmap =
            pixmap.ok_or_else(|| PlotError::Png("no image of this size".to_owned()))?;
        let transform = tiny_skia::Transform::from_scale(scale, scale);
        resvg::render(&self.tree, transform, &mut pixmap.as_mut());
        pixmap.encode_png().map_err(|error| PlotError::Png(error.to_string()))
    }

    /// As a PDF file of one page, with the glyphs that it uses embedded and its text selectable.
    /// The same document gives the same bytes.
    ///
    /// # Errors
    /// If the document has no size, or cannot be written as PDF.
    pub fn pdf(&self, title: &str) -> Result<Vec<u8>, PlotError> {
        let fail = |what: String| PlotError::Pdf(what);
        let (width, height) = (self.tree.size().width(), self.tree.size().height());
        let size = Size::from_wh(width * POINTS, height * POINTS);
        let size = size.ok_or_else(|| fail("no page of this size".to_owned()))?;
        let page = PageSettings::from_wh(size.width(), size.height());
        let page = page.ok_or_else(|| fail("no page of this size".to_owned()))?;
        let mut document = Document::new_with(SerializeSettings::default());
        document.set_metadata(Metadata::new().title(title.to_owned()));
        let mut page = document.start_page_with(page);
        let mut surface = page.surface();
        let drawn = surface.draw_svg(&self.tree, size, SvgSettings::default());
        surface.finish();
        page.finish();
        drawn.ok_or_else(|| fail("a part cannot be drawn".to_owned()))?;
        document.finish().map_err(|error| fail(format!("{error:?}")))
    }
}

/// Renders an SVG document as a PNG file, with the bundled font alone: the same pixels everywhere.
///
/// # Errors
/// If the document is not valid SVG, or too large for an image.
pub fn render_png(svg: &str, scale: f32) -> Result<Vec<u8>, PlotError> {
    Rendered::of(svg)?.png(scale)
}
