//! Which stream wants what, and the delivery of events to them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::{Mutex, RwLock};

use super::callback::Callback;
use super::options::{QueuePolicy, StreamOptions};
use crate::error::{Error, Kind, Result};
use crate::market::MarketState;
use crate::model::{AccountId, Event, EventBody, Hub, Kinds, Symbol, SymbolMap, SymbolTable, Topic};
use crate::provider::{EventSink, Feed};
use crate::sync::{Overflow, Queue};

/// Gives the connection that serves a hub, opened at the first use.
pub(crate) trait Feeds: Send + Sync {
    /// The connection.
    fn feed(&self, hub: Hub) -> Result<Arc<dyn Feed>>;
}

/// Every stream of a client.
#[derive(Default)]
pub(crate) struct Registry {
    pub(crate) market: MarketState,
    routes: RwLock<Routes>,
    room: Arc<RoomHooks>,
}

/// What is called when a stream that had no room has some.
type RoomHooks = RwLock<Vec<Box<dyn Fn() + Send + Sync>>>;

#[derive(Default)]
struct Routes {
    open: Vec<Arc<Route>>,
    is_closed: bool,
}

/// One stream: its queue, and what goes into it.
pub(crate) struct Route {
    pub(crate) queue: Arc<Queue<Event>>,
    pub(crate) callback: Callback,
    /// Records of the stream's hubs that could not be read.
    pub(crate) malformed: AtomicU64,
    policy: QueuePolicy,
    /// Something was pushed and not flushed.
    is_untold: AtomicBool,
    wanted: RwLock<Wanted>,
    /// Held while what is wanted changes here and at the connection, so that both see the changes of several
    /// threads in the same order. The connection's thread never takes it.
    change: Mutex<()>,
}

#[derive(Default)]
struct Wanted {
    /// How many times each topic was asked for and not taken back.
    topics: HashMap<Topic, usize>,
    /// The same topics in the form in which events are looked up.
    contracts: SymbolMap<Symbol, Kinds>,
    accounts: HashMap<AccountId, Kinds>,
    /// Any account is wanted.
    all_accounts: bool,
    hubs: HashSet<Hub>,
    /// The stream has ended and takes nothing any more.
    is_closed: bool,
}

impl Route {
    fn new(options: &StreamOptions, room: Arc<RoomHooks>) -> Route {
        let overflow = match options.policy {
            QueuePolicy::DropOldest | QueuePolicy::Conflate => Overflow::DropOldest,
            QueuePolicy::Block => Overflow::Grow,
        };
        let tell_room = move || room.read().iter().for_each(|hook| hook());
        Route {
            queue: Arc::new(Queue::new(options.capacity, overflow, tell_room)),
            callback: Callback::default(),
            malformed: AtomicU64::new(0),
            policy: options.policy,
            is_untold: AtomicBool::new(false),
            wanted: RwLock::default(),
            change: Mutex::new(()),
        }
    }

    /// Lets events of a topic in and asks the connection for it, in this order, so that the first event is not
    /// missed.
    ///
    /// # Errors
    /// [`Kind::Closed`] when the stream has ended, and whatever `ask` fails with: then nothing is admitted.
    pub(crate) fn admit<T>(
        &self,
        topic: &Topic,
        symbols: &SymbolTable,
        ask: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let _change = self.change.lock();
        self.wanted.write().add(topic, symbols)?;
        ask().inspect_err(|_| {
            self.wanted.write().remove(topic, symbols);
        })
    }

    /// Takes one admission of a topic back, here and by `take_back` at the connection; nothing when there is
    /// none.
    pub(crate) fn dismiss(&self, topic: &Topic, symbols: &SymbolTable, take_back: impl FnOnce()) {
        let _change = self.change.lock();
        if self.wanted.write().remove(topic, symbols) {
            take_back();
        }
    }

    /// Admits nothing any more; takes every topic back as often as it was admitted.
    pub(crate) fn end(&self, take_back: impl Fn(&Topic)) {
        let _change = self.change.lock();
        let topics = {
            let mut wanted = self.wanted.write();
            wanted.is_closed = true;
            std::mem::take(&mut wanted.topics)
        };
        for (topic, count) in topics {
            (0..count).for_each(|_| take_back(&topic));
        }
    }

