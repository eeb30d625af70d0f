//! Plots as SVG, written by hand: bars, a heat map, and points on a line.

use std::fmt::Write;

const TEXT: &str = "#1f2328";
const QUIET: &str = "#656d76";
const GRID: &str = "#d8dee4";
const MAIN: &str = "#3b6fb6";
const MARK: &str = "#c4541d";

/// Space around a plot's own area: left, top, right, bottom.
const LEFT: f64 = 64.0;
const TOP: f64 = 56.0;
const RIGHT: f64 = 24.0;
const BOTTOM: f64 = 64.0;

/// One bar: a share from 0 to 1, and another one to compare it with.
pub struct Bar<'a> {
    /// Below the bar.
    pub label: &'a str,
    /// Its height; none leaves a gap.
    pub share: Option<f64>,
    /// A line across the bar.
    pub mark: Option<f64>,
    /// Its colour, as SVG names colours.
    pub fill: String,
}

/// Shares as bars from 0 to 100 %. `marked` says what the lines across the bars are.
pub fn bars(title: &str, marked: &str, bars: &[Bar]) -> String {
    let (step, height) = (64.0, 240.0);
    let mut plot = Plot::new(title, step * bars.len() as f64, height);
    plot.levels(&[0.0, 0.25, 0.5, 0.75, 1.0], percent, |share| {
        height * (1.0 - share)
    });
    for (n, bar) in bars.iter().enumerate() {
        let x = LEFT + step * n as f64;
        let middle = x + step / 2.0;
        plot.text(middle, TOP + height + 20.0, "middle", TEXT, bar.label);
        if let Some(share) = bar.share {
            let top = TOP + height * (1.0 - share);
            let look = format!("fill=\"{}\" stroke=\"{QUIET}\"", bar.fill);
            plot.rect(x + 12.0, top, step - 24.0, height * share, &look);
            plot.text(middle, top - 6.0, "middle", TEXT, &percent(share));
        }
        if let Some(mark) = bar.mark {
            let y = TOP + height * (1.0 - mark);
            plot.line([x + 4.0, y, x + step - 4.0, y], MARK, "stroke-width=\"3\"");
        }
    }
    if bars.iter().any(|bar| bar.mark.is_some()) {
        let y = TOP + height + 46.0;
        plot.line(
            [LEFT, y - 4.0, LEFT + 24.0, y - 4.0],
            MARK,
            "stroke-width=\"3\"",
        );
        plot.text(LEFT + 32.0, y, "start", QUIET, marked);
    }
    plot.end()
}

/// A table of shares from 0 to 1, darker where there is more; `asked` names the rows, `found` the
/// columns.
pub fn heat_map(title: &str, asked: &[&str], found: &[&str], shares: &[Vec<f64>]) -> String {
    let cell = 52.0;
    let (width, height) = (cell * found.len() as f64, cell * asked.len() as f64);
    let mut plot = Plot::new(title, width, height);
    for (row, (name, shares)) in asked.iter().zip(shares).enumerate() {
        let y = TOP + cell * row as f64;
        plot.text(LEFT - 8.0, y + cell / 2.0 + 5.0, "end", TEXT, name);
        for (column, share) in shares.iter().enumerate() {
            let x = LEFT + cell * column as f64;
            let look = format!("fill=\"{MAIN}\" fill-opacity=\"{share:.3}\" stroke=\"{GRID}\"");
            plot.rect(x, y, cell, cell, &look);
            if *share > 0.0 {
                let ink = if *share > 0.6 { "white" } else { TEXT };
                let middle = (x + cell / 2.0, y + cell / 2.0 + 5.0);
                plot.text(middle.0, middle.1, "middle", ink, &percent(*share));
            }
        }
    }
    for (column, name) in found.iter().enumerate() {
        let x = LEFT + cell * (column as f64 + 0.5);
        plot.text(x, TOP + height + 20.0, "middle", TEXT, name);
    }
    let below = "down: what was asked for; across: what came out";
    plot.text(LEFT, TOP + height + 46.0, "start", QUIET, below);
    plot.end()
}

