//! Files that are no model, damaged, or changed: each is refused, and says why.

use super::*;

#[test]
fn foreign_files_are_named() {
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    for bytes in [&png[..], b"<!DOCTYPE html><html></html>", &[0; 100]] {
        assert_eq!(why(bytes), WeightsError::NotAModel);
    }
    assert_eq!(why(b""), WeightsError::Length(0));
    let other = file(&serde_json::json!({"__metadata__": {"format": "pt"}}), &[]);
    assert_eq!(why(&other), WeightsError::Foreign);
    assert_eq!(
        why(&file(&serde_json::json!({}), &[])),
        WeightsError::Foreign
    );
    let error = changed(|header| header["__metadata__"]["version"] = "7".into());
    assert!(matches!(error, WeightsError::Version { .. }), "{error}");
    assert!(error.to_string().contains("version 7"));
}

#[test]
fn a_file_cut_short_anywhere_is_refused() {
    let file = packed();
    for length in (0..file.len()).step_by(7).chain([8, 9, file.len() - 1]) {
        assert_eq!(why(&file[..length]), WeightsError::Length(length));
    }
    let longer = [&file[..], b"\0"].concat();
    assert_eq!(why(&longer), WeightsError::Length(file.len() + 1));
}

#[test]
fn any_changed_byte_is_noticed() {
    let file = packed();
    let (_, data) = parts(&file);
    let start = file.len() - data.len();
    for at in (0..start).chain((start..file.len()).step_by(11)) {
        for flip in [1, 0x80] {
            let mut file = file.clone();
            file[at] ^= flip;
            let error = why(&file);
            assert!(at < start || error == WeightsError::Digest, "{at}: {error}");
        }
    }
    assert!(
        WeightsError::Digest
            .to_string()
            .contains("digest does not match")
    );
}

#[test]
fn tensors_that_do_not_fit_are_named() {
    const NAME: &str = "editor.trunk.sixteenth.0.conv1.conv.weight";
    let error = changed(|header| {
        let info = header.as_object_mut().unwrap().remove(NAME).unwrap();
        header["editor.trunk.sixteenth.9.conv1.conv.weight"] = info;
    });
    assert_eq!(error, WeightsError::Missing(NAME.into()));
    let error = changed(|header| {
        let end = header["text.embedding.weight"]["data_offsets"][1].clone();
        header["surplus"] =
            serde_json::json!({"dtype": "I8", "shape": [0], "data_offsets": [end, end]});
    });
    assert_eq!(error, WeightsError::Unexpected("surplus".into()));
    let error = changed(|header| header[NAME]["shape"] = [16, 16, 9].into());
    assert!(matches!(error, WeightsError::Shape { .. }), "{error}");
    assert!(error.to_string().contains(NAME), "{error}");
    for dtype in ["U8", "F8_E4M3"] {
        let error = changed(|header| header[NAME]["dtype"] = dtype.into());
        assert!(matches!(error, WeightsError::Type { .. }), "{error}");
    }
    let error = changed(|header| {
        let entries = header.as_object_mut().unwrap();
        let names = [NAME, "editor.trunk.downs.0.conv.weight"].map(String::from);
        let [a, b] = names.each_ref().map(|name| entries.remove(name).unwrap());
        entries.extend(names.into_iter().zip([b, a]));
    });
    assert!(matches!(error, WeightsError::Shape { .. }), "{error}");
}

#[test]
fn numbers_that_are_not_finite_are_named() {
    let (header, data) = parts(&packed());
    for (name, bytes) in [
        (
            "editor.trunk.ups.0.conv.weight.scale",
            &f32::INFINITY.to_le_bytes()[..],
        ),
        (
            "editor.trunk.ups.0.conv.weight.scale",
            &f32::NAN.to_le_bytes(),
        ),
        ("editor.trunk.out.bias", &half::f16::NAN.to_le_bytes()),
    ] {
        let at = header[name]["data_offsets"][0].as_u64().unwrap() as usize;
        let mut data = data.clone();
        data[at..at + bytes.len()].copy_from_slice(bytes);
        let error = why(&file(&header, &data));
        assert_eq!(error, WeightsError::NotFinite(name.into()));
    }
    let mut model = model(FusionForm::Concat);
    let nan = |_: &str, shape: &[usize]| Ok(vec![f32::NAN; shape.iter().product()]);
    model.generator = named::load::<_, WeightsError>("editor", model.generator, nan).unwrap();
    assert!(matches!(
        pack(&model, Bits::Eight),
        Err(WeightsError::NotFinite(_))
    ));
}

#[test]
fn metadata_that_does_not_fit_is_named() {
    let entry = |error: WeightsError| match error {
        WeightsError::Metadata { entry, .. } => entry,
        error => panic!("{error}"),
    };
    for key in ["config", "facts", "tokenizer", "self_test"] {
        let error = changed(|header| header["__metadata__"][key] = "{".into());
        assert_eq!(entry(error), key);
        let missing = changed(|header| {
            header["__metadata__"].as_object_mut().unwrap().remove(key);
        });
        assert_eq!(entry(missing), key);
    }
    for (path, value) in [
        ("/text/hidden", 1_000_000_000_000_u64.into()),
        ("/text/embedding", 0.into()),
        ("/text/dropout", 2.0.into()),
        (
            "/editor/trunk/widths",
            serde_json::json!([8, 8, 16, 1_000_000_000]),
        ),
        ("/editor/trunk/eighth/0", 4_000_000_000_u64.into()),
        ("/editor/trunk/sixteenth", 0.into()),
        ("/editor/trunk/embedding", 0.into()),
        ("/editor/layers", u64::MAX.into()),
        ("/editor/fusion", serde_json::json!({"LowRank": 0})),
        ("/editor/sentence", 17.into()),
        ("/short_side", 63.into()),
    ] {
        let error = with_entry("config", |config| {
            *config.pointer_mut(path).unwrap() = value
        });
        assert_eq!(entry(error), "config", "{path}");
    }
    for side in [0u64, 48, 1 << 40] {
        let error = with_entry("self_test", |test| test["side"] = side.into());
        assert_eq!(entry(error), "self_test", "{side}");
    }
    let fewer = with_entry("tokenizer", |tokenizer| {
        let words = tokenizer["vocab"].as_object_mut().unwrap();
        words.remove("red");
    });
    assert_eq!(entry(fewer), "tokenizer");
    let more = with_entry("config", |config| {
        config["text"]["vocabulary"] = 1_000_000.into();
    });
    assert_eq!(entry(more), "tokenizer");
    // A size that is allowed, but not the file's.
    let error = with_entry("config", |config| {
        config["editor"]["trunk"]["embedding"] = 4096.into()
    });
    assert!(matches!(error, WeightsError::Shape { .. }), "{error}");
    let error = with_entry("config", |config| {
        config["editor"]["trunk"]["eighth"][1] = 3.into()
    });
    assert!(matches!(error, WeightsError::Missing(_)), "{error}");
    let error = with_entry("tokenizer", |json| json["vocab"]["red"] = 9.into());
    assert_eq!(entry(error), "tokenizer");

    let mut model = model(FusionForm::Concat);
    for prompts in [vec![], vec!["xyzzy".to_owned()]] {
        model.facts.prompts = prompts;
        assert_eq!(entry(pack(&model, Bits::Eight).unwrap_err()), "facts");
    }
    model.vocabulary = Vocabulary::new([]).unwrap();
    assert_eq!(entry(pack(&model, Bits::Eight).unwrap_err()), "tokenizer");
}