    fn deliver(&self, event: &Event) {
        if !self.wanted.read().includes(event) {
            return;
        }
        match (event.body, event.instrument) {
            (EventBody::Quote(_), Some(contract)) if self.policy == QueuePolicy::Conflate => {
                self.queue.push_merged(contract.get(), *event, conflate);
                self.is_untold.store(true, Ordering::Relaxed);
            }
            (EventBody::Quote(_) | EventBody::Trade(_) | EventBody::Depth(_), _) => {
                self.queue.push(*event);
                self.is_untold.store(true, Ordering::Relaxed);
            }
            _ => self.queue.push_kept(*event),
        }
    }

    /// Tells the reader what was delivered. Called by the thread that delivered it.
    fn flush(&self) {
        if self.is_untold.swap(false, Ordering::Relaxed) {
            self.queue.flush();
        }
    }

    /// Whether it has ended and nothing of it runs.
    fn is_over(&self) -> bool {
        self.queue.is_closed() && self.callback.is_over()
    }

    fn has_room(&self) -> bool {
        self.policy != QueuePolicy::Block || self.queue.has_room()
    }
}

/// Puts a quote in the place of an older one of its contract.
fn conflate(waiting: &mut Event, newer: Event) {
    if let (EventBody::Quote(older), EventBody::Quote(quote)) = (waiting.body, newer.body) {
        *waiting = Event { body: EventBody::Quote(quote.conflate(&older)), ..newer };
    }
}

impl Wanted {
    fn add(&mut self, topic: &Topic, symbols: &SymbolTable) -> Result<()> {
        if self.is_closed {
            return Err(Error::new(Kind::Closed, "the stream is closed"));
        }
        *self.topics.entry(topic.clone()).or_default() += 1;
        self.look_up_anew(symbols);
        Ok(())
    }

    /// False when it is not there.
    fn remove(&mut self, topic: &Topic, symbols: &SymbolTable) -> bool {
        let Some(count) = self.topics.get_mut(topic) else { return false };
        *count -= 1;
        if *count == 0 {
            self.topics.remove(topic);
        }
        self.look_up_anew(symbols);
        true
    }

    fn look_up_anew(&mut self, symbols: &SymbolTable) {
        self.contracts.clear();
        self.accounts.clear();
        self.hubs.clear();
        self.all_accounts = false;
        for topic in self.topics.keys() {
            self.hubs.insert(topic.hub());
            let kinds = match topic {
                Topic::Quotes(contract) | Topic::Trades(contract) | Topic::Depth(contract) => {
                    self.contracts.entry(symbols.intern(contract.as_str())).or_default()
                }
                Topic::Orders(account) | Topic::Positions(account) | Topic::Fills(account) => {
                    self.accounts.entry(*account).or_default()
                }
                Topic::Accounts => {
                    self.all_accounts = true;
                    continue;
                }
            };
            *kinds = *kinds | topic.kind();
        }
    }

    fn includes(&self, event: &Event) -> bool {
        let kinds = event.body.kinds();
        let has = |wanted: Option<&Kinds>, kinds| wanted.is_some_and(|wanted| wanted.contains(kinds));
        let contract = || event.instrument.and_then(|instrument| self.contracts.get(&instrument));
        match &event.body {
            EventBody::Quote(_) | EventBody::Trade(_) | EventBody::Depth(_) => has(contract(), kinds),
            EventBody::Order(order) => has(self.accounts.get(&order.account), kinds),
            EventBody::Position(position) => has(self.accounts.get(&position.account), kinds),
            EventBody::Fill(fill) => has(self.accounts.get(&fill.account), kinds),
            EventBody::Account(_) => self.all_accounts,
            EventBody::Link(link) => self.hubs.contains(&link.hub),
            EventBody::Malformed(malformed) => self.hubs.contains(&malformed.hub),
            EventBody::Subscription(subscription) => match subscription.account {
                Some(account) => has(self.accounts.get(&account), subscription.kinds),
                None if subscription.kinds == Kinds::ACCOUNTS => self.all_accounts,
                None => has(contract(), subscription.kinds),
            },
            EventBody::Gap(_) => false,
        }
    }
}

impl Registry {
    /// A new stream's route.
    pub(crate) fn open(&self, options: &StreamOptions) -> Arc<Route> {
        let route = Arc::new(Route::new(options, self.room.clone()));
        let mut routes = self.routes.write();
        // A stream that is made while its client closes.
        if routes.is_closed {
            route.queue.close();
        }
        routes.open.retain(|other| !other.is_over());
        routes.open.push(route.clone());
        route
    }

