//! Colours by their numbers, as CSS writes them.

/// Six hexadecimal digits as sRGB, or three of them as CSS has it; a seventh and eighth (a fourth)
/// would be opacity and say nothing here.
pub(super) fn hexadecimal(digits: &str) -> Option<[u8; 3]> {
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let channel = |i: usize| match digits.len() {
        6 | 8 => u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).ok(),
        3 | 4 => Some(17 * u8::from_str_radix(&digits[i..i + 1], 16).ok()?),
        _ => None,
    };
    Some([channel(0)?, channel(1)?, channel(2)?])
}

/// The colour by its numbers that a text begins with, and how many bytes that is: `#1e90ff`,
/// `#abc`, `rgb(30, 144, 255)`, `rgb(12% 56% 100%)`.
pub(crate) fn literal(text: &str) -> Option<([u8; 3], usize)> {
    if let Some(rest) = text.strip_prefix('#') {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric());
        let digits = &rest[..end.unwrap_or(rest.len())];
        return Some((hexadecimal(digits)?, digits.len() + 1));
    }
    let prefix = text.get(..3)?;
    if !prefix.eq_ignore_ascii_case("rgb") {
        return None;
    }
    let rest = text[3..].strip_prefix(['a', 'A']).unwrap_or(&text[3..]);
    let rest = rest.trim_start().strip_prefix('(')?;
    // Not searched further: a long text is no colour.
    let end = rest.bytes().take(60).position(|byte| byte == b')')?;
    let (inner, after) = (&rest[..end], &rest[end + 1..]);
    let between = |c: char| c == ',' || c == '/' || c.is_whitespace();
    let mut numbers = inner.split(between).filter(|number| !number.is_empty());
    let mut channel = || -> Option<u8> {
        let number = numbers.next()?;
        let (digits, scale) = match number.strip_suffix('%') {
            Some(digits) => (digits, 2.55),
            None => (number, 1.0),
        };
        Some((decimal(digits)? * scale).round() as u8)
    };
    let rgb = [channel()?, channel()?, channel()?];
    Some((rgb, text.len() - after.len()))
}

/// A short decimal number. The standard library's reader of numbers, which is exact for any, would
/// add kilobytes to the page.
fn decimal(text: &str) -> Option<f32> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => (-1.0, text),
        None => (1.0, text),
    };
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let mut value = 0.0;
    for byte in whole.bytes().chain(part.bytes()) {
        value = 10.0 * value + f32::from(byte.is_ascii_digit().then_some(byte - b'0')?);
    }
    let some = whole.len() + part.len() > 0;
    some.then(|| sign * value / 10f32.powi(part.len() as i32))
}
