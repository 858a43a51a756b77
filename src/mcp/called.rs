//! The service that is called: its public API over HTTP, with the token of whoever calls the tool.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use serde_json::Value;
use url::{Host, Url};

use crate::mcp::fault::ToolFault;

/// The largest answer that is read.
const LARGEST: usize = 8 << 20;
/// How long a service may take; it gives up on its own work after half of that.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running service.
#[derive(Debug, Clone)]
pub struct CalledService {
    client: reqwest::Client,
    base: Url,
}

impl CalledService {
    /// The service at this URL, which is not asked for anything yet.
    pub fn new(url: &str) -> Result<CalledService, String> {
        let expected = "expected an http or https URL without query and fragment, such as http://127.0.0.1:8080";
        let base = Url::parse(url).map_err(|why| format!("{url:?}: {why}; {expected}"))?;
        let plain =
            base.query().is_none() && base.fragment().is_none() && base.username().is_empty() && base.password().is_none();
        if !matches!(base.scheme(), "http" | "https") || base.host().is_none() || !plain {
            return Err(format!("{:?}: {expected}", base.host_str().unwrap_or(url)));
        }
        // A token goes to this service and nowhere else.
        let mut client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(PATIENCE);
        let is_here = match base.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        if is_here {
            client = client.no_proxy();
        }
        let user_agent = concat!("waymark-mcp/", env!("CARGO_PKG_VERSION"));
        let client = client.user_agent(user_agent).build().map_err(|why| format!("the HTTP client cannot be made: {why}"))?;
        Ok(CalledService { client, base })
    }

    /// The same service, called with this token.
    pub fn with_token<'a>(&'a self, token: Option<&'a str>) -> ServiceCall<'a> {
        ServiceCall { service: self, token }
    }

    fn url(&self, path: &[&str], query: &[(&str, String)]) -> Result<Url, ToolFault> {
        let mut url = self.base.clone();
        if path.iter().any(|part| part.is_empty() || matches!(*part, "." | "..")) {
            return Err(ToolFault::new(
                "not_found",
                "A name or an id is empty.",
                "Call the tool again with one that it or read_lesson gave.",
            ));
        }
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }
}

/// Calls of a service in somebody's name.
#[derive(Debug, Clone, Copy)]
pub struct ServiceCall<'a> {
    service: &'a CalledService,
    token: Option<&'a str>,
}

impl ServiceCall<'_> {
    /// What is at this path.
    pub async fn fetch(&self, path: &[&str], query: &[(&str, String)]) -> Result<Value, ToolFault> {
        self.send(Method::GET, self.service.url(path, query)?, None).await
    }

    /// What the service makes of a body.
    pub async fn post(&self, path: &[&str], body: Option<&Value>) -> Result<Value, ToolFault> {
        self.send(Method::POST, self.service.url(path, &[])?, body).await
    }

    /// What the service makes of a body at an id of ours.
    pub async fn put(&self, path: &[&str], body: &Value) -> Result<Value, ToolFault> {
        self.send(Method::PUT, self.service.url(path, &[])?, Some(body)).await
    }

    async fn send(&self, method: Method, url: Url, body: Option<&Value>) -> Result<Value, ToolFault> {
        let mut request = self.service.client.request(method, url).header(ACCEPT, "application/json");
        if let Some(token) = self.token {
            request = request.header(AUTHORIZATION, bearer(token)?);
        }
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        let answer = request.send().await.map_err(|why| self.unreachable(&why))?;
        let status = answer.status();
        let text = self.read(answer).await?;
        let value = serde_json::from_slice(&text).ok();
        match value {
            Some(value) if status.is_success() => Ok(value),
            other => Err(ToolFault::from_answer(status.as_u16(), &other.unwrap_or_default())),
        }
    }

    async fn read(&self, mut answer: reqwest::Response) -> Result<Vec<u8>, ToolFault> {
        let mut text = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(|why| self.unreachable(&why))? {
            if text.len().saturating_add(part.len()) > LARGEST {
                let next = "Ask for less: a smaller limit, or one lesson.";
                return Err(ToolFault::new("unexpected_answer", format!("The answer has more than {LARGEST} bytes."), next));
            }
            text.extend_from_slice(&part);
        }
        Ok(text)
    }

    fn unreachable(&self, why: &reqwest::Error) -> ToolFault {
        // The innermost reason, without the URL, whose query may hold what somebody looked for.
        let mut reason: &dyn std::error::Error = why;
        while let Some(inner) = reason.source() {
            reason = inner;
        }
        let cause = if why.is_timeout() { "it did not answer in time".to_owned() } else { reason.to_string() };
        let detail = format!("The service at {} cannot be reached: {cause}.", self.service.base);
        let next = "Whether it was done cannot be told from here. Call the tool again in a moment (every one of these tools may be \
                    repeated); if it stays so, tell whoever set this server up.";
        ToolFault::new("service_unreachable", detail, next)
    }
}

fn bearer(token: &str) -> Result<HeaderValue, ToolFault> {
    let mut value = HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| {
        ToolFault::new(
            "token_invalid",
            "The token has characters that no token has.",
            "Ask whoever set this server up for a new one.",
        )
    })?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_names_in_the_path() {
        let service = CalledService::new("http://127.0.0.1:8080/below/").unwrap();
        let url = service.url(&["v1", "lessons", "a/../b?c"], &[("q", "x & y".to_owned())]).unwrap();
        assert_eq!(url.as_str(), "http://127.0.0.1:8080/below/v1/lessons/a%2F..%2Fb%3Fc?q=x+%26+y");
        assert_eq!(service.url(&["v1", "lessons", ".."], &[]).unwrap_err().code, "not_found");
        assert_eq!(service.url(&["v1", "lessons", ""], &[]).unwrap_err().code, "not_found");
    }

    #[test]
    fn only_urls_of_services_are_taken_and_no_password_is_repeated() {
        for wrong in ["127.0.0.1:8080", "ftp://host/", "http://host/?q=1", "nonsense"] {
            assert!(CalledService::new(wrong).unwrap_err().contains("such as http://"), "{wrong}");
        }
        assert!(!CalledService::new("http://me:secret@host/").unwrap_err().contains("secret"));
    }
}
