//! What tests share. Nothing here is part of the service.
//!
//! Tests run on both engines by being listed in [`on_both_engines`]; everything random in them comes
//! from a [`Seeded`] source, so that a failure can be repeated; time is a [`ManualClock`].

#[cfg(feature = "app")]
pub mod app;
mod clock;
pub mod engines;
mod owners;
mod seeded;

#[cfg(feature = "app")]
pub use app::TestApp;
pub use clock::ManualClock;
pub use engines::{Engine, TestDb};
pub use owners::{owner, stranger};
pub use seeded::Seeded;
