//! Whole HTTP responses one after another, as `curl -i` and `curl -v` print them.

/// The status of a status line; `< ` before it is that of `curl -v`.
fn status_line(line: &str) -> Option<u16> {
    let rest = line.strip_prefix("< ").unwrap_or(line).strip_prefix("HTTP/")?;
    let mut words = rest.split_whitespace();
    let version = words.next()?;
    let code: u16 = words.next()?.parse().ok()?;
    let proper = version.starts_with(|c: char| c.is_ascii_digit()) && (100..=599).contains(&code);
    proper.then_some(code)
}

/// A line that a person or curl wrote before the next response.
fn is_prompt(line: &str) -> bool {
    let line = line.trim();
    let starts = ["$ ", "% ", "# ", "> ", "* ", "} [", "{ [", "PS ", "curl ", "\u{276f} ", "\u{279c} "];
    line.is_empty() || line == ">" || line == "*" || starts.iter().any(|start| line.starts_with(start))
}

/// Where each response stands, the first byte and the one behind the last; empty where there is none. A redirect, an interim response
/// and a proxy's go with the one that follows.
pub fn http_responses(text: &str) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    if !text.contains("HTTP/") {
        return found;
    }
    let (mut at, mut goes_on) = (0_usize, false);
    for line in text.split_inclusive('\n') {
        let end = at.saturating_add(line.len());
        match status_line(line) {
            Some(code) => {
                if !goes_on {
                    found.push((at, end));
                }
                goes_on = code < 200 || (300..400).contains(&code) || line.to_lowercase().contains("connection established");
                if let Some(last) = found.last_mut() {
                    last.1 = end;
                }
            }
            None => {
                if let Some(last) = found.last_mut().filter(|_| !is_prompt(line)) {
                    last.1 = end;
                }
            }
        }
        at = end;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn responses_begin_at_their_status_lines_and_end_before_the_next_command() {
        let text = "$ curl -i a\nHTTP/1.1 429 Too Many\nx: y\n\n{}\n\n$ curl -i b -d '{\"a\":1}'\nHTTP/2 200\n\n{\"b\":2}\n";
        let parts: Vec<&str> = http_responses(text).into_iter().map(|(from, to)| &text[from..to]).collect();
        assert_eq!(parts, ["HTTP/1.1 429 Too Many\nx: y\n\n{}\n", "HTTP/2 200\n\n{\"b\":2}\n"]);
    }

    #[test]
    fn a_redirect_goes_with_what_follows() {
        let text = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 307 Temporary Redirect\r\nlocation: x\r\n\r\nHTTP/1.1 400 Bad Request\r\n\r\n{}";
        assert_eq!(http_responses(text), [(0, text.len())]);
        assert!(http_responses("about HTTP/1.1 and HTTP/2").is_empty());
    }
}
