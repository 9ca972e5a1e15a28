#![no_main]

#[path = "../checks/constraint.rs"]
mod constraint;
#[path = "../checks/rules.rs"]
mod rules;

libfuzzer_sys::fuzz_target!(|text: &str| constraint::check(text));
