//! The words and strings of [`lenient`](crate::lenient): what stands between brackets.

use crate::lenient::{DEEPEST, MemberKey, Reader, Scalar};

impl<'a> Reader<'a> {
    /// The opening quotation mark is next.
    pub(super) fn string(&mut self, quote: char) -> String {
        self.skip(quote);
        if quote != '"' {
            self.out.broken = true;
        }
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let Some(at) = rest.find([quote, '\\']) else {
                // Cut off.
                text.push_str(rest);
                self.at = self.text.len();
                self.out.broken = true;
                return text;
            };
            let (before, from) = rest.split_at(at);
            text.push_str(before);
            self.at = self.at.saturating_add(at);
            if from.starts_with('\\') {
                self.escape(&mut text);
            } else {
                self.skip(quote);
                return text;
            }
        }
    }

    /// The backslash is next.
    fn escape(&mut self, text: &mut String) {
        self.skip('\\');
        let Some(c) = self.peek() else { return self.out.broken = true };
        self.skip(c);
        match c {
            'n' => text.push('\n'),
            't' => text.push('\t'),
            'r' => text.push('\r'),
            'b' | 'f' => text.push(' '),
            'u' => match self.hexadecimal(4) {
                Some(high @ 0xD800..=0xDBFF) => {
                    let low = self.rest().strip_prefix("\\u").and_then(|rest| u32::from_str_radix(rest.get(..4)?, 16).ok());
                    match low {
                        Some(low @ 0xDC00..=0xDFFF) => {
                            self.at = self.at.saturating_add(6);
                            let joined = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
                            text.push(char::from_u32(joined).unwrap_or(char::REPLACEMENT_CHARACTER));
                        }
                        _ => text.push(char::REPLACEMENT_CHARACTER),
                    }
                }
                Some(code) => text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)),
                None => self.out.broken = true,
            },
            'x' => match self.hexadecimal(2) {
                Some(code) => text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)),
                None => self.out.broken = true,
            },
            other => text.push(other),
        }
    }

    fn hexadecimal(&mut self, digits: usize) -> Option<u32> {
        let code = u32::from_str_radix(self.rest().get(..digits)?, 16).ok()?;
        self.at = self.at.saturating_add(digits);
        Some(code)
    }

    /// Letters, digits and what else names and numbers have.
    pub(super) fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_alphanumeric() || "_.-+$@/%".contains(c))).unwrap_or(rest.len());
        self.at = self.at.saturating_add(end);
        rest.get(..end).unwrap_or_default()
    }

    /// A number, `true`, `None`, an enum such as `FinishReason.SAFETY` or `<FinishReason.SAFETY: 3>`, an object repr.
    pub(super) fn bare(&mut self, parent: Option<usize>, key: MemberKey, depth: usize) {
        if self.peek() == Some('<') {
            return self.angle(parent, key);
        }
        let word = self.word();
        self.type_parameter();
        let value = match word {
            "" => {
                self.out.broken = true;
                return;
            }
            "null" => Scalar::Null,
            "true" => Scalar::Bool(true),
            "false" => Scalar::Bool(false),
            "None" | "undefined" | "nil" | "NaN" => {
                self.out.broken = true;
                Scalar::Null
            }
            "True" | "False" => {
                self.out.broken = true;
                Scalar::Bool(word == "True")
            }
            _ if is_number(word) => Scalar::Number(word.to_owned()),
            // A prefix of a string: b'...', u'...', r"...".
            "b" | "u" | "r" | "f" if matches!(self.peek(), Some('"' | '\'')) => {
                let quote = self.peek().unwrap_or('"');
                self.out.broken = true;
                Scalar::Text(self.string(quote))
            }
            name if self.peek() == Some('(') => return self.repr(name, parent, key, depth),
            other => {
                self.out.broken = true;
                // Words up to what ends a value: the lines of protobuf text and YAML have one each.
                Scalar::Text(enum_name(other).to_owned())
            }
        };
        self.push(parent, key, value);
    }

    /// `ParsedChoice[Step](` is `ParsedChoice(`.
    fn type_parameter(&mut self) {
        let Some((inside, after)) = self.rest().strip_prefix('[').and_then(|rest| rest.split_once(']')) else { return };
        let plain = inside.len() < 60 && inside.chars().all(|c| c.is_alphanumeric() || "_., ".contains(c));
        if plain && after.starts_with('(') {
            self.at = self.at.saturating_add(inside.len()).saturating_add(2);
        }
    }

    /// `Name(key=value, ...)` is an object, `Name('text')` is what stands inside.
    fn repr(&mut self, name: &str, parent: Option<usize>, key: MemberKey, depth: usize) {
        self.out.broken = true;
        let inside = self.rest().get(1..).unwrap_or_default().trim_start();
        let first = inside.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(inside.len());
        let named = first > 0 && inside.get(first..).is_some_and(|rest| rest.trim_start().starts_with('='));
        if named && depth < DEEPEST {
            self.object(parent, key, depth, ')');
        } else if inside.starts_with(')') || depth >= DEEPEST {
            self.push(parent, key, Scalar::Text(name.to_owned()));
            self.pass_over();
        } else {
            self.list(parent, key, depth, ')');
        }
    }

    fn angle(&mut self, parent: Option<usize>, key: MemberKey) {
        self.out.broken = true;
        let rest = self.rest();
        let end = rest.find(['>', '\n']).unwrap_or(rest.len());
        let inside = rest.get(1..end).unwrap_or_default();
        let name = inside.split([':', ' ']).next().unwrap_or_default();
        self.at = self.at.saturating_add(end);
        if self.peek() == Some('>') {
            self.skip('>');
        }
        self.push(parent, key, Scalar::Text(enum_name(name).to_owned()));
    }
}

/// `FinishReason.SAFETY` is `SAFETY`; `gpt-4.1` and `example.org` stay what they are.
fn enum_name(word: &str) -> &str {
    match word.rsplit_once('.') {
        Some((class, member)) if class.starts_with(char::is_uppercase) && !member.is_empty() => member,
        _ => word,
    }
}

fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit() || c == '-') && word.parse::<f64>().is_ok()
}
