use super::*;

fn horizon(running: &[i64], end: i64) -> Horizon {
    Horizon { epoch: 1, end: Xid(end), running: running.iter().copied().map(Xid).collect() }
}

fn at(xid: i64, seq: i64) -> ListPlace {
    ListPlace { epoch: 1, xid: Xid(xid), seq }
}

fn after(xid: i64, seq: i64, running: &[i64]) -> After {
    After { place: at(xid, seq), running: running.iter().copied().map(Xid).collect(), begun: (Xid(0), 0) }
}

#[test]
fn a_snapshot_is_read() {
    assert_eq!(parsed(1, "10:20:10,14,15"), Some(horizon(&[10, 14, 15], 20)));
    assert_eq!(parsed(1, "20:20:"), Some(horizon(&[], 20)));
    for odd in ["", "10", "10:20", "10:x:", "10:20:a"] {
        assert_eq!(parsed(1, odd), None, "{odd}");
    }
}

#[test]
fn a_page_remembers_who_was_still_running_before_its_end() {
    let start = After::default();
    assert_eq!(ended(&start, &horizon(&[], 20), &[at(10, 1)], 0), after(10, 1, &[]));
    assert_eq!(ended(&start, &horizon(&[7, 15], 20), &[at(3, 1), at(10, 2)], 0), after(10, 2, &[7]));
    // What was settled in an earlier epoch has nobody before it.
    let old = ListPlace { epoch: 0, xid: Xid(0), seq: 9 };
    assert_eq!(ended(&start, &horizon(&[7], 20), &[old], 0).running, []);
    // It ended after the look, and its rows are on the page.
    assert_eq!(ended(&start, &horizon(&[7], 20), &[at(7, 1), at(10, 2)], 0), after(10, 2, &[]));
}

#[test]
fn what_came_late_is_forgotten_once_it_is_shown() {
    let before = after(10, 2, &[5, 7, 8]);
    // 5 is shown, 7 still runs, 8 ended and left nothing.
    assert_eq!(ended(&before, &horizon(&[7], 20), &[at(5, 9), at(12, 3)], 1), after(12, 3, &[7]));
    // All that came late fits exactly; what is later comes next.
    assert_eq!(ended(&before, &horizon(&[7], 20), &[at(5, 9)], 1), after(10, 2, &[7]));
    // Cut in the middle of what 7 left: 5 is done with, the rest of 7 and all of 8 come next.
    let cut = ended(&before, &horizon(&[], 20), &[at(5, 9), at(7, 11)], 3);
    assert_eq!(cut, After { begun: (Xid(7), 11), ..after(10, 2, &[7, 8]) });
    // 5 still runs.
    let cut = ended(&before, &horizon(&[5], 20), &[at(7, 11)], 2);
    assert_eq!(cut.running, [Xid(5), Xid(7), Xid(8)]);
}
