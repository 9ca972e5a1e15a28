#![no_main]

#[path = "../checks/country.rs"]
mod country;
#[path = "../checks/rules.rs"]
mod rules;

libfuzzer_sys::fuzz_target!(|text: &str| country::check(text));
