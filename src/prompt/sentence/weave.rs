//! Words about cloth to one part: "navy and white striped", "thin red stripes on cream", 白底蓝条纹. It is
//! a wish as a colour is one, so that all that reads colours reads cloth.

use super::cloth::Cloth;
use super::fabrics::{denim, direction, floral, is_print, scale};
use super::lexicon::Role;
use super::parts::{Kind, Part};
use crate::prompt::words::{Gap, compared, lists};

/// What is drawn on something: "dots on a red dress", and to what it is added.
const ON: &str = "on|onto|over|across|against|on the|at the|of|to|for";
/// Those of them that say something else where no thing follows.
const TOWARDS: &str = "of|to|for";
/// What takes a figure away.
const WITHOUT: &str = "without|no|dont|没有|没|无|不要";
/// Chinese words that make a size one more or less of it.
const COMPARED: &str = "更|再|更加|一点|一些|点|些|一点点";

/// The parts of a sentence with its cloths made one part each, and the parts as they were typed, with what
/// belongs to a cloth told.
pub(super) fn weave(sentence: &str, parts: Vec<Part>) -> (Vec<Part>, Vec<Part>) {
    let mut weaver = Weaver {
        sentence,
        typed: parts.clone(),
        parts,
        out: Vec::new(),
    };
    weaver.printed();
    let mut at = 0;
    while at < weaver.parts.len() {
        at = match weaver.parts[at].kind {
            Kind::Cloth(cloth) => weaver.cloth(at, cloth),
            _ => weaver.further(at),
        };
    }
    // 底 of no cloth says nothing.
    for at in weaver.out.iter().copied() {
        if weaver.parts[at].kind == Kind::Role(Role::Base) {
            weaver.parts[at].kind = Kind::Unknown;
            weaver.typed[at].kind = Kind::Unknown;
        }
    }
    let woven = weaver.out.iter().map(|at| weaver.parts[*at].clone());
    (woven.collect(), weaver.typed)
}

struct Weaver<'a> {
    sentence: &'a str,
    /// As they were typed.
    typed: Vec<Part>,
    parts: Vec<Part>,
    /// The numbers of the parts that remain, in their new order.
    out: Vec<usize>,
}

/// Colours in a row: "red", "navy and white", "pink on black".
struct Colours {
    end: usize,
    named: Vec<[u8; 3]>,
    ground: Option<[u8; 3]>,
}

/// What joins a colour to what stands behind it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Joint {
    Next,
    And,
    On,
    With,
    Base,
}

