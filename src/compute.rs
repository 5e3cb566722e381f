//! The one door to burn: which backend runs, on which device, and what a tensor is.
//!
//! Everything else in showerforge names [`Tensor`] and [`Device`], so that a later burn is a
//! change of this file. The device is chosen at run time ([`burn::Dispatch`]).

use std::fmt;
use std::str::FromStr;

use burn::DispatchDevice;
use burn::tensor::TensorData;
use burn::tensor::backend::Backend as _;
use thiserror::Error;

pub type Backend = burn::Dispatch;
pub type Device = DispatchDevice;
/// A tensor of rank `D` of 32-bit floats on any device; it records a graph where it is tracked.
pub type Tensor<const D: usize> = burn::tensor::Tensor<Backend, D>;
pub type Gradients = <Backend as burn::tensor::backend::AutodiffBackend>::Gradients;

/// What a user says to `--device`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeviceChoice {
    /// The first CUDA device if this binary can use one, else the CPU.
    #[default]
    Auto,
    Cpu,
    Cuda(usize),
}

#[derive(Debug, Error)]
pub enum ComputeError {
    #[error("unknown device `{0}`, expected `auto`, `cpu`, `cuda` or `cuda:N`")]
    UnknownDevice(String),

    #[error("device `{0}` is not available: this binary was built without the `cuda` feature")]
    NotBuiltIn(DeviceChoice),

    #[error("device `{device}` is not available: {reason}")]
    NotFound { device: DeviceChoice, reason: String },

    #[error("the device has failed: {0}")]
    Failed(String),
}

impl FromStr for DeviceChoice {
    type Err = ComputeError;

    fn from_str(text: &str) -> Result<Self, ComputeError> {
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda(0)),
            _ => text
                .strip_prefix("cuda:")
                .and_then(|index| index.parse().ok())
                .map(Self::Cuda)
                .ok_or_else(|| ComputeError::UnknownDevice(text.to_owned())),
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(index) => write!(f, "cuda:{index}"),
        }
    }
}

impl DeviceChoice {
    /// The device to compute on.
    ///
    /// # Errors
    /// A CUDA device that was asked for by name and cannot be used. `auto` never fails.
    pub fn open(self) -> Result<Device, ComputeError> {
        match self {
            Self::Cpu => Ok(cpu()),
            Self::Auto => Ok(cuda::open(0).unwrap_or_else(|_| cpu())),
            Self::Cuda(index) => cuda::open(index),
        }
    }
}

/// The CPU, always there.
pub fn cpu() -> Device {
    DispatchDevice::Flex(Default::default())
}

/// Whether a tensor is on the CPU, in a graph or not.
pub fn is_cpu(device: &Device) -> bool {
    match device {
        DispatchDevice::Flex(_) => true,
        DispatchDevice::Autodiff(inner) => is_cpu(inner),
        #[allow(unreachable_patterns, reason = "the only device without the `cuda` feature")]
        _ => false,
    }
}

/// Waits until the device has done all that it was asked for: to measure time is to wait first.
///
/// # Errors
/// What has gone wrong in the operations that were waited for.
pub fn synchronise(device: &Device) -> Result<(), ComputeError> {
    Backend::sync(device).map_err(|error| ComputeError::Failed(error.to_string()))
}

/// `cpu` or `cuda:N`, as it is written into provenance.
pub fn device_name(device: &Device) -> String {
    match device {
        DispatchDevice::Flex(_) => "cpu".to_owned(),
        DispatchDevice::Autodiff(inner) => device_name(inner),
        #[cfg(feature = "cuda")]
        DispatchDevice::Cuda(cuda) => format!("cuda:{}", cuda.index),
    }
}

/// `cpu` or `cuda`: what a result can depend on.
pub fn device_kind(device: &Device) -> &'static str {
    if is_cpu(device) { "cpu" } else { "cuda" }
}

#[cfg(not(feature = "cuda"))]
mod cuda {
    use super::{ComputeError, Device, DeviceChoice};

    pub(super) fn open(index: usize) -> Result<Device, ComputeError> {
        Err(ComputeError::NotBuiltIn(DeviceChoice::Cuda(index)))
    }
}

#[cfg(feature = "cuda")]
mod cuda {
    use std::panic::{catch_unwind, set_hook, take_hook};
    use std::sync::{Arc, Mutex, PoisonError};

    use super::{ComputeError, Device, DeviceChoice, DispatchDevice, Tensor};

    /// Rows of the matrices of the probe: enough for the tensor cores.
    const ROWS: usize = 64;

