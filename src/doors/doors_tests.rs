use std::net::Ipv4Addr;
use std::time::Duration;

use super::*;

fn limits(connections: usize, per_address: usize) -> Limits {
    let long = Duration::from_secs(600);
    Limits { connections, per_address, idle: long, headers: long, body: long, write: long, request: long }
}

fn peer(last: u8) -> Option<IpAddr> {
    Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, last)))
}

type Inside = (PlaceInside, oneshot::Receiver<()>);

fn enter(doors: &Arc<Doors>, last: u8) -> Inside {
    doors.admit(peer(last)).expect("there is room")
}

fn must_leave(guest: &mut Inside) -> bool {
    guest.1.try_recv().is_ok()
}

#[test]
fn at_the_limit_the_longest_waiting_makes_room_idle_ones_first() {
    let doors = Doors::new("test", limits(3, 3));
    let mut sends = enter(&doors, 1);
    let mut idle = enter(&doors, 2);
    idle.0.connection.begins();
    idle.0.connection.ends();
    assert_eq!((sends.0.connection.phase(), idle.0.connection.phase()), (Phase::Headers, Phase::Idle));
    let mut worked_for = enter(&doors, 3);
    worked_for.0.connection.begins();
    let mut fourth = enter(&doors, 4);
    assert!(must_leave(&mut idle) && !must_leave(&mut sends), "the idle one, though the other came first");
    fourth.0.connection.begins();
    let fifth = enter(&doors, 5);
    assert!(must_leave(&mut sends));
    fifth.0.connection.begins();
    assert!(doors.admit(peer(6)).is_none(), "all are being worked for");
    assert!(!must_leave(&mut worked_for) && !must_leave(&mut fourth));
    assert_eq!(doors.count(), 3);
    drop((idle, sends));
    assert_eq!(doors.count(), 3, "who was let go before counts no more");
    drop((worked_for, fourth, fifth));
    assert_eq!(doors.count(), 0);
    assert!(doors.inside.lock().per_address.is_empty());
}

#[test]
fn an_address_that_is_full_makes_room_itself() {
    let doors = Doors::new("test", limits(10, 2));
    let mut other = enter(&doors, 1);
    let mut first = enter(&doors, 2);
    let second = enter(&doors, 2);
    let _third = enter(&doors, 2);
    assert!(must_leave(&mut first) && !must_leave(&mut other));
    second.0.connection.begins();
    _third.0.connection.begins();
    assert!(doors.admit(peer(2)).is_none());
    assert!(doors.admit(peer(3)).is_some());
}

#[test]
fn one_network_of_ipv6_is_one_address() {
    let of = |text: &str| address_network(text.parse().unwrap());
    assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::9"));
    assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
}

#[test]
fn memory_is_taken_back_from_the_slowest_reader() {
    let doors = Doors::new("test", limits(10, 10));
    let (mut works, mut slow, mut newest) = (enter(&doors, 1), enter(&doors, 2), enter(&doors, 3));
    for guest in [&works, &slow, &newest] {
        guest.0.connection.begins();
    }
    let half = limits::MOST_HELD / 2;
    doors.hold(&works.0.connection, half);
    slow.0.connection.is_blocked();
    doors.hold(&slow.0.connection, half);
    assert!(!must_leave(&mut slow));
    doors.hold(&newest.0.connection, 1);
    assert!(must_leave(&mut slow) && !must_leave(&mut works) && !must_leave(&mut newest));
    doors.release(&slow.0.connection, half);
    assert_eq!(doors.held.load(Ordering::Relaxed), half + 1);
}

/// A byte now and then holds nothing: the window moves only when a part of 16 KiB has passed.
#[test]
fn a_drop_now_and_then_is_no_progress() {
    let doors = Doors::new("test", limits(10, 10));
    let (place, _leave) = enter(&doors, 1);
    let connection = &place.connection;
    connection.begins();
    let body = connection.reads_body();
    let by = body.by();
    std::thread::sleep(Duration::from_millis(5));
    for _ in 0..100 {
        connection.was_read(100);
    }
    assert_eq!(body.by(), by);
    connection.was_read(limits::PART);
    assert!(body.by() > by);
    drop(body);
    assert_eq!(connection.deadline(), None, "the service's turn");
    connection.is_blocked();
    let by = connection.deadline().unwrap();
    std::thread::sleep(Duration::from_millis(5));
    connection.was_written(1);
    assert_eq!(connection.deadline().unwrap(), by);
    connection.was_written(limits::PART);
    assert!(connection.deadline().unwrap() > by);
    connection.ends();
    assert_eq!(connection.phase(), Phase::Write, "what was handed over is not yet taken");
    connection.is_flushed();
    assert_eq!(connection.phase(), Phase::Idle);
}
