//! # 12. Events
//!
//! One fixed record of 128 bytes for ever, without pointers. Skip kinds that you do not know.
//! Absent prices are TF_PRICE_NONE, absent times TF_TIME_NONE, absent ids and volumes TF_ID_NONE, absent
//! numbers TF_INT_NONE (INT16_MIN in 16 bits), absent symbols 0.

/// What an event is.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum tf_event_kind {
    /// body.quote: the quote of a contract changed.
    Quote = 1,
    /// body.trade: the market traded.
    Trade = 2,
    /// body.depth: the book of a contract changed.
    Depth = 3,
    /// body.order: one of the account's orders changed.
    Order = 16,
    /// body.position: one of the account's positions changed.
    Position = 17,
    /// body.fill: one of the account's orders was filled.
    Fill = 18,
    /// body.account: an account changed.
    Account = 19,
    /// body.link: a connection changed its state.
    Link = 32,
    /// body.gap: the queue was full, and market events are missing here.
    Gap = 33,
    /// body.subscription: a subscription that was not waited for was confirmed or refused.
    Subscription = 34,
    /// body.malformed: a record of a hub could not be read and was skipped.
    Malformed = 35,
}

/// Bits of tf_event.flags.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum tf_event_flag {
    /// More events of the same message follow: a book is whole only after the last of them.
    More = 1,
    /// Fetched after a loss, not told by the hub.
    Resync = 2,
    /// A fill that was told before and stands otherwise now: its result, its costs, or that it is undone. Go by
    /// the id, and put this one in the place of the other.
    Revised = 64,
}

/// The quote of a contract after a change: the merged whole, of which the gateway sends parts.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tf_quote {
    /// The best bid.
    pub bid: i64,
    /// The best ask.
    pub ask: i64,
    /// The price of the last trade.
    pub last: i64,
    /// The first price of the session.
    pub open: i64,
    /// The highest price of the session.
    pub high: i64,
    /// The lowest price of the session.
    pub low: i64,
    /// The last price less the previous close.
    pub change: i64,
    /// The change in percent, as the gateway reckons it; its unit is not established.
    pub change_percent: i64,
    /// Contracts traded in the session.
    pub volume: i64,
    /// When the gateway last updated the quote.
    pub last_updated_ns: i64,
    /// What this message carried: bits from 0 for bid, ask, last, open, high, low, change, change_percent, volume.
    pub changed: u32,
    /// How many older quotes of the contract this one stands for besides itself, in a stream that conflates.
    pub conflated: u32,
    /// Zero.
    pub reserved: [u32; 2],
}

/// A trade in the market.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tf_trade {
    /// The price.
    pub price: i64,
    /// Contracts.
    pub volume: i64,
    /// The aggressor, a tf_side.
    pub side: i32,
    /// Zero.
    pub reserved: u32,
}

/// One record of the depth of market.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tf_depth {
    /// The price of the level.
    pub price: i64,
    /// The size at the level, 0 removes it; for type 5 the volume of the session at this price.
    pub volume: i64,
    /// The gateway's currentVolume; its meaning is not established.
    pub current_volume: i64,
    /// 1 ask, 2 bid, 3 best ask, 4 best bid, 5 session volume, 6 reset, 7 low, 8 high, 9 new best bid,
    /// 10 new best ask, 11 fill. Books take 2, 4, 9 as bids, 1, 3, 10 as asks, and 6 as the end of both.
    pub r#type: i32,
    /// Zero.
    pub reserved: u32,
}

