//! What the lock file remembers of the database that stands beside it: that there was one, which generation of it, and how
//! far its feed was ever shown. It tells a start that the database was lost, or put back from a copy.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::db::file::{DatabaseFile, FileIdentity, private};

pub const LOCK: &str = ".lock";

/// The first line: what changes seldom.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Noted {
    /// Also in the database; every start and every clean stop of a server makes a new one. Where the two differ the database
    /// is not the one that was served last.
    pub generation: String,
    /// The epoch of its feed.
    pub epoch: i64,
    pub inode: u64,
    /// The second line: the furthest place in the log that a reader of the feed was ever told. It changes often, and is
    /// written alone, in place.
    #[serde(skip)]
    pub shown: i64,
}

/// Where the second line begins. Both lines stand in the first 4 KiB: one page of memory, one block of the disk.
const SECOND_LINE: u64 = 1024;

/// What is remembered; `None` where there never was a database. What cannot be read counts as another generation.
pub fn read_noted(file: &DatabaseFile) -> Option<Noted> {
    let text = std::fs::read_to_string(file.with(LOCK)).ok().filter(|text| !text.trim().is_empty())?;
    let mut lines = text.lines();
    let mut noted: Noted = lines.next().and_then(|line| serde_json::from_str(line.trim()).ok()).unwrap_or_default();
    noted.shown = lines.next().and_then(|line| line.trim().parse().ok()).unwrap_or(0);
    Some(noted)
}

/// Remembers that this generation of the database stands there now.
pub fn write_noted(file: &DatabaseFile, noted: &Noted) -> std::io::Result<()> {
    let mut to = private(&file.with(LOCK), false)?;
    let inode = FileIdentity::at(&file.path).map_or(0, |identity| identity.inode);
    let line = serde_json::to_string(&Noted { inode, ..noted.clone() }).map_err(std::io::Error::other)?;
    let width = usize::try_from(SECOND_LINE).unwrap_or(0).saturating_sub(1);
    to.write_all(format!("{line:width$}\n{:<20}\n", noted.shown).as_bytes())?;
    to.sync_data()
}

/// Remembers how far the feed was shown.
pub fn write_shown(to: &mut File, seq: i64) -> std::io::Result<()> {
    to.seek(SeekFrom::Start(SECOND_LINE))?;
    to.write_all(format!("{seq:<20}\n").as_bytes())
}

/// The lock file, opened for [`write_shown`].
pub fn open_lock_file(path: &Path) -> std::io::Result<File> {
    private(path, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let file = DatabaseFile::of(&folder.path().join("a.db")).unwrap();
        assert_eq!(read_noted(&file), None);
        // An empty lock file, as one that was only held leaves it, remembers nothing.
        drop(open_lock_file(&file.with(LOCK)).unwrap());
        assert_eq!(read_noted(&file), None);
        let noted = Noted { generation: "g".to_owned(), epoch: 7, inode: 0, shown: 41 };
        write_noted(&file, &noted).unwrap();
        assert_eq!(read_noted(&file), Some(noted.clone()));
        write_shown(&mut open_lock_file(&file.with(LOCK)).unwrap(), i64::MAX).unwrap();
        assert_eq!(read_noted(&file), Some(Noted { shown: i64::MAX, ..noted.clone() }));
        write_noted(&file, &Noted { shown: 0, ..noted.clone() }).unwrap();
        assert_eq!(read_noted(&file).unwrap().shown, 0, "no digit of a longer number is left");
        // Damaged: there was one, of no generation that any database has.
        std::fs::write(file.with(LOCK), "{\"gen").unwrap();
        assert_eq!(read_noted(&file), Some(Noted::default()));
    }
}
