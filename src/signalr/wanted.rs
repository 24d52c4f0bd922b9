//! The subscriptions that shall hold as long as there is a connection, and who is told about each.

use std::collections::HashMap;

use crate::error::Result;
use crate::model::Topic;
use crate::sync::Answer;

/// A subscription as the hub's server spells it.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// What it is about.
    pub(crate) topic: Topic,
    /// The method that starts it.
    pub(crate) subscribe: &'static str,
    /// The method that ends it.
    pub(crate) unsubscribe: &'static str,
    /// The arguments of both, a JSON array.
    pub(crate) arguments: String,
}

/// Who asked for a subscription and is told how it went.
#[derive(Debug, Default)]
pub(super) struct Askers {
    /// Those who wait.
    waiting: Vec<Answer<Result<()>>>,
    /// Somebody asked without waiting.
    is_announced: bool,
    reason: Reason,
}

/// Why a call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Reason {
    /// Somebody asked, or it is put back.
    #[default]
    Asked,
    /// It holds on one connection and is made on another too. Only a refusal is news.
    Repeated,
    /// Only that it is answered counts.
    Mark,
}

/// Who else is to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// Nobody: it is no news.
    Nobody,
    /// The handler, for whom it is no event.
    Handler,
    /// Everybody: somebody asked without waiting, or nobody asked, because the subscription was put back.
    Everybody,
}

impl Askers {
    pub(super) fn of(answer: Option<Answer<Result<()>>>) -> Askers {
        Askers {
            is_announced: answer.is_none(),
            waiting: answer.into_iter().collect(),
            reason: Reason::Asked,
        }
    }

    /// Nobody asked: what holds on one connection is made on another too.
    pub(super) fn repeated() -> Askers {
        Askers { reason: Reason::Repeated, ..Askers::default() }
    }

    /// Nobody asked, and nobody is told: the answer itself is what is waited for.
    pub(super) fn mark() -> Askers {
        Askers { reason: Reason::Mark, ..Askers::default() }
    }

    /// Whether it only is made again on another connection.
    pub(super) fn is_repeated(&self) -> bool {
        self.reason == Reason::Repeated
    }

    /// Whether only the answer itself counts.
    pub(super) fn is_mark(&self) -> bool {
        self.reason == Reason::Mark
    }

    fn join(&mut self, others: Askers) {
        self.waiting.extend(others.waiting);
        self.is_announced |= others.is_announced;
    }

    /// Answers those who wait.
    pub(super) fn answer(self, result: &Result<()>) -> Told {
        match self.reason {
            Reason::Mark => return Told::Nobody,
            Reason::Repeated if result.is_ok() => return Told::Nobody,
            Reason::Repeated | Reason::Asked => {}
        }
        let is_told = self.is_announced || self.waiting.is_empty();
        for answer in self.waiting {
            answer.give(result.clone());
        }
        if is_told { Told::Everybody } else { Told::Handler }
    }
}

/// Every subscription that is wanted, with its count.
#[derive(Debug, Default)]
pub(super) struct WantedSet {
    topics: HashMap<Topic, Wanted>,
    /// Grows with every new topic: they are put back in the order in which they came.
    next_place: u64,
}

#[derive(Debug)]
struct Wanted {
    call: Call,
    place: u64,
    /// How many times it was asked for and not taken back.
    count: usize,
    /// Who asked while there was no connection.
    askers: Askers,
}

impl WantedSet {
    /// Counts one more; tells whether it is the first.
    pub(super) fn add(&mut self, call: Call) -> bool {
        let wanted = self.entry(call);
        wanted.count += 1;
        wanted.count == 1
    }

    /// Counts one more that is told once there is a connection.
    pub(super) fn add_for_later(&mut self, call: Call, askers: Askers) {
        let wanted = self.entry(call);
        wanted.count += 1;
        wanted.askers.join(askers);
    }

    fn entry(&mut self, call: Call) -> &mut Wanted {
        let next_place = &mut self.next_place;
        self.topics.entry(call.topic.clone()).or_insert_with(|| {
            *next_place += 1;
            Wanted { call, place: *next_place, count: 0, askers: Askers::default() }
        })
    }

