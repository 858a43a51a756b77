use super::*;

const PROXIES: &str = "10.0.0.1, 192.168.0.0/16, ::1, fd00::/8";

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn client(peer: &str, x_forwarded_for: &[&str], forwarded: &[&str]) -> String {
    let trusted = TrustedProxies::read(PROXIES).unwrap();
    trusted.client(address(peer), x_forwarded_for.iter().copied(), forwarded.iter().copied()).to_string()
}

#[test]
fn lists_are_read() {
    for (text, holds, not) in [
        ("10.0.0.1", "10.0.0.1", "10.0.0.2"),
        ("10.0.0.0/8", "10.255.0.1", "11.0.0.0"),
        ("10.0.0.0/8", "::ffff:10.9.9.9", "::10.9.9.9"),
        ("::ffff:10.0.0.0/104", "10.1.2.3", "11.1.2.3"),
        ("::ffff:10.0.0.1", "10.0.0.1", "::1"),
        ("128.0.0.0/1", "255.0.0.1", "127.0.0.1"),
        ("fd00::/8", "fdab::1", "fe80::1"),
        ("::1", "::1", "127.0.0.1"),
        ("10.0.0.1,, ::1 ", "::1", "::2"),
        ("2001:db8::/33", "2001:db8:7fff::", "2001:db8:8000::"),
    ] {
        let trusted = TrustedProxies::read(text).unwrap();
        assert!(trusted.trusts(address(holds)) && !trusted.trusts(address(not)), "{text}");
    }
    assert!(!TrustedProxies::read(" , ").unwrap().trusts(address("::1")));
}

#[test]
fn what_is_no_list_is_refused_with_advice() {
    for (text, advice) in [
        ("nginx", "an address or a network"),
        ("10.0.0.1:80", "an address or a network"),
        ("10.0.0.0/33", "an address or a network"),
        ("fd00::/129", "an address or a network"),
        ("::ffff:10.0.0.0/8", "an address or a network"),
        ("10.0.0.0/", "an address or a network"),
        ("10.0.0.0/-1", "an address or a network"),
        ("0.0.0.0/0", "everybody"),
        ("::/0", "everybody"),
        ("10.0.0.7/8", "write 10.0.0.0/8"),
        ("fd00::1/8", "write fd00::/8"),
    ] {
        let refused = TrustedProxies::read(&format!("::1,{text}")).unwrap_err();
        assert!(refused.entry == text && refused.advice.contains(advice), "{text}: {}", refused.advice);
    }
}

