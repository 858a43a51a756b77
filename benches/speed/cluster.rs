//! The private PostgreSQL that `script/bench` brings, and the databases in it.

use std::path::PathBuf;

use crate::Outcome;
use crate::server::Database;

pub struct Cluster {
    /// URL of the database that is always there.
    admin: String,
    /// The first process; all others are its children.
    postmaster: u32,
}

impl Cluster {
    pub fn find() -> Outcome<Cluster> {
        let data = std::env::var_os("WAYMARK_TEST_PGDATA").ok_or("no PostgreSQL: start this with script/bench")?;
        let pid = std::fs::read_to_string(PathBuf::from(data).join("postmaster.pid"))?;
        let postmaster = pid.lines().next().unwrap_or_default().trim().parse()?;
        Ok(Cluster { admin: std::env::var("WAYMARK_TEST_POSTGRES")?, postmaster })
    }

    /// A new and empty database.
    pub fn database(&self, name: &str) -> Outcome<Database> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let fsync: String = runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&self.admin, tokio_postgres::NoTls).await?;
            tokio::spawn(connection);
            client.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
            client.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0 OWNER waymark")).await?;
            Outcome::Ok(client.query_one("SHOW fsync", &[]).await?.get(0))
        })?;
        if fsync != "on" {
            return Err("this cluster runs without fsync: its figures would mean nothing".into());
        }
        let (server, _) = self.admin.rsplit_once('/').ok_or("WAYMARK_TEST_POSTGRES names no database")?;
        // As a service signs in: a superuser would go around the policies of the tables, which cost something.
        let server = server.replacen("postgres@", "waymark@", 1);
        Ok(Database::Postgres { url: format!("{server}/{name}"), postmaster: self.postmaster })
    }
}
