//! Rosters as files: OneRoster 1.2 (users, classes, enrollments as CSV) and a simple list. What cannot be taken is refused row by row,
//! each with its place and the reason.

use std::collections::{BTreeMap, HashSet};

use csv::{ByteRecord, ReaderBuilder};

use crate::cohorts::roster::wire::RefusedRow;
use crate::cohorts::rules::{LONGEST_COHORT_NAME, LONGEST_EXTERNAL, is_plain_text};

/// How many refused rows are told; the rest is counted.
pub const MOST_TOLD: usize = 1_000;
/// How many rows all files have together at most.
pub const MOST_ROWS: usize = 20_000;

/// What somebody is in a cohort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RosterRole {
    Learner,
    Instructor,
}

/// Somebody, as another system knows them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RosterPerson {
    pub system: String,
    pub id: String,
}

/// One line of who is where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterEntry {
    pub file: &'static str,
    pub line: u64,
    /// The column that names the person.
    pub field: &'static str,
    pub person: RosterPerson,
    pub name: Option<String>,
    pub role: RosterRole,
    /// Whether it takes somebody out.
    pub gone: bool,
}

/// A class, with all that the files say of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RosterClass {
    /// None where the files do not have the class itself.
    pub name: Option<String>,
    /// Whether a cohort that is there gets this name.
    pub renames: bool,
    pub gone: bool,
    pub entries: Vec<RosterEntry>,
}

/// What files say, by what their system calls each class; and what of them cannot be taken.
#[derive(Debug, Default, PartialEq)]
pub struct Roster {
    pub classes: BTreeMap<String, RosterClass>,
    /// People who are gone altogether.
    pub gone: Vec<RosterPerson>,
    pub refused: RefusedRows,
}

impl Roster {
    /// Whoever is taken out by one row and put in by another is in.
    fn sort(&mut self) {
        for class in self.classes.values_mut() {
            class.entries.sort_by_key(|entry| !entry.gone);
        }
    }
}

/// Rows that are refused: so many are told, all are counted.
#[derive(Debug, Default, PartialEq)]
pub struct RefusedRows {
    pub told: Vec<RefusedRow>,
    pub count: usize,
}

impl RefusedRows {
    pub fn add(&mut self, (file, line): (&str, u64), field: Option<&str>, reason: impl Into<String>) {
        self.count = self.count.saturating_add(1);
        if self.told.len() < MOST_TOLD {
            let field = field.map(str::to_owned);
            self.told.push(RefusedRow { file: file.to_owned(), line, field, reason: reason.into() });
        }
    }
}

/// A file that is refused as a whole, and why.
#[derive(Debug, PartialEq, Eq)]
pub struct RefusedFile {
    pub file: String,
    pub reason: String,
}

fn refused_file(file: &str, reason: impl Into<String>) -> RefusedFile {
    RefusedFile { file: file.to_owned(), reason: reason.into() }
}

/// Counts the lines of a text up to places that come in order. The reader's own count is one too low where lines end with CR LF: to it a
/// row begins between the two.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the first text at or behind this place.
    fn line_at(&mut self, place: usize) -> u64 {
        let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        while let Some(byte) = self.bytes.get(self.at).filter(|byte| self.at < place || is_end(byte)) {
            // CR LF is one end.
            let ends = *byte == b'\n' || *byte == b'\r' && self.bytes.get(self.at.saturating_add(1)) != Some(&b'\n');
            self.line = self.line.saturating_add(u64::from(ends));
            self.at = self.at.saturating_add(1);
        }
        self.line
    }
}

/// The rows of one file, by the names of its columns.
struct RosterRows {
    file: &'static str,
    columns: Vec<String>,
    rows: Vec<(u64, ByteRecord)>,
}

