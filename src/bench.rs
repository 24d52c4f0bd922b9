//! The inside, for the benchmarks. No part of the interface: it changes without notice.

use std::sync::Arc;

use crate::client::Client;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::ffi::{handle_of, tf_stream};
use crate::model::Event;
use crate::provider::EventSink;
use crate::provider::projectx::MarketDecoder;
use crate::signalr::{Record, RecordSplitter, plain_invocation};
use crate::stream::Stream;

/// A market hub without its socket: what a frame goes through between the socket and the queues of the streams.
pub struct MarketHub {
    splitter: RecordSplitter,
    decoder: MarketDecoder,
    sink: Arc<dyn EventSink>,
}

impl MarketHub {
    /// A hub that feeds the streams of this client.
    pub fn of(client: &Client) -> MarketHub {
        let (sink, symbols) = client.inside();
        MarketHub { splitter: RecordSplitter::new(), decoder: MarketDecoder::new(symbols), sink }
    }

    /// Takes a frame as the hub's thread does.
    ///
    /// # Errors
    /// When a record cannot be read.
    pub fn take(&mut self, received: Timestamp, frame: &[u8]) -> Result<()> {
        let (decoder, sink) = (&mut self.decoder, &self.sink);
        let mut outcome = Ok(());
        self.splitter.feed(frame, |record| {
            let publish = |event| sink.publish(event);
            if let Some((target, arguments)) = plain_invocation(record)
                && decoder.decode_known(received, target, arguments, publish)
            {
                return;
            }
            outcome = slowly(decoder, received, record, publish);
        })?;
        outcome
    }

    /// The same without the short way.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub fn take_slowly(&mut self, received: Timestamp, record: &[u8]) -> Result<()> {
        slowly(&mut self.decoder, received, record, |event| self.sink.publish(event))
    }
}

fn slowly(
    decoder: &mut MarketDecoder,
    received: Timestamp,
    record: &[u8],
    publish: impl FnMut(Event),
) -> Result<()> {
    if let Record::Invocation { target, arguments } = Record::parse(record)? {
        decoder.decode(received, &target, arguments, publish)?;
    }
    Ok(())
}

/// A stream as C holds it. It ends with `tf_stream_destroy`.
///
/// # Errors
/// When there are too many handles.
pub fn c_handle(stream: Stream) -> Result<*mut tf_stream> {
    handle_of(stream)
}
