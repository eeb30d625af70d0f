// What src/paint does to a photo: mattes, light and colour of every layer, with the same numbers.

struct Uniforms {
    small: vec2<u32>, // width and height of the small picture
    strength: f32,
    multiplied: u32,  // 1: colours are wanted multiplied by alpha
    layers: u32,
}

// As `Tones::numbers` has them.
struct Tones {
    was: vec3<f32>,
    detail: f32,
    becomes: vec3<f32>,
    gain: f32,
    hue: vec2<f32>,
    print: f32,
    near: f32,
    ratio: f32,
    brighter: f32,
    darker: f32,
    even: f32,
    most: f32,
    sure: f32,
    told: f32,
}

// A layer's cloth, of which all that is many lies in arrays, from a place on.
struct Cloth {
    axes: vec4<f32>, // two rows of a matrix
    side: u32,       // texels of a repeat; 0: no cloth
    texels: u32,
    shifts: u32,
}

@group(0) @binding(0) var photo: texture_2d<f32>;
// For each layer and each pixel of the small picture a column each: the matte's function of the
// colour; the colour in front and the lightness around; the colour behind, and how well both tell.
@group(0) @binding(1) var<storage, read> cells: array<mat3x4<f32>>;
@group(0) @binding(2) var<storage, read> tones: array<Tones>;
@group(0) @binding(3) var<uniform> n: Uniforms;
@group(0) @binding(4) var<storage, read> cloths: array<Cloth>;
@group(0) @binding(5) var<storage, read> texels: array<u32>;
// For each pixel of the small picture.
@group(0) @binding(6) var<storage, read> shifts: array<vec2<f32>>;

const CONTRAST: f32 = 4.0;
const MORE: f32 = 1.3;
const LESS: f32 = 0.6;
const EDGE: f32 = 25.0;
const FAR: f32 = 0.06;

@vertex
fn corner(@builtin(vertex_index) i: u32) -> @builtin(position) vec4<f32> {
    // One triangle that is larger than the canvas.
    let at = vec2(f32(i & 1u), f32(i >> 1u)) * 4.0 - 1.0;
    return vec4(at, 0.0, 1.0);
}

@fragment
fn edited(@builtin(position) at: vec4<f32>) -> @location(0) vec4<f32> {
    let colour = textureLoad(photo, vec2<u32>(at.xy), 0);
    let linear = decode(colour.rgb);
    let place = at.xy * vec2<f32>(n.small) / vec2<f32>(textureDimensions(photo)) - 0.5;
    let before = floor(place);
    let weight = place - before;
    let last = vec2<i32>(n.small) - 1;
    let a = vec2<u32>(clamp(vec2<i32>(before), vec2(0), last));
    let b = vec2<u32>(clamp(vec2<i32>(before) + 1, vec2(0), last));
    let area = n.small.x * n.small.y;

    var result = colour.rgb;
    var covered = 0.0;
    // What a later layer covers an earlier one does not paint.
    for (var i = n.layers; i > 0u; i--) {
        let first = (i - 1u) * area;
        let above = mix3(cell(first, a.x, a.y), cell(first, b.x, a.y), weight.x);
        let below = mix3(cell(first, a.x, b.y), cell(first, b.x, b.y), weight.x);
        let found = mix3(above, below, weight.y);
        let filtered = dot(found[0], vec4(colour.rgb * 2.0 - 1.0, 1.0));
        let value = CONTRAST * (filtered - 0.5) + 0.5;
        let front = max(found[1].rgb, vec3(0.0));
        let back = max(found[2].rgb, vec3(0.0));
        let seen = min(opacity(value, linear, front, back, found[2].a), max(1.0 - covered, 0.0));
        if seen <= 0.0 {
            continue;
        }
        covered += seen;
        // At an edge the thing's colour is that of its surroundings, and what is behind is what is
        // left of the pixel without it.
        let thing = mix(front, linear, clamp(value - LESS, 0.0, 1.0));
        var behind = linear;
        if value < 1.0 + LESS {
            let share = min(seen, 0.95);
            let unmixed = (linear - share * front) / (1.0 - share);
            behind = clamp(unmixed, min(linear, back), max(linear, back));
            behind = without_tint(behind, front, back, min(EDGE * seen, 1.0));
        }
        var tone = tones[i - 1u];
        let cloth = cloths[i - 1u];
        if cloth.side > 0u {
            let line = cloth.shifts + vec2(a.y, b.y) * n.small.x;
            let over = mix(shifts[line.x + a.x], shifts[line.x + b.x], weight.x);
            let under = mix(shifts[line.y + a.x], shifts[line.y + b.x], weight.x);
            let across = cloth.axes.xz * at.x + cloth.axes.yw * at.y;
            tone = dyed(tone, woven(cloth, across + mix(over, under, weight.y)));
        }
        let painted = paint(tone, thing, found[1].a);
        result += n.strength * (encode(mix(behind, painted, seen)) - colour.rgb);
    }
    let alpha = select(1.0, colour.a, n.multiplied == 1u);
    return vec4(clamp(result, vec3(0.0), vec3(1.0)) * alpha, colour.a);
}

