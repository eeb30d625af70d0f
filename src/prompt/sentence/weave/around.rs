//! What stands before a cloth, on what it is, and what is said of it.

use super::{AND, Weaver, say};
use crate::prompt::sentence::cloth::Cloth;
use crate::prompt::sentence::lexicon::Role;
use crate::prompt::sentence::part::Kind;
use crate::prompt::words::{Gap, lists};

/// What is drawn on something: "dots on a red dress", and to what it is added.
const ON: &str = "on|onto|over|across|against|on the|at the|of|to|for";

/// Those of them that say something else where no thing follows.
const TOWARDS: &str = "of|to|for";

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
    /// Takes what stands before a cloth and says how it is.
    pub(super) fn before(&mut self, at: usize, figure: bool, cloth: &mut Cloth) {
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
            if (joint != Joint::And || !bare) && self.measure(here) {
                sized = self.size(here, cloth);
                (kept, joint) = (n, Joint::Next);
                continue;
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
    pub(super) fn on(&self, from: usize, with: bool, cloth: &mut Cloth) -> (usize, Vec<usize>) {
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
    pub(super) fn predicate(&mut self, from: usize, subject: bool, cloth: &mut Cloth) -> usize {
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
                && self.ends(colours.end)
            {
                end = colours.end;
                say(colours, cloth);
            } else {
                return end;
            }
            // "thinner and red"
            if !subject || !self.is_role(end, Role::And, AND) {
                return end;
            }
            start = end + 1;
        }
    }
}