/// A measure over a few named points, evenly spaced and joined, with other values as dashed lines
/// across.
pub fn sweep(title: &str, below: &str, points: &[(String, f64)], levels: &[(&str, f64)]) -> String {
    let (width, height) = (420.0, 240.0);
    let mut plot = Plot::new(title, width + 80.0, height);
    let values = || {
        points
            .iter()
            .map(|point| point.1)
            .chain(levels.iter().map(|level| level.1))
    };
    let (low, high) = values().fold((f64::MAX, f64::MIN), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    // A tenth of air above and below; equal values stand in the middle.
    let air = ((high - low) / 10.0).max(high.abs() / 100.0).max(1e-6);
    let (low, high) = (low - air, high + air);
    let place = |value: f64| height * (high - value) / (high - low);
    let ticks: Vec<f64> = (0..=4)
        .map(|n| low + (high - low) * f64::from(n) / 4.0)
        .collect();
    plot.levels(&ticks, |value| format!("{value:.3}"), place);
    for (name, value) in levels {
        let y = TOP + place(*value);
        plot.line([LEFT, y, LEFT + width, y], MARK, "stroke-dasharray=\"6 4\"");
        plot.text(LEFT + width + 8.0, y + 5.0, "start", MARK, name);
    }
    let step = width / points.len().max(1) as f64;
    let at = |n: usize| (LEFT + step * (n as f64 + 0.5), TOP + place(points[n].1));
    for n in 1..points.len() {
        let (from, to) = (at(n - 1), at(n));
        plot.line([from.0, from.1, to.0, to.1], MAIN, "stroke-width=\"2\"");
    }
    for (n, (name, _)) in points.iter().enumerate() {
        let (x, y) = at(n);
        plot.dot(x, y);
        plot.text(x, TOP + height + 20.0, "middle", TEXT, name);
    }
    plot.text(
        LEFT + width / 2.0,
        TOP + height + 46.0,
        "middle",
        QUIET,
        below,
    );
    plot.end()
}

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

struct Plot {
    svg: String,
    width: f64,
}

impl Plot {
    /// An empty plot whose own area is `width` x `height`.
    fn new(title: &str, width: f64, height: f64) -> Self {
        let (w, h) = (LEFT + width + RIGHT, TOP + height + BOTTOM);
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" \
             height=\"{h}\" font-family=\"system-ui, sans-serif\" font-size=\"14\" role=\"img\">\n\
             <title>{}</title>\n",
            escaped(title)
        );
        let mut plot = Self { svg, width };
        plot.rect(0.0, 0.0, w, h, "fill=\"white\"");
        plot.text(LEFT, 28.0, "start", TEXT, title);
        plot
    }

    /// Lines across at some values, each with its name on the left.
    fn levels(&mut self, at: &[f64], name: impl Fn(f64) -> String, place: impl Fn(f64) -> f64) {
        for value in at {
            let y = TOP + place(*value);
            self.line([LEFT, y, LEFT + self.width, y], GRID, "");
            self.text(LEFT - 8.0, y + 5.0, "end", QUIET, &name(*value));
        }
    }

    fn rect(&mut self, x: f64, y: f64, width: f64, height: f64, look: &str) {
        self.add(format_args!(
            r#"<rect x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" {look}/>"#
        ));
    }

    fn line(&mut self, [x1, y1, x2, y2]: [f64; 4], stroke: &str, look: &str) {
        self.add(format_args!(
            r#"<line x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}" stroke="{stroke}" {look}/>"#
        ));
    }

    fn dot(&mut self, x: f64, y: f64) {
        self.add(format_args!(
            r#"<circle cx="{x:.1}" cy="{y:.1}" r="5" fill="{MAIN}"/>"#
        ));
    }

    fn text(&mut self, x: f64, y: f64, anchor: &str, fill: &str, text: &str) {
        let text = escaped(text);
        self.add(format_args!(
            r#"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}" fill="{fill}">{text}</text>"#
        ));
    }

    fn add(&mut self, element: std::fmt::Arguments) {
        writeln!(self.svg, "{element}").expect("a string takes all");
    }

    fn end(mut self) -> String {
        self.svg.push_str("</svg>\n");
        self.svg
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value of an attribute of the n-th element of a kind.
    fn attribute(svg: &str, kind: &str, n: usize, name: &str) -> f64 {
        let element = svg.split(&format!("<{kind} ")).nth(n + 1).unwrap();
        let value = element.split(&format!(" {name}=\"")).nth(1);
        value.unwrap().split('"').next().unwrap().parse().unwrap()
    }

    #[test]
    fn bars_are_as_high_as_their_shares() {
        let bar = |label, share| Bar {
            label,
            share,
            mark: Some(0.5),
            fill: "red".into(),
        };
        let svg = bars(
            "a < b",
            "real photos",
            &[bar("one", Some(0.25)), bar("two", None)],
        );
        // The first rectangle is the ground.
        assert_eq!(attribute(&svg, "rect", 1, "height"), 60.0);
        assert_eq!(svg.matches("<rect").count(), 2);
        assert!(svg.contains("a &lt; b") && svg.contains("real photos"));
        assert!(svg.contains(">25 %</text>"));
    }

    #[test]
    fn a_heat_map_has_a_cell_for_each_pair() {
        let shares = [vec![1.0, 0.0, 0.0], vec![0.0, 0.5, 0.5]];
        let svg = heat_map("t", &["red", "blue"], &["red", "blue", "grey"], &shares);
        assert_eq!(svg.matches("<rect").count(), 1 + 6);
        assert_eq!(svg.matches("50 %").count(), 2);
    }

    #[test]
    fn a_sweep_puts_larger_values_higher() {
        let points = [16.0, 64.0, 256.0].map(|rank: f64| (format!("{rank}"), rank.ln()));
        let svg = sweep("t", "rank", &points, &[("FiLM", 3.0)]);
        let y = [0, 1, 2].map(|n| attribute(&svg, "circle", n, "cy"));
        assert!(y[0] > y[1] && y[1] > y[2], "{y:?}");
        assert!(svg.contains("FiLM"));
        // Equal values divide nothing by zero.
        assert!(!sweep("t", "", &[("1".into(), 0.0)], &[]).contains("NaN"));
    }
}
