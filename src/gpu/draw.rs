//! The edit at the photo's own resolution, drawn by the GPU: what
//! [`LocalAffine::apply`](crate::upsample::LocalAffine::apply) computes, without reading the photo
//! back in between.

use web_sys::{ImageBitmap, OffscreenCanvas};
use wgpu::util::{DeviceExt, TextureDataOrder};

use super::{Gpu, GpuError};
use crate::engine::Edit;

/// Of the canvas: the bytes as they are, no conversion.
const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// A canvas that nobody sees, from which pictures are taken.
pub struct Easel {
    canvas: OffscreenCanvas,
    surface: wgpu::Surface<'static>,
    pipeline: wgpu::RenderPipeline,
    largest: u32,
}

/// A photo and its edit on the GPU. Their memory goes with it, and not when JavaScript tidies up.
pub struct Drawing {
    photo: wgpu::Texture,
    functions: wgpu::Buffer,
    numbers: wgpu::Buffer,
    bindings: wgpu::BindGroup,
}

impl Drop for Drawing {
    fn drop(&mut self) {
        self.photo.destroy();
        self.functions.destroy();
        self.numbers.destroy();
    }
}

/// As in upsample.wgsl.
#[repr(C)]
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
struct Numbers {
    small: [u32; 2],
    strength: f32,
    padding: u32,
}

fn lost(error: impl std::fmt::Display) -> GpuError {
    GpuError::Drawing(error.to_string())
}

impl Easel {
    pub fn new(instance: &wgpu::Instance, device: &wgpu::Device) -> Result<Self, GpuError> {
        let canvas = OffscreenCanvas::new(1, 1).map_err(|_| lost("no canvas"))?;
        let target = wgpu::SurfaceTarget::OffscreenCanvas(canvas.clone());
        let surface = instance.create_surface(target).map_err(lost)?;
        let module = device.create_shader_module(wgpu::include_wgsl!("draw.wgsl"));
        let pipeline = device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: Some("draw"),
            layout: None,
            vertex: wgpu::VertexState {
                module: &module,
                entry_point: None,
                compilation_options: Default::default(),
                buffers: &[],
            },
            fragment: Some(wgpu::FragmentState {
                module: &module,
                entry_point: None,
                compilation_options: Default::default(),
                targets: &[Some(FORMAT.into())],
            }),
            primitive: Default::default(),
            depth_stencil: None,
            multisample: Default::default(),
            multiview_mask: None,
            cache: None,
        });
        Ok(Self {
            canvas,
            surface,
            pipeline,
            largest: device.limits().max_texture_dimension_2d,
        })
    }
}

impl Gpu {
    /// Puts an edit and its photo's RGBA bytes on the GPU; nothing for a photo that is larger than
    /// a picture may be there.
    pub fn drawing(&self, edit: &Edit, photo: &[u8]) -> Option<Drawing> {
        let (width, height) = (edit.width() as u32, edit.height() as u32);
        if width.max(height) > self.easel.largest {
            return None;
        }
        let size = wgpu::Extent3d {
            width,
            height,
            depth_or_array_layers: 1,
        };
        let photo = self.device.create_texture_with_data(
            &self.queue,
            &wgpu::TextureDescriptor {
                label: Some("photo"),
                size,
                mip_level_count: 1,
                sample_count: 1,
                dimension: wgpu::TextureDimension::D2,
                format: FORMAT,
                usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
                view_formats: &[],
            },
            TextureDataOrder::LayerMajor,
            photo,
        );
        let (small, functions) = edit.functions();
        let functions = self.buffer("functions", functions, wgpu::BufferUsages::STORAGE);
        let numbers = Numbers {
            small: [small.width as u32, small.height as u32],
            strength: 1.0,
            padding: 0,
        };
        let usage = wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST;
        let numbers = self.buffer("numbers", &[numbers], usage);
        let view = photo.create_view(&Default::default());
        let resources = [
            wgpu::BindingResource::TextureView(&view),
            functions.as_entire_binding(),
            numbers.as_entire_binding(),
        ];
        let entries: Vec<_> = (0..)
            .zip(resources)
            .map(|(binding, resource)| wgpu::BindGroupEntry { binding, resource })
            .collect();
        let bindings = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("drawing"),
            layout: &self.easel.pipeline.get_bind_group_layout(0),
            entries: &entries,
        });
        Some(Drawing {
            photo,
            functions,
            numbers,
            bindings,
        })
    }

    fn buffer<T: bytemuck::Pod>(
        &self,
        label: &str,
        contents: &[T],
        usage: wgpu::BufferUsages,
    ) -> wgpu::Buffer {
        let contents = bytemuck::cast_slice(contents);
        let label = Some(label);
        self.device
            .create_buffer_init(&wgpu::util::BufferInitDescriptor {
                label,
                contents,
                usage,
            })
    }

    /// Draws the edited photo: `strength` is 0 (nothing) to 1.
    ///
    /// # Errors
    /// When the browser gives no picture.
    pub fn draw(&self, drawing: &Drawing, strength: f32) -> Result<ImageBitmap, GpuError> {
        let Easel {
            canvas,
            surface,
            pipeline,
            ..
        } = &self.easel;
        let size = drawing.photo.size();
        canvas.set_width(size.width);
        canvas.set_height(size.height);
        surface.configure(
            &self.device,
            &wgpu::SurfaceConfiguration {
                usage: wgpu::TextureUsages::RENDER_ATTACHMENT,
                format: FORMAT,
                color_space: wgpu::SurfaceColorSpace::Auto,
                width: size.width,
                height: size.height,
                present_mode: wgpu::PresentMode::Fifo,
                desired_maximum_frame_latency: 1,
                alpha_mode: wgpu::CompositeAlphaMode::PreMultiplied,
                view_formats: Vec::new(),
            },
        );
        let offset = std::mem::offset_of!(Numbers, strength) as u64;
        let strength = strength.clamp(0.0, 1.0);
        self.queue
            .write_buffer(&drawing.numbers, offset, bytemuck::bytes_of(&strength));
        let frame = match surface.get_current_texture() {
            wgpu::CurrentSurfaceTexture::Success(frame)
            | wgpu::CurrentSurfaceTexture::Suboptimal(frame) => frame,
            other => return Err(lost(format!("{other:?}"))),
        };
        let view = frame.texture.create_view(&Default::default());
        let mut encoder = self.device.create_command_encoder(&Default::default());
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: &view,
                depth_slice: None,
                resolve_target: None,
                ops: Default::default(),
            })],
            ..Default::default()
        });
        pass.set_pipeline(pipeline);
        pass.set_bind_group(0, &drawing.bindings, &[]);
        pass.draw(0..3, 0..1);
        drop(pass);
        self.queue.submit([encoder.finish()]);
        let bitmap = canvas.transfer_to_image_bitmap();
        bitmap.map_err(|_| lost("the canvas is empty"))
    }
}
