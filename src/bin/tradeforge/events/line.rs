//! Events as lines for people.

use std::fmt::{Arguments, Display, Write};

use tradeforge::{Event, EventBody};

use super::{Printer, hub, kind, spelled};
use crate::text::{self, optional, printable, words};

impl Printer<'_> {
    /// The event as a line for people. Its time is the gateway's, or else that of its arrival.
    pub fn line(&self, event: &Event) -> String {
        let mut line = Line::new(event);
        match &event.body {
            EventBody::Quote(quote) => {
                line.name("quote").word(self.text(event.instrument));
                line.pair("bid", quote.bid).pair("ask", quote.ask).pair("last", quote.last);
                line.pair("volume", quote.volume);
            }
            EventBody::Trade(trade) => {
                line.name("trade").word(self.text(event.instrument));
                line.pair("price", Some(trade.price)).pair("size", Some(trade.volume));
                line.word(trade.aggressor.map(text::side));
            }
            EventBody::Depth(depth) => {
                line.name("depth").word(self.text(event.instrument));
                line.word(Some(words(depth.kind.name(), depth.kind.code())));
                line.pair("price", Some(depth.price)).pair("size", Some(depth.volume));
            }
            EventBody::Order(order) => {
                line.name("order").word(self.text(event.instrument)).word(Some(order.id));
                line.word(Some(words(order.status.name(), order.status.code())));
                line.word(Some(text::side(order.side))).word(Some(order.size));
                line.word(Some(words(order.order_type.name(), order.order_type.code())));
                line.pair("limit", order.limit_price).pair("stop", order.stop_price);
                line.pair("filled", order.fill_volume).pair("at", order.filled_price);
                line.pair("tag", self.text(order.client_tag));
            }
            EventBody::Position(position) => {
                line.name("position").word(self.text(event.instrument));
                line.word(Some(words(position.side.name(), position.side.code())));
                line.word(Some(position.size)).pair("average", Some(position.average_price));
            }
            EventBody::Fill(fill) => {
                line.name("fill").word(self.text(event.instrument)).pair("order", Some(fill.order));
                line.word(Some(text::side(fill.side))).word(Some(fill.size)).pair("at", Some(fill.price));
                line.pair("result", fill.profit_and_loss).pair("fees", Some(fill.fees));
                line.word(fill.voided.then_some("voided"));
            }
            EventBody::Account(account) => {
                line.name("account").word(self.text(Some(account.name)));
                line.pair("balance", account.balance);
                line.word((!account.can_trade).then_some("locked"));
            }
            EventBody::Link(link) => {
                line.name("link").word(Some(hub(link.hub))).word(Some(spelled(link.state)));
                let delay = (link.delay_ms > 0).then_some(link.delay_ms);
                line.word(delay.map(|delay| format!("next attempt in {delay} ms")));
                line.word(self.text(link.message));
            }
            EventBody::Gap(gap) => {
                let lost = format!("{} events lost because they were not read in time", gap.dropped);
                line.name("gap").word(Some(lost));
            }
            EventBody::Subscription(news) => {
                line.name("subscription").word(Some(kind(news.kinds)));
                line.word(self.text(event.instrument)).word(news.account);
                line.word(Some(if news.refused.is_none() { "confirmed" } else { "refused" }));
                line.word(self.text(news.message));
            }
            EventBody::Malformed(news) => {
                line.name("malformed").word(Some(hub(news.hub))).word(self.text(news.target));
                line.pair("count", Some(news.count));
            }
            _ => {
                line.name("event").word(Some("of a new kind"));
            }
        }
        line.0
    }
}

/// A line that grows word by word. What is absent is left out.
struct Line(String);

impl Line {
    fn new(event: &Event) -> Line {
        Line(text::time(event.at.unwrap_or(event.received)))
    }

    fn name(&mut self, name: &str) -> &mut Line {
        self.append(format_args!("  {name:<8}"))
    }

    fn word(&mut self, word: Option<impl Display>) -> &mut Line {
        if word.is_some() {
            self.append(format_args!("  {}", printable(&optional(word))));
        }
        self
    }

    fn pair(&mut self, name: &str, value: Option<impl Display>) -> &mut Line {
        if value.is_some() {
            self.append(format_args!("  {name} {}", printable(&optional(value))));
        }
        self
    }

    fn append(&mut self, text: Arguments<'_>) -> &mut Line {
        // Writing to a String cannot fail.
        let _ = self.0.write_fmt(text);
        self
    }
}
