//! Draws the page's flowers. They are our own: no photograph went into them.
//!
//!     rustc -C opt-level=3 render.rs
//!     for n in anemone rudbeckia hibiscus; do ./render $n 1280; done
//!     pip install pillow; for n in anemone rudbeckia hibiscus; do python3 -c \
//!         "import PIL.Image; PIL.Image.open('$n.ppm').save('$n.jpg', quality=85, optimize=True)"; done
//!
//! The T-shirt beside them is by the page's own model, without the face, which it cannot draw:
//!
//!     cargo loom make "a purple polo t-shirt" --seed 7 -o www/samples/shirt.png
//!     python3 -c "import PIL.Image; PIL.Image.open('www/samples/shirt.png') \
//!         .crop((0, 128, 512, 512)).save('www/samples/shirt.jpg', quality=85, optimize=True)"
//!
//! `./render NAME LONG_SIDE [LIMIT] [THREADS]` writes NAME.ppm; LIMIT is the most paths for one pixel.
//! The editor was trained on photographs, so the samples need what a photograph has: light that shines through
//! petals, soft shadows between them, a lens with one plane in focus. A path tracer gives all of these at once.
//! Seeds are fixed: the same arguments give the same bytes, with any number of threads.

use std::f32::consts::{PI, TAU};

#[derive(Clone, Copy, Default)]
struct V(f32, f32, f32);
macro_rules! operator {
    ($name:ident $f:ident $right:ty: $a:ident $b:ident $result:expr) => {
        impl std::ops::$name<$right> for V { type Output = V; fn $f(self, $b: $right) -> V { let $a = self; $result } }
    };
}
operator!(Add add V: a b a.zip(b, |x, y| x + y));
operator!(Sub sub V: a b a.zip(b, |x, y| x - y));
operator!(Mul mul V: a b a.zip(b, |x, y| x * y));
operator!(Mul mul f32: a b a.map(|x| x * b));
impl V {
    fn dot(self, o: V) -> f32 { self.0 * o.0 + self.1 * o.1 + self.2 * o.2 }
    fn cross(self, V(x, y, z): V) -> V { V(self.1 * z - self.2 * y, self.2 * x - self.0 * z, self.0 * y - self.1 * x) }
    fn unit(self) -> V { self * (1.0 / self.dot(self).sqrt().max(1e-12)) }
    fn mix(self, o: V, k: f32) -> V { self + (o - self) * k.clamp(0.0, 1.0) }
    fn map(self, f: impl Fn(f32) -> f32) -> V { V(f(self.0), f(self.1), f(self.2)) }
    fn zip(self, o: V, f: impl Fn(f32, f32) -> f32) -> V { V(f(self.0, o.0), f(self.1, o.1), f(self.2, o.2)) }
}

