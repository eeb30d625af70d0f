//! Writing packed files, and reading models from them; the format is described in [`weights`](crate::weights).

use std::collections::BTreeMap;

use burn::module::Module;
use burn::tensor::Device;
use safetensors::Dtype;
use safetensors::tensor::TensorInfo;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::file::{FORMAT, File, VERSION, by_row, scale_name};
use super::int::{self, Bits, Kind};
use super::named::{self, Named};
use super::self_test::numbers;
use super::{Facts, Generator, Model, ModelConfig, SelfTest, Sizes, WeightsError};
use crate::prompt::Vocabulary;

/// Where the digest stands in the header.
const DIGEST: &str = "\"sha256\":\"";
const NO_DIGEST: [u8; 64] = [b'0'; 64];

/// Packs a model, folded or not, and stores what the packed model computes as its self-test.
/// The same model gives the same bytes. The generator's weights get as many bits as is said.
///
/// # Errors
/// When the modules do not fit the configuration and the vocabulary, a weight is not finite, or
/// there is no prompt for the self-test.
pub fn pack<G: Generator>(model: &Model<G>, bits: Bits) -> Result<Vec<u8>, WeightsError> {
    let tensors = quantised(model, bits)?;
    let draft = SelfTest::draft(G::condition(&model.config.generator));
    let draft = write(model, &tensors, &draft)?;
    let device = model.text.devices().swap_remove(0);
    let packed = unpack::<G>(&draft, &device)?;
    let check = SelfTest::new(&packed.generator, packed.first_condition()?)?;
    write(model, &tensors, &check)
}

/// Reads a packed model onto a device; its self-test is not run.
///
/// # Errors
/// When anything about the file is not as the format says: see [`WeightsError`]. Nothing is
/// built before all names, shapes and types have been compared with the configuration.
pub fn unpack<G: Generator>(bytes: &[u8], device: &Device) -> Result<Model<G>, WeightsError> {
    read(&intact(bytes)?, device)
}

/// Opens a file whose digest is right.
fn intact(bytes: &[u8]) -> Result<File<'_>, WeightsError> {
    let file = File::open(bytes)?;
    match digest(bytes) {
        Some((digest, at)) if bytes[at..].starts_with(digest.as_bytes()) => Ok(file),
        _ => Err(WeightsError::Digest),
    }
}

/// The same of bytes whose digest has been compared already, as a page does where the browser
/// computes digests.
///
/// # Errors
/// As [`unpack`], except for the digest.
pub fn unpack_verified<G: Generator>(
    bytes: &[u8],
    device: &Device,
) -> Result<Model<G>, WeightsError> {
    read(&File::open(bytes)?, device)
}

fn read<G: Generator>(file: &File, device: &Device) -> Result<Model<G>, WeightsError> {
    let (config, check) = file.config::<G>()?;
    let facts: Facts = file.json("facts")?;
    let wrong = |why| WeightsError::metadata("tokenizer", why);
    let vocabulary =
        Vocabulary::from_json(file.entry("tokenizer")?).map_err(|why| wrong(why.to_string()))?;
    if vocabulary.size() != config.text.vocabulary {
        let (found, expected) = (vocabulary.size(), config.text.vocabulary);
        return Err(wrong(format!(
            "it has {found} words, the configuration {expected}"
        )));
    }

    let text = G::init_text(&config.text, device);
    let generator = G::init_folded(&config.generator, device);
    let mut shapes = named::shapes("text", &text);
    shapes.extend(named::shapes(G::NAME, &generator));
    file.check(&shapes)?;
    let mut values = |name: &str, shape: &[usize]| file.values(name, shape);
    Ok(Model {
        text: named::load("text", text, &mut values)?,
        generator: named::load(G::NAME, generator, &mut values)?,
        config,
        facts,
        vocabulary,
        check,
    })
}

/// Reads of a packed model only the half that paints, and its self-test.
///
/// # Errors
/// As [`unpack`], except for what is in the other half.
pub fn unpack_generator<G: Generator>(
    bytes: &[u8],
    device: &Device,
) -> Result<(ModelConfig<G::Config>, G, SelfTest), WeightsError> {
    let file = intact(bytes)?;
    let (config, check) = file.config::<G>()?;
    let generator = G::init_folded(&config.generator, device);
    named::shapes(G::NAME, &generator)
        .iter()
        .try_for_each(|tensor| file.check_one(tensor).map(drop))?;
    let values = |name: &str, shape: &[usize]| file.values(name, shape);
    Ok((config, named::load(G::NAME, generator, values)?, check))
}

/// How a tensor is packed. The text encoder bears four bits (a third of each embedding is dropped
/// in training): edits move by 0.2 steps of an 8-bit picture on average, with eight bits by 0.1.
fn kind(name: &str, shape: &[usize], generator: Bits) -> Kind {
    let four = generator == Bits::Four || name.starts_with("text.");
    match shape.len() {
        0 | 1 => Kind::Half,
        _ if four && Kind::Int4.scales(shape, by_row(name)).is_some() => Kind::Int4,
        _ => Kind::Int8,
    }
}

