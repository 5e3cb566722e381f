//! Vector instructions, chosen at run time. Results do not depend on them: every level does the
//! same operations on 32-bit floats in the same order, fused where [`f32::mul_add`] is written.

pub mod elementary;
mod normal_pairs;

pub use normal_pairs::NormalPairs;

/// A set of vector instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// What every machine of the build's target has.
    Portable,
    /// AVX2 and FMA: eight floats at once.
    Avx2,
    /// AVX-512 (F, BW, DQ, VL): sixteen floats at once.
    Avx512,
}

/// Work on arrays that the compiler turns into vector instructions of any level.
pub trait Vectorised {
    type Output;

    /// Must be `#[inline(always)]`, as all that it calls, for the instructions of the level to be
    /// used.
    fn run(self) -> Self::Output;
}

impl Level {
    /// The highest level of this machine.
    pub fn best() -> Self {
        [Self::Avx512, Self::Avx2]
            .into_iter()
            .find(|level| level.is_available())
            .unwrap_or(Self::Portable)
    }

    /// Whether this machine has the instructions.
    pub fn is_available(self) -> bool {
        match self {
            Self::Portable => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => {
                Self::Avx2.is_available()
                    && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
            }
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx2 | Self::Avx512 => false,
        }
    }

    /// All levels of this machine, the lowest first.
    pub fn available() -> impl Iterator<Item = Self> {
        [Self::Portable, Self::Avx2, Self::Avx512].into_iter().filter(|level| level.is_available())
    }

    /// The name, for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "no vector instructions of its own",
            Self::Avx2 => "AVX2",
            Self::Avx512 => "AVX-512",
        }
    }

    /// Does the work with the instructions of this level, or with the portable ones where the
    /// machine does not have them.
    #[expect(unsafe_code, reason = "functions for instructions that were found to be there")]
    pub fn run<V: Vectorised>(self, work: V) -> V::Output {
        #[cfg(target_arch = "x86_64")]
        match self {
            // SAFETY: the instructions of the function are those that were just looked for; the
            // answer is cached by the standard library.
            Self::Avx512 if self.is_available() => return unsafe { with_avx512(work) },
            // SAFETY: as above.
            Self::Avx2 if self.is_available() => return unsafe { with_avx2(work) },
            _ => {}
        }
        work.run()
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
fn with_avx512<V: Vectorised>(work: V) -> V::Output {
    work.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn with_avx2<V: Vectorised>(work: V) -> V::Output {
    work.run()
}
