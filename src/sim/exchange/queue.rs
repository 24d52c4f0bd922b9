//! An order's place among those that rest at its price.

/// The contracts that rest ahead of an order in the book of the market. Those of older orders of simulated
/// accounts come on top: whoever shares out a trade serves them first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) struct Queue {
    /// `None` while the book has never reached the order's price.
    ahead: Option<i64>,
}

impl Queue {
    /// Behind everything that rests at the price, as far as that is known.
    pub(in crate::sim) fn behind(resting: Option<i64>) -> Queue {
        Queue { ahead: resting }
    }

    /// There cannot be more ahead than there rests. An order beyond the book joins the end of the queue when
    /// the book gets there.
    pub(in crate::sim) fn see(&mut self, resting: Option<i64>) {
        self.ahead = match (self.ahead, resting) {
            (Some(ahead), Some(resting)) => Some(ahead.min(resting)),
            (None, resting) => resting,
            (ahead, None) => ahead,
        };
    }

    /// Moves up by what trades at the price and gives what of it gets past the others.
    pub(in crate::sim) fn reach(&mut self, volume: i64) -> i64 {
        let ahead = self.ahead.unwrap_or(0);
        self.ahead = Some((ahead - volume).max(0));
        (volume - ahead).max(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trades_and_shrinking_levels_move_an_order_forward() {
        let mut queue = Queue::behind(Some(10));
        assert_eq!(queue.reach(4), 0);
        queue.see(Some(20));
        assert_eq!(queue, Queue::behind(Some(6)));
        queue.see(Some(3));
        assert_eq!((queue.reach(5), queue.reach(5)), (2, 5));
    }

    #[test]
    fn beyond_the_book_nothing_is_known() {
        let mut queue = Queue::behind(None);
        queue.see(None);
        queue.see(Some(7));
        assert_eq!(queue, Queue::behind(Some(7)));
        queue.see(None);
        assert_eq!(queue, Queue::behind(Some(7)));
    }
}
