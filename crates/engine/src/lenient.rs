//! Reads what people paste as JSON: proper JSON, JSON cut off in the middle, Python and JavaScript forms of it, and
//! object reprs such as `Choice(finish_reason='stop')`. Never fails: it keeps what it understood and says whether it
//! had to guess.
//!
//! Linear in the length of the text. Nesting below [`DEEPEST`] is passed over, and so is everything after
//! [`MOST_NODES`] values.

/// How deep nesting is followed. Responses of AI services are at most about 15 levels deep.
pub const DEEPEST: usize = 64;
/// How many values of one document are kept.
pub const MOST_NODES: usize = 50_000;

/// A value of a document, in the order in which it stands there.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentNode {
    /// The index of the value that this one stands in; None for the whole document.
    pub parent: Option<usize>,
    pub key: MemberKey,
    pub value: Scalar,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberKey {
    Root,
    Name(String),
    Index(usize),
}

/// A scalar, or a container with the number of its members.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar {
    Null,
    Bool(bool),
    /// As it is written.
    Number(String),
    Text(String),
    List(usize),
    Object(usize),
}

impl Scalar {
    /// As a quotation shows it; containers have none.
    pub fn written(&self) -> Option<String> {
        match self {
            Scalar::Null => Some("null".to_owned()),
            Scalar::Bool(value) => Some(value.to_string()),
            Scalar::Number(text) | Scalar::Text(text) => Some(text.clone()),
            Scalar::List(_) | Scalar::Object(_) => None,
        }
    }
}

/// What was read of one document.
#[derive(Debug, Default)]
pub struct LenientDocument {
    pub nodes: Vec<DocumentNode>,
    /// Bytes of the text that were used.
    pub length: usize,
    /// Whether it was anything else than proper JSON.
    pub broken: bool,
}

/// Reads one value at the beginning of `text`.
pub fn read_leniently(text: &str) -> LenientDocument {
    let mut reader = Reader { text, at: 0, out: LenientDocument::default() };
    reader.value(None, MemberKey::Root, 0);
    reader.out.length = reader.at;
    reader.out
}

pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    pub(super) out: LenientDocument,
}

impl<'a> Reader<'a> {
    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn skip(&mut self, c: char) {
        self.at = self.at.saturating_add(c.len_utf8());
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at = self.at.saturating_add(rest.len().saturating_sub(rest.trim_start().len()));
    }

    pub(super) fn push(&mut self, parent: Option<usize>, key: MemberKey, value: Scalar) -> usize {
        let at = self.out.nodes.len();
        if at < MOST_NODES {
            self.out.nodes.push(DocumentNode { parent, key, value });
        } else {
            self.out.broken = true;
        }
        at
    }

    fn value(&mut self, parent: Option<usize>, key: MemberKey, depth: usize) {
        self.space();
        match self.peek() {
            Some('{') => self.object(parent, key, depth, '}'),
            Some('[') => self.list(parent, key, depth, ']'),
            // A tuple.
            Some('(') => {
                self.out.broken = true;
                self.list(parent, key, depth, ')');
            }
            Some(quote @ ('"' | '\'' | '`')) => {
                let text = self.string(quote);
                self.push(parent, key, Scalar::Text(text));
            }
            Some(_) => self.bare(parent, key, depth),
            None => self.out.broken = true,
        }
    }

    /// The opening bracket is next. `close` is `}` for an object, `)` for `Name(key=value)`.
    pub(super) fn object(&mut self, parent: Option<usize>, key: MemberKey, depth: usize, close: char) {
        self.container(parent, key, depth, close, Scalar::Object, Self::member);
    }

    /// The opening bracket is next. `close` is `]` for a list, `)` for a tuple.
    pub(super) fn list(&mut self, parent: Option<usize>, key: MemberKey, depth: usize, close: char) {
        self.container(parent, key, depth, close, Scalar::List, |own, list, members, depth| {
            own.inner(list, MemberKey::Index(members), depth);
        });
    }

