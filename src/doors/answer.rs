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

use crate::doors::connection::Turn;
use crate::doors::stream::Guest;
use crate::doors::{Connection, Doors};

/// What is handed over at a time.
const PIECE: usize = 16 << 10;
/// Smaller answers are not worth counting.
const COUNTED: usize = 64 << 10;

pub struct Answer {
    body: Body,
    /// Until the last piece is handed over.
    turn: Option<Turn>,
    held: Option<Held>,
}

enum Body {
    Whole(Bytes),
    Stream(BoxBody),
}

/// Memory that an answer holds.
struct Held {
    doors: Arc<Doors>,
    connection: Arc<Connection>,
    bytes: usize,
}

impl Held {
    fn new(guest: &Guest, bytes: usize) -> Held {
        guest.doors.hold(&guest.connection, bytes);
        Held { doors: guest.doors.clone(), connection: guest.connection.clone(), bytes }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.doors.release(&self.connection, self.bytes);
    }
}

impl Answer {
    pub fn new(body: impl MessageBody + 'static, turn: Option<Turn>, guest: Option<&Guest>) -> Answer {
        let body = match body.try_into_bytes() {
            Ok(bytes) => Body::Whole(bytes),
            Err(body) => Body::Stream(body.boxed()),
        };
        if let Some(turn) = &turn {
            turn.connection().answers();
        }
        let held = match (&body, guest) {
            (Body::Whole(bytes), Some(guest)) if bytes.len() > COUNTED && bytes.is_unique() => {
                Some(Held::new(guest, bytes.len()))
            }
            _ => None,
        };
        Answer { body, turn, held }
    }
}

/// A middleware for applications without the outer one: says whose turn it is on the connection.
pub async fn in_turn(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let guest = request.conn_data::<Guest>().cloned();
    let turn = guest.as_ref().map(|guest| Turn::begin(guest.connection.clone()));
    let answer = next.call(request).await?;
    Ok(answer.map_body(|_, body| Answer::new(body, turn, guest.as_ref())))
}

impl MessageBody for Answer {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        match &self.body {
            Body::Whole(bytes) => bytes.size(),
            Body::Stream(body) => body.size(),
        }
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let piece = match &mut self.body {
            Body::Whole(rest) if rest.is_empty() => None,
            Body::Whole(rest) => {
                let most = rest.len().min(PIECE);
                Some(Ok(rest.split_to(most)))
            }
            Body::Stream(body) => match Pin::new(body).poll_next(cx) {
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
