//! Content codings (RFC 9110, section 8.4): which one a request gets, and how the bytes become smaller.

use std::io::Write;

use actix_web::HttpRequest;
use actix_web::http::header;
use actix_web::web::Bytes;

/// In what form a body is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    Identity,
    Gzip,
    Brotli,
}

/// What a request takes: the quality of each coding, 0 for none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AcceptedCodings {
    pub brotli: f32,
    pub gzip: f32,
}

/// Less than this is not worth it: a packet holds it as it is.
pub const WORTH: usize = 1_024;

impl Coding {
    /// As `Content-Encoding` names it.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Coding::Identity => None,
            Coding::Gzip => Some("gzip"),
            Coding::Brotli => Some("br"),
        }
    }

    /// The body in this coding, for what is made once and sent often.
    pub fn dense(self, body: &Bytes) -> Bytes {
        match self {
            Coding::Identity => body.clone(),
            Coding::Gzip => gzip(body, flate2::Compression::best()),
            // Up to here the best quality takes a moment and little memory; above, it takes a second for every megabyte.
            Coding::Brotli => brotli(body, if body.len() <= 128 << 10 { 10 } else { 9 }),
        }
    }

    /// The same for what is made anew for each answer.
    pub fn quick(self, body: Bytes) -> Bytes {
        match self {
            Coding::Identity => body,
            Coding::Gzip => gzip(&body, flate2::Compression::new(4)),
            Coding::Brotli => brotli(&body, 3),
        }
    }
}

impl AcceptedCodings {
    pub fn of(request: &HttpRequest) -> AcceptedCodings {
        let lines = request.headers().get_all(header::ACCEPT_ENCODING).filter_map(|value| value.to_str().ok());
        AcceptedCodings::read(&lines.collect::<Vec<&str>>().join(","))
    }

    /// Section 12.5.3: a coding without a quality has 1. Who sends `*` has no wish, and gets the plain form.
    fn read(accept: &str) -> AcceptedCodings {
        let quality = |name: &str| {
            accept.split(',').find_map(|one| {
                let (coding, params) = one.split_once(';').unwrap_or((one, ""));
                let q = params.trim().strip_prefix(['q', 'Q']).and_then(|rest| rest.trim_start().strip_prefix('='));
                let q = if params.trim().is_empty() { Some(1.0) } else { q.and_then(|q| q.trim().parse::<f32>().ok()) };
                coding.trim().eq_ignore_ascii_case(name).then(|| q.unwrap_or(0.0))
            })
        };
        let gzip = quality("gzip").or_else(|| quality("x-gzip")).unwrap_or(0.0);
        AcceptedCodings { brotli: quality("br").unwrap_or(0.0), gzip }
    }

    /// The one that is liked best; of two that are liked the same, `usually`.
    pub fn best(self, usually: impl FnOnce() -> Coding) -> Coding {
        if self.brotli <= 0.0 && self.gzip <= 0.0 {
            Coding::Identity
        } else if self.brotli > self.gzip {
            Coding::Brotli
        } else if self.gzip > self.brotli {
            Coding::Gzip
        } else {
            usually()
        }
    }
}

fn gzip(body: &[u8], level: flate2::Compression) -> Bytes {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), level);
    Bytes::from(gzip.write_all(body).and_then(|()| gzip.finish()).unwrap_or_default())
}

fn brotli(mut body: &[u8], quality: i32) -> Bytes {
    let mut brotli = Vec::new();
    let settings = brotli::enc::BrotliEncoderParams { quality, lgwin: 18, size_hint: body.len(), ..Default::default() };
    let _ = brotli::BrotliCompress(&mut body, &mut brotli, &settings);
    Bytes::from(brotli)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn the_best_liked_coding_is_taken() {
        for (accept, coding) in [
            ("", Coding::Identity),
            ("identity", Coding::Identity),
            ("gzip", Coding::Gzip),
            ("X-Gzip", Coding::Gzip),
            ("br", Coding::Brotli),
            ("gzip, deflate, br", Coding::Brotli),
            ("gzip;q=1.0, br;q=0.5", Coding::Gzip),
            ("gzip;Q=0.2, br; q = 0.5", Coding::Brotli),
            ("br;q=0, gzip", Coding::Gzip),
            ("br;q=0, gzip;q=0", Coding::Identity),
            ("*", Coding::Identity),
            ("*;q=0.5, gzip", Coding::Gzip),
            ("gzip;q=nonsense", Coding::Identity),
            ("zstd, deflate", Coding::Identity),
        ] {
            assert_eq!(AcceptedCodings::read(accept).best(|| Coding::Brotli), coding, "{accept}");
        }
    }

    #[test]
    fn every_form_reads_back() {
        let body = Bytes::from(include_str!("coding.rs").repeat(20));
        for made in [Coding::Gzip.dense(&body), Coding::Gzip.quick(body.clone())] {
            let mut back = Vec::new();
            flate2::read::GzDecoder::new(&made[..]).read_to_end(&mut back).unwrap();
            assert!(back == body && made.len() * 5 < body.len());
        }
        for made in [Coding::Brotli.dense(&body), Coding::Brotli.quick(body.clone())] {
            let mut back = Vec::new();
            brotli::BrotliDecompress(&mut &made[..], &mut back).unwrap();
            assert!(back == body && made.len() * 5 < body.len());
        }
    }
}
