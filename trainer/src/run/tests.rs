use super::*;

#[test]
fn a_run_keeps_its_vocabulary() {
    let folder = tempfile::tempdir().unwrap();
    let words = |words: &[&str]| {
        let words = words.iter().map(|word| word.to_string());
        Vocabulary::new(words).unwrap()
    };
    let run = folder.path().join("run");
    let (first, other) = (words(&["red", "coat"]), words(&["coat", "red"]));
    keep_vocabulary(&run, &first).unwrap();
    keep_vocabulary(&run, &first).unwrap();
    let error = keep_vocabulary(&run, &other).unwrap_err().to_string();
    assert!(error.contains("vocabulary.json"), "{error}");
    let kept = fs::read_to_string(run.join("vocabulary.json")).unwrap();
    assert_eq!(kept, first.to_json().unwrap());
}