/// A change of an order, with the order as it is after it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tf_order_event {
    /// The gateway's id.
    pub id: i64,
    /// The account.
    pub account: i64,
    /// The entry that a bracket leg belongs to.
    pub parent: i64,
    /// The other leg of the bracket.
    pub linked: i64,
    /// The limit price.
    pub limit_price: i64,
    /// The stop price.
    pub stop_price: i64,
    /// The average price of the fills.
    pub filled_price: i64,
    /// The distance of a trailing stop or a bracket leg, as a price.
    pub trail_price: i64,
    /// When it was made; tf_event.ts_event_ns tells when it changed.
    pub created_ns: i64,
    /// Contracts ordered.
    pub quantity: i32,
    /// Contracts filled.
    pub fill_volume: i32,
    /// The distance of a trailing stop or a bracket leg, in ticks.
    pub trail_distance: i32,
    /// The client tag, for tf_client_symbol().
    pub client_tag: u32,
    /// A tf_order_status; a number beyond 16 bits is held at the limit, here and below.
    pub status: i16,
    /// A tf_order_type.
    pub order_type: i16,
    /// A tf_side.
    pub side: i16,
    /// The gateway's number for the change. Not to be relied on.
    pub action: i16,
}

/// A change of a position, with the position as it is after it. Flat has quantity 0.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tf_position_event {
    /// The gateway's id.
    pub id: i64,
    /// The account.
    pub account: i64,
    /// The average price of the entry; kept when flat.
    pub average_price: i64,
    /// When it was opened.
    pub created_ns: i64,
    /// Contracts held, never negative.
    pub quantity: i32,
    /// A tf_position_side.
    pub side: i32,
    /// The name for people, for tf_client_symbol().
    pub display_name: u32,
    /// The gateway's number for the change.
    pub action: i32,
}

/// A fill. The gateway repeats the opening fill when its position is closed; a stream tells each fill once, and
/// again only with TF_EVENT_FLAG_REVISED.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tf_fill_event {
    /// The gateway's id of the fill.
    pub id: i64,
    /// The order that was filled.
    pub order: i64,
    /// The account.
    pub account: i64,
    /// The price.
    pub price: i64,
    /// The result of the part that it closed, fees not deducted; absent when it opened or added.
    pub profit_and_loss: i64,
    /// The fees for the whole fill.
    pub fees: i64,
    /// The commissions for the whole fill.
    pub commissions: i64,
    /// Contracts.
    pub quantity: i32,
    /// A tf_side.
    pub side: i32,
    /// The gateway's number for the change.
    pub action: i32,
    /// 1 when it was undone.
    pub voided: u8,
    /// Zero.
    pub reserved: [u8; 3],
}

/// An account after a change. The gateway tells most changes twice; a stream tells each once.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tf_account_event {
    /// The account.
    pub id: i64,
    /// The realised balance.
    pub balance: i64,
    /// Its name, for tf_client_symbol().
    pub name: u32,
    /// The gateway's number for the change.
    pub action: i32,
    /// 1 when it may trade now.
    pub can_trade: u8,
    /// 1 when the platform shows it.
    pub is_visible: u8,
    /// 1 when the firm simulates its orders, 0 when not, -1 when the gateway does not tell.
    pub simulated: i8,
    /// Zero.
    pub reserved: [u8; 5],
}

/// One of the two live connections.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum tf_hub {
    /// Quotes, trades and depth.
    Market = 1,
    /// Orders, positions, fills and accounts.
    User = 2,
}

/// The state of a connection.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum tf_link_state {
    /// The first attempt is under way.
    Connecting = 1,
    /// Connected, and every wanted subscription is back.
    Connected = 2,
    /// Lost; the next attempt comes after the delay.
    Reconnecting = 3,
    /// Given up; nothing comes any more.
    Failed = 4,
    /// Closed on request.
    Closed = 5,
    /// There is a connection, and what was lost is being put back. Market events come already; those of the
    /// user wait for what was missed.
    Resyncing = 6,
}

/// A connection changed its state.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tf_link {
    /// A tf_hub.
    pub hub: u32,
    /// A tf_link_state.
    pub state: u32,
    /// Failed attempts in a row.
    pub attempt: u32,
    /// Milliseconds until the next attempt.
    pub delay_ms: u32,
    /// Why it was lost or given up, a tf_status; TF_STATUS_OK when nothing went wrong.
    pub reason: i32,
    /// The reason in words, for tf_client_symbol().
    pub message: u32,
}

