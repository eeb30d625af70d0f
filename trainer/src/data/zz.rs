use super::*;
use std::collections::BTreeMap;
#[test]
fn zz_real() {
    for kind in [
        "fashion-synthesis=/tmp/real/prada",
        "fashiongen=/tmp/real/gen",
    ] {
        let source: Source = kind.parse().unwrap();
        for split in [Split::Train, Split::Unseen] {
            let items = list(&[source.clone()], split).unwrap();
            println!("{kind} {} {:?}", items.len(), items[3]);
            let photo = items[3].photo.read().unwrap().to_rgb8();
            println!(
                "{:?} {:?} {:?} {:?}",
                photo.dimensions(),
                photo.get_pixel(0, 0),
                photo.get_pixel(127, 0),
                photo.get_pixel(0, 127)
            );
        }
    }
    for kind in [
        "fashion-product=/work/shared/data/fashion-product",
        "clothing=/work/shared/data/clothing",
    ] {
        let source: Source = kind.parse().unwrap();
        let mut all = Vec::new();
        for split in [Split::Train, Split::Unseen] {
            let items = list(&[source.clone()], split).unwrap();
            println!("{kind} {split:?} {}", items.len());
            all.extend(items);
        }
        let (mut colours, mut classes, mut patterns) =
            (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for item in &all {
            *colours
                .entry(item.colour.map_or("-", |c| c.word))
                .or_insert(0) += 1;
            *classes.entry(item.class.as_str()).or_insert(0) += 1;
            let Subject::Thing { pattern, .. } = item.subject else {
                continue;
            };
            *patterns
                .entry(pattern.map_or("-", |p| p.english))
                .or_insert(0) += 1;
        }
        println!(
            "{colours:?}\n{classes:?}\n{patterns:?}\n{:?}",
            all[5].captions
        );
        let v = vocabulary(&all).unwrap();
        println!("vocabulary {}", v.size());
        // a sheet of every colour: rows by colour
        let mut rows: BTreeMap<&str, Vec<RgbImage>> = BTreeMap::new();
        for item in all.iter().step_by(3) {
            let row = rows
                .entry(item.colour.map_or("-", |c| c.word))
                .or_default();
            if row.len() < 24 {
                row.push(photo::square(&item.photo.read().unwrap(), 56));
            }
        }
        println!("{:?}", rows.keys());
        let mut sheet = RgbImage::new(24 * 56, rows.len() as u32 * 56);
        for (y, row) in rows.values().enumerate() {
            for (x, tile) in row.iter().enumerate() {
                image::imageops::replace(&mut sheet, tile, x as i64 * 56, y as i64 * 56);
            }
        }
        sheet
            .save(format!("/tmp/real/{}.png", source.kind.name()))
            .unwrap();
    }
}
use image::RgbImage;
