//! What one diagnosis costs, in time on this machine.

use std::time::Instant;

use waymark_engine::evidence::HttpEvidence;
use waymark_engine::{Engine, Evidence};

use crate::labelled::Case;

/// Quantiles of many single runs, in microseconds.
fn timed(engine: &Engine, evidence: &[Evidence], runs: usize) -> (f64, f64, f64) {
    let mut times: Vec<f64> = Vec::with_capacity(runs);
    for run in 0..runs {
        let one = &evidence[run % evidence.len()];
        let began = Instant::now();
        std::hint::black_box(engine.diagnose(std::hint::black_box(one), None));
        times.push(began.elapsed().as_secs_f64() * 1e6);
    }
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    (at(0.5), at(0.99), at(1.0))
}

fn body(text: String) -> Evidence {
    Evidence { http: Some(HttpEvidence { status: Some(400), headers: Vec::new(), body: Some(text) }), ..Evidence::default() }
}

fn visible(text: String) -> Evidence {
    Evidence { visible_text: Some(text), ..Evidence::default() }
}

/// A filter's answer padded to a size with what such answers are padded with: ratings, usage, echoed messages.
fn response(bytes: usize) -> String {
    let mut rows = Vec::new();
    while rows.iter().map(String::len).sum::<usize>() + 600 < bytes {
        let i = rows.len();
        rows.push(format!(r#"{{"category":"HARM_CATEGORY_{i}","probability":"NEGLIGIBLE","probability_score":0.{i:04},"blocked":false,"detail":"The rating of part {i} of the text."}}"#));
    }
    format!(
        r#"{{"id":"x-1","promptFeedback":{{"safetyRatings":[{}]}},"candidates":[{{"finishReason":"SAFETY","index":0}}],"usageMetadata":{{"promptTokenCount":41,"totalTokenCount":41}},"modelVersion":"m-1"}}"#,
        rows.join(",")
    )
}

fn prose(bytes: usize) -> String {
    let text = "I can explain how the policy works in general. However, it is important to note that each case is different. \
        Here are some steps you could take: talk to the administrator, read the notice, and keep a record.\n\n";
    text.repeat(bytes.div_ceil(text.len()))[..bytes].to_owned()
}

pub fn report(engine: &Engine, cases: &[Case]) {
    println!("\ncost, microseconds: median, 99 %, most");
    let all: Vec<Evidence> = cases.iter().map(|case| case.evidence.clone()).collect();
    let row = |name: &str, evidence: &[Evidence], runs: usize| {
        let (p50, p99, most) = timed(engine, evidence, runs);
        println!("  {name:<44} {p50:>9.0} {p99:>9.0} {most:>9.0}");
    };
    row("the labelled set", &all, all.len() * 5);
    row("4 KB, a body in JSON", &[body(response(4096))], 2_000);
    row("4 KB, an answer in prose", &[visible(prose(4096))], 2_000);
    row("64 KB, a body in JSON", &[body(response(65_536))], 300);
    row("64 KB, an answer in prose", &[visible(prose(65_536))], 300);
    let hostile: [(&str, String); 9] = [
        ("64 KB of {", "{".repeat(65_536)),
        ("64 KB of [{\"a\":", "[{\"a\":".repeat(65_536 / 6)),
        ("64 KB of quotation marks", "\"".repeat(65_536)),
        ("64 KB of ( and =", "a(b=".repeat(16_384)),
        ("64 KB of {'", "{'".repeat(32_768)),
        ("64 KB of I cannot", "I cannot ".repeat(7_282)),
        ("64 KB of one word", "i".repeat(65_536)),
        ("64 KB of backslashes", format!("\"{}", "\\".repeat(65_535))),
        ("64 KB of events", "data: {\"a\":1}\n".repeat(4_681)),
    ];
    for (name, text) in hostile {
        row(&format!("{name}, as body"), &[body(text.clone())], 30);
        row(&format!("{name}, as text"), &[visible(text)], 30);
    }
    row("1 MB, a body in JSON", &[body(response(1 << 20))], 10);
    row("1 MB, an answer in prose", &[visible(prose(1 << 20))], 10);
}
