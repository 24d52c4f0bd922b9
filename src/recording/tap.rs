//! Where connections hand in what they receive and send. Costs one look at a flag while nobody records.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::RwLock;

use super::entry::{Entry, Hub, What};
use super::recorder::Line;
use crate::clock::{Clock, Timestamp};
use crate::error::{Error, Kind, Result};

/// The tap of a client, for both its connections.
#[derive(Debug, Default)]
pub(crate) struct Tap {
    is_open: AtomicBool,
    line: RwLock<Option<Arc<Line>>>,
}

impl Tap {
    /// Opens it; what comes goes into the line.
    pub(super) fn open(&self) -> Result<Arc<Line>> {
        let mut held = self.line.write();
        if held.is_some() {
            return Err(Error::new(Kind::State, "this client is being recorded already"));
        }
        let line = held.insert(Arc::default()).clone();
        self.is_open.store(true, Ordering::Release);
        Ok(line)
    }

    pub(super) fn shut(&self) {
        self.is_open.store(false, Ordering::Release);
        drop(self.line.write().take());
    }
}

/// The tap of a connection.
#[derive(Clone)]
pub(crate) struct HubTap {
    pub(crate) tap: Arc<Tap>,
    pub(crate) hub: Hub,
    pub(crate) clock: Arc<dyn Clock>,
}

impl HubTap {
    /// The connection was opened.
    pub(crate) fn opened(&self) {
        self.hand_in(What::Opened, None, b"");
    }

    /// The connection ended.
    pub(crate) fn closed(&self, reason: &Error) {
        self.hand_in(What::Closed, None, reason.message().as_bytes());
    }

    /// A message came.
    pub(crate) fn received(&self, at: Timestamp, data: &[u8]) {
        self.hand_in(What::Received, Some(at), data);
    }

    /// A message was sent.
    pub(crate) fn sent(&self, data: &[u8]) {
        self.hand_in(What::Sent, None, data);
    }

    #[inline]
    fn hand_in(&self, what: What, at: Option<Timestamp>, data: &[u8]) {
        if self.tap.is_open.load(Ordering::Acquire) {
            self.record(what, at, data);
        }
    }

    #[cold]
    fn record(&self, what: What, at: Option<Timestamp>, data: &[u8]) {
        if let Some(line) = &*self.tap.line.read() {
            let at = at.unwrap_or_else(|| self.clock.now());
            line.push(&Entry { at, hub: self.hub, what, data });
        }
    }
}
