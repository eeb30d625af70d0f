//! Empty: cargo wants a library beside the benches.
