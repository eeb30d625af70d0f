//! Words that mean something else where a cloth is named, and figures that are taken away.

use super::Weaver;
use crate::prompt::sentence::cloth::Cloth;
use crate::prompt::sentence::fabrics::{denim, floral, is_print};
use crate::prompt::sentence::lexicon::Role;
use crate::prompt::sentence::part::{Kind, Part};
use crate::prompt::words::{Gap, lists};

/// What takes a figure away.
const WITHOUT: &str = "without|no|dont|没有|没|无|不要";

impl Weaver<'_> {
    /// Words whose meaning depends on a cloth in the sentence.
    pub(super) fn printed(&mut self) {
        let garment = |part: &Part| matches!(part.kind, Kind::Thing(thing) if thing.is_garment());
        let garments = self.parts.iter().any(garment);
        for at in 0..self.parts.len() {
            let kind = match self.parts[at].kind {
                Kind::Thing(thing) if thing.name == "flower" && garments && self.is_figure(at) => {
                    Kind::Cloth(Cloth::of(floral(), true))
                }
                // 花裙子
                Kind::Thing(thing) if thing.name == "flower" && self.text(at) == "花" => {
                    match self.parts.get(at + 1).map(|next| (next.kind, next.gap)) {
                        Some((Kind::Thing(worn), Gap::None)) if worn.is_garment() => {
                            Kind::Cloth(Cloth::of(floral(), false))
                        }
                        _ => continue,
                    }
                }
                // "a jean jacket"
                Kind::Thing(thing) if thing.name == "jeans" => {
                    match self.parts.get(at + 1).map(|next| (next.kind, next.gap)) {
                        Some((Kind::Thing(worn), Gap::Space)) if worn.is_garment() => {
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
    pub(super) fn is_figure(&self, at: usize) -> bool {
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

    /// "no stripes", "remove the dots": plain cloth.
    pub(super) fn taken_away(&mut self, at: usize) -> bool {
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
    pub(super) fn is_less(&self, at: usize) -> bool {
        self.near(at) && self.parts[at].kind == Kind::Role(Role::Less) && !self.text(at).is_ascii()
    }
}
