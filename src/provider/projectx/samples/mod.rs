//! The published samples of the wire, kept as test fixtures.

/// The text of a sample.
pub(super) fn sample(name: &str) -> String {
    let path = format!("{}/tests/fixtures/wire/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}
