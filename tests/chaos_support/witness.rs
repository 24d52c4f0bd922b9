//! Whoever reads the stream, and checks that it never tells what cannot be.

use std::collections::{BTreeMap, HashMap};

use tradeforge::model::{EventFlags, FillEvent, FillId, Hub, LinkState, OrderEvent, PositionEvent};
use tradeforge::{Event, EventBody, Money, OrderId};

#[derive(Default)]
pub struct Witness {
    links: HashMap<Hub, LinkState>,
    pub losses: usize,
    /// The latest reason of a link.
    pub trouble: Option<tradeforge::Kind>,
    pub malformed: usize,
    pub orders: BTreeMap<OrderId, OrderEvent>,
    pub fills: BTreeMap<FillId, FillEvent>,
    pub positions: HashMap<Option<u32>, PositionEvent>,
    pub balance: Option<Money>,
    /// The volume of the session by the last quote since the connection is whole, and the trades since.
    volume: Option<i64>,
    traded: i64,
    /// A subscription of the market was refused on this connection.
    is_refused: bool,
    pub volumes_checked: usize,
    next_seq: Option<u64>,
}

impl Witness {
    pub fn is_connected(&self) -> bool {
        [Hub::Market, Hub::User].iter().all(|hub| self.links.get(hub) == Some(&LinkState::Connected))
    }

    /// Forgets that a hub was whole, to see it become so again.
    pub fn state(&self, hub: Hub) -> Option<LinkState> {
        self.links.get(&hub).copied()
    }

    pub fn see(&mut self, event: &Event) {
        assert!(self.next_seq.is_none_or(|seq| seq == event.seq), "{event:?}");
        self.next_seq = Some(event.seq + 1);
        match &event.body {
            EventBody::Link(link) => {
                self.trouble = link.reason;
                self.see_link(link.hub, link.state);
            }
            EventBody::Gap(gap) => panic!("the queue is large enough: {gap:?}"),
            EventBody::Order(order) => self.see_order(order),
            EventBody::Fill(fill) => {
                let is_new = self.fills.insert(fill.id, *fill).is_none();
                assert_eq!(is_new, !event.flags.contains(EventFlags::REVISED), "each fill once: {event:?}");
            }
            EventBody::Position(position) => {
                self.positions.insert(event.instrument.map(|symbol| symbol.get()), *position);
            }
            EventBody::Account(account) => self.balance = account.balance,
            EventBody::Trade(trade) => {
                self.check_told(Hub::Market, event);
                self.traded += trade.volume.get();
            }
            EventBody::Quote(quote) => {
                self.check_told(Hub::Market, event);
                if let Some(volume) = quote.volume.map(|volume| volume.get()) {
                    self.see_volume(volume, event);
                }
            }
            EventBody::Depth(_) => self.check_told(Hub::Market, event),
            EventBody::Subscription(subscription) => {
                // Said aloud, so whatever does not come now is not lost in silence.
                if subscription.refused.is_some() && subscription.account.is_none() {
                    self.is_refused = true;
                }
            }
            _ => self.malformed += 1,
        }
    }

    /// Nothing is told by a connection that is not there.
    fn check_told(&self, hub: Hub, event: &Event) {
        let state = self.links.get(&hub);
        let is_there =
            !matches!(state, Some(LinkState::Reconnecting | LinkState::Closed | LinkState::Failed));
        assert!(is_there, "{state:?}: {event:?}");
    }

    /// The volume rises by what traded, unless the connection was lost in between, which it then said.
    fn see_volume(&mut self, volume: i64, event: &Event) {
        let is_whole = !self.is_refused && self.state(Hub::Market) == Some(LinkState::Connected);
        if let Some(before) = self.volume.replace(volume).filter(|_| is_whole) {
            assert_eq!(volume - before, self.traded, "trades were lost in silence: {event:?}");
            self.volumes_checked += 1;
        }
        self.traded = 0;
    }

    fn see_link(&mut self, hub: Hub, state: LinkState) {
        use LinkState::{Connected, Connecting, Reconnecting, Resyncing};
        let before = self.links.insert(hub, state);
        let is_legal = match before {
            None => state == Connecting,
            Some(Connecting) => matches!(state, Connected | Reconnecting),
            Some(Connected) => matches!(state, Reconnecting | Resyncing),
            Some(Reconnecting) => matches!(state, Resyncing | Reconnecting),
            Some(Resyncing) => matches!(state, Connected | Reconnecting | Resyncing),
            _ => false,
        };
        assert!(is_legal, "{hub:?}: {before:?} and then {state:?}");
        if state == Reconnecting {
            self.losses += 1;
        }
        if hub == Hub::Market {
            // Until it is whole, quotes may come without their trades.
            self.volume = None;
        }
        if hub == Hub::Market && state == Reconnecting {
            self.is_refused = false;
        }
    }

    /// What is final stays so.
    fn see_order(&mut self, order: &OrderEvent) {
        if let Some(before) = self.orders.insert(order.id, *order) {
            assert!(
                !before.status.is_final() || order.status == before.status,
                "{:?} came back as {:?}",
                before,
                order
            );
        }
    }
}
