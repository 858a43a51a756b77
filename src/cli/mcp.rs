//! `waymark mcp`: tools for agents over the Model Context Protocol, on standard input and output or over HTTP.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use rmcp::ServiceExt;
use secrecy::SecretString;

use crate::cli::output::CliFailure;
use crate::config::service_in_environment;
use crate::mcp::built_in::BuiltInAnswers;
use crate::mcp::called::CalledService;
use crate::mcp::listener::{AllowedCallers, PATH, listen_for_agents};
use crate::mcp::server::CallerToken;
use crate::mcp::{AgentServer, AnswerSource};

pub const HELP: &str =
    "Without a service, diagnose, list_signals and read_lesson answer from what is compiled in; with one, all five \
tools are calls of its API, with the scopes of the token: diagnoses:run, lessons:read, attempts:read, attempts:write.

Examples:
  waymark mcp
  WAYMARK_TOKEN=$(waymark token --learner anna --scopes \"diagnoses:run lessons:read attempts:read attempts:write\") \\
    waymark mcp --url http://127.0.0.1:8080
  waymark mcp --url https://waymark.example.org --listen 127.0.0.1:8090    (each request brings its own bearer token)

In an agent's configuration: {\"mcpServers\": {\"waymark\": {\"command\": \"waymark\", \"args\": [\"mcp\"]}}}";

/// Which service is asked, with what token, and where the tools are offered.
#[derive(Debug, Args)]
pub struct Mcp {
    /// The running service whose API is called; without it, what is compiled in answers [env: WAYMARK_URL]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// The access token for the service; in the environment other users of this machine cannot read it [env: WAYMARK_TOKEN]
    #[arg(long, conflicts_with_all = ["listen", "token_file"])]
    token: Option<String>,
    /// A file with the access token, read at every call, so that it can be renewed
    #[arg(long, value_name = "FILE", conflicts_with = "listen")]
    token_file: Option<PathBuf>,
    /// Serve streamable HTTP at this address, under /mcp, in place of standard input and output; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<SocketAddr>,
    /// A name under which the HTTP server is reached, beside those of this machine; may be repeated
    #[arg(long, value_name = "HOST", requires = "listen")]
    allow_host: Vec<String>,
    /// An origin whose pages may call the HTTP server from a browser, such as https://app.example.org:443; may be repeated
    #[arg(long, value_name = "ORIGIN", requires = "listen")]
    allow_origin: Vec<String>,
}

/// Offers the tools until whoever uses them goes, or, over HTTP, until SIGTERM.
pub fn run_mcp(flags: &Mcp) -> Result<u8, CliFailure> {
    let environment = service_in_environment();
    let source = match flags.url.clone().or(environment.url) {
        Some(url) => AnswerSource::Service(CalledService::new(&url).map_err(|why| format!("--url {why}"))?),
        None => AnswerSource::BuiltIn(Box::new(BuiltInAnswers::new()?)),
    };
    match flags.listen {
        Some(listen) => over_http(flags, AgentServer::new(source, CallerToken::OfRequest), listen),
        None => {
            let token = flags.token.clone().map(SecretString::from).or(environment.token);
            over_stdio(AgentServer::new(source, fixed(flags.token_file.clone(), token)))
        }
    }
}

/// The token of every call over standard input and output.
fn fixed(file: Option<PathBuf>, token: Option<SecretString>) -> CallerToken {
    CallerToken::Fixed(Arc::new(move || match &file {
        None => Ok(token.clone()),
        Some(file) => {
            let text = std::fs::read_to_string(file)
                .map_err(|why| format!("The token's file {} cannot be read: {why}.", file.display()))?;
            Ok(Some(SecretString::from(text.trim())))
        }
    }))
}

fn over_stdio(server: AgentServer) -> Result<u8, CliFailure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ended = runtime.block_on(async {
        let running = server.serve(rmcp::transport::stdio()).await.map_err(|why| why.to_string())?;
        running.waiting().await.map_err(|why| why.to_string())
    });
    // A read of standard input cannot be called off.
    runtime.shutdown_background();
    match ended {
        Ok(_) => Ok(0),
        Err(why) => Err(format!("the client on standard input: {why}").into()),
    }
}

fn over_http(flags: &Mcp, server: AgentServer, listen: SocketAddr) -> Result<u8, CliFailure> {
    let allowed = AllowedCallers { hosts: flags.allow_host.clone(), origins: flags.allow_origin.clone() };
    let served: std::io::Result<()> = actix_web::rt::System::new().block_on(async move {
        let (address, running) = listen_for_agents(server, listen, &allowed)?;
        let mut out = std::io::stdout().lock();
        writeln!(out, "Waymark's tools for agents are at http://{address}{PATH}")?;
        out.flush()?;
        drop(out);
        running.await
    });
    served.map_err(|why| format!("cannot serve on {listen}: {why}; --listen 127.0.0.1:0 takes a free port"))?;
    Ok(0)
}
