use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn id(n: u128) -> Id {
    Id(uuid::Uuid::from_u128(n))
}

const INTO: u128 = 1_000;
const FROM: u128 = 2_000;

/// What one learner did, as a service would have left it: numbers in the order of arrival, one open attempt at most in a place.
fn history(learner: u128, first: u128, made: &[(u8, u8, i64, bool)]) -> Vec<HeldAttempt> {
    let mut all: Vec<HeldAttempt> = Vec::new();
    for (n, (lesson, placement, started_at, open)) in made.iter().enumerate() {
        let (lesson, placement) = (lesson.to_string(), placement.to_string());
        let same = |one: &&HeldAttempt| one.lesson == lesson && one.placement == placement;
        let number = i32::try_from(all.iter().filter(same).count()).unwrap() + 1;
        let open = *open && !all.iter().filter(same).any(|one| one.open);
        let at = first + u128::try_from(n).unwrap();
        all.push(HeldAttempt {
            id: id(at),
            learner: id(learner),
            started_at: Time(*started_at),
            number,
            open,
            beside: false,
            lesson,
            placement,
        });
    }
    all
}

fn made() -> impl Strategy<Value = Vec<(u8, u8, i64, bool)>> {
    proptest::collection::vec((0_u8..2, 0_u8..2, 0_i64..6, any::<bool>()), 0..9)
}

fn apply(attempts: &mut [HeldAttempt], places: Vec<(Id, AttemptPlace)>) {
    for (id, AttemptPlace { learner, number, beside }) in places {
        let one = attempts.iter_mut().find(|one| one.id == id).unwrap();
        (one.learner, one.number, one.beside) = (learner, number, beside);
    }
}

/// No two share a number, and one at most has the place of the open one.
fn hold(attempts: &[HeldAttempt]) {
    let places: BTreeSet<_> = attempts.iter().map(|one| (one.learner, &one.lesson, &one.placement, one.number)).collect();
    assert_eq!(places.len(), attempts.len(), "two attempts share a number: {attempts:?}");
    let open = |one: &&HeldAttempt| one.open && !one.beside;
    let slots: BTreeSet<_> = attempts.iter().filter(open).map(|one| (one.learner, &one.lesson, &one.placement)).collect();
    assert_eq!(slots.len(), attempts.iter().filter(open).count(), "two attempts have one place: {attempts:?}");
    for one in attempts.iter().filter(|one| one.open && one.beside) {
        assert!(slots.contains(&(one.learner, &one.lesson, &one.placement)), "{one:?} stands beside nothing");
    }
}

proptest! {
    #[test]
    fn a_merge_numbers_by_start_and_its_undoing_gives_everything_back(a in made(), b in made(), later in made()) {
        let mut all = [history(INTO, 1, &a), history(FROM, 101, &b)].concat();
        let before = all.clone();
        let merged = places_when_merged(&all, id(INTO));
        let was: HashMap<Id, AttemptPlace> = merged.iter().map(|(id, _)| (*id, before.iter().find(|one| one.id == *id).unwrap().place())).collect();
        apply(&mut all, merged);
        hold(&all);
        prop_assert!(all.iter().all(|one| one.learner == id(INTO)));
        for (one, other) in all.iter().flat_map(|one| all.iter().map(move |other| (one, other))) {
            let mixed = all.iter().any(|x| was.get(&x.id).is_some_and(|was| was.learner == id(INTO)) && x.lesson == one.lesson && x.placement == one.placement);
            if mixed && was.contains_key(&one.id) && (&one.lesson, &one.placement) == (&other.lesson, &other.placement) {
                prop_assert_eq!(one.number < other.number, (one.started_at, one.id) < (other.started_at, other.id));
            }
        }
        // Undone at once all is as before.
        let mut undone = all.clone();
        apply(&mut undone, places_when_undone(&all, &was, id(INTO)));
        prop_assert_eq!(&undone, &before);
        // What was made since stays, and follows on.
        for (n, (lesson, placement, started_at, open)) in later.iter().enumerate() {
            let (lesson, placement) = (lesson.to_string(), placement.to_string());
            let same = |one: &&HeldAttempt| one.lesson == lesson && one.placement == placement;
            let number = i32::try_from(all.iter().filter(same).count()).unwrap() + 1;
            let open = *open && !all.iter().filter(same).any(|one| one.open && !one.beside);
            let id = id(201 + u128::try_from(n).unwrap());
            all.push(HeldAttempt { id, learner: super::tests::id(INTO), started_at: Time(*started_at), number, open, beside: false, lesson, placement });
        }
        let places = places_when_undone(&all, &was, id(INTO));
        apply(&mut all, places);
        hold(&all);
        for one in &before {
            let now = all.iter().find(|now| now.id == one.id).unwrap();
            prop_assert_eq!((now.learner, now.number), (one.learner, one.number));
        }
        prop_assert!(all.iter().filter(|one| one.id >= id(201)).all(|one| one.learner == id(INTO)));
    }
}

#[test]
fn the_older_open_attempt_keeps_the_place() {
    let attempts = [history(INTO, 1, &[(0, 0, 5, true)]), history(FROM, 101, &[(0, 0, 3, true), (1, 0, 9, true)])].concat();
    let place = |number, beside| AttemptPlace { learner: id(INTO), number, beside };
    assert_eq!(
        places_when_merged(&attempts, id(INTO)),
        [(id(101), place(1, false)), (id(1), place(2, true)), (id(102), place(1, false))]
    );
}
