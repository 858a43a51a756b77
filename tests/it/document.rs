//! What generic tests need of the contract document: every operation, a URL for it, a body for it.

use serde_json::{Map, Value, json};

use crate::harness::{Answer, Call, Stage, course_slug, slug};

/// One operation of the document.
#[derive(Debug, Clone)]
pub struct Operation {
    pub method: String,
    pub path: String,
    pub value: Value,
    /// The document's own parameters and schemas, references resolved.
    pub document: Value,
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

pub async fn operations(stage: &Stage) -> Vec<Operation> {
    let document = stage.document().await;
    let mut out = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, value) in item.as_object().unwrap() {
            let (method, path) = (method.to_uppercase(), path.clone());
            out.push(Operation { method, path, value: value.clone(), document: document.clone() });
        }
    }
    assert!(out.len() >= 12, "the document has only {} operations", out.len());
    out
}

impl Operation {
    /// The scopes it needs; empty where it needs no token.
    pub fn scopes(&self) -> Vec<String> {
        let list = self.value["security"].as_array().cloned().unwrap_or_default();
        let scopes = list.iter().filter_map(|one| one["token"].as_array()).flatten();
        scopes.map(|scope| scope.as_str().unwrap().to_owned()).collect()
    }

    pub fn secured(&self) -> bool {
        !self.scopes().is_empty()
    }

    /// Its path with something sensible for every parameter.
    pub fn url(&self) -> String {
        self.url_with(|_| None)
    }

    pub fn url_with(&self, choose: impl Fn(&str) -> Option<String>) -> String {
        let segments = self.path.split('/').map(|segment| {
            let Some(name) = segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')) else { return segment.to_owned() };
            choose(name).unwrap_or_else(|| match name {
                "slug" if self.path.starts_with("/v1/courses") => course_slug(),
                "slug" => slug(),
                "item_id" => "fsc-001".to_owned(),
                _ => uuid::Uuid::now_v7().to_string(),
            })
        });
        let mut url = segments.collect::<Vec<_>>().join("/");
        let required = self.parameters("query").into_iter().filter(|p| p["required"] == true);
        for (i, parameter) in required.enumerate() {
            let sign = if i == 0 { '?' } else { '&' };
            url.push_str(&format!("{sign}{}=x", parameter["name"].as_str().unwrap()));
        }
        url
    }

    pub fn parameters(&self, place: &str) -> Vec<Value> {
        let all = self.value["parameters"].as_array().cloned().unwrap_or_default();
        all.into_iter().filter(|parameter| parameter["in"] == place).collect()
    }

    pub fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => self.document.pointer(reference.trim_start_matches('#')).expect("a reference leads somewhere"),
            None => value,
        }
    }

    /// The media type object of its JSON body.
    pub fn json_body(&self) -> Option<&Value> {
        self.value.pointer("/requestBody/content/application~1json")
    }

    /// The example of its JSON body.
    pub fn example(&self) -> Option<Value> {
        let body = self.json_body()?;
        let named = body["examples"].as_object().and_then(|all| all.values().next()).map(|one| &one["value"]);
        let schema = self.resolve(&body["schema"]);
        let found = [Some(&body["example"]), named, Some(&schema["example"]), Some(&schema["examples"][0])];
        found.into_iter().flatten().find(|value| !value.is_null()).cloned()
    }

    /// The properties of its JSON body's schema.
    pub fn properties(&self) -> Map<String, Value> {
        let schema = self.json_body().map(|body| self.resolve(&body["schema"]).clone()).unwrap_or_default();
        schema["properties"].as_object().cloned().unwrap_or_default()
    }

    pub fn call<'a>(&self, stage: &'a Stage, url: &str) -> Call<'a> {
        stage.call(&self.method, url)
    }

    /// A call that is in order as far as the document tells.
    pub fn example_call<'a>(&self, stage: &'a Stage) -> Call<'a> {
        let call = self.call(stage, &self.url());
        match self.json_body() {
            Some(_) => call.json(&self.example().unwrap_or_else(|| json!({}))),
            None => call,
        }
    }

    /// The document names this answer.
    #[track_caller]
    pub fn names(&self, answer: &Answer) {
        let named = self.value["responses"].as_object().unwrap().contains_key(&answer.status.to_string());
        assert!(named, "{self} answers {}, which the document does not name: {}", answer.status, answer.text());
        assert!(answer.status < 500, "{self} fails: {}", answer.text());
    }
}
