use super::*;

/// The checkpoint of a training in a folder that is its own.
fn checkpoint(folder: &tempfile::TempDir) -> Checkpoint {
    Checkpoint::new(folder.path(), "trunk")
}

/// Saves a checkpoint that says `number`, in its configuration and in a part.
fn save(checkpoint: &Checkpoint, number: u32) {
    let part = |to: &Checkpoint| Ok(fs::write(of(&to.0, "part"), number.to_string())?);
    checkpoint.save(&number, part).unwrap();
}

/// What is read of it: both say the same number.
fn read(checkpoint: &Checkpoint) -> u32 {
    let number: u32 = checkpoint.resume(true).unwrap().unwrap();
    let part = fs::read_to_string(checkpoint.path("part")).unwrap();
    assert_eq!(part, number.to_string());
    number
}

/// A run that ends while it writes.
fn dies(checkpoint: &Checkpoint) {
    let half = |to: &Checkpoint| {
        fs::write(of(&to.0, "part"), "half")?;
        anyhow::bail!("no more room")
    };
    let error = checkpoint.save(&9, half).unwrap_err();
    assert!(format!("{error:#}").contains("no more room"), "{error:#}");
}

#[test]
fn a_run_that_dies_while_it_writes_keeps_the_checkpoint_before() {
    let folder = tempfile::tempdir().unwrap();
    let checkpoint = checkpoint(&folder);
    dies(&checkpoint);
    assert!(!checkpoint.exists());
    for number in 1..4 {
        save(&checkpoint, number);
        dies(&checkpoint);
        assert_eq!(read(&checkpoint), number);
    }
}

#[test]
fn a_run_that_dies_between_the_renames_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let checkpoint = checkpoint(&folder);
    save(&checkpoint, 1);
    save(&checkpoint, 2);
    // As it is after the first of them.
    let next = folder.path().join("trunk.next");
    fs::rename(folder.path().join("trunk"), &next).unwrap();
    assert!(checkpoint.exists());
    assert_eq!(read(&checkpoint), 2);
    let anew = checkpoint.resume::<u32>(false).unwrap_err().to_string();
    assert!(anew.contains("--resume"), "{anew}");

    // The run goes on, and dies again before its next checkpoint is whole.
    dies(&checkpoint);
    assert_eq!(read(&checkpoint), 2);
    save(&checkpoint, 3);
    assert_eq!(read(&checkpoint), 3);

    // What is left when somebody has removed the others.
    fs::remove_dir_all(folder.path().join("trunk")).unwrap();
    assert_eq!(read(&checkpoint), 2);
}

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