    /// Takes one back; gives the call to undo when nobody wants the topic any more.
    pub(super) fn take_back(&mut self, topic: &Topic) -> Option<Call> {
        let wanted = self.topics.get_mut(topic)?;
        wanted.count -= 1;
        if wanted.count > 0 {
            return None;
        }
        self.topics.remove(topic).map(|wanted| wanted.call)
    }

    /// Lets those who asked wait for the next connection. They are gone when the topic was taken back.
    pub(super) fn keep_waiting(&mut self, topic: &Topic, askers: Askers) {
        if let Some(wanted) = self.topics.get_mut(topic) {
            wanted.askers.join(askers);
        }
    }

    /// The call for a topic, if it is wanted.
    pub(super) fn call_of(&self, topic: &Topic) -> Option<Call> {
        self.topics.get(topic).map(|wanted| wanted.call.clone())
    }

    /// A call that can be made again without harm; none when nothing is wanted. Quotes and depth may be followed by
    /// a snapshot, which is more than is needed.
    pub(super) fn mark(&self) -> Option<Call> {
        let effort = |wanted: &&Wanted| match wanted.call.topic {
            Topic::Depth(_) => 2,
            Topic::Quotes(_) => 1,
            _ => 0,
        };
        self.topics.values().min_by_key(effort).map(|wanted| wanted.call.clone())
    }

    /// All calls in the order in which they were first asked for, with those who wait for them.
    pub(super) fn put_back(&mut self) -> Vec<(Call, Askers)> {
        let mut wanted: Vec<&mut Wanted> = self.topics.values_mut().collect();
        wanted.sort_unstable_by_key(|wanted| wanted.place);
        wanted.into_iter().map(|wanted| (wanted.call.clone(), std::mem::take(&mut wanted.askers))).collect()
    }

    /// Forgets everything; gives those who wait.
    pub(super) fn give_up(&mut self) -> impl Iterator<Item = Askers> {
        std::mem::take(&mut self.topics).into_values().map(|wanted| wanted.askers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::AccountId;
    use crate::sync::answer;

    fn call(account: i64) -> Call {
        let topic = Topic::Orders(AccountId::new(account));
        Call { topic, subscribe: "S", unsubscribe: "U", arguments: format!("[{account}]") }
    }

    fn put_back(set: &mut WantedSet) -> Vec<String> {
        set.put_back().into_iter().map(|(call, _)| call.arguments).collect()
    }

    #[test]
    fn a_topic_stays_until_all_took_it_back_and_keeps_its_place() {
        let mut set = WantedSet::default();
        for account in [3, 1, 2, 3] {
            set.add(call(account));
        }
        assert!(set.take_back(&call(3).topic).is_none());
        assert_eq!(put_back(&mut set), ["[3]", "[1]", "[2]"]);
        assert_eq!(set.take_back(&call(3).topic).unwrap().arguments, "[3]");
        assert!(set.take_back(&call(3).topic).is_none(), "it is gone");
        set.add(call(3));
        assert_eq!(put_back(&mut set), ["[1]", "[2]", "[3]"]);
    }

    #[test]
    fn who_waits_and_who_does_not_are_both_told() {
        let told = |askers: Askers| askers.answer(&Ok(()));
        assert_eq!(told(Askers::default()), Told::Everybody, "put back: nobody asked");
        assert_eq!(told(Askers::repeated()), Told::Nobody);
        let refused = Err(crate::error::Error::new(crate::error::Kind::Rejected, "no"));
        assert_eq!(Askers::mark().answer(&refused), Told::Nobody);
        assert_eq!(Askers::repeated().answer(&refused), Told::Everybody);
        let mut set = WantedSet::default();
        let (given, awaited) = answer();
        set.add_for_later(call(1), Askers::of(Some(given)));
        set.add_for_later(call(1), Askers::of(None));
        let (_, askers) = set.put_back().remove(0);
        assert_eq!(told(askers), Told::Everybody);
        assert!(matches!(awaited.wait(crate::clock::Deadline::NEVER), Ok(Ok(()))));
        let (given, _awaited) = answer();
        assert_eq!(told(Askers::of(Some(given))), Told::Handler, "who waited knows");
    }
}
