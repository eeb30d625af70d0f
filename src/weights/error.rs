//! What can be wrong with a model file, in words for a visitor.

use safetensors::Dtype;

/// Why a model file is not loaded, or not written.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum WeightsError {
    /// It does not begin like a safetensors file.
    #[error("This is not a model file.")]
    NotAModel,
    /// A safetensors file of something else.
    #[error("This safetensors file is not a model of Wordloom.")]
    Foreign,
    /// Its generator is of another kind.
    #[error("This model file is of another kind: what is needed here is a model that {0}.")]
    OtherKind(&'static str),
    /// Written by a version that this one does not know.
    #[error(
        "The model file has format version {found}; this version of Wordloom reads version {read}. Reload the page, or update Wordloom."
    )]
    Version {
        /// What the file says.
        found: String,
        /// What is read here.
        read: u32,
    },
    /// Its length in bytes is not what its header says.
    #[error(
        "The model file was cut short or added to: it is {0} bytes long, and its header says otherwise."
    )]
    Length(usize),
    /// The header is no safetensors header.
    #[error("The model file is damaged: its header cannot be read ({0}).")]
    Header(String),
    /// Some byte was changed.
    #[error("The model file is damaged: its digest does not match.")]
    Digest,
    /// An entry of the metadata is missing, unreadable, or asks for what cannot be.
    #[error("The model file's “{entry}” is wrong: {why}.")]
    Metadata {
        /// The key in the metadata.
        entry: &'static str,
        /// What is wrong.
        why: String,
    },
    /// The configuration needs a tensor that the file lacks.
    #[error("The model file lacks the tensor “{0}”.")]
    Missing(String),
    /// The file has a tensor that the configuration does not know.
    #[error("The model file has a tensor “{0}” that its configuration does not know.")]
    Unexpected(String),
    /// A tensor has another shape than the configuration says.
    #[error(
        "The tensor “{name}” of the model file has the shape {found:?}; its configuration says {expected:?}."
    )]
    Shape {
        /// Which tensor.
        name: String,
        /// In the file.
        found: Vec<usize>,
        /// From the configuration.
        expected: Vec<usize>,
    },
    /// A tensor has another type than the format says.
    #[error(
        "The tensor “{name}” of the model file has the type {found}; the format says {expected}."
    )]
    Type {
        /// Which tensor.
        name: String,
        /// In the file.
        found: Dtype,
        /// From the format.
        expected: Dtype,
    },
    /// A tensor holds NaN or infinity, or what becomes that in its packed type.
    #[error("The tensor “{0}” holds a value that is not a finite number.")]
    NotFinite(String),
    /// The model computes something else here than where it was packed.
    #[error(
        "The model computes wrong results on this device: its self-test is off by {difference:.4}, at most {tolerance:.4} is right."
    )]
    SelfTest {
        /// The largest difference, in shares of the range.
        difference: f32,
        /// What is allowed.
        tolerance: f32,
    },
    /// The device did not give its result.
    #[error("The device did not run the model: {0}.")]
    Device(String),
}

impl WeightsError {
    pub(super) fn metadata(entry: &'static str, why: String) -> Self {
        Self::Metadata { entry, why }
    }
}
