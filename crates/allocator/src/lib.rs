#![doc = include_str!("../README.md")]

use std::ffi::c_long;

use libmimalloc_sys::{mi_option_get, mi_option_set};
pub use mimalloc::MiMalloc;

/// `mi_option_purge_delay` of mimalloc 3 (`include/mimalloc.h`), in milliseconds; a test holds the number.
const PURGE_DELAY: i32 = 15;
const SOON: c_long = 10;

/// Has pages that are free given back to the system soon. To be called first in `main`.
pub fn give_back_soon() {
    // SAFETY: the function takes an option by its number and a value, and may be called at any time.
    #[allow(unsafe_code, reason = "mimalloc's options are set in C")]
    unsafe {
        mi_option_set(PURGE_DELAY, SOON);
    }
}

/// The delay that is in force, in milliseconds.
pub fn delay() -> c_long {
    // SAFETY: the function takes an option by its number, and may be called at any time.
    #[allow(unsafe_code, reason = "mimalloc's options are read in C")]
    unsafe {
        mi_option_get(PURGE_DELAY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A second is what no other option begins with: so the number names this one.
    #[test]
    fn the_delay_is_the_option_that_is_set() {
        assert_eq!(delay(), 1000);
        give_back_soon();
        assert_eq!(delay(), SOON);
    }
}
