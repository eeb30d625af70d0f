use super::*;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use wordloom::weights::named;

#[test]
fn shifted_pictures_keep_their_size_and_get_white_borders() {
    let device = Device::flex();
    let black = Tensor::<4>::full([16, 3, 16, 16], -1.0, &device);
    let moved = shifted(black, &mut SmallRng::seed_from_u64(1));
    assert_eq!(moved.dims(), [16, 3, 16, 16]);
    let values: Vec<f32> = moved.into_data().try_to_vec().unwrap();
    let white = values.iter().filter(|value| **value == 1.0).count();
    assert!(values.iter().all(|value| value.abs() == 1.0));
    // At most two of sixteen rows and columns of a picture become white.
    assert!(white > 0 && white < values.len() / 4, "{white}");
}

#[test]
fn a_weaver_of_twice_the_size_begins_with_all_but_one_level() {
    let (folder, device) = (tempfile::tempdir().unwrap(), Device::flex());
    let networks = |widths: &[usize], seed| {
        let weaver = WeaverConfig::new().with_widths(widths.to_vec());
        let config = WeavingConfig::new(weaver.with_fine(4), 1, seed);
        (Networks::new(&config, &device), config)
    };
    let (small, config) = networks(&[8, 6], 1);
    let checkpoint = Checkpoint::new(folder.path(), "weaver");
    small.save(&checkpoint, &config).unwrap();
    let (large, config) = networks(&[8, 6, 6], 2);
    let large = large.begin_with(folder.path(), &config).unwrap();
    let weights = |weaver: &Weaver| named::values("weaver", &weaver.valid());
    let (old, new) = (weights(&small.weaver), weights(&large.weaver));
    let others = new.iter().filter(|one| !old.contains(one));
    let others: Vec<_> = others.map(|one| one.name.as_str()).collect();
    let is_new = |name: &&str| name.starts_with("weaver.ups.1.");
    assert!(
        !others.is_empty() && others.iter().all(is_new),
        "{others:?}"
    );
    let (far, config) = networks(&[8, 6, 6, 6], 3);
    let error = far.begin_with(folder.path(), &config).err().unwrap();
    assert!(error.to_string().contains("16x16"), "{error}");
    let judges = |judge: &Discriminator| named::values("judge", &judge.valid());
    assert_eq!(
        judges(&large.discriminators[0]),
        judges(&small.discriminators[1])
    );
}
