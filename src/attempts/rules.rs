pub const ORDER: &str = "sha256-v1";
