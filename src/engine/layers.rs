//! Edits by each fusing layer, of a photo that was looked at.

use burn::tensor::Device;

use super::{EditSession, Edited, EngineError, Look};
use crate::comparison::Comparison;
use crate::weights::{self, Model};

/// Heads with every fusing layer, on a device, ready for what an [`EditModel`](super::EditModel) read and saw.
#[derive(Debug)]
pub struct Layers {
    model: Model<Comparison>,
}

impl Layers {
    /// Reads packed heads and runs their self-test.
    ///
    /// # Errors
    /// As [`EditModel::open`](super::EditModel::open).
    pub async fn open(packed: &[u8], device: Device) -> Result<Self, EngineError> {
        Self::of(weights::unpack(packed, &device)?).await
    }

    /// As [`EditModel::open_verified`](super::EditModel::open_verified).
    ///
    /// # Errors
    /// As [`open`](Self::open), except for the digest.
    pub async fn open_verified(packed: &[u8], device: Device) -> Result<Self, EngineError> {
        Self::of(weights::unpack_verified(packed, &device)?).await
    }

    async fn of(mut model: Model<Comparison>) -> Result<Self, EngineError> {
        model.generator = model.generator.prepack();
        model.self_test().await?;
        Ok(Self { model })
    }

    /// The layers' names, and the IoU of garments that was measured of each.
    pub fn names(&self) -> Vec<(String, f64)> {
        let measured = &self.model.facts.metrics;
        let names = self.model.config.generator.names().into_iter();
        names
            .map(|name| {
                let iou = measured.get(&name).copied().unwrap_or_default();
                (name, iou)
            })
            .collect()
    }

    /// The edit that [`EditSession::edit`] would make with the masks of the `n`th layer.
    ///
    /// # Errors
    /// As [`EditSession::edit`], and for a layer that there is not, or one of another trunk.
    pub async fn edit(
        &self,
        session: &EditSession,
        look: &Look,
        condition: &[f32],
        n: usize,
    ) -> Result<Edited, EngineError> {
        let heads = &self.model.generator.heads;
        let config = &self.model.config.generator.heads;
        let embedding = look.first.places.dims()[1];
        let (Some(head), Some(sizes)) = (heads.get(n), config.get(n)) else {
            let (found, expected) = (n, heads.len());
            return Err(EngineError::Condition { found, expected });
        };
        if sizes.embedding != embedding || sizes.sentence != session.sentence {
            let (found, expected) = (embedding, sizes.embedding);
            return Err(EngineError::Condition { found, expected });
        }
        session.edit_by(look, condition, &[], Some(head)).await
    }
}
