//! Pages of lists: where they start and what lies around them.

use crate::sid::AnySid;

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// How many items at most; 1 to [`Window::SIZE_MAX`].
    pub size: u32,
    /// Where it starts.
    pub start: Start,
}

impl Window {
    /// The largest page (contract section 9.4).
    pub const SIZE_MAX: u32 = 1000;
    /// The page size when none is asked for.
    pub const SIZE_DEFAULT: u32 = 50;

    /// The item it starts behind or before, if it starts at one.
    pub const fn position(&self) -> Option<Position> {
        match self.start {
            Start::After(position) | Start::Before(position) => Some(position),
            Start::First | Start::Offset(_) => None,
        }
    }
}

/// Where a page starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// At the beginning of the list.
    First,
    /// Behind an item, which may be gone by now.
    After(Position),
    /// With the items just before one.
    Before(Position),
    /// So many items from the beginning: slower the further it goes, for callers without a token.
    Offset(u32),
}

/// The place of an item in a sorted list. Finding it costs the same at any depth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The value the list is sorted by.
    pub key: i64,
    /// What decides between equal values.
    pub sid: AnySid,
}

/// The items of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in the order of the list.
    pub items: Vec<T>,
    /// Whether there is anything before them.
    pub more_before: bool,
    /// Whether there is anything behind them.
    pub more_after: bool,
}

impl<T> Page<T> {
    /// Makes a page of what was read for a window: in reading order, with one item more than its
    /// size if there was one. A page before a position is read backwards.
    pub fn from_read(mut items: Vec<T>, window: &Window) -> Self {
        let size = usize::try_from(window.size).expect("a page size fits into memory");
        let more = items.len() > size;
        items.truncate(size);
        let (more_before, more_after) = match window.start {
            Start::First => (false, more),
            Start::After(_) => (true, more),
            Start::Offset(offset) => (offset > 0, more),
            Start::Before(_) => {
                items.reverse();
                (more, true)
            }
        };
        Self { items, more_before, more_after }
    }
}