    /// Ends the delivery to a route. One whose callback is still running stays known until that is over, so that
    /// the close of the client waits for it.
    pub(crate) fn remove(&self, route: &Arc<Route>) {
        route.queue.close();
        self.routes.write().open.retain(|other| !other.is_over());
    }

    /// Ends every stream: what is queued can still be read. Waits for the callbacks that are under way.
    pub(crate) fn close(&self) {
        let mut routes = self.routes.write();
        routes.is_closed = true;
        let open = routes.open.clone();
        drop(routes);
        for route in &open {
            route.queue.close();
        }
        for route in &open {
            route.callback.end(&route.queue);
        }
        // A close inside a callback leaves that callback for the next one to wait for.
        self.routes.write().open.retain(|route| !route.is_over());
        // They hold descriptors of connections that are gone.
        self.room.write().clear();
    }
}

impl EventSink for Registry {
    fn publish(&self, event: Event) {
        // First, so that the state is never older than an event that was polled.
        self.market.take(&event);
        for route in &self.routes.read().open {
            route.deliver(&event);
        }
    }

    fn flush(&self) {
        self.routes.read().open.iter().for_each(|route| route.flush());
    }

    fn skipped(&self, hub: Hub, kinds: Kinds, contract: Option<Symbol>) {
        if kinds.contains(Kinds::DEPTH) {
            self.market.skip_depth(contract);
        }
        for route in &self.routes.read().open {
            if route.wanted.read().hubs.contains(&hub) {
                route.malformed.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    fn has_room(&self) -> bool {
        // The first that has none tells when it has some; then all are asked again.
        self.routes.read().open.iter().all(|route| route.has_room())
    }

    fn on_room(&self, hook: Box<dyn Fn() + Send + Sync>) {
        self.room.write().push(hook);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Deadline;
    use crate::sync::{Hold, Pop};

    #[test]
    fn a_stream_made_while_the_client_closes_is_closed() {
        let registry = Registry::default();
        registry.close();
        let route = registry.open(&StreamOptions::default());
        let consumer = route.queue.consumer(Hold::ForACall).unwrap();
        assert_eq!(consumer.poll(1, Deadline::after(std::time::Duration::ZERO), |_, _| ()), Pop::Closed);
    }

    #[test]
    fn what_several_threads_change_reaches_the_connection_in_the_same_order() {
        let (route, symbols) = (Registry::default().open(&StreamOptions::default()), SymbolTable::default());
        let topic = Topic::Quotes("C".into());
        let (told, order) = crossbeam_channel::unbounded();
        let (begin, begun) = crossbeam_channel::bounded::<()>(0);
        let late = std::time::Duration::from_millis(100);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                begun.recv().unwrap();
                route.dismiss(&topic, &symbols, || told.send("taken back").unwrap());
            });
            let asked = route.admit(&topic, &symbols, || {
                begin.send(()).unwrap();
                // The other thread has its chance to be first.
                let first = order.recv_timeout(late);
                told.send(first.unwrap_or("asked")).unwrap();
                Ok(())
            });
            asked.unwrap();
        });
        assert_eq!(order.try_iter().collect::<Vec<_>>(), ["asked", "taken back"]);
    }

    #[test]
    fn an_ended_route_gives_everything_back_once() {
        let (route, symbols) = (Registry::default().open(&StreamOptions::default()), SymbolTable::default());
        let topics = [Topic::Quotes("C".into()), Topic::Quotes("C".into()), Topic::Accounts];
        for topic in &topics {
            route.admit(topic, &symbols, || Ok(())).unwrap();
        }
        let refused = route.admit(&topics[0], &symbols, || Err::<(), _>(Error::new(Kind::State, "no hub")));
        assert_eq!(refused.unwrap_err().kind(), Kind::State);
        let given_back = Mutex::new(Vec::new());
        route.end(|topic| given_back.lock().push(topic.clone()));
        assert_eq!(given_back.lock().len(), 3);
        route.dismiss(&topics[0], &symbols, || panic!("it was given back before"));
        assert_eq!(route.admit(&topics[0], &symbols, || Ok(())).unwrap_err().kind(), Kind::Closed);
    }
}
