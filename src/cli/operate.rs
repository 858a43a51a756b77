//! Commands for those who run the service: is it well, and the pages that packages install.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, CommandFactory};
use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};

use crate::cli::Cli;
use crate::cli::output::{CliFailure, print};
use crate::config::Config;
use crate::db::tls::unverified_client;

/// How long `health` waits for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Asks the service on this machine whether it can serve, as a container's health check does.
///
/// Exit code 0: it can. 1: it cannot, or does not answer. Where it speaks TLS its certificate is not verified: the question goes to
/// the configured address of this machine and holds no secret.
pub fn health(config: &Config) -> Result<u8, CliFailure> {
    let mut address = config.listen;
    if address.ip().is_unspecified() {
        // Who listens everywhere listens here too.
        address.set_ip(if address.is_ipv6() {
            std::net::Ipv6Addr::LOCALHOST.into()
        } else {
            std::net::Ipv4Addr::LOCALHOST.into()
        });
    }
    let answer = ready(address, config.tls.is_some())
        .map_err(|e| format!("no answer from {address}: {e}; is `waymark serve` running there?"))?;
    let status = answer.split(' ').nth(1).unwrap_or_default();
    if status != "200" {
        return Err(format!("{address} cannot serve at the moment: /readyz answers {status}; its log says why").into());
    }
    print("ok\n")
}

fn ready(address: SocketAddr, tls: bool) -> std::io::Result<String> {
    let mut socket = TcpStream::connect_timeout(&address, PATIENCE)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.set_write_timeout(Some(PATIENCE))?;
    if !tls {
        return ask(&mut socket, address);
    }
    // Its own listener on this machine, told no secret: whether others trust the certificate is the doctor's business.
    let client = unverified_client().map_err(std::io::Error::other)?;
    let session = ClientConnection::new(Arc::new(client), ServerName::from(address.ip())).map_err(std::io::Error::other)?;
    ask(&mut StreamOwned::new(session, socket), address)
}

fn ask(socket: &mut (impl Read + Write), address: SocketAddr) -> std::io::Result<String> {
    socket.write_all(format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes())?;
    let mut answer = String::new();
    socket.take(64 << 10).read_to_string(&mut answer)?;
    Ok(answer)
}

/// Where man pages go.
#[derive(Debug, Args)]
pub struct ManPages {
    /// Folder to write waymark.1, waymark-serve.1 and all others to; made where there is none
    folder: PathBuf,
}

/// Writes a man page for the program and one for each command.
pub fn man_pages(flags: &ManPages) -> Result<u8, CliFailure> {
    std::fs::create_dir_all(&flags.folder)?;
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    clap_mangen::generate_to(command, &flags.folder)?;
    print(&format!("wrote the man pages to {}\n", flags.folder.display()))
}
