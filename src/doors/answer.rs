//! The body of an answer, handed over piece by piece: a page that many share is not copied for each slow reader, and the memory
//! of one that is nobody else's is counted.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::Error;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::Bytes;

use crate::doors::connection::RequestTurn;
use crate::doors::stream::RequestConnection;
use crate::doors::{Connection, Doors};

/// What is handed over at a time.
const PIECE: usize = 16 << 10;
/// Smaller answers are not worth counting.
const COUNTED: usize = 64 << 10;

pub struct AnswerPieces {
    body: AnswerBody,
    /// Until the last piece is handed over.
    turn: Option<RequestTurn>,
    held: Option<HeldMemory>,
}

enum AnswerBody {
    Whole(Bytes),
    Stream(BoxBody),
}

/// Memory that an answer holds.
struct HeldMemory {
    doors: Arc<Doors>,
    connection: Arc<Connection>,
    bytes: usize,
}

impl HeldMemory {
    fn new(guest: &RequestConnection, bytes: usize) -> HeldMemory {
        guest.doors.hold(&guest.connection, bytes);
        HeldMemory { doors: guest.doors.clone(), connection: guest.connection.clone(), bytes }
    }
}

impl Drop for HeldMemory {
    fn drop(&mut self) {
        self.doors.release(&self.connection, self.bytes);
    }
}

impl AnswerPieces {
    pub fn new(body: impl MessageBody + 'static, turn: Option<RequestTurn>, guest: Option<&RequestConnection>) -> AnswerPieces {
        let body = match body.try_into_bytes() {
            Ok(bytes) => AnswerBody::Whole(bytes),
            Err(body) => AnswerBody::Stream(body.boxed()),
        };
        if let Some(turn) = &turn {
            turn.connection().answers();
        }
        let held = match (&body, guest) {
            (AnswerBody::Whole(bytes), Some(guest)) if bytes.len() > COUNTED && bytes.is_unique() => {
                Some(HeldMemory::new(guest, bytes.len()))
            }
            _ => None,
        };
        AnswerPieces { body, turn, held }
    }
}

/// A middleware for applications without the outer one: says whose turn it is on the connection.
pub async fn in_turn(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let guest = request.conn_data::<RequestConnection>().cloned();
    let turn = guest.as_ref().map(|guest| RequestTurn::begin(guest.connection.clone()));
    let answer = next.call(request).await?;
    Ok(answer.map_body(|_, body| AnswerPieces::new(body, turn, guest.as_ref())))
}

impl MessageBody for AnswerPieces {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        match &self.body {
            AnswerBody::Whole(bytes) => bytes.size(),
            AnswerBody::Stream(body) => body.size(),
        }
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let piece = match &mut self.body {
            AnswerBody::Whole(rest) if rest.is_empty() => None,
            AnswerBody::Whole(rest) => {
                let most = rest.len().min(PIECE);
                Some(Ok(rest.split_to(most)))
            }
            AnswerBody::Stream(body) => match Pin::new(body).poll_next(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(piece) => piece,
            },
        };
        if piece.is_none() {
            self.held = None;
            self.turn = None;
        }
        Poll::Ready(piece)
    }
}