#[test]
fn x_forwarded_for_counts_from_the_right() {
    let table: &[(&str, &[&str], &str)] = &[
        // Not from a proxy: whatever it says.
        ("203.0.113.9", &["198.51.100.1"], "203.0.113.9"),
        ("::ffff:203.0.113.9", &["198.51.100.1"], "203.0.113.9"),
        // From one.
        ("10.0.0.1", &[], "10.0.0.1"),
        ("::ffff:10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", &["203.0.113.66, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", &["203.0.113.66", "198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", &["203.0.113.66, 198.51.100.1, 192.168.7.7, ::1"], "198.51.100.1"),
        ("10.0.0.1", &["203.0.113.66,198.51.100.1", " 192.168.7.7"], "198.51.100.1"),
        // What the client wrote to the left of its own address does not matter.
        ("10.0.0.1", &["unknown, <script>, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", &["10.0.0.1, 198.51.100.1"], "198.51.100.1"),
        // Everybody is trusted: the first.
        ("10.0.0.1", &["192.168.0.5, 192.168.0.6"], "192.168.0.5"),
        // Spellings.
        ("10.0.0.1", &["198.51.100.1:4711"], "198.51.100.1"),
        ("10.0.0.1", &["[2001:db8::5]:4711"], "2001:db8::5"),
        ("10.0.0.1", &["[2001:db8::5]"], "2001:db8::5"),
        ("10.0.0.1", &["2001:DB8:0::5"], "2001:db8::5"),
        ("10.0.0.1", &["::ffff:198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", &["198.51.100.1, ::ffff:192.168.1.1"], "198.51.100.1"),
        // What cannot be read.
        ("10.0.0.1", &["198.51.100.1, unknown"], "10.0.0.1"),
        ("10.0.0.1", &["198.51.100.1, unknown, 192.168.1.1"], "10.0.0.1"),
        ("10.0.0.1", &["198.51.100.1,"], "10.0.0.1"),
        ("10.0.0.1", &[""], "10.0.0.1"),
        ("10.0.0.1", &["198.51.100.1:x"], "10.0.0.1"),
        ("10.0.0.1", &["198.51.100.1:99999"], "10.0.0.1"),
        ("10.0.0.1", &["[198.51.100.1]"], "10.0.0.1"),
        ("10.0.0.1", &["[2001:db8::5"], "10.0.0.1"),
        ("10.0.0.1", &["198.51.100"], "10.0.0.1"),
        ("10.0.0.1", &["0198.051.100.001"], "10.0.0.1"),
        ("10.0.0.1", &["3325256705"], "10.0.0.1"),
    ];
    for (peer, sent, found) in table {
        assert_eq!(client(peer, sent, &[]), *found, "{peer}: {sent:?}");
    }
}

#[test]
fn forwarded_counts_from_the_right() {
    let table: &[(&[&str], &str)] = &[
        (&["for=198.51.100.1"], "198.51.100.1"),
        (&["For=198.51.100.1;proto=https;by=203.0.113.43"], "198.51.100.1"),
        (&["by=203.0.113.43 ; for=198.51.100.1"], "198.51.100.1"),
        (&["for=203.0.113.66, for=198.51.100.1"], "198.51.100.1"),
        (&["for=203.0.113.66", "for=198.51.100.1, for=192.168.0.3"], "198.51.100.1"),
        (&["for=\"198.51.100.1:4711\""], "198.51.100.1"),
        (&["for=\"[2001:db8::5]:4711\""], "2001:db8::5"),
        (&["for=\"[2001:db8::5]\""], "2001:db8::5"),
        (&["for=\"\\198.51.100.\\1\""], "198.51.100.1"),
        (&["host=\"a,for=203.0.113.66;b\";for=198.51.100.1"], "198.51.100.1"),
        (&["host=\"a\\\",for=203.0.113.66\";for=198.51.100.1"], "198.51.100.1"),
        (&["for=unknown, for=198.51.100.1"], "198.51.100.1"),
        // What is no address, or cannot be read.
        (&["for=198.51.100.1, for=unknown"], "10.0.0.1"),
        (&["for=198.51.100.1, for=_hidden"], "10.0.0.1"),
        (&["for=198.51.100.1, proto=https"], "10.0.0.1"),
        (&["for=198.51.100.1;for=203.0.113.66"], "10.0.0.1"),
        (&["for=\"198.51.100.1"], "10.0.0.1"),
        (&["for=198.51.100.1\""], "10.0.0.1"),
        (&["for="], "10.0.0.1"),
        (&["198.51.100.1"], "10.0.0.1"),
        (&[""], "10.0.0.1"),
    ];
    for (sent, found) in table {
        assert_eq!(client("10.0.0.1", &[], sent), *found, "{sent:?}");
        assert_eq!(client("203.0.113.9", &[], sent), "203.0.113.9", "{sent:?}");
    }
}

/// A proxy writes one of the two and passes on the other as it came: whoever sends the other one gains nothing.
#[test]
fn a_field_that_the_proxy_did_not_write_is_not_believed() {
    for (x_forwarded_for, forwarded, found) in [
        ("198.51.100.1", "for=203.0.113.66", "10.0.0.1"),
        ("203.0.113.66", "for=198.51.100.1", "10.0.0.1"),
        ("198.51.100.1", "for=198.51.100.1", "198.51.100.1"),
        ("::ffff:198.51.100.1", "for=\"198.51.100.1:99\"", "198.51.100.1"),
        ("198.51.100.1", "for=unknown", "10.0.0.1"),
        ("garbage", "for=198.51.100.1", "10.0.0.1"),
        ("garbage", "garbage", "10.0.0.1"),
    ] {
        assert_eq!(client("10.0.0.1", &[x_forwarded_for], &[forwarded]), found, "{x_forwarded_for} / {forwarded}");
    }
}
