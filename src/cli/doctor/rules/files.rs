//! Files, folders, disks and copies.

use super::finding::{DAY, GIB, Judged, fine, seconds_since, seen_database, to_mend, to_note, to_warn};
use crate::cli::doctor::facts::{DiskFacts, DoctorFacts, FileFacts, KindFacts};

pub fn octal(file: &FileFacts) -> String {
    format!("{} has mode {:04o}", file.path.display(), file.mode)
}

pub fn judge_files(facts: &DoctorFacts) -> Vec<Judged> {
    let Some(disk) = &facts.disk else { return Vec::new() };
    let copies = disk.copies.iter().map(|(file, _)| file);
    let all: Vec<&FileFacts> = disk.files.iter().chain(copies).collect();
    if all.is_empty() {
        return Vec::new();
    }
    let mut judged: Vec<Judged> = Vec::new();
    for file in all.iter().filter(|file| file.mode & 0o077 != 0) {
        let path = file.path.display();
        judged.push(to_mend(
            format!("{}: others may read or change what holds keys and personal data", octal(file)),
            format!("chmod 600 {path}"),
        ));
    }
    if let Some(first) = disk.files.first()
        && let Some(other) = disk.files.iter().find(|file| file.owner != first.owner)
    {
        judged.push(to_mend(
            format!(
                "{} belongs to user {} and {} to user {}",
                first.path.display(),
                first.owner,
                other.path.display(),
                other.owner
            ),
            format!("chown all of them to the user that serves; commands are to be given as that user ({})", first.owner),
        ));
    }
    if judged.is_empty() {
        judged.push(fine(format!("{} files of the database are for their owner alone", all.len())));
    }
    judged
}

pub fn judge_folder(facts: &DoctorFacts) -> Vec<Judged> {
    let Some(DiskFacts { folder, .. }) = &facts.disk else { return Vec::new() };
    let path = folder.path.display();
    vec![match folder.mode {
        mode if mode & 0o022 != 0 => to_mend(
            format!("{}: others may put another file in the place of the database", octal(folder)),
            format!("chmod 700 {path}"),
        ),
        mode if mode & 0o055 != 0 => {
            to_note(format!("{}: others see which files are there", octal(folder)), format!("chmod 700 {path}"))
        }
        _ => fine("the folder of the database is for its owner alone"),
    }]
}

pub fn judge_config_file(facts: &DoctorFacts) -> Vec<Judged> {
    let Some(source) = &facts.config_file else { return Vec::new() };
    let path = source.file.path.display();
    vec![match (source.holds_secrets, source.file.mode) {
        (_, mode) if mode & 0o002 != 0 => {
            to_mend(format!("{}: everybody may change the configuration", octal(&source.file)), format!("chmod 600 {path}"))
        }
        (true, mode) if mode & 0o007 != 0 => {
            to_mend(format!("{}: everybody may read the secret in it", octal(&source.file)), format!("chmod 600 {path}"))
        }
        (true, mode) if mode & 0o070 != 0 => to_note(
            format!("{}: its group may read the secret in it", octal(&source.file)),
            "see that nobody else is in that group",
        ),
        _ => fine("the configuration file shows no secret to others"),
    }]
}

/// Numbers of statfs(2).
const NETWORK_FILE_SYSTEMS: &[(u64, &str)] = &[
    (0x6969, "NFS"),
    (0x517b, "SMB"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB"),
    (0x0102_1997, "9P"),
    (0x00c3_6400, "Ceph"),
    (0x5346_414f, "AFS"),
    (0x7375_7245, "Coda"),
    (0x0bd0_0bd0, "Lustre"),
    (0x4750_4653, "GPFS"),
    (0x0116_1970, "GFS2"),
    (0x7461_636f, "OCFS2"),
];

const IN_MEMORY: &[u64] = &[0x0102_1994, 0x8584_58f6];

const LAYERED: u64 = 0x794c_7630;

const FUSE: u64 = 0x6573_5546;

pub fn judge_file_system(facts: &DoctorFacts) -> Vec<Judged> {
    let Some(kind) = facts.disk.as_ref().and_then(|disk| disk.file_system) else { return Vec::new() };
    let network = NETWORK_FILE_SYSTEMS.iter().find(|(number, _)| *number == kind);
    vec![match (network, kind) {
        (Some((_, name)), _) => to_mend(
            format!(
                "the SQLite database is on a network file system ({name}): its locks and its write-ahead log do not work there"
            ),
            "put it on a local disk, or use PostgreSQL",
        ),
        (None, kind) if IN_MEMORY.contains(&kind) => {
            to_warn("the SQLite database is in memory (tmpfs): it is gone after a restart of the machine", "put it on a disk")
        }
        (None, LAYERED) => to_note(
            "the SQLite database is in the layer of a container (overlay): it goes with the container",
            "put it on a volume",
        ),
        (None, FUSE) => to_note("the SQLite database is on a FUSE file system", "see that it is no network behind it"),
        _ => fine("the SQLite database is on a local file system"),
    }]
}

pub fn judge_disk_space(facts: &DoctorFacts) -> Vec<Judged> {
    let Some((free, all)) = facts.disk.as_ref().and_then(|disk| disk.space).filter(|(_, all)| *all > 0) else {
        return Vec::new();
    };
    let percent = u128::from(free) * 100 / u128::from(all);
    let found = format!("{} MiB ({percent} %) of the disk of the database are free", free >> 20);
    vec![if free < GIB / 10 {
        to_mend(found, "make room: on a full disk every write is refused")
    } else if free < GIB || percent < 10 {
        to_warn(found, "make room: on a full disk every write is refused")
    } else {
        fine(found)
    }]
}

pub fn judge_backup(facts: &DoctorFacts) -> Vec<Judged> {
    let Some(seen) = seen_database(facts) else { return Vec::new() };
    if matches!(seen.kind, KindFacts::Postgres(_)) {
        return vec![to_note(
            "whether there are backups of PostgreSQL is not known here",
            "pg_dump, or the server's own; docs/backup.md",
        )];
    }
    let newest = facts.disk.iter().flat_map(|disk| &disk.copies).map(|(_, changed)| *changed).max();
    const MAKE: &str = "`waymark backup FILE` every night, and the file to another machine; docs/backup.md";
    vec![match newest.map(|at| seconds_since(facts.now, at)) {
        Some(age) if age <= DAY => fine("a copy beside the database is younger than a day; see that another machine has it too"),
        Some(age) => to_note(format!("the newest copy beside the database is {} days old", age / DAY), MAKE),
        None => to_note("no copy of the database is beside it, and others are not known here", MAKE),
    }]
}