impl RosterRows {
    fn read(file: &'static str, bytes: &[u8], needed: &[&str], left: &mut usize) -> Result<RosterRows, RefusedFile> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
        let (mut columns, mut rows, mut record) = (Vec::new(), Vec::new(), ByteRecord::new());
        let mut lines = Lines { bytes, at: 0, line: 1 };
        while reader.read_byte_record(&mut record).map_err(|fault| refused_file(file, fault.to_string()))? {
            if columns.is_empty() {
                let named: Result<Vec<&str>, _> = record.iter().map(std::str::from_utf8).collect();
                let named = named.map_err(|_| refused_file(file, "its first line is no UTF-8."))?;
                columns = named.into_iter().map(|name| name.trim().to_lowercase()).collect();
                continue;
            }
            *left = left.checked_sub(1).ok_or_else(|| refused_file(file, format!("there are more than {MOST_ROWS} rows.")))?;
            let begins = record.position().map_or(0, csv::Position::byte);
            rows.push((lines.line_at(usize::try_from(begins).unwrap_or(usize::MAX)), record.clone()));
        }
        let absent = needed.iter().find(|name| !columns.contains(&name.to_lowercase()));
        match absent {
            Some(name) => Err(refused_file(file, format!("its first line has no column {name}."))),
            None => Ok(RosterRows { file, columns, rows }),
        }
    }

    /// What each row says, where it can be taken.
    fn taken<T>(
        &self,
        refused: &mut RefusedRows,
        take: impl Fn(&RosterRow<'_>) -> Result<T, (&'static str, String)>,
    ) -> Vec<(u64, T)> {
        let mut out = Vec::new();
        for (line, record) in &self.rows {
            if record.len() != self.columns.len() {
                let reason = format!("has {} fields, and the first line has {}.", record.len(), self.columns.len());
                refused.add((self.file, *line), None, reason);
                continue;
            }
            match take(&RosterRow { columns: &self.columns, record }) {
                Ok(taken) => out.push((*line, taken)),
                Err((field, reason)) => refused.add((self.file, *line), Some(field), reason),
            }
        }
        out
    }
}

struct RosterRow<'a> {
    columns: &'a [String],
    record: &'a ByteRecord,
}

type Field<T> = Result<T, (&'static str, String)>;

impl RosterRow<'_> {
    /// A field, trimmed; empty where there is no such column.
    fn text(&self, name: &'static str) -> Field<&str> {
        let at = self.columns.iter().position(|column| *column == name.to_lowercase());
        let bytes = at.and_then(|at| self.record.get(at)).unwrap_or_default();
        std::str::from_utf8(bytes).map(str::trim).map_err(|_| (name, "is no UTF-8.".to_owned()))
    }

    fn filled(&self, name: &'static str, longest: usize) -> Field<String> {
        let text = self.text(name)?;
        if is_plain_text(text, longest) {
            return Ok(text.to_owned());
        }
        Err((name, format!("must be 1 to {longest} characters without control characters.")))
    }

    /// Whether the row takes something away.
    fn gone(&self) -> Field<bool> {
        match self.text("status")? {
            "" | "active" => Ok(false),
            "tobedeleted" => Ok(true),
            other => Err(("status", format!("{} is neither active nor tobedeleted.", shortened(other)))),
        }
    }

    fn role(&self) -> Field<RosterRole> {
        match self.text("role")? {
            "student" | "learner" => Ok(RosterRole::Learner),
            "teacher" | "instructor" => Ok(RosterRole::Instructor),
            other => Err(("role", format!("{} is neither student nor teacher.", shortened(other)))),
        }
    }
}

fn shortened(text: &str) -> String {
    format!("{:?}", text.chars().take(50).collect::<String>())
}

/// Reads a list with the columns cohort, learner_system, learner_id, role and perhaps status and name.
pub fn read_list(bytes: &[u8]) -> Result<Roster, RefusedFile> {
    const FILE: &str = "list.csv";
    let rows = RosterRows::read(FILE, bytes, &["cohort", "learner_system", "learner_id", "role"], &mut { MOST_ROWS })?;
    let mut roster = Roster::default();
    let taken = rows.taken(&mut roster.refused, |row| {
        let person = RosterPerson {
            system: row.filled("learner_system", LONGEST_EXTERNAL)?,
            id: row.filled("learner_id", LONGEST_EXTERNAL)?,
        };
        let name = Some(row.text("name")?).filter(|name| is_plain_text(name, LONGEST_COHORT_NAME)).map(str::to_owned);
        let cohort = row.filled("cohort", LONGEST_COHORT_NAME)?;
        Ok((cohort, RosterEntry { file: FILE, line: 0, field: "learner_id", person, name, role: row.role()?, gone: row.gone()? }))
    });
    for (line, (cohort, entry)) in taken {
        let class = roster.classes.entry(cohort.clone()).or_default();
        if !entry.gone {
            class.name = Some(cohort);
        }
        class.entries.push(RosterEntry { line, ..entry });
    }
    roster.sort();
    Ok(roster)
}

