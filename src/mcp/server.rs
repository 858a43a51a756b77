//! The server of the protocol: which tools there are, and whose token a call brings.

use std::sync::Arc;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation, JsonObject, ListToolsResult,
    PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use secrecy::{ExposeSecret, SecretString};

use crate::mcp::fault::ToolFault;
use crate::mcp::tools::{AnswerSource, ToolResult, call_tool_by_name, tool_list};

const INSTRUCTIONS: &str = "Waymark tells which layer of an AI stack refused a request, and how to go on legitimately. When a request to a \
    model or an API is refused, blocked or cut off, call diagnose with what came back before trying again: it names the layer, who can \
    change it, the next legitimate step and what not to do. It never helps to trick a safety system. list_signals looks up error codes \
    and phrases, read_lesson explains, quiz_next and quiz_answer practise.";

/// Where the token of a call comes from.
#[derive(Clone)]
pub enum CallerToken {
    /// The same for every call, read anew each time.
    Fixed(Arc<dyn Fn() -> Result<Option<SecretString>, String> + Send + Sync>),
    /// Each HTTP request brings its own.
    OfRequest,
}

/// The tools over a connection or a request.
#[derive(Clone)]
pub struct AgentServer {
    source: Arc<AnswerSource>,
    tools: Arc<Vec<Tool>>,
    token: CallerToken,
}

impl AgentServer {
    /// With the tools that this source can answer.
    pub fn new(source: AnswerSource, token: CallerToken) -> AgentServer {
        let tools = Arc::new(tool_list(&source));
        AgentServer { source: Arc::new(source), tools, token }
    }

    fn token(&self, context: &RequestContext<RoleServer>) -> Result<Option<SecretString>, ToolFault> {
        match &self.token {
            CallerToken::Fixed(read) => read().map_err(|why| {
                ToolFault::new("token_missing", why, "Tell whoever set this server up; the token is theirs to mend.")
            }),
            CallerToken::OfRequest => Ok(context.extensions.get::<http::request::Parts>().and_then(bearer_of)),
        }
    }
}

/// The token that an HTTP request brought.
fn bearer_of(request: &http::request::Parts) -> Option<SecretString> {
    let value = request.headers.get(http::header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| SecretString::from(token.trim()))
}

fn answered(outcome: Result<ToolResult, ToolFault>) -> CallToolResult {
    match outcome {
        Ok(ToolResult { structured, words }) => {
            let mut result = CallToolResult::success(vec![ContentBlock::text(words)]);
            result.structured_content = Some(structured);
            result
        }
        // Not as structured content: clients hold that to the schema of results, errors too.
        Err(fault) => {
            let problem = serde_json::to_string(&fault).unwrap_or_default();
            CallToolResult::error(vec![ContentBlock::text(fault.in_plain_words()), ContentBlock::text(problem)])
        }
    }
}

impl ServerHandler for AgentServer {
    fn get_info(&self) -> ServerConfig {
        let about = Implementation::new("waymark", env!("CARGO_PKG_VERSION")).with_title("Waymark");
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(about)
            .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.tools.to_vec()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.tools.iter().find(|tool| tool.name == name).cloned()
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let token = match self.token(&context) {
            Ok(token) => token,
            Err(fault) => return Ok(answered(Err(fault)).into()),
        };
        let token = token.as_ref().map(SecretString::expose_secret);
        let arguments: JsonObject = request.arguments.unwrap_or_default();
        match call_tool_by_name(&self.source, token, &request.name, &arguments).await {
            Some(outcome) => Ok(answered(outcome).into()),
            None => Err(ErrorData::invalid_params(format!("there is no tool {:?}", request.name), None)),
        }
    }
}
