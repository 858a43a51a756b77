//! Tools for agents over the Model Context Protocol (`waymark mcp`): an agent that meets a refusal asks which layer spoke and what
//! may honestly be done.
//!
//! A bridge without rights of its own: with a service every tool is calls of its public API with the caller's token, so that scopes,
//! limits and masking are the API's. Without one, what is compiled in answers.
//!
//! Never here: a database, a second grading, a rule of the service.

pub mod built_in;
pub mod called;
pub mod fault;
pub mod lessons;
pub mod listener;
pub mod quiz;
pub mod schema;
pub mod server;
pub mod tools;
pub mod wire;
pub mod words;

pub use server::AgentServer;
pub use tools::AnswerSource;
