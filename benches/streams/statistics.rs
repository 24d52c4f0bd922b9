//! Middles and tails.

/// The value in the middle.
pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    tail(values, 0.5)
}

/// The value that so many of all are below: 0.99 gives the 99th percentile.
pub fn tail(values: impl Iterator<Item = f64>, share: f64) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * share) as usize]
}
