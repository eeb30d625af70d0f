//! Which pixels of a mask hang together.

/// The groups of pixels that are `value` and share edges.
pub fn connected(pixels: &[bool], width: usize, value: bool) -> Vec<Vec<usize>> {
    let mut seen: Vec<bool> = pixels.iter().map(|pixel| *pixel != value).collect();
    let mut groups = Vec::new();
    for first in 0..pixels.len() {
        if std::mem::replace(&mut seen[first], true) {
            continue;
        }
        let mut group = vec![first];
        let mut next = 0;
        while let Some(&at) = group.get(next) {
            let x = at % width;
            let neighbours = [
                (x > 0).then(|| at - 1),
                (x + 1 < width).then_some(at + 1),
                at.checked_sub(width),
                (at + width < pixels.len()).then_some(at + width),
            ];
            let new = neighbours.into_iter().flatten();
            group.extend(new.filter(|at| !std::mem::replace(&mut seen[*at], true)));
            next += 1;
        }
        groups.push(group);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_connected_by_edges() {
        let drawn = "#..###....##";
        let inside: Vec<bool> = drawn.bytes().map(|pixel| pixel == b'#').collect();
        let mut sizes: Vec<usize> = connected(&inside, 4, true).iter().map(Vec::len).collect();
        sizes.sort();
        assert_eq!(sizes, [1, 2, 3]);
    }
}
