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
}

impl Askers {
    pub(super) fn of(answer: Option<Answer<Result<()>>>) -> Askers {
        Askers { is_announced: answer.is_none(), waiting: answer.into_iter().collect() }
    }

    fn join(&mut self, others: Askers) {
        self.waiting.extend(others.waiting);
        self.is_announced |= others.is_announced;
    }

    /// Answers those who wait; true when it is to be told to everybody: somebody asked without waiting, or
    /// nobody asked, because the subscription was put back.
    pub(super) fn answer(self, result: &Result<()>) -> bool {
        let is_told = self.is_announced || self.waiting.is_empty();
        for answer in self.waiting {
            answer.give(result.clone());
        }
        is_told
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
    /// Counts one more.
    pub(super) fn add(&mut self, call: Call) {
        self.entry(call).count += 1;
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
        assert!(told(Askers::default()), "put back: nobody asked");
        let mut set = WantedSet::default();
        let (given, awaited) = answer();
        set.add_for_later(call(1), Askers::of(Some(given)));
        set.add_for_later(call(1), Askers::of(None));
        let (_, askers) = set.put_back().remove(0);
        assert!(told(askers));
        assert!(matches!(awaited.wait(crate::clock::Deadline::NEVER), Ok(Ok(()))));
        let (given, _awaited) = answer();
        assert!(!told(Askers::of(Some(given))), "who waited knows");
    }
}
