//! An open packed file: its header, and tensors by name.

use std::collections::{HashMap, HashSet};

use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};
use serde::de::DeserializeOwned;

use super::int::{self, Kind};
use super::named::Named;
use super::{Generator, ModelConfig, SelfTest, Sizes, WeightsError};

pub(super) const FORMAT: &str = "wordloom";
pub(super) const VERSION: u32 = 1;

/// Longer headers are not read; a vocabulary of 1,800 words makes one of 40 KB.
const LONGEST_HEADER: u64 = 16 << 20;

/// A file whose length, header and version are right.
pub(super) struct File<'a> {
    header: Metadata,
    metadata: HashMap<String, String>,
    data: &'a [u8],
}

impl<'a> File<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, WeightsError> {
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
        Ok(Self {
            header,
            metadata,
            data,
        })
    }

    /// The configuration, with sizes that fit together, and the self-test.
    pub(super) fn config<G: Generator>(
        &self,
    ) -> Result<(ModelConfig<G::Config>, SelfTest), WeightsError> {
        let mut sizes: Sizes = self.json("config")?;
        let other = WeightsError::OtherKind(G::DOES);
        let config = ModelConfig {
            generator: G::sizes(&mut sizes).take().ok_or(other)?,
            text: sizes.text,
            side: sizes.short_side,
        };
        config.check::<G>()?;
        let check: SelfTest = self.json("self_test")?;
        check.check(G::condition(&config.generator))?;
        Ok((config, check))
    }

    pub(super) fn entry(&self, key: &'static str) -> Result<&str, WeightsError> {
        let missing = || WeightsError::metadata(key, "it is missing".into());
        self.metadata
            .get(key)
            .map(String::as_str)
            .ok_or_else(missing)
    }

    pub(super) fn json<T: DeserializeOwned>(&self, key: &'static str) -> Result<T, WeightsError> {
        let wrong = |why: serde_json::Error| WeightsError::metadata(key, why.to_string());
        serde_json::from_str(self.entry(key)?).map_err(wrong)
    }

    /// Compares all names, types and shapes with those of a model.
    pub(super) fn check(&self, expected: &[Named<()>]) -> Result<(), WeightsError> {
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
    pub(super) fn check_one(
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
    pub(super) fn values(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, WeightsError> {
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

/// Whether the rows of a tensor are looked up.
pub(super) fn by_row(name: &str) -> bool {
    name.ends_with("embedding.weight")
}

pub(super) fn scale_name(name: &str) -> String {
    format!("{name}.scale")
}