struct Packed {
    name: String,
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

/// All tensors as they stand in the file: large types first, so that each is aligned.
fn quantised<G: Generator>(model: &Model<G>, bits: Bits) -> Result<Vec<Packed>, WeightsError> {
    let mut tensors = named::values("text", &model.text.valid());
    tensors.extend(named::values(G::NAME, &model.generator.valid().fold()));
    let mut packed = Vec::new();
    for Named {
        name,
        shape,
        values,
    } in tensors
    {
        let not_finite = || WeightsError::NotFinite(name.clone());
        let values = int::finite(numbers(values)?.into_iter()).ok_or_else(not_finite)?;
        let kind = kind(&name, &shape, bits);
        let bytes = match kind.scales(&shape, by_row(&name)) {
            None => int::halves_to_bytes(&values).ok_or_else(not_finite)?,
            Some(scales) => {
                let (scale, bytes) = int::quantise(kind, &values, &shape, &scales);
                packed.push(Packed {
                    name: scale_name(&name),
                    dtype: Dtype::F32,
                    shape: scales,
                    bytes: int::floats_to_bytes(&scale),
                });
                bytes
            }
        };
        packed.push(Packed {
            shape: kind.shape(&shape),
            dtype: kind.dtype(),
            name,
            bytes,
        });
    }
    packed.sort_by(|a, b| b.dtype.cmp(&a.dtype).then_with(|| a.name.cmp(&b.name)));
    Ok(packed)
}

fn write<G: Generator>(
    model: &Model<G>,
    tensors: &[Packed],
    check: &SelfTest,
) -> Result<Vec<u8>, WeightsError> {
    let vocabulary = model.vocabulary.to_json();
    let vocabulary =
        vocabulary.map_err(|why| WeightsError::metadata("tokenizer", why.to_string()))?;
    let mut sizes = Sizes {
        text: model.config.text.clone(),
        editor: None,
        comparison: None,
        text_to_image: None,
        short_side: model.config.side,
    };
    *G::sizes(&mut sizes) = Some(model.config.generator.clone());
    let metadata = BTreeMap::from([
        ("format", FORMAT.to_owned()),
        ("version", VERSION.to_string()),
        ("config", json("config", &sizes)?),
        ("facts", json("facts", &model.facts)?),
        ("self_test", json("self_test", check)?),
        ("tokenizer", vocabulary),
        ("sha256", NO_DIGEST.map(char::from).iter().collect()),
    ]);
    let header_error = |error: serde_json::Error| WeightsError::Header(error.to_string());
    let mut header = BTreeMap::new();
    let metadata = serde_json::to_value(metadata).map_err(header_error)?;
    header.insert("__metadata__", metadata);
    let mut end = 0;
    for Packed {
        name,
        dtype,
        shape,
        bytes,
    } in tensors
    {
        let start = end;
        end += bytes.len();
        let info = TensorInfo {
            dtype: *dtype,
            shape: shape.clone(),
            data_offsets: (start, end),
        };
        header.insert(name, serde_json::to_value(info).map_err(header_error)?);
    }
    let mut header = serde_json::to_vec::<BTreeMap<&str, Value>>(&header).map_err(header_error)?;
    header.resize(header.len().next_multiple_of(8), b' ');
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header);
    tensors.iter().for_each(|tensor| file.extend(&tensor.bytes));
    seal(&mut file);
    Ok(file)
}

fn json(entry: &'static str, value: &impl Serialize) -> Result<String, WeightsError> {
    let error = |why: serde_json::Error| WeightsError::metadata(entry, why.to_string());
    serde_json::to_string(value).map_err(error)
}

/// Writes the digest of a file into it.
pub(super) fn seal(file: &mut [u8]) {
    if let Some((digest, at)) = digest(file) {
        file[at..at + digest.len()].copy_from_slice(digest.as_bytes());
    }
}

/// The digest that a file should have, and where it stands. The first match is the metadata's
/// entry: within a JSON string the quotes would be escaped.
pub(super) fn digest(file: &[u8]) -> Option<(String, usize)> {
    let found = file
        .windows(DIGEST.len())
        .position(|at| at == DIGEST.as_bytes())?;
    let at = found + DIGEST.len();
    let rest = file.get(at + NO_DIGEST.len()..)?;
    let mut hash = Sha256::new()
        .chain_update(&file[..at])
        .chain_update(NO_DIGEST);
    // Browsers put faster code in the place of a function between two calls of it.
    rest.chunks(1 << 14).for_each(|part| hash.update(part));
    let hash = hash.finalize();
    Some((hash.iter().map(|byte| format!("{byte:02x}")).collect(), at))
}
