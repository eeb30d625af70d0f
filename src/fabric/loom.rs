//! Woven cloth: threads of colours in warp and weft, and a weave that says which is on top.

use super::noise::{hash, unit};
use super::thread::Thread;

/// How a piece of cloth is woven.
#[derive(Clone, Copy)]
pub struct Loom {
    /// The threads that run down.
    pub warp: Sett,
    /// Those that run across.
    pub weft: Sett,
    /// How they cross.
    pub weave: Weave,
    /// Threads in a repeat, a multiple of the setts'.
    pub threads: usize,
    /// How uneven those of warp and weft are, 0 to 1.
    pub uneven: [f32; 2],
}

/// A sequence of threads: so many of a colour after so many of another.
pub type Sett = &'static [(Thread, u8)];

/// Which of two threads that cross lies on top.
#[derive(Clone, Copy)]
pub enum Weave {
    /// They take turns.
    Plain,
    /// Only the warp shows.
    Rep,
    /// The figure's, which floats over the ground.
    Float,
    /// Each warp thread goes over so many and under so many, one later than its neighbour.
    Twill(usize, usize),
    /// A 2/2 twill that turns after so many threads.
    Herringbone(usize),
}

/// The part of a thread that a texel sees.
struct Part {
    thread: usize,
    weight: f32,
}

impl Loom {
    /// One repeat in `side * side` texels, linear red, green, blue: in each the mean over its area. `pixels`
    /// are the repeat's in the photo: threads that are too thin to be seen there mix, so that they make no
    /// moire.
    pub fn weave(&self, colours: &[[f32; 3]; 4], side: usize, pixels: f32) -> Vec<[f32; 3]> {
        let size = pixels / self.threads as f32;
        let seen = ((size - self.weave.least()) / self.weave.least()).clamp(0.0, 1.0);
        let round = 0.5 * ((size - 2.5) / 5.0).clamp(0.0, 1.0);
        let [warp, weft] = [self.warp, self.weft].map(|sett| self.sequence(sett));
        let parts: Vec<_> = (0..side).map(|i| self.parts(i, side)).collect();
        let mut texels = Vec::with_capacity(side * side);
        for (y, across) in parts.iter().enumerate() {
            for (x, down) in parts.iter().enumerate() {
                // Where in its thread a texel's middle is, from edge (-1) to edge.
                let middle = |i: usize| {
                    let at = (i as f32 + 0.5) * self.threads as f32 / side as f32;
                    2.0 * (at - at.floor()) - 1.0
                };
                let bent = |at: f32| 1.0 + round * (1.0 / 3.0 - at * at);
                let (bent_warp, bent_weft) = (bent(middle(x)), bent(middle(y)));
                let mut sum = [0.0; 3];
                for Part {
                    thread: j,
                    weight: h,
                } in across
                {
                    for Part {
                        thread: i,
                        weight: w,
                    } in down
                    {
                        let (a, b) = (warp[*i], weft[*j]);
                        let up = self.weave.up(*i, *j, [a, b], seen);
                        let a = self.spun(a, [*i, *j], 0, colours);
                        let b = self.spun(b, [*j, *i], 1, colours);
                        for c in 0..3 {
                            let mixed = up * bent_warp * a[c] + (1.0 - up) * bent_weft * b[c];
                            sum[c] += w * h * mixed;
                        }
                    }
                }
                texels.push(sum);
            }
        }
        texels
    }

    /// The threads of a repeat.
    fn sequence(&self, sett: Sett) -> Vec<Thread> {
        let bands = sett.iter();
        let threads =
            bands.flat_map(|(thread, count)| std::iter::repeat_n(*thread, (*count).into()));
        threads.cycle().take(self.threads).collect()
    }

    /// The threads that a column of texels sees.
    fn parts(&self, i: usize, side: usize) -> Vec<Part> {
        let edge = |i: usize| i as f32 * self.threads as f32 / side as f32;
        let (from, to) = (edge(i), edge(i + 1));
        let threads = from as usize..(to.ceil() as usize).min(self.threads);
        let weight = |thread: usize| to.min(thread as f32 + 1.0) - from.max(thread as f32);
        threads
            .map(|thread| Part {
                thread,
                weight: weight(thread) / (to - from),
            })
            .collect()
    }

    /// A thread's colour at a crossing. Uneven ones are thicker and thinner, and what is spun in shows.
    fn spun(
        &self,
        thread: Thread,
        [own, along]: [usize; 2],
        direction: usize,
        colours: &[[f32; 3]; 4],
    ) -> [f32; 3] {
        let colour = colours[thread as usize];
        let uneven = self.uneven[direction];
        if uneven == 0.0 {
            return colour;
        }
        let seed = direction as u32;
        let dice =
            |length: usize, seed: u32| unit(hash([own as u32, (along / length) as u32], seed));
        // Lengths of 16, 4 and 2 crossings.
        let slub = dice(16, seed) + dice(4, seed + 2) + 0.7 * dice(2, seed + 4) - 1.35;
        let light = 1.0 + 0.42 * uneven * slub;
        let fleck = dice(2, seed + 6) < 0.04 * f32::from(uneven >= 1.0);
        let spun = if fleck {
            colours[Thread::Third as usize]
        } else {
            colour
        };
        spun.map(|value| light * value)
    }
}

impl Weave {
    /// Pixels of a thread below which one crossing is not told from the next.
    fn least(self) -> f32 {
        match self {
            Self::Twill(..) | Self::Herringbone(_) => 0.7,
            _ => 1.2,
        }
    }

    /// How much of the crossing of warp thread `i` and weft thread `j` is warp; where single threads are
    /// not `seen`, what it is on the whole.
    fn up(self, i: usize, j: usize, [warp, weft]: [Thread; 2], seen: f32) -> f32 {
        let (up, mean) = match self {
            Self::Plain => ((i + j).is_multiple_of(2), 0.5),
            Self::Rep => return 1.0,
            Self::Float if warp == weft => return 0.5,
            Self::Float => return f32::from(weft == Thread::Ground),
            Self::Twill(over, under) => twill(i, j, over, under),
            Self::Herringbone(turn) => {
                let back = (i / turn) % 2 == 1;
                let i = if back {
                    2 * turn - 1 - i % (2 * turn)
                } else {
                    i % (2 * turn)
                };
                // A step where it turns keeps one thread from lying on top all along.
                twill(i + if back { 2 } else { 0 }, j, 2, 2)
            }
        };
        mean + seen * (f32::from(up) - mean)
    }
}

fn twill(i: usize, j: usize, over: usize, under: usize) -> (bool, f32) {
    let period = over + under;
    let up = (i + j + 1) % period < over;
    (up, over as f32 / period as f32)
}
