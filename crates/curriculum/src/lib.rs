#![doc = include_str!("../README.md")]

pub mod check;
pub mod format;
pub mod fraction;
pub mod items;
pub mod kinds;
pub mod markup;
pub mod order;
pub mod points;
pub mod reference;
pub mod render;
pub mod responses;
pub mod rubric;
pub mod rules;
pub mod source;
pub mod yaml;
