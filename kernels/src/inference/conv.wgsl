// A convolution (cross-correlation). Each invocation computes four channels of four neighbouring
// positions; gpu.rs fills in what is between braces.

struct Numbers {
    cin: u32,
    height: u32,
    width: u32,
    cout: u32,
    out_height: u32,
    out_width: u32,
    upsample: u32, // 1: the input is seen at twice its height and width, nearest neighbour
    slope: f32,   // of the leaky ReLU
}

@group(0) @binding(0) var<storage, read> x: array<f32>;             // [batch, cin, height, width]
@group(0) @binding(1) var<storage, read> weights: array<vec4<f32>>; // [cin, kernel, kernel, cout]
@group(0) @binding(2) var<storage, read> bias: array<vec4<f32>>;    // [cout]
@group(0) @binding(3) var<storage, read_write> y: array<f32>;       // [batch, cout, out_height, out_width]
@group(0) @binding(4) var<storage, read> p: Numbers;

const KERNEL = {{kernel}}u;
const STRIDE = {{stride}}u;
const PADDING = {{padding}};

@compute @workgroup_size({{x}}, {{y}}, {{z}})
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let blocks = (p.cout + 3u) / 4u;
    let block = id.z % blocks;
    let picture = id.z / blocks;
    let at = Place(id.x * 4u, id.y, block * 4u, picture);
    if at.x >= p.out_width || at.y >= p.out_height || id.z >= blocks * (arrayLength(&x) / (p.cin * p.height * p.width)) {
        return;
    }
    let columns = i32(p.width << p.upsample);
    let rows = i32(p.height << p.upsample);
    let left = i32(at.x * STRIDE) - PADDING;
{{places}}
{{sums}}
    for (var c = 0u; c < p.cin; c++) {
        let plane = (picture * p.cin + c) * p.height;
        for (var ky = 0u; ky < KERNEL; ky++) {
            let line = i32(at.y * STRIDE + ky) - PADDING;
            if line < 0 || line >= rows {
                continue;
            }
            let row = (plane + (u32(line) >> p.upsample)) * p.width;
            let w = (c * KERNEL + ky) * KERNEL * blocks + block;
{{load}}
{{add}}
        }
    }
{{store}}
}

struct Place {
    x: u32,
    y: u32,
    channel: u32,
    picture: u32,
}

fn store(at: Place, right: u32, sums: vec4<f32>) {
    if at.x + right >= p.out_width {
        return;
    }
    for (var i = 0u; i < min(4u, p.cout - at.channel); i++) {
        let sum = sums[i];
        let channel = at.picture * p.cout + at.channel + i;
        y[(channel * p.out_height + at.y) * p.out_width + at.x + right] = select(sum, sum * p.slope, sum < 0.0);
    }
}