fn cell(first: u32, x: u32, y: u32) -> mat3x4<f32> {
    return cells[first + y * n.small.x + x];
}

fn mix3(a: mat3x4<f32>, b: mat3x4<f32>, weight: f32) -> mat3x4<f32> {
    return a + (b - a) * weight;
}

// paint/matte.rs
fn opacity(value: f32, pixel: vec3<f32>, front: vec3<f32>, back: vec3<f32>, told: f32) -> f32 {
    if value <= -MORE {
        return 0.0;
    }
    let plain = clamp(value, 0.0, 1.0);
    if value >= 1.0 + LESS {
        return plain;
    }
    let away = sqrt(front) - sqrt(back);
    let square = dot(away, away) + 1e-6;
    let along = dot(sqrt(pixel) - sqrt(back), away) / square;
    let share = clamp(min(max(along, value - LESS), value + MORE), 0.0, 1.0);
    let found = mix(plain, share, told * min(square / FAR, 1.0));
    return select(0.0, found, found > 0.5 / 255.0);
}

// paint/spill.rs
fn without_tint(behind: vec3<f32>, front: vec3<f32>, back: vec3<f32>, share: f32) -> vec3<f32> {
    let things = tint(front - back);
    let along = share * max(dot(tint(behind - back), things), 0.0) / (dot(things, things) + 1e-6);
    return max(behind - along * things, vec3(0.0));
}

fn tint(colour: vec3<f32>) -> vec3<f32> {
    return colour - dot(colour, vec3(0.2126, 0.7152, 0.0722));
}

// fabric/tile.rs
fn woven(c: Cloth, place: vec2<f32>) -> vec3<f32> {
    let side = f32(c.side);
    let at = fract(place) * side + (side - 0.5);
    let first = vec2<u32>(at);
    let part = at - vec2<f32>(first);
    let a = first % c.side;
    let b = (first + 1u) % c.side;
    let above = mix(texel(c, a.x, a.y), texel(c, b.x, a.y), part.x);
    let below = mix(texel(c, a.x, b.y), texel(c, b.x, b.y), part.x);
    return mix(above, below, part.y);
}

fn texel(c: Cloth, x: u32, y: u32) -> vec3<f32> {
    let packed = texels[c.texels + y * c.side + x];
    let lab = vec3<f32>(vec3(packed & 4095u, (packed >> 12u) & 1023u, packed >> 22u));
    return lab * vec3(1.0 / 40.95, 0.25, 0.25) - vec3(0.0, 128.0, 128.0);
}

