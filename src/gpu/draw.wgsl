// The affine functions of the guided filter, interpolated bilinearly between the small picture's
// pixels (sample centres aligned) and applied to the photo's own colours.

struct Numbers {
    small: vec2<u32>, // width and height of the small picture
    strength: f32,
    multiplied: u32,  // 1: colours are wanted multiplied by alpha
}

@group(0) @binding(0) var photo: texture_2d<f32>;
@group(0) @binding(1) var<storage, read> functions: array<mat3x4<f32>>; // a column each for r, g, b
@group(0) @binding(2) var<uniform> n: Numbers;

@vertex
fn corner(@builtin(vertex_index) i: u32) -> @builtin(position) vec4<f32> {
    // One triangle that is larger than the canvas.
    let at = vec2(f32(i & 1u), f32(i >> 1u)) * 4.0 - 1.0;
    return vec4(at, 0.0, 1.0);
}

@fragment
fn edited(@builtin(position) at: vec4<f32>) -> @location(0) vec4<f32> {
    let colour = textureLoad(photo, vec2<u32>(at.xy), 0);
    let place = at.xy * vec2<f32>(n.small) / vec2<f32>(textureDimensions(photo)) - 0.5;
    let before = floor(place);
    let weight = place - before;
    let last = vec2<i32>(n.small) - 1;
    let a = vec2<u32>(clamp(vec2<i32>(before), vec2(0), last));
    let b = vec2<u32>(clamp(vec2<i32>(before) + 1, vec2(0), last));
    let above = mix3(function_at(a.x, a.y), function_at(b.x, a.y), weight.x);
    let below = mix3(function_at(a.x, b.y), function_at(b.x, b.y), weight.x);
    let edit = vec4(colour.rgb * 2.0 - 1.0, 1.0) * mix3(above, below, weight.y);
    let edited = clamp(edit * 0.5 + 0.5, vec3(0.0), vec3(1.0));
    let alpha = select(1.0, colour.a, n.multiplied == 1u);
    return vec4(mix(colour.rgb, edited, n.strength) * alpha, colour.a);
}

fn function_at(x: u32, y: u32) -> mat3x4<f32> {
    return functions[y * n.small.x + x];
}

fn mix3(a: mat3x4<f32>, b: mat3x4<f32>, weight: f32) -> mat3x4<f32> {
    return a + (b - a) * weight;
}