fn hash(x: u32) -> u32 {
    let x = (x ^ (x >> 16)).wrapping_mul(0x7feb_352d);
    let x = (x ^ (x >> 15)).wrapping_mul(0x846c_a68b);
    x ^ (x >> 16)
}
struct Rng(u32);
impl Rng {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9);
        (hash(self.0) >> 8) as f32 / (1 << 24) as f32
    }
    fn pm(&mut self) -> f32 { self.next() * 2.0 - 1.0 }
}
fn smooth(a: f32, b: f32, x: f32) -> f32 {
    let t = ((x - a) / (b - a)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}
/// Value noise between -1 and 1; `z` doubles as a seed.
fn noise(x: f32, y: f32, z: f32) -> f32 {
    let p = [x, y, z].map(|x| (x.floor() as i32, smooth(0.0, 1.0, x - x.floor())));
    (0..8).map(|corner| {
        let (h, weight) = p.iter().enumerate().fold((0, 1.0), |(h, weight), (i, &(cell, t))| {
            let far = corner >> i & 1;
            (hash(h ^ (cell + far) as u32), weight * if far == 1 { t } else { 1.0 - t })
        });
        weight * (h as f32 / u32::MAX as f32 * 2.0 - 1.0)
    }).sum()
}
/// Two directions square to `z`.
fn frame(z: V) -> (V, V) {
    let x = if z.0.abs() < 0.7 { V(1., 0., 0.) } else { V(0., 1., 0.) }.cross(z).unit();
    (x, z.cross(x))
}
/// A direction around `z`, as a matt surface sends light.
fn lambert(z: V, rng: &mut Rng) -> V {
    let ((x, y), a, r) = (frame(z), rng.next() * TAU, rng.next());
    ((x * a.cos() + y * a.sin()) * r.sqrt() + z * (1.0 - r).sqrt()).unit()
}

/// How a surface answers light: the part that passes through it, the width of its gloss, the depth of its cells.
#[derive(Clone, Copy)]
struct Matter { through: f32, rough: f32, bump: f32 }
const PETAL: Matter = Matter { through: 0.38, rough: 0.5, bump: 0.06 };
const LEAF: Matter = Matter { through: 0.30, rough: 0.42, bump: 0.03 };
const SOLID: Matter = Matter { through: 0.0, rough: 0.45, bump: 0.12 };

/// A box of the hierarchy; with `count` 0 its two children are at `first`, else its faces are.
#[derive(Clone, Copy)]
struct Node { lo: V, hi: V, first: usize, count: usize }
type Part = ([V; 3], [u32; 3], Matter);
fn node(part: &[Part], first: usize) -> Node {
    let corners = || part.iter().flat_map(|f| f.0);
    let lo = corners().fold(V(9e9, 9e9, 9e9), |a, p| a.zip(p, f32::min));
    Node { lo, hi: corners().fold(lo, |a, p| a.zip(p, f32::max)), first, count: part.len() }
}

#[derive(Default)]
struct Scene {
    points: Vec<(V, V, V)>, // place, normal, colour
    faces: Vec<Part>,       // a corner and two edges, the points, the matter
    nodes: Vec<Node>,
}
struct Light { sun: V, glow: V, haze: f32, sky: V, ground: V } // haze: the sun's radius; thin cloud softens shadows
struct View { eye: V, tall: f32, lens: f32, portrait: bool, exposure: f32 } // tall: of the frame, where it is sharp

impl Scene {
    /// Everything here is one bent sheet: `f(s, t)`, s from -1 to 1 across and t from 0 to 1 along, gives place
    /// and colour. A point's normal is the mean of the faces around it.
    fn sheet(&mut self, (m, n): (u32, u32), matter: Matter, f: impl Fn(f32, f32) -> (V, V)) {
        let start = self.points.len() as u32;
        for k in 0..(m + 1) * (n + 1) {
            let (p, c) = f((k % (m + 1)) as f32 / m as f32 * 2.0 - 1.0, (k / (m + 1)) as f32 / n as f32);
            self.points.push((p, V::default(), c));
        }
        for a in (0..m * n).map(|k| start + k / m * (m + 1) + k % m) {
            for face in [[a, a + 1, a + m + 2], [a, a + m + 2, a + m + 1]] {
                let [p, q, r] = face.map(|k| self.points[k as usize].0);
                let normal = (q - p).cross(r - p);
                face.iter().for_each(|&k| self.points[k as usize].1 = self.points[k as usize].1 + normal);
                self.faces.push(([p, q, r], face, matter));
            }
        }
    }
    fn bead(&mut self, at: V, axis: V, (wide, long): (f32, f32), colour: V) {
        let (x, y) = frame(axis);
        self.sheet((10, 8), SOLID, |s, t| {
            let round = (x * (s * PI).cos() + y * (s * PI).sin()) * (wide * (t * PI).sin());
            (at + round - axis * (long * (t * PI).cos()), colour)
        });
    }
    fn tube(&mut self, thick: f32, colour: V, path: impl Fn(f32) -> V) {
        self.sheet((10, 24), SOLID, |s, t| {
            let (x, y) = frame((path(t + 0.01) - path(t)).unit());
            (path(t) + (x * (s * PI).cos() + y * (s * PI).sin()) * thick, colour)
        });
    }

    /// Builds the hierarchy of boxes, cut where the surface area heuristic at 11 places says.
    fn index(&mut self) {
        let ordered = |x: f32| x.to_bits() as i32 ^ ((x.to_bits() as i32 >> 31) & i32::MAX); // sorts as x does
        let area = |n: Node| (n.hi - n.lo).dot(V((n.hi - n.lo).1, (n.hi - n.lo).2, (n.hi - n.lo).0));
        let cost = |part: &[Part]| area(node(part, 0)) * part.len() as f32;
        self.nodes.push(node(&self.faces, 0));
        let mut todo = vec![0];
        while let Some(at) = todo.pop() {
            let Node { lo, hi, first, count } = self.nodes[at];
            if count <= 3 { continue; }
            let V(x, y, z) = hi - lo;
            let axis = if x > y && x > z { 0 } else { 1 + (z > y) as usize };
            let part = &mut self.faces[first..first + count];
            part.sort_by_cached_key(|f| ordered(f.0.iter().map(|p| [p.0, p.1, p.2][axis]).sum()));
            let price = |&k: &usize| ordered(cost(&part[..k]) + cost(&part[k..]));
            let cut = (1..12).map(|i| (count * i / 12).max(1)).min_by_key(price).unwrap();
            (self.nodes[at].first, self.nodes[at].count) = (self.nodes.len(), 0);
            todo.extend([self.nodes.len(), self.nodes.len() + 1]);
            self.nodes.extend([node(&part[..cut], first), node(&part[cut..], first + cut)]);
        }
        self.faces.iter_mut().for_each(|f| f.0 = [f.0[0], f.0[1] - f.0[0], f.0[2] - f.0[0]]);
        self.points.iter_mut().for_each(|p| p.1 = p.1.unit());
    }

    /// Distance, face and place in it where a ray first meets one; with `any`, any one, which is enough for a shadow.
    fn hit(&self, o: V, d: V, any: bool) -> Option<(f32, usize, f32, f32)> {
        let (inv, mut best) = (d.map(|x| 1.0 / x), (1e9, usize::MAX, 0.0, 0.0));
        let enter = |at: usize, far: f32| {
            let (a, b) = ((self.nodes[at].lo - o) * inv, (self.nodes[at].hi - o) * inv);
            let (lo, hi) = (a.zip(b, f32::min), a.zip(b, f32::max));
            let near = lo.0.max(lo.1).max(lo.2).max(0.0);
            (at, if near <= hi.0.min(hi.1).min(hi.2).min(far) { near } else { f32::INFINITY })
        };
        let (mut stack, mut top) = ([(0, 0.0f32); 64], 1);
        while top > 0 {
            top -= 1;
            let (at, near) = stack[top];
            if near >= best.0 { continue; }
            let Node { first, count, .. } = self.nodes[at];
            for face in first..first + count {
                let [p, e, g] = self.faces[face].0;
                let (h, s) = (d.cross(g), o - p);
                let (k, w) = (1.0 / e.dot(h), s.cross(e));
                let (u, v, far) = (s.dot(h) * k, d.dot(w) * k, g.dot(w) * k);
                if u >= 0.0 && v >= 0.0 && u + v <= 1.0 && far > 1e-4 && far < best.0 {
                    best = (far, face, u, v);
                    if any { return Some(best); }
                }
            }
            if count > 0 { continue; }
            let (a, b) = (enter(first, best.0), enter(first + 1, best.0));
            for child in if a.1 < b.1 { [b, a] } else { [a, b] } {
                stack[top] = child;
                top += (child.1 < f32::INFINITY) as usize;
            }
        }
        (best.1 != usize::MAX).then_some(best)
    }

    /// Light that comes back along a ray, and how far away its first surface is.
    fn trace(&self, light: &Light, mut o: V, mut d: V, rng: &mut Rng) -> (V, f32) {
        let (mut sum, mut weight, mut first) = (V::default(), V(1., 1., 1.), 60.0);
        for depth in 0..7 {
            let Some((far, face, u, v)) = self.hit(o, d, false) else {
                return (sum + weight * light.ground.mix(light.sky, smooth(-0.15, 0.55, d.2)), first);
            };
            let ([_, e, g], corners, matter) = self.faces[face];
            let [a, b, c] = corners.map(|k| self.points[k as usize]);
            let blend = |x: V, y: V, z: V| x * (1.0 - u - v) + y * u + z * v;
            let along = |n: V, way: V| if n.dot(way) < 0.0 { n * -1.0 } else { n };
            let flat = along(e.cross(g).unit(), d * -1.0);
            let mut n = along(blend(a.1, b.1, c.1).unit(), flat);
            let (place, colour) = (o + d * far, blend(a.2, b.2, c.2));
            if depth == 0 {
                first = far;
                let V(x, y, z) = place * 60.0; // cells of the skin, too fine for the sheet: they break up the gloss
                let cells = V(noise(x, y, z), noise(y, z, x + 50.), noise(z, x, y + 90.));
                n = (n + cells * matter.bump).unit();
            }
            let inner = colour.map(|x| x.powf(1.35)); // light that passed through is deeper in colour
            let gloss = 0.03 + 0.6 * (1.0 - n.dot(d * -1.0).max(0.0)).powi(5);

            let ((x, y), a, r) = (frame(light.sun), rng.next() * TAU, rng.next().sqrt() * light.haze);
            let l = (light.sun + x * (r * a.cos()) + y * (r * a.sin())).unit();
            let (front, cos) = (flat.dot(l) > 0.0, n.dot(l));
            let start = place + flat * if front { 1e-3 } else { -1e-3 };
            if front == (cos > 0.0) && (front || matter.through > 0.0) && self.hit(start, l, true).is_none() {
                let (h, m) = ((l - d).unit().dot(n).max(0.0), matter.rough.powi(4));
                let shine = gloss * 0.25 * m / (h * h * (m - 1.0) + 1.0).powi(2).max(1e-6);
                let matt = colour * (1.0 - matter.through) + V(shine, shine, shine);
                let answer = if front { matt } else { inner * matter.through };
                sum = sum + weight * light.glow * answer * (cos.abs() / PI);
            }
            if rng.next() < gloss {
                let m = (n + lambert(n, rng) * (matter.rough * matter.rough)).unit();
                d = d - m * (2.0 * d.dot(m));
                if d.dot(flat) <= 0.0 { break; }
                o = place + flat * 1e-3;
            } else {
                let through = rng.next() < matter.through;
                let side = if through { -1.0 } else { 1.0 };
                weight = weight * if through { inner } else { colour };
                (o, d) = (place + flat * (side * 1e-3), lambert(n * side, rng));
            }
            let keep = if depth > 0 { weight.0.max(weight.1).max(weight.2).min(0.95) } else { 1.0 };
            if depth > 0 && rng.next() > keep { break; }
            weight = weight * (1.0 / keep);
        }
        (sum, first)
    }

    /// A petal, from the flower's middle outwards, in the flower's own coordinates (z out of its face) until `at`.
    fn petal(&mut self, at: &dyn Fn(V) -> V, turn: f32, k: &Petal, seed: f32, paint: impl Fn(f32, f32, f32) -> V) {
        self.sheet(k.grid, PETAL, |s, t| {
            let ragged = 0.030 * noise(s * 2.0, 0.0, seed) + 0.012 * noise(s * 9.0, 0.0, seed);
            let along = t * (1.0 - k.round.0 * s.abs().powf(k.round.1) + ragged * t * t);
            let ((a, b), swell) = (k.rise, k.neck + (1.0 - k.neck) * (along / k.belly).min(1.0).powf(0.8));
            let (angle, bend) = (a + (b - a) * along, b - a + 1e-3);
            let (r, z) = ((angle.sin() - a.sin()) / bend * k.long, (a.cos() - angle.cos()) / bend * k.long);
            let narrow = 1.0 - k.taper * smooth(k.belly, 1.05, along).powf(1.3);
            let w = k.wide * swell * narrow * (1.0 + 0.06 * noise(t * 2.0, s, seed + 3.0));
            // Veins run from base to tip and fan out with the width; they are what reads as "petal".
            let q = s * (1.0 + 0.08 * noise(t * 3.0, s * 2.0, seed + 5.0));
            let streak = |fine: f32, slow: f32| noise(q * fine, t * slow, seed + fine);
            let vein = 0.55 * streak(9.0, 1.3) + 0.3 * streak(21.0, 2.0) + 0.15 * streak(47.0, 4.0);
            let wave = noise(s * 1.6 + seed * 7.0, t * 1.8, seed) * (0.25 + s * s)
                + 0.45 * noise(s * 4.0, t * 3.0, seed + 31.0) * s * s;
            let rib = 1.5 * (-(s / 0.07).powi(2)).exp() * (1.0 - t);
            let lift = w * s * (k.cup * s + k.tilt) + k.ruffle * t.powf(1.3) * wave
                + k.pleat * (vein * smooth(0.0, 0.3, t) - rib);
            let (out, side) = (V(turn.cos(), turn.sin(), 0.), V(-turn.sin(), turn.cos(), 0.));
            let up = V(0., 0., angle.cos()) - out * angle.sin();
            (at(out * r + V(0., 0., z) + side * (s * w) + up * lift), paint(s, t, vein))
        });
    }

    fn leaf(&mut self, p: V, dir: V, up: V, (long, wide): (f32, f32), colour: V, grid: (u32, u32)) {
        let side = dir.cross(up).unit();
        self.sheet(grid, LEAF, |s, t| {
            let saw = 1.0 + 0.04 * noise(t * 26.0, s.signum(), p.0);
            let w = wide * (PI * t.powf(0.8)).sin().max(0.0).powf(0.9) * saw;
            let branch = (((t * 1.1 - s.abs() * 0.16) * 9.0).fract() - 0.5).abs() * 2.0;
            let vein = smooth(0.82, 1.0, branch) * 0.5 + (-(s / 0.06).powi(2)).exp();
            let curl = 0.02 * noise(t * 4.0, s * 2.0, p.1) - 0.22 * t * t;
            let lift = side.cross(dir).unit() * (0.25 * s.abs() * w + long * curl - 0.012 * vein);
            let tone = colour.mix(V(0.30, 0.42, 0.14), vein * 0.35) * (1.0 + 0.2 * noise(s * 4.0, t * 6.0, p.2));
            (p + dir * (long * t) + side * (s * w) + lift, tone)
        });
    }

    /// Leaves at random behind the flower: out of focus they become the soft green of a garden.
    fn foliage(&mut self, rng: &mut Rng, count: usize, (near, far): (f32, f32), size: f32, colours: [V; 2]) {
        for _ in 0..count {
            let y = near + (far - near) * rng.next().powf(0.8);
            let p = V(rng.pm() * (2.5 + y * 0.35), y, -1.0 + rng.pm() * (2.5 + y * 0.3));
            let dir = V(rng.pm(), rng.pm() - 0.3, rng.pm() * 0.7 + 0.1).unit();
            let up = V(rng.pm() * 0.5, rng.pm() * 0.5 - 0.3, 1.0).unit();
            let long = size * (0.6 + 0.8 * rng.next());
            let c = colours[0].mix(colours[1], rng.next()) * (0.75 + 0.5 * rng.next());
            self.leaf(p, dir, up, (long, long * (0.2 + 0.12 * rng.next())), c, (6, 10));
        }
    }
}

/// `neck`: width at the base; `belly`: where it is widest; `taper`: what is lost from there; `round`: how far the
/// tip's edges fall back, and with which power; `rise`: angle above the flower's plane at base and tip; `tilt`: one
/// edge up, the other down, so that neighbours overlap in turn.
struct Petal {
    grid: (u32, u32), long: f32, wide: f32, neck: f32, belly: f32, taper: f32, round: (f32, f32), rise: (f32, f32),
    cup: f32, tilt: f32, ruffle: f32, pleat: f32,
}

/// Flower coordinates to the world's (x right, y away from the camera, z up).
fn facing(o: V, axis: V, roll: f32) -> impl Fn(V) -> V {
    let ((x, y), (c, s)) = (frame(axis), (roll.cos(), roll.sin()));
    move |p| o + (x * c + y * s) * p.0 + (y * c - x * s) * p.1 + axis * p.2
}
fn polar(r: f32, a: f32, z: f32) -> V { V(r * a.cos(), r * a.sin(), z) }
const GOLDEN: f32 = 2.399_963; // the angle between one floret and the next

fn anemone(sc: &mut Scene, rng: &mut Rng) -> (Light, View) {
    let axis = V(-0.22, -0.85, 0.50).unit();
    let at = facing(V(0.05, 0., 0.05), axis, 0.3);
    for i in 0..9 {
        let inner = i >= 4;
        let turn = if inner { (i - 4) as f32 / 5.0 } else { (i as f32 + 0.4) / 4.0 } * TAU + 0.14 * rng.pm();
        let (long, wide, tip) = (1.22 + 0.08 * rng.pm(), 0.50 + 0.04 * rng.pm(), 0.15 * rng.pm());
        let (rise, lift) = if inner { ((0.55, 0.05 + tip), 0.03) } else { ((0.35, tip - 0.05), 0.0) };
        let (cup, tilt) = (0.30 + 0.12 * rng.pm(), 0.10 * rng.pm());
        let k = Petal { grid: (110, 150), long, wide, neck: 0.30, belly: 0.62, taper: 0.28, round: (0.30, 2.4), rise,
            cup, tilt, ruffle: 0.14, pleat: 0.012 };
        sc.petal(&|p| at(p + V(0., 0., lift)), turn, &k, i as f32 * 13.7 + 2.0, |s, t, vein| {
            let blush = 0.55 * smooth(0.35, 1.0, t + 0.15 * s.abs()) + 0.25 * vein;
            let tone = V(0.86, 0.84, 0.81).mix(V(0.84, 0.62, 0.72), blush);
            tone.mix(V(0.66, 0.72, 0.36), 0.8 * (1.0 - smooth(0.05, 0.34, t))) * (1.0 + 0.08 * vein)
        });
    }
    sc.bead(at(V(0., 0., 0.10)), axis, (0.15, 0.12), V(0.42, 0.46, 0.10));
    for i in 0..90 {
        let q = i as f32 / 90.0;
        let p = polar(0.15 * q.sqrt(), i as f32 * GOLDEN, 0.12 + 0.12 * (1.0 - q).sqrt());
        sc.bead(at(p), axis, (0.014, 0.018), V(0.52, 0.50, 0.10));
    }
    for a in (0..130).map(|i| i as f32 * GOLDEN) {
        let tip = polar(0.20 + 0.17 * rng.next(), a, 0.16 + 0.14 * rng.next());
        let thread = |t: f32| at(polar(0.13, a, 0.06).mix(tip, t) + V(0., 0., 0.05 * (t * PI).sin()));
        sc.tube(0.006, V(0.80, 0.72, 0.25), thread);
        let lie = (axis + V(rng.pm(), rng.pm(), rng.pm()) * 0.7).unit();
        sc.bead(at(tip), lie, (0.019, 0.034), V(0.86, 0.56 + 0.1 * rng.pm(), 0.05));
    }
    sc.tube(0.055, V(0.18, 0.26, 0.08), |t| at(V(0., 0., -0.02 - 0.9 * t)) + V(0.2, 0.1, -2.6) * (t * t));
    sc.foliage(rng, 1500, (4.0, 22.0), 1.5, [V(0.10, 0.20, 0.04), V(0.26, 0.36, 0.08)]);
    sc.foliage(rng, 25, (0.9, 2.4), 1.3, [V(0.09, 0.19, 0.05), V(0.18, 0.30, 0.07)]);
    let (sky, ground) = (V(0.62, 0.74, 0.95), V(0.05, 0.09, 0.03));
    (Light { sun: V(-0.55, -0.30, 0.85).unit(), glow: V(3.4, 3.1, 2.7), haze: 0.06, sky, ground },
        View { eye: V(0., -9., 1.2), tall: 3.05, lens: 0.20, portrait: false, exposure: 0.86 })
}

fn daisy(sc: &mut Scene, rng: &mut Rng, o: V, axis: V, fine: u32) {
    let at = facing(o, axis.unit(), 0.1);
    for i in 0..27 {
        let inner = i >= 13;
        let turn = if inner { (i - 13) as f32 / 14.0 } else { i as f32 / 13.0 } * TAU + 0.10 * rng.pm();
        let (long, up) = if inner { (1.14, 0.42) } else { (1.27, 0.15) };
        let (long, wide, tip) = (long + 0.09 * rng.pm(), 0.185 + 0.03 * rng.pm(), -0.22 + 0.22 * rng.pm());
        let (cup, tilt, deep) = (0.25 + 0.35 * rng.pm(), 0.35 * rng.pm(), rng.next());
        let k = Petal { grid: (14 * fine, 34 * fine), long, wide, neck: 0.42, belly: 0.50, taper: 0.42,
            round: (0.26, 1.9), rise: (up, tip), cup, tilt, ruffle: 0.06, pleat: 0.012 };
        sc.petal(&at, turn, &k, i as f32 * 9.1 + 4.0, |s, t, vein| {
            let tone = V(0.92, 0.62, 0.03).mix(V(0.90, 0.46, 0.02), 0.7 * deep + 0.3 * vein);
            let tone = tone.mix(V(0.62, 0.20, 0.015), 0.8 * (1.0 - smooth(0.18, 0.55, t + 0.10 * vein)));
            tone * (1.0 + 0.10 * vein - 0.10 * (-(s.abs() - 0.35).powi(2) / 0.006).exp())
        });
    }
    sc.bead(at(V(0., 0., 0.06)), axis.unit(), (0.36, 0.25), V(0.03, 0.016, 0.008));
    for i in 0..520 {
        let (r, a) = (0.38 * (i as f32 / 520.0).sqrt(), i as f32 * GOLDEN);
        let p = at(polar(r, a, 0.10 + 0.27 * (1.0 - (r / 0.40).powi(2)).sqrt()));
        let (lean, young) = ((at(polar(r, a, 0.5)) - at(V(0., 0., 0.1 + r * r))).unit(), smooth(0.16, 0.0, r));
        let tone = V(0.085, 0.036, 0.016).mix(V(0.16, 0.12, 0.03), young) * (0.7 + 0.6 * rng.next());
        sc.bead(p, lean, (0.0125, 0.034 - 0.012 * young), tone);
        if r > 0.27 && r < 0.36 && rng.next() < 0.55 {
            sc.bead(p + lean * 0.036, lean, (0.011, 0.013), V(0.78, 0.42 + 0.1 * rng.pm(), 0.03));
        }
    }
    sc.tube(0.06, V(0.16, 0.24, 0.08), |t| at(V(0., 0., -0.03 - 0.7 * t)) + V(0.1, 0.1, -4.0) * (t * t));
}

fn rudbeckia(sc: &mut Scene, rng: &mut Rng) -> (Light, View) {
    daisy(sc, rng, V(-0.25, 0., 0.), V(0.16, -0.80, 0.62), 4);
    daisy(sc, rng, V(2.3, 4.2, 0.7), V(-0.3, -0.75, 0.6), 1);
    sc.foliage(rng, 1600, (4.0, 16.0), 1.3, [V(0.08, 0.18, 0.04), V(0.24, 0.36, 0.08)]);
    sc.foliage(rng, 60, (1.5, 4.0), 1.5, [V(0.07, 0.16, 0.05), V(0.15, 0.26, 0.07)]);
    let (sky, ground) = (V(0.60, 0.72, 0.95), V(0.05, 0.07, 0.03));
    (Light { sun: V(0.50, -0.45, 0.80).unit(), glow: V(3.6, 3.2, 2.6), haze: 0.09, sky, ground },
        View { eye: V(0., -8.4, 3.6), tall: 3.2, lens: 0.17, portrait: false, exposure: 0.82 })
}

fn hibiscus(sc: &mut Scene, rng: &mut Rng) -> (Light, View) {
    let axis = V(-0.50, -0.80, 0.30).unit();
    let at = facing(V(0.05, 0., 0.15), axis, 0.5);
    for i in 0..5 {
        let (turn, long) = (i as f32 / 5.0 * TAU + 0.07 * rng.pm(), 1.42 + 0.06 * rng.pm());
        let (wide, tip) = (0.74 + 0.05 * rng.pm(), -0.12 + 0.15 * rng.pm());
        let k = Petal { grid: (130, 170), long, wide, neck: 0.16, belly: 0.68, taper: 0.22, round: (0.30, 2.3),
            rise: (1.05, tip), cup: 0.05, tilt: 0.16, ruffle: 0.26, pleat: 0.016 };
        sc.petal(&at, turn, &k, i as f32 * 17.3 + 6.0, |_, t, vein| {
            let tone = V(0.80, 0.13, 0.30).mix(V(0.86, 0.30, 0.46), smooth(0.45, 1.0, t) + 0.5 * vein);
            tone.mix(V(0.30, 0.008, 0.05), 1.0 - smooth(0.16, 0.42, t + 0.22 * vein)) * (1.0 + 0.2 * vein)
        });
    }
    let path = |t: f32| V(0.10 * t * t, 0.05 * t, 0.10 + 1.55 * t);
    sc.tube(0.040, V(0.80, 0.34, 0.36), |t| at(path(t)));
    for i in 0..100 {
        let t = if i < 95 { 0.42 + 0.52 * rng.next() } else { 0.99 }; // the last five are the stigmas
        let (thick, out) = if i < 95 { (0.006, 0.12 + 0.05 * rng.next()) } else { (0.010, 0.13) };
        let tip = path(t) + polar(1.0, i as f32 * if i < 95 { GOLDEN } else { TAU / 5.0 }, 0.5) * out;
        sc.tube(thick, V(0.82, 0.36, 0.36), |k| at(path(t).mix(tip, k)));
        let gold = V(0.88, 0.60 + 0.08 * rng.pm(), 0.10);
        let (size, tone) = if i < 95 { ((0.026, 0.020), gold) } else { ((0.034, 0.030), V(0.55, 0.02, 0.04)) };
        sc.bead(at(tip), V(rng.pm(), rng.pm(), rng.pm()).unit(), size, tone);
    }
    sc.tube(0.06, V(0.15, 0.22, 0.07), |t| at(V(0., 0., -0.8 * t)) + V(0.1, 0.2, -3.0) * (t * t));
    for a in (0..16).map(|i| i as f32 / 16.0 * TAU) {
        let dir = V(a.cos(), 0.25 + 0.3 * rng.pm(), a.sin()).unit();
        let p = dir * 0.35 + V(0.3 * rng.pm(), 0.9 + 0.9 * rng.next(), 0.3 * rng.pm());
        let (size, tone) = ((1.5 + 0.4 * rng.next(), 0.42), V(0.07, 0.17, 0.035) * (0.8 + 0.5 * rng.next()));
        sc.leaf(p, dir, V(0.3 * rng.pm(), -0.9, 0.7).unit(), size, tone, (40, 60));
    }
    sc.foliage(rng, 1100, (4.0, 20.0), 1.9, [V(0.08, 0.18, 0.04), V(0.30, 0.40, 0.09)]);
    let (sky, ground) = (V(0.62, 0.74, 0.95), V(0.05, 0.09, 0.03));
    (Light { sun: V(-0.25, -0.55, 0.80).unit(), glow: V(3.6, 3.25, 2.8), haze: 0.08, sky, ground },
        View { eye: V(0., -9., 0.6), tall: 3.85, lens: 0.17, portrait: true, exposure: 0.75 })
}

/// Noise of what is out of focus away, then tone curve, vignette and grain, as a camera has them.
fn develop(image: &[(V, f32)], w: usize, h: usize) -> Vec<u8> {
    let mut bytes = format!("P6\n{w} {h}\n255\n").into_bytes();
    let mut rng = Rng(99);
    for (i, &(centre, blur)) in image.iter().enumerate() {
        // What is out of focus has no detail to lose: average over a part of its circle of confusion. In focus
        // only the closest neighbours of nearly the same colour count.
        let r = (blur / 6.0).clamp(1.0, 7.0) as i32;
        let (mut sum, mut weight) = (centre, 1.0);
        for (dx, dy) in (-r..=r).flat_map(|dy| (-r..=r).map(move |dx| (dx, dy))).filter(|&o| o != (0, 0)) {
            let (x, y) = ((i % w) as i32 + dx, (i / w) as i32 + dy);
            let (c, other) = image[y.clamp(0, h as i32 - 1) as usize * w + x.clamp(0, w as i32 - 1) as usize];
            let apart = (c.map(f32::sqrt) - centre.map(f32::sqrt)) * (1.0 / (0.04 + 0.03 * blur));
            let near = (dx * dx + dy * dy) as f32 * 2.0 / (r * r) as f32 + apart.dot(apart);
            let k = (-near).exp() * smooth(0.4, 0.9, other / (blur + 0.01));
            (sum, weight) = (sum + c * k, weight + k);
        }
        let (x, y) = ((i % w) as f32 / w as f32 - 0.5, (i / w) as f32 / h as f32 - 0.5);
        let c = sum * ((1.0 - 0.55 * (x * x + y * y)) / weight);
        let film = c.map(|x| x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14));
        let grain = (rng.pm() + rng.pm()) * 0.007;
        let c = film.map(|x| (x.clamp(0.0, 1.0).powf(1.0 / 2.2) + grain) * 255.0 + 0.5);
        bytes.extend([c.0 as u8, c.1 as u8, c.2 as u8]);
    }
    bytes
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let number = |i: usize, or: usize| args.get(i).and_then(|a| a.parse().ok()).unwrap_or(or);
    let (side, limit, threads) = (number(2, 1280), number(3, 96), number(4, 1));
    let (mut sc, mut rng) = (Scene::default(), Rng(7));
    let name = args.get(1).map_or("", |s| s);
    let (light, view) = match name {
        "anemone" => anemone(&mut sc, &mut rng),
        "rudbeckia" => rudbeckia(&mut sc, &mut rng),
        "hibiscus" => hibiscus(&mut sc, &mut rng),
        _ => panic!("render anemone|rudbeckia|hibiscus [LONG_SIDE] [LIMIT] [THREADS]"),
    };
    sc.index();
    let (w, h) = if view.portrait { (side * 3 / 4, side) } else { (side, side * 3 / 4) };
    let (reach, scale) = (view.eye.dot(view.eye).sqrt(), view.tall / h as f32); // the middle of the frame is 0, 0, 0
    let right = V(1., 0., 0.);
    let up = right.cross(view.eye * -1.0).unit();
    let pixel = |i: usize| {
        let mut rng = Rng(hash(i as u32));
        let start = [0; 4].map(|_| rng.next());
        let (mut sum, mut greys, mut squares, mut blur, mut n) = (V::default(), 0.0, 0.0, 1e9f32, 0.0);
        while n < limit as f32 {
            // Roberts' sequence spreads the places in the pixel and the lens better than chance does.
            let q = |i: usize, k: f32| (start[i] + n * k).fract();
            let (x, y) = ((i % w) as f32 + q(0, 0.856_675), (i / w) as f32 + q(1, 0.733_892));
            let to = right * ((x - w as f32 / 2.0) * scale) + up * ((h as f32 / 2.0 - y) * scale);
            let lens = polar(q(3, 0.538_597).sqrt() * view.lens, q(2, 0.628_707) * TAU, 0.0);
            let from = view.eye + right * lens.0 + up * lens.1;
            let (c, far) = sc.trace(&light, from, (to - from).unit(), &mut rng);
            let c = c.map(|x| x.min(8.0)); // no fireflies
            let grey = (c.dot(V(0.3, 0.6, 0.1)) + 0.02).sqrt();
            blur = blur.min((far - reach).abs() / far * 2.0 * view.lens / scale);
            (sum, greys, squares, n) = (sum + c, greys + grey, squares + grey * grey, n + 1.0);
            let error = ((squares / n - (greys / n).powi(2)).max(0.0) / n).sqrt();
            if n % 16.0 == 0.0 && error < if blur > 12.0 { 0.03 } else { 0.015 } { break; }
        }
        (sum * (view.exposure / n), blur)
    };
    let (mut image, rows) = (vec![(V::default(), 0.0); w * h], h.div_ceil(threads) * w);
    std::thread::scope(|s| for (k, part) in image.chunks_mut(rows).enumerate() {
        let pixel = &pixel;
        s.spawn(move || part.iter_mut().enumerate().for_each(|(i, out)| *out = pixel(k * rows + i)));
    });
    std::fs::write(format!("{name}.ppm"), develop(&image, w, h)).expect("the picture's file");
}