impl Weaver<'_> {
    /// Words whose meaning depends on a cloth in the sentence.
    fn printed(&mut self) {
        let garment = |part: &Part| matches!(part.kind, Kind::Thing(thing) if thing.is_garment());
        let garments = self.parts.iter().any(garment);
        for at in 0..self.parts.len() {
            let kind = match self.parts[at].kind {
                Kind::Thing(thing) if thing.name == "flower" && garments && self.is_figure(at) => {
                    Kind::Cloth(Cloth::of(floral(), true))
                }
                // "a jean jacket"
                Kind::Thing(thing) if thing.name == "jeans" && self.near(at + 1) => {
                    match self.parts[at + 1].kind {
                        Kind::Thing(other)
                            if other.is_garment() && self.parts[at + 1].gap == Gap::Space =>
                        {
                            Kind::Cloth(Cloth::of(denim(), false))
                        }
                        _ => continue,
                    }
                }
                _ => continue,
            };
            self.parts[at].kind = kind;
            self.typed[at].kind = kind;
        }
        let any = self
            .parts
            .iter()
            .any(|part| matches!(part.kind, Kind::Cloth(_)));
        for at in 0..self.parts.len() {
            let kind = match self.parts[at].kind {
                Kind::Unknown if any && is_print(&self.text(at)) => Kind::Role(Role::Word),
                _ => continue,
            };
            self.parts[at].kind = kind;
            self.typed[at].kind = kind;
        }
    }

    /// Whether flowers are printed on a garment: "a dress with blue flowers", "pink flowers on a dress".
    fn is_figure(&self, at: usize) -> bool {
        let text = self.text(at);
        if text.is_ascii() && !text.ends_with('s') {
            return false;
        }
        let before = (0..at).rev().map(|i| &self.parts[i]);
        let mut before = before.skip_while(|part| {
            let role = matches!(
                part.kind,
                Kind::Role(Role::Word | Role::A | Role::Degree(_))
            );
            role || matches!(part.kind, Kind::Colour(_) | Kind::Unknown)
        });
        let led = before
            .next()
            .is_some_and(|part| part.kind == Kind::Role(Role::With));
        led || self
            .parts
            .iter()
            .enumerate()
            .any(|(i, part)| match part.kind {
                Kind::Cloth(cloth) => cloth.line == Some(floral()),
                // "on a white dress"
                Kind::Thing(thing) if i > at + 1 && thing.is_garment() => {
                    self.is_role(at + 1, Role::Break, "on")
                        && (at + 2..i)
                            .all(|i| self.leads(i) || matches!(self.parts[i].kind, Kind::Colour(_)))
                }
                _ => false,
            })
    }

    /// A cloth with the words around it; returns where to go on.
    fn cloth(&mut self, at: usize, mut cloth: Cloth) -> usize {
        let figure = cloth.noun;
        let text = self.text(at);
        let han = !text.is_ascii();
        cloth.noun &= !self.names_thing(at + 1);
        if figure && (cloth.noun || han && !self.is_thing(at + 1)) && self.taken_away(at) {
            return at + 1 + usize::from(self.is_less(at + 1));
        }
        let last = self.out.last().map(|last| self.parts[*last].kind);
        let behind_thing = self.near(at) && matches!(last, Some(Kind::Thing(_)));
        self.before(at, figure, &mut cloth);
        // "with a white stripe", but "dark grey pinstripe" as "pinstriped"
        let led = self
            .out
            .iter()
            .rev()
            .find(|i| self.parts[**i].kind != Kind::Role(Role::A));
        let with = led.is_some_and(|led| self.parts[*led].kind == Kind::Role(Role::With));
        cloth.noun &= han || text.ends_with('s') || with;
        let subject = cloth.noun && self.is_subject();
        let mut end = self.measures(at + 1, &mut cloth);
        // "striped red shirt"
        if (han || !figure) && !behind_thing {
            let from = self.skip(end, |role| role == Role::Belongs);
            if let Some(colours) = self
                .colours(from)
                .filter(|colours| self.names_thing(colours.end))
            {
                end = colours.end;
                match colours.named[..] {
                    [only] if cloth.ground.is_none() => cloth.ground = Some(only),
                    _ => self.say(colours, &mut cloth),
                }
            }
        }
        let mut leading = Vec::new();
        let mut moved = None;
        // "on a red dress", "in white on a red dress"
        for _ in 0..2 {
            let after;
            (after, leading) = self.on(end, with, &mut cloth);
            let thing = self.skip(after, |role| role == Role::Word);
            moved = (after > end && self.is_thing(thing)).then_some(thing);
            end = after;
            if moved.is_some() && !subject {
                break;
            }
            let mut then = cloth.bare();
            end = self.predicate(moved.map_or(end, |thing| thing + 1), subject, &mut then);
            // "make the white stripes red"
            if then.colour().is_some() && subject {
                cloth = cloth.uncoloured();
            }
            cloth = cloth.and(then);
            end = self.measures(end, &mut cloth);
            if moved.is_some() {
                break;
            }
        }
        // "striped and red"
        if !cloth.noun
            && cloth.colour().is_none()
            && self.is_role(end, Role::And, "and|和")
            && let Some(colours) = self
                .colours(end + 1)
                .filter(|colours| colours.named.len() == 1)
            && self.near(end + 1)
            && !self.names_thing(colours.end)
            && !self.names_cloth(colours.end)
        {
            cloth.ground = Some(colours.named[0]);
            end = colours.end;
        }
        self.parts[at].kind = Kind::Cloth(cloth);
        self.out.extend(leading);
        self.out.push(at);
        if subject {
            self.out.extend(moved);
        }
        end
    }

    /// "no stripes", "remove the dots": plain cloth.
    fn taken_away(&mut self, at: usize) -> bool {
        let filling = |i: &&usize| {
            let kind = self.parts[**i].kind;
            self.leads(**i) || matches!(kind, Kind::Colour(_)) || self.measure(**i)
        };
        let first = self.out.iter().rev().find(|i| !filling(i)).copied();
        let before = first.filter(|first| match self.parts[*first].kind {
            Kind::Role(Role::Keep | Role::Not) => lists(WITHOUT, &self.text(*first)),
            Kind::Role(Role::Less) => self.text(*first) != "less",
            _ => false,
        });
        if let Some(first) = before {
            self.out.retain(|i| *i < first);
            self.parts[at].gap = self.parts[first].gap;
        } else if !self.is_less(at + 1) {
            return false;
        }
        self.parts[at].kind = Kind::Role(Role::Plain);
        self.parts[at].token = "plain";
        self.out.push(at);
        true
    }

    /// Whether 去掉 or the like is behind a figure.
    fn is_less(&self, at: usize) -> bool {
        self.near(at) && self.parts[at].kind == Kind::Role(Role::Less) && !self.text(at).is_ascii()
    }

    /// Takes what stands before a cloth and says how it is.
    fn before(&mut self, at: usize, figure: bool, cloth: &mut Cloth) {
        let mut colours = Vec::new();
        let mut joint = Joint::Next;
        let (mut listed, mut sized) = (false, false);
        let mut kept = self.out.len();
        let mut right = at;
        for n in (0..self.out.len()).rev() {
            let here = self.out[n];
            let kind = self.parts[here].kind;
            let colour = matches!(kind, Kind::Colour(_));
            match self.parts[right].gap {
                Gap::None | Gap::Space => {}
                Gap::Slash if colour && !colours.is_empty() => {}
                Gap::Comma if colour && listed => {}
                _ => break,
            }
            let bare = kept == self.out.len();
            right = here;
            if let Kind::Colour(rgb) = kind {
                match joint {
                    // "red and striped": the cloth's own.
                    Joint::And if bare => break,
                    Joint::On => cloth.ground = colours.drain(..).next_back(),
                    _ => {}
                }
                kept = n;
                if matches!(joint, Joint::With | Joint::Base) {
                    cloth.ground = Some(rgb);
                    break;
                }
                colours.push(rgb);
                listed |= joint == Joint::And;
                joint = Joint::Next;
                sized = false;
                continue;
            }
            if let Kind::Role(Role::Degree(hundredths)) = kind
                && sized
            {
                cloth.scale = cloth
                    .scale
                    .map(|scale| scale.powf(f32::from(hundredths) / 100.0));
                (kept, sized) = (n, false);
                continue;
            }
            if joint != Joint::And || !bare {
                if self.measure(here) {
                    sized = self.size(here, cloth);
                    (kept, joint) = (n, Joint::Next);
                    continue;
                }
            }
            sized = false;
            match kind {
                Kind::Role(Role::And) => joint = Joint::And,
                Kind::Role(Role::Break) if !colours.is_empty() && self.text(here) == "on" => {
                    joint = Joint::On;
                }
                Kind::Role(Role::With) if figure => joint = Joint::With,
                Kind::Role(Role::Base) => joint = Joint::Base,
                Kind::Role(Role::Word) => {}
                Kind::Role(Role::Belongs) if !self.text(here).is_ascii() => {}
                Kind::Unknown if !cloth.noun && joint == Joint::Next => {}
                // "gingham check", "striped knit"
                Kind::Cloth(other) if joint == Joint::Next => {
                    colours.drain(..).rev().for_each(|rgb| cloth.name(rgb));
                    let noun = cloth.noun;
                    *cloth = other.and(*cloth);
                    cloth.noun = noun;
                    kept = n;
                    break;
                }
                _ => break,
            }
        }
        if let Some(&first) = self.out.get(kept) {
            self.parts[at].gap = self.parts[first].gap;
        }
        self.out.truncate(kept);
        colours.into_iter().rev().for_each(|rgb| cloth.name(rgb));
    }

    /// "on a cream dress", "on white": the ground. Returns where to go on, and the parts that come before
    /// the cloth where a thing follows. Not "a blazer with stripes over a white shirt".
    fn on(&self, from: usize, with: bool, cloth: &mut Cloth) -> (usize, Vec<usize>) {
        let nothing = (from, Vec::new());
        let joins = matches!(
            self.parts.get(from).map(|part| part.kind),
            Some(Kind::Role(
                Role::Break | Role::Of | Role::Pivot | Role::With
            ))
        );
        let text = if joins {
            self.text(from)
        } else {
            String::new()
        };
        if !self.near(from) || !lists(ON, &text) {
            return nothing;
        }
        let start = (from + 1..self.parts.len()).find(|i| !self.leads(*i));
        let start = start.unwrap_or(self.parts.len());
        // "on the" is one part, and leads as well.
        let leading = || {
            (from..start)
                .filter(|i| *i > from || text.ends_with("the"))
                .collect()
        };
        let Some(colours) = self.colours(start) else {
            let moves =
                !with && self.is_thing(start) && self.parts[from].kind != Kind::Role(Role::Pivot);
            return if moves { (start, leading()) } else { nothing };
        };
        let end = colours.end;
        let base = match self.parts.get(end).map(|part| part.kind) {
            Some(Kind::Thing(thing)) => thing.name == "background",
            Some(Kind::Role(role)) => role == Role::Base,
            _ => false,
        };
        let thing = self.names_thing(end);
        if !base && (self.names_cloth(end) || (with && thing) || (lists(TOWARDS, &text) && !thing))
        {
            return nothing;
        }
        cloth.ground = colours.named.first().copied();
        match base {
            true => (end + 1, Vec::new()),
            false if thing => (end, leading()),
            false => (end, Vec::new()),
        }
    }

    /// "in navy and white", "the stripes should be red", "stripes red".
    fn predicate(&mut self, from: usize, subject: bool, cloth: &mut Cloth) -> usize {
        let mut end = from;
        let mut start = from;
        loop {
            let leads = |i: &usize| match self.parts[*i].kind {
                Kind::Role(Role::Pivot | Role::Belongs) => subject,
                Kind::Role(Role::Word) => !subject || !self.measure(*i),
                kind => matches!(kind, Kind::Role(Role::In | Role::Of | Role::A)),
            };
            let rest = start..self.parts.len();
            start += rest.take_while(|i| self.near(*i) && leads(i)).count();
            let sized = if subject {
                self.measures(start, cloth)
            } else {
                start
            };
            if sized > start {
                end = sized;
            } else if self.near(start)
                && let Some(colours) = self.colours(start)
                && !self.names_thing(colours.end)
                && !self.names_cloth(colours.end)
            {
                end = colours.end;
                self.say(colours, cloth);
            } else {
                return end;
            }
            // "thinner and red"
            if !subject || !self.is_role(end, Role::And, "and|和") {
                return end;
            }
            start = end + 1;
        }
    }

    /// Words that go on about a cloth named before: "a striped shirt, navy and white", ", wide".
    fn further(&mut self, at: usize) -> usize {
        let cloth = |i: &usize| matches!(self.parts[*i].kind, Kind::Cloth(_));
        if self.out.iter().any(|i| cloth(i)) {
            let mut cloth = Cloth::default();
            let mut end = at;
            if let Some(colours) = self.colours(at) {
                let several = colours.named.len() > 1 || colours.ground.is_some();
                if several && !self.names_thing(colours.end) && !self.names_cloth(colours.end) {
                    end = colours.end;
                    self.say(colours, &mut cloth);
                }
            } else if self.parts[at].gap == Gap::Comma {
                let measured = self.measures(at, &mut cloth);
                let over = self
                    .parts
                    .get(measured)
                    .is_none_or(|next| !self.near(measured) || next.kind == Kind::Role(Role::And));
                if over && measured > at {
                    end = measured;
                }
            }
            if end > at {
                self.parts[at].kind = Kind::Cloth(cloth);
                self.out.push(at);
                return end;
            }
        }
        self.out.push(at);
        at + 1
    }

    fn say(&self, colours: Colours, cloth: &mut Cloth) {
        colours.named.into_iter().for_each(|rgb| cloth.name(rgb));
        cloth.ground = cloth.ground.or(colours.ground);
    }

    /// The colours from a part on.
    fn colours(&self, at: usize) -> Option<Colours> {
        let colour = |i: usize| match self.parts.get(i)?.kind {
            Kind::Colour(rgb) => Some(rgb),
            _ => None,
        };
        let mut all = Colours {
            end: at + 1,
            named: vec![colour(at)?],
            ground: None,
        };
        while let Some(next) = self.parts.get(all.end) {
            let end = all.end;
            let and = |i| self.is_role(i, Role::And, "and|n|和|与|跟|plus");
            let follows = match next.gap {
                Gap::Comma => colour(end).is_some() && and(end + 1) && colour(end + 2).is_some(),
                Gap::Stop => false,
                _ => true,
            };
            if let Some(rgb) = colour(end).filter(|_| follows) {
                all.named.push(rgb);
                all.end += 1;
            } else if let Some(rgb) = colour(end + 1).filter(|_| and(end) && self.near(end + 1)) {
                all.named.push(rgb);
                all.end += 2;
            } else {
                let article = usize::from(self.leads(end + 1));
                let ground =
                    colour(end + 1 + article).filter(|_| self.is_role(end, Role::Break, "on"));
                if ground.is_some() && !self.names_thing(end + 2 + article) {
                    all.ground = ground;
                    all.end += 2 + article;
                }
                break;
            }
        }
        Some(all)
    }

    /// Takes words for size and direction, with what stands between; returns where they end.
    fn measures(&mut self, from: usize, cloth: &mut Cloth) -> usize {
        let mut end = from;
        let mut degree = 1.0;
        for at in from..self.parts.len() {
            if !self.near(at)
                && !(at == from && self.parts[at].gap == Gap::Comma && cloth.line.is_none())
            {
                break;
            }
            if self.measure(at) && !self.names_thing(at) {
                if self.size(at, cloth) {
                    cloth.scale = cloth.scale.map(|scale| scale.powf(degree));
                }
                end = at + 1;
                continue;
            }
            match self.parts[at].kind {
                Kind::Role(Role::Degree(hundredths)) => degree = f32::from(hundredths) / 100.0,
                Kind::Role(Role::Word) => {}
                Kind::Role(Role::And) if self.text(at) == "再" => {}
                _ => break,
            }
        }
        end
    }

    /// Whether a part may say a size or a direction.
    fn measure(&self, at: usize) -> bool {
        let other = matches!(
            self.parts[at].kind,
            Kind::Thing(_) | Kind::Colour(_) | Kind::Cloth(_) | Kind::Was(_)
        );
        let text = self.text(at);
        !other && (scale(&text).is_some() || direction(&text).is_some())
    }

    /// Gives a cloth the size or the direction that a part says; whether it was a size.
    fn size(&mut self, at: usize, cloth: &mut Cloth) -> bool {
        let text = self.text(at);
        self.typed[at].kind = Kind::Measure;
        cloth.direction = cloth.direction.or(direction(&text));
        let Some(mut scale) = scale(&text) else {
            return false;
        };
        let compares = |i: usize| self.parts.get(i).is_some() && lists(COMPARED, &self.text(i));
        if !text.is_ascii() && (compares(at + 1) || at > 0 && compares(at - 1)) {
            scale = if scale > 1.0 { 1.6 } else { 0.6 };
        }
        cloth.scale = Some(scale);
        true
    }

    /// Whether the cloth that comes is what a sentence is about: "make the stripes red".
    fn is_subject(&self) -> bool {
        self.out.last().is_none_or(|last| {
            matches!(
                self.parts[*last].kind,
                Kind::Role(Role::The | Role::Verb | Role::Replace | Role::Belongs)
            )
        })
    }

    /// Whether words from here on name a thing, in the same breath.
    fn names_thing(&self, at: usize) -> bool {
        let filling = |role| matches!(role, Role::Word | Role::Belongs);
        self.is_thing(self.skip(at, filling))
    }

    /// Whether they name a cloth.
    fn names_cloth(&self, at: usize) -> bool {
        let mut rest = (at..self.parts.len()).take_while(|i| self.near(*i));
        let next = rest.find(|i| {
            let role = matches!(
                self.parts[*i].kind,
                Kind::Role(Role::Word | Role::Belongs | Role::Base)
            );
            !role
                && !self.measure(*i)
                && !matches!(self.parts[*i].kind, Kind::Colour(_) | Kind::Unknown)
        });
        next.is_some_and(|i| matches!(self.parts[i].kind, Kind::Cloth(_)))
    }

    fn skip(&self, at: usize, filling: impl Fn(Role) -> bool) -> usize {
        let fills = |i: &usize| matches!(self.parts[*i].kind, Kind::Role(role) if filling(role));
        let mut rest = at..self.parts.len();
        rest.find(|i| !self.near(*i) || !fills(i))
            .unwrap_or(self.parts.len())
    }

    fn is_thing(&self, at: usize) -> bool {
        self.near(at) && matches!(self.parts[at].kind, Kind::Thing(_))
    }

    /// Whether a part leads to a thing: "the", "a", what says nothing.
    fn leads(&self, at: usize) -> bool {
        let kind = self.parts.get(at).map(|part| part.kind);
        matches!(kind, Some(Kind::Role(Role::The | Role::A | Role::Word)))
    }

    /// Whether a part has this role and is one of these words.
    fn is_role(&self, at: usize, role: Role, words: &str) -> bool {
        self.near(at) && self.parts[at].kind == Kind::Role(role) && lists(words, &self.text(at))
    }

    /// Whether no pause is before a part.
    fn near(&self, at: usize) -> bool {
        let part = self.parts.get(at);
        part.is_some_and(|part| matches!(part.gap, Gap::None | Gap::Space))
    }

    fn text(&self, at: usize) -> String {
        compared(&self.sentence[self.typed[at].range.clone()])
    }
}
