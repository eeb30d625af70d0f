//! The colours that photos are sorted by.

/// The basic colour terms (Berlin and Kay 1969) with a typical colour each.
pub const TERMS: [(&str, [u8; 3]); 11] = [
    ("red", [200, 20, 30]),
    ("orange", [240, 130, 20]),
    ("yellow", [240, 220, 40]),
    ("green", [60, 130, 40]),
    ("blue", [50, 70, 200]),
    ("purple", [130, 50, 160]),
    ("pink", [240, 130, 180]),
    ("white", [240, 240, 240]),
    ("black", [20, 20, 20]),
    ("grey", [128, 128, 128]),
    ("brown", [110, 70, 40]),
];
