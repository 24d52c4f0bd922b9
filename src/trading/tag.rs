//! The tag that makes an order findable.

use crate::error::{Error, Kind, Outcome, Result};

/// A tag that no other order has: 100 random bits as letters and digits.
///
/// # Errors
/// [`Kind::State`] when the system gives no random numbers; then nothing must be sent.
pub(super) fn new_tag() -> Result<String> {
    // Without i, l, o and u: 32 signs, five bits each.
    const SIGNS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut random = [0u8; 20];
    getrandom::fill(&mut random).map_err(|error| {
        Error::new(Kind::State, format!("the system gives no random numbers: {error}"))
            .with_outcome(Outcome::NotSent)
    })?;
    Ok("tf-".chars().chain(random.iter().map(|byte| char::from(SIGNS[usize::from(byte % 32)]))).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn tags_do_not_repeat() {
        let tags: HashSet<String> = (0..1000).map(|_| new_tag().unwrap()).collect();
        assert_eq!(tags.len(), 1000);
        assert!(tags.iter().all(|tag| tag.len() == 23 && tag.starts_with("tf-")));
    }
}
