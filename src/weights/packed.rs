//! Writing and reading packed files; the format is described in [`weights`](crate::weights).

use std::collections::{BTreeMap, HashMap, HashSet};

use burn::module::Module;
use burn::tensor::Device;
use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::int::{self, Bits, Kind};
use super::named::{self, Named};
use super::{Facts, Model, ModelConfig, SelfTest, WeightsError, averages, probe, shares};
use crate::editor::Editor;
use crate::prompt::Vocabulary;

const FORMAT: &str = "wordloom";
const VERSION: u32 = 1;

/// Longer headers are not read; a vocabulary of 1,800 words makes one of 40 KB.
const LONGEST_HEADER: u64 = 16 << 20;

/// Where the digest stands in the header.
const DIGEST: &str = "\"sha256\":\"";
const NO_DIGEST: [u8; 64] = [b'0'; 64];

/// Packs a model, folded or not, and stores what the packed model computes as its self-test.
/// The same model gives the same bytes. The editor's weights get as many bits as is said.
///
/// # Errors
/// When the modules do not fit the configuration and the vocabulary, a weight is not finite, or
/// there is no prompt for the self-test.
pub fn pack(model: &Model, editor: Bits) -> Result<Vec<u8>, WeightsError> {
    let tensors = quantised(model, editor)?;
    let draft = write(model, &tensors, &SelfTest::default())?;
    let device = model.text.devices().swap_remove(0);
    let packed = unpack(&draft, &device)?;
    let condition = packed.first_condition()?;
    let planes = shares(probe(&packed.editor, condition.clone()).into_data())?;
    let check = SelfTest::new(shares(condition.into_data())?, averages(&planes));
    write(model, &tensors, &check)
}

