//! Handles: numbers that look like pointers.
//!
//! C holds a handle as an opaque pointer, but the library never follows it: it looks the number up. A handle
//! that was destroyed, is of another type or was never one is found out, and an object that one thread
//! destroys while another uses it lives until that call is over.

use std::sync::Arc;

use parking_lot::RwLock;

/// Which table a handle belongs to; the lowest bits of its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(super) enum Tag {
    Error = 1,
    Config,
    Client,
    Stream,
    Accounts,
    Contracts,
    Orders,
    Cancels,
    Fills,
    Bars,
    Positions,
    Sim,
    Recorder,
}

const TAG_BITS: u32 = 4;
/// A million handles of a type at once on 64-bit systems, 4096 on 32-bit ones.
const INDEX_BITS: u32 = if usize::BITS == 64 { 20 } else { 12 };
const GENERATION_SHIFT: u32 = TAG_BITS + INDEX_BITS;
const MOST: usize = 1 << INDEX_BITS;
const LAST_GENERATION: usize = usize::MAX >> GENERATION_SHIFT;

/// An object type that C holds by handle.
pub(super) trait Handled: Send + Sync + Sized + 'static {
    /// The type's tag.
    const TAG: Tag;

    /// The type's table.
    fn table() -> &'static Table<Self>;
}

/// The objects of one type.
pub(super) struct Table<T> {
    slots: RwLock<Slots<T>>,
}

struct Slots<T> {
    slots: Vec<Slot<T>>,
    free: Vec<usize>,
}

struct Slot<T> {
    /// Counts the objects that have lived here, so that an old handle is known from the present one.
    generation: usize,
    object: Option<Arc<T>>,
}

impl<T: Handled> Table<T> {
    pub(super) const fn new() -> Table<T> {
        Table { slots: RwLock::new(Slots { slots: Vec::new(), free: Vec::new() }) }
    }

    /// Stores an object and gives its handle; NULL when the table is full.
    pub(super) fn insert(&self, object: T) -> *mut T {
        let mut slots = self.slots.write();
        let index = match slots.free.pop() {
            Some(index) => index,
            None if slots.slots.len() == MOST => return std::ptr::null_mut(),
            None => {
                slots.slots.push(Slot { generation: 0, object: None });
                slots.slots.len() - 1
            }
        };
        let slot = &mut slots.slots[index];
        // A wrapped generation starts at 1 again; 0 never occurs, so that no handle is NULL.
        slot.generation = slot.generation % LAST_GENERATION + 1;
        slot.object = Some(Arc::new(object));
        let number = slot.generation << GENERATION_SHIFT | index << TAG_BITS | T::TAG as usize;
        std::ptr::without_provenance_mut(number)
    }

    /// The object of a handle; `None` when it is not alive or of another type.
    pub(super) fn get(&self, handle: *const T) -> Option<Arc<T>> {
        let slots = self.slots.read();
        let (index, generation) = split::<T>(handle)?;
        let slot = slots.slots.get(index).filter(|slot| slot.generation == generation)?;
        slot.object.clone()
    }

    /// Takes an object out; its handle is dead from now on.
    pub(super) fn remove(&self, handle: *const T) -> Option<Arc<T>> {
        let mut slots = self.slots.write();
        let (index, generation) = split::<T>(handle)?;
        let slot = slots.slots.get_mut(index).filter(|slot| slot.generation == generation)?;
        let object = slot.object.take()?;
        slots.free.push(index);
        Some(object)
    }
}

fn split<T: Handled>(handle: *const T) -> Option<(usize, usize)> {
    let number = handle.addr();
    let tag = number & ((1 << TAG_BITS) - 1);
    (tag == T::TAG as usize).then_some((number >> TAG_BITS & (MOST - 1), number >> GENERATION_SHIFT))
}

/// Gives an opaque type its table.
macro_rules! handled {
    ($name:ident, $tag:ident) => {
        impl $crate::ffi::handle::Handled for $name {
            const TAG: $crate::ffi::handle::Tag = $crate::ffi::handle::Tag::$tag;

            fn table() -> &'static $crate::ffi::handle::Table<$name> {
                static TABLE: $crate::ffi::handle::Table<$name> = $crate::ffi::handle::Table::new();
                &TABLE
            }
        }
    };
}
pub(super) use handled;

#[cfg(test)]
mod tests {
    use super::*;

    struct Apple(u32);
    struct Pear;
    handled!(Apple, Error);
    handled!(Pear, Config);

    #[test]
    fn a_dead_or_foreign_handle_is_found_out() {
        let handle = Apple::table().insert(Apple(7));
        assert_eq!(Apple::table().get(handle).unwrap().0, 7);
        assert!(Pear::table().get(handle.cast()).is_none(), "another type");
        assert!(Apple::table().get(std::ptr::null()).is_none());
        assert!(Apple::table().get(std::ptr::without_provenance(usize::MAX)).is_none());

        let in_use = Apple::table().get(handle).unwrap();
        assert!(Apple::table().remove(handle).is_some());
        assert!(Apple::table().remove(handle).is_none(), "destroyed twice");
        assert!(Apple::table().get(handle).is_none(), "used after its end");
        assert_eq!(in_use.0, 7, "a call that is under way keeps its object");

        let next = Apple::table().insert(Apple(8));
        assert_ne!(next, handle, "the place is used again, the number is not");
        assert!(Apple::table().get(handle).is_none());
        Apple::table().remove(next);
    }
}