/// Reads the files of OneRoster 1.2, which name things as `system` knows them.
pub fn read_oneroster(files: &BTreeMap<String, Vec<u8>>, system: &str) -> Result<Roster, RefusedFile> {
    let file = |name: &str| files.get(name).ok_or_else(|| refused_file(name, "is not in the zip file."));
    let mut left = MOST_ROWS;
    let mut roster = Roster::default();
    let manifest = RosterRows::read("manifest.csv", file("manifest.csv")?, &["propertyName", "value"], &mut left)?;
    let said =
        manifest.taken(&mut roster.refused, |row| Ok((row.text("propertyName")?.to_owned(), row.text("value")?.to_owned())));
    let version = said.iter().find(|(_, (name, _))| name == "oneroster.version").map(|(_, (_, value))| value.as_str());
    if !version.is_some_and(|version| version == "1.2" || version == "1.1") {
        return Err(refused_file("manifest.csv", "oneroster.version must be 1.2 (or 1.1)."));
    }
    let users = RosterRows::read("users.csv", file("users.csv")?, &["sourcedId", "status"], &mut left)?;
    let users = users.taken(&mut roster.refused, |row| {
        let name = format!("{} {}", row.text("givenName")?, row.text("familyName")?);
        let name = Some(name.trim()).filter(|name| is_plain_text(name, LONGEST_COHORT_NAME)).map(str::to_owned);
        Ok((row.filled("sourcedId", LONGEST_EXTERNAL)?, name, row.gone()?))
    });
    let mut known: BTreeMap<String, Option<String>> = BTreeMap::new();
    let mut gone: HashSet<String> = HashSet::new();
    for (_, (id, name, is_gone)) in users {
        if is_gone {
            gone.insert(id.clone());
            roster.gone.push(RosterPerson { system: system.to_owned(), id: id.clone() });
        }
        known.insert(id, name);
    }
    let classes = RosterRows::read("classes.csv", file("classes.csv")?, &["sourcedId", "status", "title"], &mut left)?;
    let classes = classes.taken(&mut roster.refused, |row| {
        let gone = row.gone()?;
        let title = if gone { String::new() } else { row.filled("title", LONGEST_COHORT_NAME)? };
        Ok((row.filled("sourcedId", LONGEST_EXTERNAL)?, title, gone))
    });
    for (_, (id, title, gone)) in classes {
        roster.classes.insert(id, RosterClass { name: Some(title), renames: true, gone, entries: Vec::new() });
    }
    let needed = ["sourcedId", "status", "classSourcedId", "userSourcedId", "role"];
    let enrollments = RosterRows::read("enrollments.csv", file("enrollments.csv")?, &needed, &mut left)?;
    let taken = enrollments.taken(&mut roster.refused, |row| {
        row.filled("sourcedId", LONGEST_EXTERNAL)?;
        let (class, user) = (row.filled("classSourcedId", LONGEST_EXTERNAL)?, row.filled("userSourcedId", LONGEST_EXTERNAL)?);
        let (role, is_gone) = (row.role()?, row.gone()?);
        if !is_gone && gone.contains(&user) {
            return Err(("userSourcedId", "users.csv says of this user that it is tobedeleted.".to_owned()));
        }
        if !is_gone && !known.contains_key(&user) {
            return Err(("userSourcedId", "is no user that could be taken from users.csv.".to_owned()));
        }
        let name = known.get(&user).cloned().flatten();
        let person = RosterPerson { system: system.to_owned(), id: user };
        Ok((class, RosterEntry { file: "enrollments.csv", line: 0, field: "userSourcedId", person, name, role, gone: is_gone }))
    });
    for (line, (class, entry)) in taken {
        match roster.classes.get_mut(&class) {
            Some(class) if !class.gone => class.entries.push(RosterEntry { line, ..entry }),
            // With the class its enrollments go.
            Some(_) if entry.gone => {}
            Some(_) => roster.refused.add(
                ("enrollments.csv", line),
                Some("classSourcedId"),
                "classes.csv says of this class that it is tobedeleted.",
            ),
            None if entry.gone => {
                roster.classes.entry(class).or_default().entries.push(RosterEntry { line, ..entry });
            }
            None => roster.refused.add(
                ("enrollments.csv", line),
                Some("classSourcedId"),
                "is no class that could be taken from classes.csv.",
            ),
        }
    }
    roster.sort();
    Ok(roster)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "cohort,learner_system,learner_id,role\r\n7b,sis,1,student\r\n7b,sis,2,teacher\r\n";

    fn places(refused: &RefusedRows) -> Vec<(String, u64, Option<String>)> {
        refused.told.iter().map(|row| (row.file.clone(), row.line, row.field.clone())).collect()
    }

    #[test]
    fn a_list_reads_the_same_with_and_without_a_mark_and_in_every_form_of_line_end() {
        let plain = read_list(LIST.as_bytes()).unwrap();
        assert_eq!((plain.classes["7b"].entries.len(), plain.refused.count), (2, 0));
        let quoted = LIST.replace("7b", "\"7b\"").replace("student", "\"student\"");
        for text in [
            format!("\u{feff}{LIST}"),
            LIST.replace("\r\n", "\n"),
            quoted,
            LIST.trim_end().to_owned(),
            LIST.to_uppercase()
                .replace("SIS", "sis")
                .replace("7B", "7b")
                .replace("STUDENT", "student")
                .replace("TEACHER", "teacher"),
        ] {
            assert_eq!(read_list(text.as_bytes()).unwrap(), plain, "{text:?}");
        }
    }

    #[test]
    fn each_refused_row_is_named_by_line_and_field() {
        let text = b"cohort,learner_system,learner_id,role,status\n\
            7b,sis,1,student,\n\
            ,sis,1,student,\n\
            7b,sis,1,parent,\n\
            7b,sis,1\n\
            \"7b\",\"s\nis\",1,student,\n\
            7b,sis,\xff,student,active\n\
            7b,sis,2,student,maybe\n\
            7b,sis,3,student,tobedeleted\n";
        let roster = read_list(text).unwrap();
        let place = |line, field: &str| ("list.csv".to_owned(), line, Some(field.to_owned()).filter(|field| !field.is_empty()));
        let wanted = [
            place(3, "cohort"),
            place(4, "role"),
            place(5, ""),
            place(6, "learner_system"),
            place(8, "learner_id"),
            place(9, "status"),
        ];
        assert_eq!(places(&roster.refused), wanted);
        assert_eq!(
            roster.classes["7b"].entries.iter().map(|entry| (entry.line, entry.gone)).collect::<Vec<_>>(),
            [(10, true), (2, false)]
        );
    }

    #[test]
    fn so_many_refused_rows_are_told_and_all_are_counted() {
        let text = format!("cohort,learner_system,learner_id,role\n{}", "7b,sis,1,parent\n".repeat(MOST_TOLD + 5));
        let refused = read_list(text.as_bytes()).unwrap().refused;
        assert_eq!((refused.told.len(), refused.count), (MOST_TOLD, MOST_TOLD + 5));
        let many = format!("cohort,learner_system,learner_id,role\n{}", "7b,sis,1,student\n".repeat(MOST_ROWS + 1));
        assert!(read_list(many.as_bytes()).is_err());
        assert!(read_list(b"cohort,learner_id,role\n").unwrap_err().reason.contains("learner_system"));
        assert!(read_list(b"").is_err());
    }
}
