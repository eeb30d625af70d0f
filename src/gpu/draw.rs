//! The edit at the photo's own resolution, drawn by the GPU: what
//! [`Edit::apply`] computes, without reading the photo back in between.

use web_sys::{ImageBitmap, OffscreenCanvas};
use wgpu::util::{DeviceExt, TextureDataOrder};

use super::{Gpu, GpuError};
use crate::paint::{self, Edit};

/// Of the canvas: the bytes as they are, no conversion.
const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// What pictures are drawn with.
pub struct Renderer {
    /// A canvas that nobody sees, from which pictures are taken; without one they are read back.
    canvas: Option<(OffscreenCanvas, wgpu::Surface<'static>)>,
    pipeline: wgpu::RenderPipeline,
    largest: u32,
}

/// An edited photo.
pub enum Drawn {
    /// As the canvas gave it.
    Bitmap(ImageBitmap),
    /// Its RGBA bytes, row by row.
    Bytes(Vec<u8>),
}

/// A photo and its edit on the GPU. Their memory goes with it, and not when JavaScript tidies up.
pub struct Drawing {
    photo: wgpu::Texture,
    /// What does not change.
    buffers: Vec<wgpu::Buffer>,
    uniforms: wgpu::Buffer,
    bindings: wgpu::BindGroup,
}

impl Drop for Drawing {
    fn drop(&mut self) {
        self.photo.destroy();
        self.buffers.iter().for_each(wgpu::Buffer::destroy);
        self.uniforms.destroy();
    }
}

/// As in draw.wgsl.
#[repr(C)]
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
struct Uniforms {
    small: [u32; 2],
    strength: f32,
    /// 1 for a canvas, which wants colours multiplied by alpha.
    multiplied: u32,
    layers: u32,
    pad: [u32; 3],
}

/// As in draw.wgsl, with zeros for no cloth.
#[repr(C)]
#[derive(Clone, Copy, Default, bytemuck::Pod, bytemuck::Zeroable)]
struct Laid {
    axes: [[f32; 2]; 2],
    side: u32,
    texels: u32,
    shifts: u32,
    pad: u32,
}

fn lost(error: impl std::fmt::Display) -> GpuError {
    GpuError::Drawing(error.to_string())
}

impl Renderer {
    pub fn new(
        instance: &wgpu::Instance,
        device: &wgpu::Device,
        canvas: bool,
    ) -> Result<Self, GpuError> {
        let canvas = canvas.then(|| {
            let canvas = OffscreenCanvas::new(1, 1).map_err(|_| lost("no canvas"))?;
            let target = wgpu::SurfaceTarget::OffscreenCanvas(canvas.clone());
            Ok((canvas, instance.create_surface(target).map_err(lost)?))
        });
        let canvas = canvas.transpose()?;
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
            pipeline,
            largest: device.limits().max_texture_dimension_2d,
        })
    }
}