// paint/light.rs
fn dyed(t: Tones, becomes: vec3<f32>) -> Tones {
    var d = t;
    d.becomes = becomes;
    d.gain = min(max((becomes.x + 18.0) / (t.was.x + 18.0), 0.6), t.most);
    let room = max(vec2(100.0 - becomes.x, becomes.x), vec2(0.5));
    let largest = max(d.gain * vec2(100.0 - t.was.x, t.was.x), vec2(0.5));
    let bend = sqrt(max(1.0 / (room * room) - 1.0 / (largest * largest), vec2(0.0)));
    d.brighter = bend.x;
    d.darker = bend.y;
    return d;
}

fn paint(t: Tones, linear: vec3<f32>, around: f32) -> vec3<f32> {
    let lab = lab_of(linear);
    let before = clamp((lab.x + 16.0) / (t.was.x + 16.0), 0.25, 1.25);
    let away = lab.yz - before * t.was.yz;
    let other = away - 0.7 * max(dot(away, t.hue), 0.0) * t.hue;
    let square = dot(other, other);
    // paint/plain.rs
    let lit = t.sure * t.told / (t.told + square);
    let detail = lab.x - around;
    let smoothed = mix(t.detail, 1.0, lit) * detail / (1.0 + (1.0 - lit) * t.even * detail * detail);
    let deviation = t.gain * (around + smoothed - t.was.x);
    let x = deviation * select(t.darker, t.brighter, deviation > 0.0);
    let lightness = t.becomes.x + deviation / sqrt(1.0 + x * x);
    let after = clamp((lightness + 16.0) / (t.becomes.x + 16.0), 0.25, 1.25);
    let share = t.print * square / (square + t.near + 1e-6);
    let own = t.ratio * min((lightness + 16.0) / (lab.x + 16.0), 1.0);
    return within(linear_of(vec3(lightness, mix(after * t.becomes.yz, own * lab.yz, share))));
}

fn within(rgb: vec3<f32>) -> vec3<f32> {
    let y = dot(rgb, vec3(0.2126, 0.7152, 0.0722));
    let most = max(max(rgb.r, rgb.g), rgb.b);
    let least = min(min(rgb.r, rgb.g), rgb.b);
    let pull = max((most - 1.0) / (most - y + 1e-6), -least / (y - least + 1e-6));
    return mix(rgb, vec3(y), 0.5 * clamp(pull, 0.0, 1.0));
}

// colour.rs
fn lab_of(rgb: vec3<f32>) -> vec3<f32> {
    let t = vec3(
        dot(rgb, vec3(0.43388735, 0.376224, 0.18988865)),
        dot(rgb, vec3(0.212639, 0.7151687, 0.07219231)),
        dot(rgb, vec3(0.01775004, 0.10944762, 0.87280234)),
    );
    let f = select(
        841.0 / 108.0 * t + 4.0 / 29.0,
        pow(max(t, vec3(1e-9)), vec3(1.0 / 3.0)),
        t > vec3(216.0 / 24389.0),
    );
    return vec3(116.0 * f.y - 16.0, 500.0 * (f.x - f.y), 200.0 * (f.y - f.z));
}

fn linear_of(lab: vec3<f32>) -> vec3<f32> {
    let y = (lab.x + 16.0) / 116.0;
    let f = vec3(y + lab.y / 500.0, y, y - lab.z / 200.0);
    let t = select((f - 4.0 / 29.0) * (108.0 / 841.0), f * f * f, f > vec3(6.0 / 29.0));
    return vec3(
        dot(t, vec3(3.080399, -1.5373832, -0.5430159)),
        dot(t, vec3(-0.92122336, 1.8759675, 0.04525586)),
        dot(t, vec3(0.05287394, -0.20397696, 1.151103)),
    );
}

fn decode(value: vec3<f32>) -> vec3<f32> {
    let curve = pow((value + 0.055) / 1.055, vec3(2.4));
    return select(value / 12.92, curve, value > vec3(0.04045));
}

fn encode(linear: vec3<f32>) -> vec3<f32> {
    let x = clamp(linear, vec3(0.0), vec3(1.0));
    let curve = 1.055 * pow(max(x, vec3(1e-9)), vec3(1.0 / 2.4)) - 0.055;
    return select(12.92 * x, curve, x > vec3(0.0031308));
}
