use super::*;

#[test]
fn bits_are_told_apart_by_the_type_alone() {
    const KERNEL: &str = "editor.trunk.downs.1.conv.weight"; // [8, 8, 4, 4]
    const NARROW: &str = "editor.trunk.downs.0.conv.weight"; // [8, 3, 4, 4]: 48 inputs
    let (eight, four) = (packed_in(Bits::Eight), packed_in(Bits::Four));
    let layout = |file: &[u8], name: &str| {
        let (header, _) = parts(file);
        let scale = &header[format!("{name}.scale")]["shape"];
        serde_json::json!([header[name]["dtype"], header[name]["shape"], scale])
    };
    let one_each = serde_json::json!(["I8", [8, 8, 4, 4], [8, 1, 1, 1]]);
    assert_eq!(layout(&eight, KERNEL), one_each);
    let grouped = serde_json::json!(["U8", [8, 64], [8, 4]]);
    assert_eq!(layout(&four, KERNEL), grouped);
    assert_eq!(layout(&four, NARROW), layout(&eight, NARROW));
    for file in [&eight, &four] {
        let read = unpack::<Editor>(file, &device()).unwrap();
        assert!(now(read.self_test()).unwrap() < 1e-3);
        assert!(unpack_generator::<Editor>(file, &device()).is_ok());
    }

    // As many bytes each, of another type or shape.
    let scale = &format!("{KERNEL}.scale");
    for (name, key, value) in [
        (KERNEL, "dtype", "I8".into()),
        (KERNEL, "shape", serde_json::json!([8, 8, 4, 2])),
        (KERNEL, "shape", serde_json::json!([64, 8])),
        (scale, "shape", serde_json::json!([4, 8])),
        (scale, "shape", serde_json::json!([32])),
    ] {
        let error = changed_in(&four, |header| header[name][key] = value);
        assert!(matches!(error, WeightsError::Shape { .. }), "{error}");
        assert!(error.to_string().contains(name), "{error}");
    }
    let error = changed_in(&eight, |header| header[KERNEL]["dtype"] = "U8".into());
    assert!(matches!(error, WeightsError::Shape { .. }), "{error}");
    let error = changed_in(&four, |header| header[NARROW]["dtype"] = "U8".into());
    assert!(matches!(error, WeightsError::Type { .. }), "{error}");
}
