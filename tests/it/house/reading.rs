//! What a file of Rust says, read as the compiler reads it: paths, macros and texts, without comments and without what is
//! compiled for tests alone.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Meta, UseTree, Visibility};

/// A path with its segments, such as `["crate", "auth", "store"]`.
pub type Path = Vec<String>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Something named: in an import, a type, an expression, a derive, or among the tokens of a macro.
    Path(Path),
    /// A macro that is called, by the last part of its name.
    Macro(String),
    /// A string.
    Text(String),
}

#[derive(Debug, Clone)]
pub struct Fact {
    pub line: usize,
    pub what: What,
    /// Only passed on (`pub use`), not used.
    pub passed_on: bool,
}

#[derive(Debug, Default)]
pub struct Reading {
    pub facts: Vec<Fact>,
    /// What imports call a thing here -> the path they give.
    pub names: BTreeMap<String, Path>,
    /// Files of modules declared here for tests alone: the module's name, or the file that `#[path]` gives.
    pub test_modules: Vec<String>,
    /// Whether the file says what it is for, before all else.
    pub documented: bool,
    /// Macros that everybody may call as `crate::name!`.
    pub macros: Vec<String>,
    /// The types and functions that stand at the level of a module.
    pub named: Vec<Named>,
}

/// A definition that a search for its name finds.
#[derive(Debug, Clone)]
pub struct Named {
    pub line: usize,
    pub name: String,
    pub of: Definition,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Definition {
    Type,
    Function { public: bool },
}

/// Reads a file's text; the error is that it is no Rust.
pub fn read(text: &str) -> Result<Reading, String> {
    let file = syn::parse_file(text).map_err(|e| format!("line {}: {e}", e.span().start().line))?;
    let mut reader = Reader::default();
    reader.out.documented = file.attrs.iter().any(|attribute| attribute.path().is_ident("doc"));
    if !for_tests(&file.attrs) {
        reader.visit_file(&file);
    }
    Ok(reader.out)
}

#[derive(Default)]
struct Reader {
    out: Reading,
    /// How many bodies of functions are open.
    bodies: usize,
}

impl Reader {
    fn add(&mut self, span: proc_macro2::Span, what: What, passed_on: bool) {
        self.out.facts.push(Fact { line: span.start().line, what, passed_on });
    }

    /// What stands inside of a function is found by whoever reads that function.
    fn name(&mut self, item: &syn::Item) {
        use Definition::{Function, Type};
        use syn::Item;
        let (ident, of) = match item {
            Item::Struct(one) => (&one.ident, Type),
            Item::Enum(one) => (&one.ident, Type),
            Item::Union(one) => (&one.ident, Type),
            Item::Trait(one) => (&one.ident, Type),
            Item::Type(one) => (&one.ident, Type),
            Item::Fn(one) => (&one.sig.ident, Function { public: !matches!(one.vis, Visibility::Inherited) }),
            _ => return,
        };
        if self.bodies == 0 {
            self.out.named.push(Named { line: ident.span().start().line, name: ident.to_string(), of });
        }
    }

