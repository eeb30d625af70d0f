//! Colours in a row, words for size and direction, and what comes next.

use super::{AHEAD, AND, Colours, Weaver};
use crate::prompt::sentence::cloth::Cloth;
use crate::prompt::sentence::fabrics::{direction, scale};
use crate::prompt::sentence::lexicon::Role;
use crate::prompt::sentence::part::Kind;
use crate::prompt::words::{Gap, compared, lists};

/// Chinese words that make a size one more or less of it.
const COMPARED: &str = "更|再|更加|一点|一些|点|些|一点点";

impl Weaver<'_> {
    /// The colours from a part on.
    #[inline(never)]
    pub(super) fn colours(&self, at: usize) -> Option<Colours> {
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
            let and = |i| self.is_role(i, Role::And, AND);
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
    pub(super) fn measures(&mut self, from: usize, cloth: &mut Cloth) -> usize {
        let mut end = from;
        let mut degree = 1.0;
        for at in from..self.parts.len().min(from + AHEAD) {
            // ", wide": the first word of what goes on about a cloth.
            let begins = at == from && self.parts[at].gap == Gap::Comma && cloth.line.is_none();
            if !self.near(at) && !begins {
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
    #[inline(never)]
    pub(super) fn measure(&self, at: usize) -> bool {
        let other = matches!(
            self.parts[at].kind,
            Kind::Thing(_) | Kind::Colour(_) | Kind::Cloth(_) | Kind::Was(_)
        );
        let text = self.text(at);
        !other && (scale(&text).is_some() || direction(&text).is_some())
    }

    /// Gives a cloth the size or the direction that a part says; whether it was a size.
    pub(super) fn size(&mut self, at: usize, cloth: &mut Cloth) -> bool {
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

    /// Whether neither a thing nor a cloth follows, whose the colours before it would be.
    pub(super) fn ends(&self, at: usize) -> bool {
        !self.names_thing(at) && !self.names_cloth(at)
    }

    /// Whether words from here on name a thing, in the same breath.
    pub(super) fn names_thing(&self, at: usize) -> bool {
        let filling = |role| matches!(role, Role::Word | Role::Belongs);
        self.is_thing(self.skip(at, filling))
    }

    /// Whether they name a cloth.
    pub(super) fn names_cloth(&self, at: usize) -> bool {
        let mut rest = (at..self.parts.len().min(at + AHEAD)).take_while(|i| self.near(*i));
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

    pub(super) fn skip(&self, at: usize, filling: impl Fn(Role) -> bool) -> usize {
        let fills = |i: &usize| matches!(self.parts[*i].kind, Kind::Role(role) if filling(role));
        let mut rest = at..self.parts.len();
        rest.find(|i| !self.near(*i) || !fills(i))
            .unwrap_or(self.parts.len())
    }

    pub(super) fn is_thing(&self, at: usize) -> bool {
        self.near(at) && matches!(self.parts[at].kind, Kind::Thing(_))
    }

    /// Whether a part leads to a thing: "the", "a", what says nothing.
    pub(super) fn leads(&self, at: usize) -> bool {
        let kind = self.parts.get(at).map(|part| part.kind);
        matches!(kind, Some(Kind::Role(Role::The | Role::A | Role::Word)))
    }

    /// Whether a part has this role and is one of these words.
    pub(super) fn is_role(&self, at: usize, role: Role, words: &str) -> bool {
        self.near(at) && self.parts[at].kind == Kind::Role(role) && lists(words, &self.text(at))
    }

    /// Whether no pause is before a part.
    pub(super) fn near(&self, at: usize) -> bool {
        let part = self.parts.get(at);
        part.is_some_and(|part| matches!(part.gap, Gap::None | Gap::Space))
    }

    #[inline(never)]
    pub(super) fn text(&self, at: usize) -> String {
        compared(&self.sentence[self.typed[at].range.clone()])
    }
}