/// Market events that the stream lost here because its queue was full.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tf_gap {
    /// How many.
    pub dropped: u64,
    /// The sequence number that the first of them would have had.
    pub first_seq: u64,
}

/// The answer to a subscription that nobody waited for, or that was put back after a reconnect.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tf_subscription {
    /// The account, for the kinds of the user hub.
    pub account: i64,
    /// What was subscribed, one of tf_kinds.
    pub kinds: u32,
    /// TF_STATUS_OK when it was confirmed, else why it was refused.
    pub status: i32,
    /// The gateway's words, for tf_client_symbol().
    pub message: u32,
    /// Zero.
    pub reserved: u32,
}

/// A record of a hub that could not be read, wholly or in part. What could be read of it is delivered. On the
/// user hub the state is fetched anew: TF_LINK_STATE_RESYNCING follows. The first hundred are told one by one,
/// then every hundredth.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tf_malformed {
    /// How many there were on this hub so far, this one included.
    pub count: u64,
    /// A tf_hub.
    pub hub: u32,
    /// The name of the hub's event, for tf_client_symbol(); 0 when not even that could be read.
    pub target: u32,
}

/// The part of an event that its kind decides.
#[repr(C)]
#[derive(Clone, Copy)]
pub union tf_event_body {
    /// TF_EVENT_KIND_QUOTE.
    pub quote: tf_quote,
    /// TF_EVENT_KIND_TRADE.
    pub trade: tf_trade,
    /// TF_EVENT_KIND_DEPTH.
    pub depth: tf_depth,
    /// TF_EVENT_KIND_ORDER.
    pub order: tf_order_event,
    /// TF_EVENT_KIND_POSITION.
    pub position: tf_position_event,
    /// TF_EVENT_KIND_FILL.
    pub fill: tf_fill_event,
    /// TF_EVENT_KIND_ACCOUNT.
    pub account: tf_account_event,
    /// TF_EVENT_KIND_LINK.
    pub link: tf_link,
    /// TF_EVENT_KIND_GAP.
    pub gap: tf_gap,
    /// TF_EVENT_KIND_SUBSCRIPTION.
    pub subscription: tf_subscription,
    /// TF_EVENT_KIND_MALFORMED.
    pub malformed: tf_malformed,
    /// All of it.
    pub reserved: [u64; 12],
}

/// One event.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tf_event {
    /// A tf_event_kind.
    pub kind: u16,
    /// Bits of tf_event_flag.
    pub flags: u16,
    /// The contract, for tf_client_symbol(); 0 for events that concern none.
    pub instrument: u32,
    /// Rises by one with every event of the stream, except over a gap.
    pub seq: u64,
    /// When this machine received it.
    pub ts_recv_ns: i64,
    /// When the gateway says it happened.
    pub ts_event_ns: i64,
    /// What happened.
    pub body: tf_event_body,
}

const _: () = {
    assert!(size_of::<tf_event>() == 128 && align_of::<tf_event>() == 8);
    assert!(size_of::<tf_event_body>() == 96);
    assert!(std::mem::offset_of!(tf_event, body) == 32);
    // No body has padding: every byte of an event is defined.
    assert!(size_of::<tf_quote>() == 96 && size_of::<tf_order_event>() == 96);
    assert!(size_of::<tf_trade>() == 24 && size_of::<tf_depth>() == 32);
    assert!(size_of::<tf_position_event>() == 48 && size_of::<tf_fill_event>() == 72);
    assert!(size_of::<tf_account_event>() == 32 && size_of::<tf_link>() == 24);
    assert!(size_of::<tf_gap>() == 16 && size_of::<tf_subscription>() == 24);
    assert!(size_of::<tf_malformed>() == 16);
};