    fn import(&mut self, tree: &UseTree, before: &mut Path, passed_on: bool) {
        match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.import(&path.tree, before, passed_on);
                before.pop();
            }
            UseTree::Group(group) => group.items.iter().for_each(|one| self.import(one, before, passed_on)),
            UseTree::Name(name) => self.imported(name.ident.span(), before, &name.ident.to_string(), None, passed_on),
            UseTree::Rename(rename) => {
                self.imported(rename.ident.span(), before, &rename.ident.to_string(), Some(rename.rename.to_string()), passed_on);
            }
            UseTree::Glob(glob) => self.add(glob.span(), What::Path(before.clone()), passed_on),
        }
    }

    fn imported(&mut self, span: proc_macro2::Span, before: &Path, name: &str, alias: Option<String>, passed_on: bool) {
        let mut path = before.clone();
        // `use a::b::{self}` is `a::b`; `use self::x` begins with it.
        if name != "self" || before.is_empty() {
            path.push(name.to_owned());
        }
        let known_as = alias.or_else(|| path.last().cloned()).unwrap_or_default();
        self.out.names.insert(known_as, path.clone());
        self.add(span, What::Path(path), passed_on);
    }

    /// Macros take any tokens, so these are read for what they name: idents joined by `::`, calls of macros, strings.
    fn tokens(&mut self, tokens: TokenStream, with_texts: bool) {
        let mut path: Path = Vec::new();
        let mut line = None;
        let mut colons = 0;
        let mut variable = false;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    // In `$name::x` the name is a parameter of the macro; `$crate` is the crate.
                    let name = ident.to_string();
                    if colons != 2 {
                        self.end(&mut path, line);
                    }
                    if !variable || name == "crate" {
                        line = Some(ident.span());
                        path.push(name);
                    }
                    (colons, variable) = (0, false);
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Punct(punct) => {
                    if punct.as_char() == '!'
                        && colons == 0
                        && let Some(name) = path.last()
                    {
                        self.add(punct.span(), What::Macro(name.clone()), false);
                    }
                    self.end(&mut path, line);
                    (colons, variable) = (0, punct.as_char() == '$');
                }
                TokenTree::Literal(literal) => {
                    self.end(&mut path, line);
                    colons = 0;
                    if with_texts && let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                        self.add(literal.span(), What::Text(text.value()), false);
                    }
                }
                TokenTree::Group(group) => {
                    // `a::{b, c}` among tokens: each of the group belongs to the path before it.
                    if colons == 2 && group.delimiter() == Delimiter::Brace && !path.is_empty() {
                        for name in group.stream().into_iter().filter_map(|one| match one {
                            TokenTree::Ident(ident) => Some(ident.to_string()),
                            _ => None,
                        }) {
                            let whole = path.iter().cloned().chain([name]).collect();
                            self.add(group.span(), What::Path(whole), false);
                        }
                    }
                    self.end(&mut path, line);
                    colons = 0;
                    self.tokens(group.stream(), with_texts);
                }
            }
        }
        self.end(&mut path, line);
    }

    fn end(&mut self, path: &mut Path, line: Option<proc_macro2::Span>) {
        if let (false, Some(span)) = (path.is_empty(), line) {
            let whole = std::mem::take(path);
            self.add(span, What::Path(whole), false);
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if for_tests(attributes_of(item)) {
            if let syn::Item::Mod(module) = item
                && module.content.is_none()
            {
                self.out.test_modules.push(path_of(module).unwrap_or_else(|| module.ident.to_string()));
            }
            return;
        }
        self.name(item);
        match item {
            syn::Item::Use(item) => {
                let passed_on = !matches!(item.vis, Visibility::Inherited);
                self.import(&item.tree, &mut Vec::new(), passed_on);
                return;
            }
            syn::Item::Macro(rules) => {
                if let Some(name) = &rules.ident
                    && rules.attrs.iter().any(|attribute| attribute.path().is_ident("macro_export"))
                {
                    self.out.macros.push(name.to_string());
                }
            }
            _ => {}
        }
        visit::visit_item(self, item);
    }

    fn visit_impl_item(&mut self, item: &'ast syn::ImplItem) {
        let attributes = match item {
            syn::ImplItem::Const(one) => &one.attrs,
            syn::ImplItem::Fn(one) => &one.attrs,
            syn::ImplItem::Type(one) => &one.attrs,
            syn::ImplItem::Macro(one) => &one.attrs,
            _ => return,
        };
        if !for_tests(attributes) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if !for_tests(&item.attrs) {
            visit::visit_trait_item_fn(self, item);
        }
    }

    fn visit_block(&mut self, block: &'ast syn::Block) {
        self.bodies += 1;
        visit::visit_block(self, block);
        self.bodies -= 1;
    }

    fn visit_stmt(&mut self, statement: &'ast syn::Stmt) {
        let attributes: &[Attribute] = match statement {
            syn::Stmt::Local(one) => &one.attrs,
            syn::Stmt::Macro(one) => &one.attrs,
            syn::Stmt::Expr(syn::Expr::Block(one), _) => &one.attrs,
            _ => &[],
        };
        if !for_tests(attributes) {
            visit::visit_stmt(self, statement);
        }
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        if !for_tests(&field.attrs) {
            visit::visit_field(self, field);
        }
    }

    fn visit_variant(&mut self, variant: &'ast syn::Variant) {
        if !for_tests(&variant.attrs) {
            visit::visit_variant(self, variant);
        }
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        if !for_tests(&arm.attrs) {
            visit::visit_arm(self, arm);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Path = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.add(path.span(), What::Path(names), false);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        let name = mac.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        self.add(mac.path.span(), What::Macro(name), false);
        self.visit_path(&mac.path);
        self.tokens(mac.tokens.clone(), true);
    }

    fn visit_lit_str(&mut self, text: &'ast syn::LitStr) {
        self.add(text.span(), What::Text(text.value()), false);
    }

    /// Documentation is prose; other attributes name things (`derive(diesel::Insertable)`).
    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let Meta::List(list) = &attribute.meta {
            self.tokens(list.tokens.clone(), false);
        }
    }
}

/// `#[path = "rules_tests.rs"] mod tests;`
fn path_of(module: &syn::ItemMod) -> Option<String> {
    module.attrs.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    })
}

fn attributes_of(item: &syn::Item) -> &[Attribute] {
    use syn::Item;
    match item {
        Item::Const(one) => &one.attrs,
        Item::Enum(one) => &one.attrs,
        Item::ExternCrate(one) => &one.attrs,
        Item::Fn(one) => &one.attrs,
        Item::ForeignMod(one) => &one.attrs,
        Item::Impl(one) => &one.attrs,
        Item::Macro(one) => &one.attrs,
        Item::Mod(one) => &one.attrs,
        Item::Static(one) => &one.attrs,
        Item::Struct(one) => &one.attrs,
        Item::Trait(one) => &one.attrs,
        Item::TraitAlias(one) => &one.attrs,
        Item::Type(one) => &one.attrs,
        Item::Union(one) => &one.attrs,
        Item::Use(one) => &one.attrs,
        _ => &[],
    }
}

/// Whether something is compiled for tests alone: `#[test]`, or a `cfg` that is certainly false in the program.
fn for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || attribute.path().is_ident("cfg")
                && attribute.parse_args::<Meta>().is_ok_and(|condition| in_program(&condition) == Some(false))
    })
}

/// A condition's value in the program; nothing where it depends on the machine.
fn in_program(condition: &Meta) -> Option<bool> {
    let Meta::List(list) = condition else {
        return condition.path().is_ident("test").then_some(false);
    };
    let parse = syn::punctuated::Punctuated::<Meta, syn::Token![,]>::parse_terminated;
    let parts: Vec<Option<bool>> = list.parse_args_with(parse).ok()?.iter().map(in_program).collect();
    let decided = |value: bool| parts.contains(&Some(value)).then_some(value);
    let all_are = |value: bool| parts.iter().all(|part| *part == Some(value)).then_some(value);
    if list.path.is_ident("not") {
        parts.first().copied().flatten().map(|value| !value)
    } else if list.path.is_ident("all") {
        decided(false).or_else(|| all_are(true))
    } else if list.path.is_ident("any") {
        decided(true).or_else(|| all_are(false))
    } else {
        None
    }
}