/// Reads a packed model onto a device; its self-test is not run.
///
/// # Errors
/// When anything about the file is not as the format says: see [`WeightsError`]. Nothing is
/// built before all names, shapes and types have been compared with the configuration.
pub fn unpack(bytes: &[u8], device: &Device) -> Result<Model, WeightsError> {
    let file = File::open(bytes)?;
    let (config, check) = file.config()?;
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

    let text = config.text.init(device);
    let editor = config.editor.init_folded(device);
    let mut shapes = named::shapes("text", &text);
    shapes.extend(named::shapes("editor", &editor));
    file.check(&shapes)?;
    let mut values = |name: &str, shape: &[usize]| file.values(name, shape);
    Ok(Model {
        text: named::load("text", text, &mut values)?,
        editor: named::load("editor", editor, &mut values)?,
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
pub fn unpack_editor(
    bytes: &[u8],
    device: &Device,
) -> Result<(ModelConfig, Editor, SelfTest), WeightsError> {
    let file = File::open(bytes)?;
    let (config, check) = file.config()?;
    let editor = config.editor.init_folded(device);
    named::shapes("editor", &editor)
        .iter()
        .try_for_each(|tensor| file.check_one(tensor).map(drop))?;
    let values = |name: &str, shape: &[usize]| file.values(name, shape);
    Ok((config, named::load("editor", editor, values)?, check))
}

/// How a tensor is packed. The text encoder bears four bits (a third of each embedding is dropped
/// in training): edits move by 0.2 steps of an 8-bit picture on average, with eight bits by 0.1.
fn kind(name: &str, shape: &[usize], editor: Bits) -> Kind {
    let four = editor == Bits::Four || name.starts_with("text.");
    match shape.len() {
        0 | 1 => Kind::Half,
        _ if four && Kind::Int4.scales(shape, by_row(name)).is_some() => Kind::Int4,
        _ => Kind::Int8,
    }
}

/// Whether the rows of a tensor are looked up.
fn by_row(name: &str) -> bool {
    name.ends_with("embedding.weight")
}

fn scale_name(name: &str) -> String {
    format!("{name}.scale")
}

struct Packed {
    name: String,
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

/// All tensors as they stand in the file: large types first, so that each is aligned.
fn quantised(model: &Model, editor: Bits) -> Result<Vec<Packed>, WeightsError> {
    let mut tensors = named::values("text", &model.text.valid());
    tensors.extend(named::values("editor", &model.editor.valid().fold()));
    let mut packed = Vec::new();
    for Named {
        name,
        shape,
        values,
    } in tensors
    {
        let not_finite = || WeightsError::NotFinite(name.clone());
        let values = int::finite(shares(values)?.into_iter()).ok_or_else(not_finite)?;
        let kind = kind(&name, &shape, editor);
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

fn write(model: &Model, tensors: &[Packed], check: &SelfTest) -> Result<Vec<u8>, WeightsError> {
    let vocabulary = model.vocabulary.to_json();
    let vocabulary =
        vocabulary.map_err(|why| WeightsError::metadata("tokenizer", why.to_string()))?;
    let metadata = BTreeMap::from([
        ("format", FORMAT.to_owned()),
        ("version", VERSION.to_string()),
        ("config", json("config", &model.config)?),
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
fn digest(file: &[u8]) -> Option<(String, usize)> {
    let found = file
        .windows(DIGEST.len())
        .position(|at| at == DIGEST.as_bytes())?;
    let at = found + DIGEST.len();
    let rest = file.get(at + NO_DIGEST.len()..)?;
    let hash = Sha256::new()
        .chain_update(&file[..at])
        .chain_update(NO_DIGEST);
    let hash = hash.chain_update(rest).finalize();
    Some((hash.iter().map(|byte| format!("{byte:02x}")).collect(), at))
}

/// A file whose length, header, version and digest are right.
struct File<'a> {
    header: Metadata,
    metadata: HashMap<String, String>,
    data: &'a [u8],
}

impl<'a> File<'a> {
    fn open(bytes: &'a [u8]) -> Result<Self, WeightsError> {
        let wrong_length = WeightsError::Length(bytes.len());
        let Some((length, rest)) = bytes.split_first_chunk() else {
            return Err(wrong_length);
        };
        let length = u64::from_le_bytes(*length);
        match rest.first() {
            Some(b'{') if length <= LONGEST_HEADER => {}
            Some(_) => return Err(WeightsError::NotAModel),
            None => return Err(wrong_length),
        }
        let Some((header, data)) = rest.split_at_checked(length as usize) else {
            return Err(wrong_length);
        };
        let header: Metadata =
            serde_json::from_slice(header).map_err(|why| WeightsError::Header(why.to_string()))?;
        if header.data_len() != data.len() {
            return Err(wrong_length);
        }
        let metadata = header.metadata().clone().unwrap_or_default();
        let entry = |key| metadata.get(key).map(String::as_str);
        if entry("format") != Some(FORMAT) {
            return Err(WeightsError::Foreign);
        }
        let version = entry("version").unwrap_or("none");
        if version != VERSION.to_string() {
            return Err(WeightsError::Version {
                found: version.to_owned(),
                read: VERSION,
            });
        }
        match digest(bytes) {
            Some((digest, at)) if bytes[at..].starts_with(digest.as_bytes()) => Ok(Self {
                header,
                metadata,
                data,
            }),
            _ => Err(WeightsError::Digest),
        }
    }

    /// The configuration, with sizes that fit together, and the self-test.
    fn config(&self) -> Result<(ModelConfig, SelfTest), WeightsError> {
        let config: ModelConfig = self.json("config")?;
        config.check()?;
        Ok((config, self.json("self_test")?))
    }

    fn entry(&self, key: &'static str) -> Result<&str, WeightsError> {
        let missing = || WeightsError::metadata(key, "it is missing".into());
        self.metadata
            .get(key)
            .map(String::as_str)
            .ok_or_else(missing)
    }

    fn json<T: DeserializeOwned>(&self, key: &'static str) -> Result<T, WeightsError> {
        let wrong = |why: serde_json::Error| WeightsError::metadata(key, why.to_string());
        serde_json::from_str(self.entry(key)?).map_err(wrong)
    }

    /// Compares all names, types and shapes with those of a model.
    fn check(&self, expected: &[Named<()>]) -> Result<(), WeightsError> {
        let mut known = HashSet::new();
        for tensor in expected {
            known.extend(self.check_one(tensor)?);
        }
        let mut names = self.header.offset_keys().into_iter();
        match names.find(|name| !known.contains(name)) {
            Some(name) => Err(WeightsError::Unexpected(name)),
            None => Ok(()),
        }
    }

    /// Compares one, and gives the names under which it is kept.
    fn check_one(
        &self,
        Named { name, shape, .. }: &Named<()>,
    ) -> Result<Vec<String>, WeightsError> {
        let (kind, scales) = self.layout(name, shape)?;
        self.expect(name, kind.dtype(), &kind.shape(shape))?;
        let mut names = vec![name.clone()];
        if let Some(scales) = scales {
            let name = scale_name(name);
            self.expect(&name, Dtype::F32, &scales)?;
            names.push(name);
        }
        Ok(names)
    }

    /// How a tensor of this shape is kept, and the shape of its scales.
    fn layout(
        &self,
        name: &str,
        shape: &[usize],
    ) -> Result<(Kind, Option<Vec<usize>>), WeightsError> {
        if shape.len() < 2 {
            return Ok((Kind::Half, None));
        }
        let kind = match self.info(name)?.dtype {
            Dtype::U8 => Kind::Int4,
            _ => Kind::Int8,
        };
        match kind.scales(shape, by_row(name)) {
            None => Err(WeightsError::Type {
                name: name.to_owned(),
                found: Dtype::U8,
                expected: Dtype::I8,
            }),
            scales => Ok((kind, scales)),
        }
    }

    fn expect(&self, name: &str, dtype: Dtype, shape: &[usize]) -> Result<(), WeightsError> {
        let info = self.info(name)?;
        if info.dtype != dtype {
            return Err(WeightsError::Type {
                name: name.to_owned(),
                found: info.dtype,
                expected: dtype,
            });
        }
        if info.shape != shape {
            return Err(WeightsError::Shape {
                name: name.to_owned(),
                found: info.shape.clone(),
                expected: shape.to_vec(),
            });
        }
        Ok(())
    }

    fn info(&self, name: &str) -> Result<&TensorInfo, WeightsError> {
        let missing = || WeightsError::Missing(name.to_owned());
        self.header.info(name).ok_or_else(missing)
    }

    /// The bytes of a tensor; the header's offsets have been checked against the length.
    fn bytes(&self, name: &str) -> Result<&[u8], WeightsError> {
        let (from, to) = self.info(name)?.data_offsets;
        Ok(&self.data[from..to])
    }

    /// The values of a tensor that has been [checked](Self::check).
    fn values(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, WeightsError> {
        let not_finite = |name: String| move || WeightsError::NotFinite(name);
        let (kind, scales) = self.layout(name, shape)?;
        let bytes = self.bytes(name)?;
        let Some(scales) = scales else {
            return int::halves(bytes).ok_or_else(not_finite(name.to_owned()));
        };
        let scale_name = scale_name(name);
        let scale = int::floats(self.bytes(&scale_name)?).ok_or_else(not_finite(scale_name))?;
        Ok(int::dequantise(kind, &scale, bytes, shape, &scales))
    }
}
