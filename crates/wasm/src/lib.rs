#![doc = include_str!("../README.md")]

mod answer;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// What the host writes, and what it reads. There is one thread, so nobody waits here.
static GIVEN: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static ANSWER: Mutex<Vec<u8>> = Mutex::new(Vec::new());

fn locked(buffer: &'static Mutex<Vec<u8>>) -> MutexGuard<'static, Vec<u8>> {
    buffer.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes room for so many bytes of JSON, which the host then writes to the place that is returned; 0 where that is too many.
#[allow(unsafe_code, reason = "a name that the host calls; no other crate exports it")]
#[unsafe(no_mangle)]
pub extern "C" fn waymark_room(length: usize) -> *mut u8 {
    if length > answer::MOST_GIVEN {
        return std::ptr::null_mut();
    }
    let mut given = locked(&GIVEN);
    *given = vec![0; length];
    given.as_mut_ptr()
}

/// Reads what was written, and says how long the answer is. Nothing of what was given is kept.
#[allow(unsafe_code, reason = "a name that the host calls; no other crate exports it")]
#[unsafe(no_mangle)]
pub extern "C" fn waymark_diagnose() -> usize {
    let given = std::mem::take(&mut *locked(&GIVEN));
    let answer = answer::answer_to(&given);
    let length = answer.len();
    *locked(&ANSWER) = answer;
    length
}

/// Where the answer stands, until the next call of any of these.
#[allow(unsafe_code, reason = "a name that the host calls; no other crate exports it")]
#[unsafe(no_mangle)]
pub extern "C" fn waymark_answer() -> *const u8 {
    locked(&ANSWER).as_ptr()
}

/// Gives the memory of the answer back.
#[allow(unsafe_code, reason = "a name that the host calls; no other crate exports it")]
#[unsafe(no_mangle)]
pub extern "C" fn waymark_forget() {
    *locked(&ANSWER) = Vec::new();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_once() {
        assert!(!waymark_room(2).is_null());
        locked(&GIVEN).copy_from_slice(b"{}");
        let length = waymark_diagnose();
        let answer = locked(&ANSWER).clone();
        assert_eq!(length, answer.len());
        assert!(String::from_utf8(answer).unwrap().starts_with("{\"verdict\":{"));
        assert!(locked(&GIVEN).is_empty());
        waymark_forget();
        assert!(locked(&ANSWER).is_empty());
        assert!(waymark_room(usize::MAX).is_null());
    }
}