impl Gpu {
    /// Puts an edit and its photo's RGBA bytes on the GPU; nothing for a photo that is larger than
    /// a picture may be there.
    pub fn drawing(&self, edit: &Edit, photo: &[u8]) -> Option<Drawing> {
        let [width, height] = [edit.size().width, edit.size().height].map(|side| side as u32);
        if width.max(height) > self.renderer.largest {
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
        let layers = edit.layers();
        let cells = layers.iter().flat_map(|layer| layer.cells());
        let tones = layers.iter().map(|layer| layer.tones().numbers());
        let (mut cloths, mut texels, mut shifts) = (Vec::new(), Vec::new(), Vec::new());
        for layer in layers {
            cloths.push(layer.cloth().map_or_else(Laid::default, |cloth| {
                let laid = Laid {
                    axes: cloth.axes(),
                    side: cloth.tile().side() as u32,
                    texels: texels.len() as u32,
                    shifts: shifts.len() as u32,
                    pad: 0,
                };
                texels.extend_from_slice(cloth.tile().texels());
                shifts.extend_from_slice(cloth.shifts());
                laid
            }));
        }
        let buffers = vec![
            self.storage("cells", cells.copied().collect()),
            self.storage("tones", tones.collect()),
            self.storage("cloths", cloths),
            self.storage("texels", texels),
            self.storage("shifts", shifts),
        ];
        let small = edit.small();
        let uniforms = Uniforms {
            small: [small.width as u32, small.height as u32],
            strength: 1.0,
            multiplied: self.renderer.canvas.is_some().into(),
            layers: layers.len() as u32,
            pad: [0; 3],
        };
        let usage = wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST;
        let uniforms = self.buffer("uniforms", &[uniforms], usage);
        let view = photo.create_view(&Default::default());
        let [cells, tones, cloths, texels, shifts] =
            std::array::from_fn(|i| buffers[i].as_entire_binding());
        let resources = [
            wgpu::BindingResource::TextureView(&view),
            cells,
            tones,
            uniforms.as_entire_binding(),
            cloths,
            texels,
            shifts,
        ];
        let entries: Vec<_> = (0..)
            .zip(resources)
            .map(|(binding, resource)| wgpu::BindGroupEntry { binding, resource })
            .collect();
        let bindings = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("drawing"),
            layout: &self.renderer.pipeline.get_bind_group_layout(0),
            entries: &entries,
        });
        Some(Drawing {
            photo,
            buffers,
            uniforms,
            bindings,
        })
    }

    /// A buffer of what is one for each of many; a GPU takes no empty ones.
    fn storage<T: bytemuck::Pod>(&self, label: &str, mut contents: Vec<T>) -> wgpu::Buffer {
        if contents.is_empty() {
            contents.push(T::zeroed());
        }
        self.buffer(label, &contents, wgpu::BufferUsages::STORAGE)
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

    /// Draws the edited photo; for `strength` see [`paint::strength`].
    ///
    /// # Errors
    /// When the browser gives no picture.
    pub async fn draw(&self, drawing: &Drawing, strength: f32) -> Result<Drawn, GpuError> {
        let offset = std::mem::offset_of!(Uniforms, strength) as u64;
        let strength = paint::strength(strength);
        self.queue
            .write_buffer(&drawing.uniforms, offset, bytemuck::bytes_of(&strength));
        match &self.renderer.canvas {
            Some((canvas, surface)) => self.draw_on(canvas, surface, drawing).map(Drawn::Bitmap),
            None => self.draw_and_read(drawing).await.map(Drawn::Bytes),
        }
    }

    fn draw_on(
        &self,
        canvas: &OffscreenCanvas,
        surface: &wgpu::Surface,
        drawing: &Drawing,
    ) -> Result<ImageBitmap, GpuError> {
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
        let frame = match surface.get_current_texture() {
            wgpu::CurrentSurfaceTexture::Success(frame)
            | wgpu::CurrentSurfaceTexture::Suboptimal(frame) => frame,
            other => return Err(lost(format!("{other:?}"))),
        };
        let commands = self.render(drawing, &frame.texture).finish();
        self.queue.submit([commands]);
        let bitmap = canvas.transfer_to_image_bitmap();
        bitmap.map_err(|_| lost("the canvas is empty"))
    }

    async fn draw_and_read(&self, drawing: &Drawing) -> Result<Vec<u8>, GpuError> {
        let size = drawing.photo.size();
        let picture = self.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("picture"),
            size,
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: FORMAT,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
            view_formats: &[],
        });
        let line = 4 * size.width;
        let stride = line.next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
        let buffer = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("bytes"),
            size: u64::from(stride) * u64::from(size.height),
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        let mut encoder = self.render(drawing, &picture);
        let to = wgpu::TexelCopyBufferInfo {
            buffer: &buffer,
            layout: wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(stride),
                rows_per_image: None,
            },
        };
        encoder.copy_texture_to_buffer(picture.as_image_copy(), to, size);
        self.queue.submit([encoder.finish()]);
        let bytes = read(&buffer).await.map(|bytes| {
            let lines = bytes.chunks_exact(stride as usize);
            lines
                .flat_map(|row| &row[..line as usize])
                .copied()
                .collect()
        });
        picture.destroy();
        buffer.destroy();
        bytes
    }

    fn render(&self, drawing: &Drawing, to: &wgpu::Texture) -> wgpu::CommandEncoder {
        let view = to.create_view(&Default::default());
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
        pass.set_pipeline(&self.renderer.pipeline);
        pass.set_bind_group(0, &drawing.bindings, &[]);
        pass.draw(0..3, 0..1);
        drop(pass);
        encoder
    }
}

/// The bytes of a buffer, once the GPU has written them.
async fn read(buffer: &wgpu::Buffer) -> Result<Vec<u8>, GpuError> {
    let (send, mapped) = futures_channel::oneshot::channel();
    buffer.map_async(wgpu::MapMode::Read, .., |result| drop(send.send(result)));
    mapped.await.map_err(lost)?.map_err(lost)?;
    Ok(buffer.get_mapped_range(..).map_err(lost)?.to_vec())
}
