//! Records are stored packed, come back as they were written, and those from before are packed beside the running service.

use diesel::prelude::*;
use serde_json::{Value, json};
use waymark::db::schema::{records as stored, settings};
use waymark::db::{Conn, Stored};
use waymark::each;
use waymark::records::packing::store::pack_some;

use crate::flow::{feed, pupil, whole};
use crate::harness::{Place, Stage};
use crate::records::{Reader, append, names};

/// Makes the records what a program before packing left: plain envelopes, and a note that they are to be packed.
fn as_before(place: &Place, told: Vec<Value>) {
    place.db(move |conn| {
        for mut record in told.clone() {
            let place = record.as_object_mut().unwrap().shift_remove("position").unwrap();
            let seq = place.as_str().unwrap().rsplit('.').next().unwrap().to_owned();
            let json = record.to_string().replace('\'', "''");
            conn.batch(&format!("UPDATE records SET envelope = '{json}', packed = NULL WHERE seq = {seq}"))?;
        }
        conn.batch("INSERT INTO settings (name, value) VALUES ('records_packed_to', '')")
    });
}

fn plain(place: &Place) -> i64 {
    place.db(|conn| {
        let plain = stored::table.filter(stored::packed.is_null()).count();
        Ok(each!(conn, c => plain.get_result(c))?)
    })
}

async fn say(stage: &Stage, count: usize) {
    for n in 0..count {
        stage.state.db.write(append(&stage.client_who(), format!("{n} 'ü' \u{1F600}"))).await.unwrap();
    }
}

both!(
    /// What was written before is read as before, while it is packed, after a stop in the middle, and in the end; nothing is
    /// packed twice, and new records do not wait for it.
    records_from_before_are_packed_bit_by_bit, |place: Place| {
    let stage = place.serve();
    let token = stage.token("records:read");
    let ada = pupil(&stage, "ada").await;
    let path = crate::flow::new_attempt();
    crate::flow::put(&stage, &ada.token, &path, &whole(9)).await.is(201);
    say(&stage, 430).await;
    let before = feed(&stage, &token, "").await;
    assert_eq!(plain(&place), 0, "what is written now is packed");
    as_before(&place, before.clone());
    let all = plain(&place);
    assert_eq!(all, i64::try_from(before.len()).unwrap(), "{all}");
    assert_eq!(feed(&stage, &token, "").await, before);

    let some = |place: &Place| place.db(|conn: &mut Conn| -> Stored<bool> { pack_some(conn) });
    assert!(some(&place));
    assert_eq!(plain(&place), all - 200);
    assert_eq!(feed(&stage, &token, "").await, before, "half of it is packed");
    stage.stop();
    // A running service goes on with it by itself, beside what is written.
    let stage = place.serve();
    say(&stage, 3).await;
    let left = || {
        place.db(|conn| {
            let progress = settings::table.filter(settings::name.eq("records_packed_to")).count();
            Ok(each!(conn, c => progress.get_result::<i64>(c))?)
        })
    };
    while left() > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(plain(&place), 0);
    let after = feed(&stage, &token, "").await;
    assert_eq!((&after[..before.len()], after.len()), (before.as_slice(), before.len() + 3));
    assert!(!some(&place), "there is nothing left to do");
});

both!(
    /// However many records a page may hold, it ends with the one that fills it, and the next page goes on behind it.
    a_page_has_a_bound_in_bytes, |place: Place| {
    let stage = place.serve();
    let long = "word ".repeat(4_000);
    for n in 0..150 {
        let name = format!("{n} {long}");
        stage.state.db.write(append(&stage.client_who(), name)).await.unwrap();
    }
    stage.settled().await;
    let mut reader = Reader { query: "limit=1000".to_owned(), ..Reader::new(&stage) };
    let mut seen = Vec::new();
    loop {
        let page: Value = reader.page().await;
        let bytes = page.to_string().len();
        assert!(bytes < (1 << 20) + 30_000, "{bytes}");
        seen.extend(names(&page).into_iter().map(|name| name.split(' ').next().unwrap().parse::<usize>().unwrap()));
        if page["has_more"] == json!(false) {
            break;
        }
        assert!(bytes > 1 << 20, "a page is not cut short before: {bytes}");
    }
    assert_eq!(seen, (0..150).collect::<Vec<_>>());
});
