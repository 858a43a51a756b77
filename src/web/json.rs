//! Request bodies: JSON only, bounded, closed, and refused with a pointer to what is wrong.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut, Data};
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;

use crate::doors::connection::ReadsBody;
use crate::doors::limits::PART;
use crate::doors::stream::RequestConnection;
use crate::error::{Code, Problem};
use crate::web::Settings;
use crate::web::parse::parse_body;

/// A JSON body of the documented shape.
pub struct Body<T> {
    pub value: T,
    /// The bytes as they came, for the comparison that `Idempotency-Key` needs.
    pub raw: Bytes,
}

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let checked = check_headers(request, &["application/json"]);
        let limit = request.app_data::<Data<Settings>>().map_or(1 << 20, |settings| settings.max_body_bytes);
        let raw = collect(request, payload.take(), limit);
        Box::pin(async move {
            checked?;
            let raw = raw.await?;
            let value = parse_body(&raw)?;
            Ok(Body { value, raw })
        })
    }
}

/// What the request says of its body's length.
fn declared_length(request: &HttpRequest) -> Option<usize> {
    request.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Refuses any other media type than the supported ones, of which the first is told, and compressed bodies.
pub fn check_headers(request: &HttpRequest, supported: &[&'static str]) -> Result<(), Problem> {
    let media_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if !supported.contains(&essence.as_str()) {
        let supported = supported.first().copied().unwrap_or_default();
        let detail = match essence.as_str() {
            "" => format!("There is no Content-Type; send {supported}."),
            other => format!("The Content-Type is {other:?}; send {supported}."),
        };
        return Err(Problem::new(Code::UnsupportedMediaType, detail).with("supported", supported));
    }
    match request.headers().get(header::CONTENT_ENCODING) {
        Some(value) if value != "identity" => Err(Problem::new(
            Code::UnsupportedMediaType,
            "Compressed request bodies are not accepted; send the body without Content-Encoding.",
        )),
        _ => Ok(()),
    }
}

/// Reads the whole body, at most `limit` bytes, as long as it keeps coming.
pub fn collect(
    request: &HttpRequest,
    mut payload: Payload,
    limit: usize,
) -> impl Future<Output = Result<Bytes, Problem>> + use<> {
    let (declared, guest) = (declared_length(request), request.conn_data::<RequestConnection>().cloned());
    async move {
        let reading = guest.as_ref().map(|guest| guest.connection.reads_body());
        read_to_end(&mut payload, limit, declared, reading.as_ref()).await
    }
}

async fn read_to_end(
    payload: &mut Payload,
    limit: usize,
    declared: Option<usize>,
    reading: Option<&ReadsBody<'_>>,
) -> Result<Bytes, Problem> {
    let too_large =
        || Problem::new(Code::BodyTooLarge, format!("The body is larger than {limit} bytes.")).with("limit_bytes", limit);
    if declared.is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    // What is said is not yet sent: memory is taken as it comes.
    let mut body = BytesMut::with_capacity(declared.unwrap_or(0).min(limit).min(PART));
    while let Some(chunk) = next_chunk(payload, reading).await? {
        let chunk = chunk.map_err(|e| Problem::new(Code::MalformedJson, format!("The body ended early: {e}.")))?;
        if body.len().saturating_add(chunk.len()) > limit {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

async fn next_chunk(
    payload: &mut Payload,
    reading: Option<&ReadsBody<'_>>,
) -> Result<Option<Result<Bytes, actix_web::error::PayloadError>>, Problem> {
    let mut next = std::pin::pin!(std::future::poll_fn(|cx| poll_payload(payload, cx)));
    let Some(reading) = reading else { return Ok(next.await) };
    loop {
        let by = reading.by();
        match tokio::time::timeout_at(by.into(), next.as_mut()).await {
            Ok(chunk) => return Ok(chunk),
            // What came meanwhile may have opened a new window.
            Err(_) if reading.by() > by => {}
            Err(_) => {
                let detail = "The body did not arrive in time. Repeat the same request; a slow connection is no harm as long as the body keeps coming.";
                return Err(Problem::new(Code::BodyTimeout, detail));
            }
        }
    }
}

fn poll_payload(
    payload: &mut Payload,
    cx: &mut std::task::Context<'_>,
) -> std::task::Poll<Option<Result<Bytes, actix_web::error::PayloadError>>> {
    use futures_core::Stream;
    Pin::new(payload).poll_next(cx)
}
