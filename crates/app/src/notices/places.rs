//! Places at receivers: how many deliveries are under way to one host, or for one account, at a time.
//!
//! A receiver that hangs takes its own places and nobody else's. While they are taken by something
//! quick, a delivery waits for a moment; while they are taken by something slow, it comes back later.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

/// How long is waited for a place.
const WAIT_MAX: Duration = Duration::from_secs(1);
/// Whoever takes longer is slow.
const QUICK: Duration = Duration::from_secs(1);
/// Rooms that are remembered before the empty ones are forgotten.
const ROOMS_MAX: usize = 1024;

/// All rooms, by name.
#[derive(Default)]
pub(super) struct Places(Mutex<HashMap<String, Arc<Room>>>);

struct Room {
    places: Arc<Semaphore>,
    is_slow: AtomicBool,
}

/// A place that is taken until this value is dropped.
pub(super) struct Place {
    room: Arc<Room>,
    _permit: OwnedSemaphorePermit,
    since: Instant,
}

impl Places {
    /// Takes one of `size` places of a room, or `None` when there will be none soon.
    pub(super) async fn enter(&self, name: String, size: usize) -> Option<Place> {
        let room = self.room(name, size);
        let place = |permit| Place { room: Arc::clone(&room), _permit: permit, since: Instant::now() };
        if let Ok(permit) = Arc::clone(&room.places).try_acquire_owned() {
            return Some(place(permit));
        }
        if room.is_slow.load(Ordering::Relaxed) {
            return None;
        }
        let Ok(permit) = timeout(WAIT_MAX, Arc::clone(&room.places).acquire_owned()).await else {
            room.is_slow.store(true, Ordering::Relaxed);
            return None;
        };
        Some(place(permit.expect("nobody closes a room")))
    }

    fn room(&self, name: String, size: usize) -> Arc<Room> {
        let mut rooms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if rooms.len() >= ROOMS_MAX {
            rooms.retain(|_, room| Arc::strong_count(room) > 1);
        }
        let room = || Room { places: Arc::new(Semaphore::new(size)), is_slow: AtomicBool::new(false) };
        Arc::clone(rooms.entry(name).or_insert_with(|| Arc::new(room())))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.room.is_slow.store(self.since.elapsed() > QUICK, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(number: usize) -> String {
        format!("host {number}")
    }

    #[tokio::test(start_paused = true)]
    async fn places_are_taken_and_given_back() {
        let places = Arc::new(Places::default());
        let first = places.enter(name(1), 2).await.expect("it is empty");
        let second = places.enter(name(1), 2).await.expect("there is one more");
        let begun = Instant::now();
        assert!(places.enter(name(1), 2).await.is_none());
        assert_eq!(begun.elapsed(), WAIT_MAX, "those inside may have been quick");
        assert!(places.enter(name(1), 2).await.is_none());
        assert_eq!(begun.elapsed(), WAIT_MAX, "now it is known that they are not");
        assert!(places.enter(name(2), 2).await.is_some(), "another room is empty");
        drop((first, second));
        assert!(places.enter(name(1), 2).await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_quick_room_is_waited_for() {
        let places = Arc::new(Places::default());
        let place = places.enter(name(1), 1).await.unwrap();
        let waiting = tokio::spawn({
            let places = Arc::clone(&places);
            async move { places.enter(name(1), 1).await.is_some() }
        });
        tokio::time::sleep(Duration::from_millis(500)).await;
        drop(place);
        assert!(waiting.await.unwrap());
    }

    #[tokio::test]
    async fn empty_rooms_are_forgotten() {
        let places = Places::default();
        let kept = places.enter(name(0), 1).await;
        for number in 1..3 * ROOMS_MAX {
            places.enter(name(number), 1).await.unwrap();
        }
        assert!(places.0.lock().unwrap().len() <= ROOMS_MAX);
        assert!(places.0.lock().unwrap().contains_key(&name(0)), "somebody is in it");
        drop(kept);
    }
}
