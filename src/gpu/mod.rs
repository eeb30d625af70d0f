//! A WebGPU device of our own: burn computes the network on it, and the full photo is drawn on it.

mod draw;
mod failure;

use std::cell::Cell;

use burn::tensor::Device;
use burn::tensor::wgpu::WgpuSetup;
use futures_channel::oneshot;

use draw::Renderer;
pub use draw::{Drawing, Drawn};
use failure::failure_of;

/// The device, and what the full photo is drawn with.
pub struct Gpu {
    name: String,
    burn: Device,
    device: wgpu::Device,
    queue: wgpu::Queue,
    renderer: Renderer,
    failure: Cell<Option<oneshot::Receiver<String>>>,
}

/// Why there is no GPU to compute on, in words for the visitor.
#[derive(Debug, thiserror::Error)]
pub enum GpuError {
    /// The browser gives none.
    #[error("this browser gives no GPU ({0})")]
    Adapter(String),
    /// The GPU gives no device, or not what the kernels need.
    #[error("the GPU cannot be used ({0})")]
    Device(String),
    /// A picture could not be drawn.
    #[error("the GPU drew no picture ({0})")]
    Drawing(String),
}

impl Gpu {
    /// Takes the browser's fastest GPU. Pictures are drawn on a canvas, or else read back.
    ///
    /// # Errors
    /// When there is none, or it cannot be used.
    pub async fn open(canvas: bool) -> Result<Self, GpuError> {
        let adapter_error = |error: &dyn std::fmt::Display| GpuError::Adapter(error.to_string());
        let device_error = |error: &dyn std::fmt::Display| GpuError::Device(error.to_string());
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
            backends: wgpu::Backends::BROWSER_WEBGPU,
            ..wgpu::InstanceDescriptor::new_without_display_handle()
        });
        let adapter = instance.request_adapter(&wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..Default::default()
        });
        let adapter = adapter.await.map_err(|error| adapter_error(&error))?;
        // What burn finds out about the adapter it takes for the device's, so the device has all of
        // it. wgpu cannot ask a browser for subgroups, nor tell that it has them: kernels that
        // need them are never chosen, and ours does without.
        let device = adapter.request_device(&wgpu::DeviceDescriptor {
            required_features: adapter.features() - wgpu::Features::MAPPABLE_PRIMARY_BUFFERS,
            required_limits: adapter.limits(),
            ..Default::default()
        });
        let (device, queue) = device.await.map_err(|error| device_error(&error))?;
        let failure = Cell::new(Some(failure_of(&device)));
        let setup = WgpuSetup {
            instance: instance.clone(),
            adapter: adapter.clone(),
            device: device.clone(),
            queue: queue.clone(),
            backend: wgpu::Backend::BrowserWebGpu,
        };
        let burn = Device::wgpu_options().setup(setup).init();
        Ok(Self {
            name: adapter.get_info().name,
            burn: burn.map_err(|error| device_error(&error))?,
            renderer: Renderer::new(&instance, &device, canvas)?,
            device,
            queue,
            failure,
        })
    }

    /// The GPU's name, as far as the browser tells it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same device, for tensors.
    pub fn burn(&self) -> Device {
        self.burn.clone()
    }

    /// What tells, once, that the GPU has stopped working, and why; taken once.
    pub fn failure(&self) -> Option<oneshot::Receiver<String>> {
        self.failure.take()
    }
}
