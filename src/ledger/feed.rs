//! The user hub's feed, of which the ledger knows who follows what.

use std::sync::Arc;

use super::bookkeeper::Bookkeeper;
use crate::clock::Deadline;
use crate::error::Result;
use crate::model::Topic;
use crate::provider::Feed;

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
    fn subscribe(&self, topic: &Topic, deadline: Deadline) -> Result<()> {
        self.bookkeeper.follow(topic);
        self.feed.subscribe(topic, deadline)?;
        self.bookkeeper.seed(topic, deadline);
        Ok(())
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
