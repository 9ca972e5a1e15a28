//! What every list must do: cover everything exactly once, in order, in either direction.

use std::fmt::Debug;

use dossier_domain::paging::{Page, Position, Start, Window};

/// Walks a list in pages of several sizes and compares it with what must be in it, in order.
pub(crate) async fn covers_exactly<T: Clone + PartialEq + Debug>(
    expected: &[T],
    position: impl Fn(&T) -> Position,
    page: impl AsyncFn(Window) -> Page<T>,
) {
    for size in [1, 3, 7, Window::SIZE_MAX] {
        let get = async |start| page(Window { size, start }).await;
        forwards(expected, &position, &get, size).await;
        backwards(expected, &position, &get, size).await;
    }
    by_offset(expected, &page).await;
}

async fn forwards<T: Clone + PartialEq + Debug>(
    expected: &[T],
    position: &impl Fn(&T) -> Position,
    get: &impl AsyncFn(Start) -> Page<T>,
    size: u32,
) {
    let (mut seen, mut start): (Vec<T>, Start) = (Vec::new(), Start::First);
    loop {
        let page = get(start).await;
        assert_eq!(page.more_before, !seen.is_empty(), "before {start:?}, size {size}");
        assert!(page.items.len() <= size as usize, "size {size}");
        seen.extend(page.items);
        assert_eq!(page.more_after, seen.len() < expected.len(), "behind {start:?}, size {size}");
        match seen.last() {
            Some(last) if page.more_after => start = Start::After(position(last)),
            _ => break,
        }
    }
    assert_eq!(seen, expected, "forwards, size {size}");
}

async fn backwards<T: Clone + PartialEq + Debug>(
    expected: &[T],
    position: &impl Fn(&T) -> Position,
    get: &impl AsyncFn(Start) -> Page<T>,
    size: u32,
) {
    let Some(last) = expected.last() else { return };
    let mut seen = vec![last.clone()];
    loop {
        let page = get(Start::Before(position(&seen[0]))).await;
        assert!(page.more_after, "the item it is before is behind it");
        seen.splice(0..0, page.items);
        assert_eq!(page.more_before, seen.len() < expected.len(), "backwards, size {size}");
        if !page.more_before {
            break;
        }
    }
    assert_eq!(seen, expected, "backwards, size {size}");
}

async fn by_offset<T: Clone + PartialEq + Debug>(expected: &[T], page: &impl AsyncFn(Window) -> Page<T>) {
    let size = 4;
    for offset in [0, 1, expected.len().saturating_sub(1), expected.len(), expected.len() + 10] {
        let start = Start::Offset(u32::try_from(offset).unwrap());
        let page = page(Window { size: 4, start }).await;
        let rest = expected.get(offset..).unwrap_or_default();
        assert_eq!(page.items, &rest[..rest.len().min(size)], "offset {offset}");
        assert_eq!(page.more_before, offset > 0, "offset {offset}");
        assert_eq!(page.more_after, rest.len() > size, "offset {offset}");
    }
}

/// A list without filters, newest first: sorts what must be in it and walks it.
pub(crate) async fn covers_newest_first<T: Clone + PartialEq + Debug>(
    mut expected: Vec<T>,
    position: impl Fn(&T) -> Position,
    page: impl AsyncFn(Window) -> Page<T>,
) {
    expected.sort_by_key(|item| std::cmp::Reverse((position(item).key, position(item).sid.to_string())));
    covers_exactly(&expected, position, page).await;
}
