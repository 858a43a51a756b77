//! Tables whose rows are calls: one row, one answer.

/// The longest head, in bytes, and how many columns it may have.
const LONGEST_HEAD: usize = 2_000;
const MOST_COLUMNS: usize = 60;

/// Columns that say how a call ended, or what came back.
const ENDS: [&str; 12] = [
    "finish_reason",
    "finishreason",
    "stop_reason",
    "stopreason",
    "status",
    "status_code",
    "http_status",
    "response",
    "completion",
    "answer",
    "output",
    "reply",
];

/// A table of calls: the places of its head and of its rows.
pub struct CallTable {
    pub head: (usize, usize),
    pub rows: Vec<(usize, usize)>,
}

/// The table that a text is, where its rows are calls.
pub fn call_table(text: &str) -> Option<CallTable> {
    let mut at = 0_usize;
    let mut lines = text.split_inclusive('\n').filter_map(|line| {
        let from = at;
        at = at.saturating_add(line.len());
        let bare = line.trim_end();
        (!bare.trim().is_empty()).then(|| (from, from.saturating_add(bare.len()), bare))
    });
    let (from, to, head) = lines.next().filter(|(.., head)| head.len() <= LONGEST_HEAD)?;
    let divider = ['|', '\t', ','].into_iter().find(|divider| head.matches(*divider).take(2).count() >= 2)?;
    let count = |line: &str| line.trim().trim_matches('|').split(divider).take(MOST_COLUMNS.saturating_add(1)).count();
    let columns = count(head);
    let plain = |cell: &str| cell.trim().trim_matches(['"', '`']).to_lowercase().replace(' ', "_");
    let names: Vec<String> = head.trim().trim_matches('|').split(divider).take(MOST_COLUMNS).map(plain).collect();
    let proper = |name: &String| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c));
    if columns > MOST_COLUMNS || !names.iter().all(proper) || !names.iter().any(|name| ENDS.contains(&name.as_str())) {
        return None;
    }
    let mut rows = Vec::new();
    for (from, to, line) in lines.filter(|(.., line)| !line.chars().all(|c| "-=+|: \t".contains(c))) {
        if count(line) != columns {
            return None;
        }
        rows.push((from, to));
    }
    (rows.len() > 1).then_some(CallTable { head: (from, to), rows })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_calls_are_answers_and_other_tables_are_not() {
        let text = "| id | finish_reason | tokens |\n|----|----|----|\n| 1 | stop | 20 |\n| 2 | content_filter | 0 |\n";
        let CallTable { head: (from, to), rows } = call_table(text).unwrap();
        assert_eq!(&text[from..to], "| id | finish_reason | tokens |");
        assert_eq!(
            rows.iter().map(|(from, to)| &text[*from..*to]).collect::<Vec<_>>(),
            ["| 1 | stop | 20 |", "| 2 | content_filter | 0 |"]
        );
        assert!(call_table("id,finish_reason,tokens\n1,stop,20\n").is_none(), "one row is one answer");
        assert!(call_table("name,colour,size\na,b,c\nd,e,f\n").is_none());
        assert!(call_table("id,status,size\na,b\nd,e,f\n").is_none());
    }
}
