//! The colours that threads and figures have.

/// A colour of a cloth, by its place in [`Fabric::colours`](super::Fabric::colours); the last is a companion
/// that no word names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thread {
    /// The ground.
    Ground,
    /// The figure.
    Figure,
    /// The third.
    Third,
    /// The companion.
    Fourth,
}
