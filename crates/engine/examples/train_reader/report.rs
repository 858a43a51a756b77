//! Says how well what was not learnt from is foretold.

use waymark_engine::evasion::{EvasionModel, KINDS, read_request};

/// Of evasions and of honest requests: how many are said to be evasive, from some share on.
pub fn report_evasion(what: &str, model: &EvasionModel, all: &[(usize, String)]) {
    let read = |(kind, text): &(usize, String)| {
        let read = read_request(model, text);
        (KINDS[*kind] != "honest", read.evasive, read.kind == KINDS[*kind])
    };
    let said: Vec<(bool, f32, bool)> = all.iter().map(read).collect();
    for least in [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.9] {
        let share = |evasive: bool| {
            let own: Vec<_> = said.iter().filter(|one| one.0 == evasive).collect();
            own.iter().filter(|one| one.1 >= least).count() as f64 / own.len().max(1) as f64
        };
        println!("  {what} from {least}: found {:.3}, honest ones flagged {:.3}", share(true), share(false));
    }
    let kinds: Vec<_> = said.iter().filter(|one| one.0).collect();
    println!("  kind right {:.2}", kinds.iter().filter(|one| one.2).count() as f64 / kinds.len() as f64);
}

pub fn report(what: &str, said: &[(String, usize, usize)], names: &[&str]) {
    println!("\n{what}: rows are labels, columns what was said");
    println!("  {:<10}{}", "", names.iter().map(|name| format!("{name:>6}")).collect::<String>());
    for (label, name) in names.iter().enumerate() {
        let row = (0..names.len()).map(|other| said.iter().filter(|one| one.1 == label && one.2 == other).count());
        let cells: String = row.map(|count| format!("{count:>6}")).collect();
        let right = said.iter().filter(|one| one.1 == label && one.2 == label).count() as f64;
        let (labels, saids) =
            (said.iter().filter(|one| one.1 == label).count() as f64, said.iter().filter(|one| one.2 == label).count() as f64);
        println!("  {name:<10}{cells}   F1 {:.3}", 2.0 * right / (labels + saids).max(1.0));
    }
    let mut languages: Vec<&str> = said.iter().map(|one| one.0.as_str()).collect();
    languages.sort_unstable();
    languages.dedup();
    let share = |language: Option<&str>| {
        let own: Vec<_> = said.iter().filter(|one| language.is_none_or(|language| one.0 == language)).collect();
        own.iter().filter(|one| one.1 == one.2).count() as f64 / own.len() as f64
    };
    let by: Vec<String> = languages.iter().map(|language| format!("{language} {:.2}", share(Some(language)))).collect();
    println!("  accuracy {:.3}; {}", share(None), by.join(", "));
}

pub fn top(shares: &[f32]) -> usize {
    (0..shares.len()).max_by(|a, b| shares[*a].total_cmp(&shares[*b])).unwrap()
}