    fn container(
        &mut self,
        parent: Option<usize>,
        key: MemberKey,
        depth: usize,
        close: char,
        made: fn(usize) -> Scalar,
        member: fn(&mut Self, usize, usize, usize),
    ) {
        let own = self.push(parent, key, made(0));
        self.open(depth);
        let mut members = 0_usize;
        loop {
            self.space();
            match self.peek() {
                None => {
                    self.out.broken = true;
                    break;
                }
                Some(c) if c == close => {
                    self.skip(c);
                    break;
                }
                // The bracket of something else: this one was never closed.
                Some('}' | ']' | ')') => {
                    self.out.broken = true;
                    if depth == 0 { self.skip(')') } else { break }
                }
                Some(',' | ';') => self.comma(members),
                Some(_) => {
                    let before = self.at;
                    member(self, own, members, depth);
                    members = members.saturating_add(1);
                    if self.at == before {
                        self.skip_one();
                    }
                }
            }
        }
        if let Some(node) = self.out.nodes.get_mut(own) {
            node.value = made(members);
        }
    }

    fn open(&mut self, depth: usize) {
        if let Some(c) = self.peek() {
            self.skip(c);
        }
        if depth >= DEEPEST {
            self.out.broken = true;
        }
    }

    /// A value inside of another one; below the deepest level its text is passed over.
    fn inner(&mut self, parent: usize, key: MemberKey, depth: usize) {
        if depth < DEEPEST {
            return self.value(Some(parent), key, depth.saturating_add(1));
        }
        self.pass_over();
    }

    /// Skips one value without keeping it, brackets counted instead of followed.
    pub(super) fn pass_over(&mut self) {
        let mut open = 0_usize;
        while let Some(c) = self.peek() {
            match c {
                '{' | '[' | '(' => open = open.saturating_add(1),
                '}' | ']' | ')' if open == 0 => return,
                '}' | ']' | ')' => open = open.saturating_sub(1),
                ',' if open == 0 => return,
                '"' | '\'' => {
                    self.string(c);
                    continue;
                }
                _ => {}
            }
            self.skip(c);
        }
    }

    /// A comma between members is proper JSON; one before the first, before another one or before the bracket is not.
    fn comma(&mut self, members: usize) {
        self.out.broken |= self.peek() == Some(';');
        self.skip(',');
        self.space();
        if members == 0 || matches!(self.peek(), Some(',' | ';' | '}' | ']' | ')')) {
            self.out.broken = true;
        }
    }

    fn skip_one(&mut self) {
        self.out.broken = true;
        if let Some(c) = self.peek() {
            self.skip(c);
        }
    }

    /// `"name": value`, `name = value`, `name { ... }` (protobuf text), or a value without a name.
    fn member(&mut self, own: usize, members: usize, depth: usize) {
        let name = match self.peek() {
            Some(quote @ ('"' | '\'' | '`')) => self.string(quote),
            Some('{' | '[') => {
                self.out.broken = true;
                return self.inner(own, MemberKey::Index(members), depth);
            }
            _ => {
                self.out.broken = true;
                let word = self.word().to_owned();
                // A value without a name: `Decimal('1')`, or the items of a set.
                if matches!(self.peek(), Some('(')) && !word.is_empty() {
                    return self.inner(own, MemberKey::Index(members), depth);
                }
                word
            }
        };
        self.space();
        match self.peek() {
            Some(c @ (':' | '=')) => {
                if c == '=' {
                    self.out.broken = true;
                }
                self.skip(c);
                // `=>` of Ruby and PHP.
                if self.peek() == Some('>') {
                    self.skip('>');
                }
                self.space();
                if matches!(self.peek(), None | Some('}' | ']' | ')' | ',')) {
                    self.out.broken = true;
                    self.push(Some(own), MemberKey::Name(name), Scalar::Null);
                } else {
                    self.inner(own, MemberKey::Name(name), depth);
                }
            }
            Some('{') => {
                self.out.broken = true;
                self.inner(own, MemberKey::Name(name), depth);
            }
            _ => {
                self.out.broken = true;
                self.push(Some(own), MemberKey::Index(members), Scalar::Text(name));
            }
        }
    }
}
