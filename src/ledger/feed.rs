//! The user hub's feed, of which the ledger knows who follows what.

use std::sync::Arc;

use super::bookkeeper::Bookkeeper;
use crate::error::Result;
use crate::model::Topic;
use crate::provider::{Confirmation, Feed};

/// Subscribes at a feed, and has the state known that the events change.
pub(crate) struct FollowedFeed {
    feed: Arc<dyn Feed>,
    bookkeeper: Bookkeeper,
}

impl FollowedFeed {
    pub(crate) fn new(feed: Arc<dyn Feed>, bookkeeper: Bookkeeper) -> FollowedFeed {
        FollowedFeed { feed, bookkeeper }
    }
}

impl Feed for FollowedFeed {
    fn subscribe(&self, topic: &Topic) -> Result<Confirmation> {
        self.bookkeeper.follow(topic);
        let confirmation = self.feed.subscribe(topic).inspect_err(|_| self.bookkeeper.unfollow(topic))?;
        let (bookkeeper, topic) = (self.bookkeeper.clone(), topic.clone());
        Ok(Box::new(move |deadline| {
            confirmation(deadline)?;
            bookkeeper.seed(&topic, deadline);
            Ok(())
        }))
    }

    fn subscribe_later(&self, topic: &Topic) -> Result<()> {
        self.bookkeeper.follow(topic);
        self.feed.subscribe_later(topic).inspect_err(|_| self.bookkeeper.unfollow(topic))
    }

    fn unsubscribe(&self, topic: &Topic) {
        self.bookkeeper.unfollow(topic);
        self.feed.unsubscribe(topic);
    }
}