    /// burn panics where there is no driver, and goes on with wrong numbers where a kernel could
    /// not be compiled. So the probe runs behind `catch_unwind` and looks at a product of matrices.
    pub(super) fn open(index: usize) -> Result<Device, ComputeError> {
        let (found, complaint) = quietly(|| {
            let device = DispatchDevice::Cuda(burn::backend::cuda::CudaDevice::new(index));
            let ones = Tensor::<2>::ones([ROWS, ROWS], &device);
            let sum = ones.clone().matmul(ones).sum().try_into_data().ok()?;
            let expected = (ROWS * ROWS * ROWS) as f32;
            (sum.to_vec::<f32>().is_ok_and(|sum| sum == [expected])).then_some(device)
        });
        found.ok_or_else(|| ComputeError::NotFound {
            device: DeviceChoice::Cuda(index),
            reason: reason(complaint.as_deref()),
        })
    }

    /// What `probe` found, and the first message of a panic in any thread meanwhile, which is not
    /// printed.
    fn quietly<T>(
        probe: impl FnOnce() -> Option<T> + std::panic::UnwindSafe,
    ) -> (Option<T>, Option<String>) {
        let complaint = Arc::new(Mutex::new(None));
        let before = take_hook();
        let keep = Arc::clone(&complaint);
        set_hook(Box::new(move |panic| {
            let text = panic.payload_as_str().unwrap_or("it has panicked").to_owned();
            keep.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(text);
        }));
        let found = catch_unwind(probe).ok().flatten();
        set_hook(before);
        let complaint = complaint.lock().unwrap_or_else(PoisonError::into_inner).take();
        (found, complaint)
    }

    fn reason(complaint: Option<&str>) -> String {
        match complaint {
            Some(text) if text.contains("dynamically load the \"cuda\"") => {
                "no NVIDIA driver was found".to_owned()
            }
            Some(text) if text.contains("dynamically load the \"nvrtc\"") => {
                "NVIDIA's run-time compiler, libnvrtc, was not found".to_owned()
            }
            Some(text) if text.contains("CUDA installation not found") => {
                "the headers of CUDA were not found; set CUDA_PATH".to_owned()
            }
            Some(text) => {
                let line = text.lines().map(str::trim).find(|line| !line.is_empty());
                line.unwrap_or("it has panicked").to_owned()
            }
            None => "a product of matrices came out wrong; are CUDA's headers complete?".to_owned(),
        }
    }
}

/// `constant` as a constant of the graph that `other` belongs to, if it belongs to one.
///
/// Tensors inside and outside of a graph cannot meet in one operation.
pub fn beside<const D: usize, const E: usize>(
    constant: &Tensor<D>,
    other: &Tensor<E>,
) -> Tensor<D> {
    if Backend::ad_enabled(&other.device()) {
        Tensor::from_inner(constant.clone())
    } else {
        constant.clone()
    }
}

/// A matrix from row-major host values.
///
/// # Shapes
/// `values`: `[rows × columns]`; the tensor: `[rows, columns]`.
pub fn matrix(values: Vec<f32>, rows: usize, columns: usize, device: &Device) -> Tensor<2> {
    Tensor::from_data(TensorData::new(values, [rows, columns]), device)
}

const FLOATS: &str = "every tensor of this crate holds 32-bit floats";

/// The values of a tensor on the host, row-major.
pub fn to_host<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().into_vec().expect(FLOATS)
}

/// A tensor on the CPU, outside of any graph, with its values changed: in place, where nobody else
/// has them.
pub fn changed_on_host<const D: usize>(
    tensor: Tensor<D>,
    change: impl FnOnce(&mut [f32]),
) -> Tensor<D> {
    let device = tensor.device();
    let mut data = tensor.into_data();
    change(data.as_mut_slice().expect(FLOATS));
    Tensor::from_data(data, &device)
}

/// Shows the values of a tensor, without a copy where it is on the CPU and nobody else has them.
pub fn seen_on_host<const D: usize, T>(tensor: Tensor<D>, see: impl FnOnce(&[f32]) -> T) -> T {
    see(tensor.into_data().as_slice().expect(FLOATS))
}

/// A single value on the host.
pub fn scalar(tensor: Tensor<1>) -> f64 {
    f64::from(to_host(tensor)[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_parsed_and_shown_alike() {
        for text in ["auto", "cpu", "cuda:0", "cuda:3"] {
            assert_eq!(text.parse::<DeviceChoice>().expect(text).to_string(), text);
        }
        assert_eq!("cuda".parse::<DeviceChoice>().expect("cuda"), DeviceChoice::Cuda(0));
        let message = "gpu".parse::<DeviceChoice>().expect_err("gpu").to_string();
        assert_eq!(message, "unknown device `gpu`, expected `auto`, `cpu`, `cuda` or `cuda:N`");
    }

    #[cfg(not(feature = "cuda"))]
    #[test]
    fn cuda_by_name_fails_and_auto_falls_back_to_the_cpu() {
        assert!(matches!(DeviceChoice::Cuda(0).open(), Err(ComputeError::NotBuiltIn(_))));
        assert_eq!(device_name(&DeviceChoice::Auto.open().expect("auto never fails")), "cpu");
    }
}
