use crate::compute::Tensor;
use crate::random::Uniforms;

/// The history of generated images that CycleGAN's critics are shown (arXiv:1703.10593, section 4,
/// after arXiv:1612.07828): of every new image, once the pool is full, with probability ½ an older
/// one is shown in its place, and the new one stays in the pool.
#[derive(Debug, Clone)]
pub(in crate::suite::systems) struct ImagePool {
    size: usize,
    /// `[1, values]` each, outside of any graph.
    images: Vec<Tensor<2>>,
}

impl ImagePool {
    /// `size` 0: every image is shown as it comes.
    pub fn new(size: usize) -> Self {
        Self { size, images: Vec::new() }
    }

    /// Images to show in place of these, outside of any graph.
    ///
    /// # Shapes
    /// `[images, values]`, both.
    pub fn exchange(&mut self, images: Tensor<2>, uniforms: &mut Uniforms) -> Tensor<2> {
        if self.size == 0 {
            return images;
        }
        let shown = (0..images.dims()[0]).map(|row| {
            let image = images.clone().narrow(0, row, 1);
            if self.images.len() < self.size {
                self.images.push(image.clone());
                return image;
            }
            if uniforms.draw() < 0.5 {
                let place = uniforms.index(self.size);
                return std::mem::replace(&mut self.images[place], image);
            }
            image
        });
        Tensor::cat(shown.collect(), 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::{cpu, matrix, to_host};
    use crate::random::{Purpose, Streams};

    fn one(value: f32) -> Tensor<2> {
        matrix(vec![value], 1, 1, &cpu())
    }

    #[test]
    fn until_it_is_full_images_are_shown_as_they_come_and_then_half_are_older() {
        let mut pool = ImagePool::new(50);
        let mut uniforms = Streams::new(4, Purpose::Shuffle).uniforms(0);
        let mut show = |value: f32| to_host(pool.exchange(one(value), &mut uniforms))[0];
        for value in 0..50 {
            assert_eq!(show(value as f32), value as f32);
        }
        let mut seen = std::collections::BTreeSet::new();
        let mut older = 0;
        for value in 50..2050 {
            let shown = show(value as f32);
            assert!(shown <= value as f32);
            older += usize::from(shown < value as f32);
            assert!(seen.insert(shown as usize), "no image is shown twice");
        }
        // 1,000 are expected, with a standard deviation of 22.
        assert!(older.abs_diff(1000) < 110, "{older}");
        // An image stays for 100 on average.
        assert!(seen.iter().filter(|image| **image < 50).count() == 50);
    }

    #[test]
    fn a_pool_of_none_shows_what_comes() {
        let mut uniforms = Streams::new(4, Purpose::Shuffle).uniforms(0);
        let images = matrix(vec![1.0, 2.0, 3.0, 4.0], 2, 2, &cpu());
        let shown = ImagePool::new(0).exchange(images, &mut uniforms);
        assert_eq!(to_host(shown), [1.0, 2.0, 3.0, 4.0]);
    }
}
