//! What is found, what is not, and what is hidden.

use super::*;

/// Put together here, so that no scanner takes this file for a leak.
fn planted() -> Vec<(&'static str, String)> {
    let body = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0fG3hJ6";
    vec![
        ("GitHub token", format!("ghp_{body}")),
        ("GitHub token", format!("github_pat_{body}")),
        ("AWS access key", format!("AKIA{}", "Q3R5T7W9Y1P2L4K6")),
        ("Slack token", format!("xoxb-{}", "123456789012-abcdefghij")),
        ("API key", format!("sk-{body}")),
        ("JSON web token", format!("eyJ{}.eyJ{}.{}", "hbGciOiJIUzI1NiJ9", "zdWIiOiIxMjM0In0", body)),
        ("bearer token", format!("Authorization: Bearer {body}")),
        ("private key", format!("-----BEGIN RSA {} KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----", "PRIVATE")),
        ("value of a secret name", format!("{}=hunter22-and-more", "DB_PASSWORD")),
        ("value of a secret name", format!(r#"{{"client_{}": "{body}"}}"#, "secret")),
        ("value of a secret name", format!("api_key: {body}")),
        ("value of a secret name", format!(r#"\"auth_{}\":\"{body}\""#, "token")),
        ("password in a URL", format!("postgres://app:{}@db/x", "s3cr3t")),
        ("password in a URL", format!("redis://app:{}@10.0.0.7/1", "s3cr3t")),
        ("password in a URL", format!("redis://app:{}@1:6379", "s3cr3t")),
        ("GitLab token", format!("glpat-{body}")),
        ("Square token", format!("sq0atp-{}", "aBcdEfGhIjKlMnOpQrStUv")),
        ("Telegram token", format!("1234567890:AA{}", &body[..33])),
        ("Airtable token", format!("pat{}.{}", &body[..14], "0a1b2c3d".repeat(8))),
    ]
}

#[test]
fn every_class_is_seen_and_hidden() {
    let mut seen = 0;
    for (class, text) in planted() {
        let line = format!("before {text} behind");
        let found = secrets(&line);
        assert_eq!(found.iter().map(|secret| &*secret.class).collect::<Vec<_>>(), [class], "{text}");
        let hidden = redact(&line);
        assert!(!hidden.contains(&line[found[0].range.clone()]), "{hidden}");
        assert!(hidden.starts_with("before ") && hidden.contains(&format!("[redacted: {class}]")), "{hidden}");
        seen += 1;
    }
    assert_eq!(seen, 19);
}

#[test]
fn what_evidence_is_full_of_is_none() {
    let plain = [
        "\"log_sha256\": \"a8e7fe0c8cedf60ed5c8361510fe79f4fa140c97bb20dbe8a357c01191c23093\"",
        "\"git_sha\": \"196187d63450d9f4c3d286562ad9e4d9bd7563f7\"",
        "test token_refresh_after_401 ... ok",
        "error: unexpected token: expected identifier",
        "password: required",
        "the secret_scan: completed",
        "max_tokens = 4096",
        "API_TOKEN=${API_TOKEN}",
        "token=<your token here>",
        "password = \"********\"",
        "let token = next_token(input)",
        "assert!(token == expected)",
        "secret: std::env::var",
        "AKIAIOSFODNN7EXAMPLE",
        "task-12345678901234567890 disk-sk-1",
        "sk-learn-is-a-library-of-words",
        "https://host:8080/path@2",
        "-----BEGIN PUBLIC KEY-----",
        "the bearer of this letter is known to me",
    ];
    for text in plain {
        assert_eq!(secrets(text), [], "{text}");
    }
    // A fingerprint, a number of too few digits, a body that is too long, and a word of the length of a token.
    let body = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0fG3hJ6";
    for text in [
        format!("SHA256:AA{body}aB3dE"),
        format!("1234567:AA{}", &body[..33]),
        format!("12345678901:AA{}", &body[..33]),
        format!("123456789:AA{body}"),
        format!("pattern{}.{}", &body[..14], "0a1b2c3d".repeat(8)),
    ] {
        assert_eq!(secrets(&text), [], "{text}");
    }
    assert!(matches!(redact("nothing here"), Cow::Borrowed(_)));
}

#[test]
fn what_is_cut_off_is_hidden_too() {
    let mut cut = 0;
    for (_, text) in
        planted().into_iter().filter(|(class, _)| matches!(*class, "GitHub token" | "AWS access key" | "API key"))
    {
        let half = &text[..text.len() - 4];
        assert!(redact(half).starts_with("[redacted: "), "{half}");
        cut += 1;
    }
    assert_eq!(cut, 4);
    let key = format!("-----BEGIN {} KEY-----\nMIIEow", "PRIVATE");
    assert_eq!(redact(&key), "[redacted: private key]");
}

#[test]
fn hostile_text_costs_linear_time_and_never_panics() {
    for piece in [
        "sk-",
        "=",
        "token=",
        "eyJ",
        "://",
        "-----BEGIN ",
        "ä=ö",
        "password=é",
        "://a:b",
        "ghp_",
        "\\",
        "\\u0070",
        "%25",
        "&#1",
        "\u{1b}]",
        "\u{1b}[",
        "cookie=",
        "-u a",
        "bearer ",
        "basic a",
        "${",
        "$(",
        "password=${",
        "s.",
        "JQQJ99",
        "password=&quot;",
        "%252525",
        "é\\",
    ] {
        let text = piece.repeat(20_000);
        assert!(secrets(&text).len() <= text.len());
        assert!(!redact(&text).is_empty());
    }
}

/// A body of a token, as if drawn by lot; the same for the same arguments.
fn drawn(of: Alphabet, length: usize) -> String {
    let letters: &[u8] = match of {
        Alphabet::Alphanumeric | Alphabet::Word | Alphabet::Token => b"aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0fG3hJ6kL9xR",
        Alphabet::Capitals => b"Q3R5T7W9Y1P2L4K6B8",
        Alphabet::Small => b"a3d6g9j2m5p8s1v4y7",
        Alphabet::Hex => b"a3d6e9f2b5c80174",
    };
    (0..length).map(|at| char::from(letters[at % letters.len()])).collect()
}

/// A token of every shape.
fn tokens() -> Vec<(&'static Shape, String)> {
    let token = |shape: &'static Shape| {
        let account = if shape.sure == Sure::Numbered { "1234567890" } else { "" };
        (shape, format!("{account}{}{}", shape.begins, drawn(shape.of, shape.least.max(16))))
    };
    SHAPES.iter().map(token).collect()
}

/// What may stand around a token, with the token for `@` and its first letter escaped for `#`.
const CARRIERS: [&str; 35] = [
    "@",
    "before @ behind",
    "\"@\"",
    "'@'",
    "(@)",
    "[@]",
    "<t>@</t>",
    "x=@",
    "x: @",
    "a,@,b",
    "a;@;b",
    "a|@|b",
    "@.",
    "\u{1b}[31m@\u{1b}[0m",
    "\u{1b}[1m\u{1b}[38;5;9m@",
    "\\u001b[31m@\\u001b[0m",
    "\\x1b[31m@",
    "\\033[31m@",
    "\\n@\\n",
    "\\t@",
    "\\\\n@",
    "%3A@",
    "%0A@",
    "%253A@",
    "tok_@",
    "&quot;@&quot;",
    "&#10;@",
    "{\"a\": \"@\"}",
    "\\\"@\\\"",
    "Authorization: token @",
    "Authorization: Bearer @",
    "Cookie: session=@; a=b",
    "--token @",
    "https://x/?key=@&b=c",
    "TOKEN=@",
];

#[test]
fn every_shape_is_seen_and_hidden_in_every_carrier() {
    let mut seen = 0;
    for (shape, token) in tokens() {
        for carrier in CARRIERS {
            let text = carrier.replace('@', &token);
            assert!(!secrets(&text).is_empty(), "{text}");
            let hidden = redact(&text);
            assert!(!hidden.contains(&token), "{text}: {hidden}");
            assert!(!hidden.contains(&token[shape.begins.len()..]), "{text}: {hidden}");
            seen += 1;
        }
    }
    assert!(SHAPES.len() > 100);
    assert_eq!(seen, SHAPES.len() * CARRIERS.len());
}

#[test]
fn what_is_escaped_inside_a_token_hides_nothing() {
    let mut seen = 0;
    for (_, token) in tokens() {
        for at in [1, 2, token.len() - 5] {
            let (before, from) = token.split_at(at);
            let (one, behind) = from.split_at(1);
            let code = u32::from(one.chars().next().expect("a letter"));
            for escape in [
                format!("\\u{code:04x}"),
                format!("\\x{code:02x}"),
                format!("%{code:02X}"),
                format!("%25{code:02x}"),
                format!("&#{code};"),
                format!("\u{1b}[0m{one}"),
                format!("\\u001b[0m{one}"),
                format!("\u{200b}{one}"),
                format!("\\\\u{code:04x}"),
            ] {
                let text = format!("a {before}{escape}{behind} z");
                let found = secrets(&text);
                assert_eq!(found.len(), 1, "{text}: {found:?}");
                assert_eq!(redact(&text), format!("a [redacted: {}] z", found[0].class), "{text}");
                seen += 1;
            }
        }
    }
    assert_eq!(seen, SHAPES.len() * 27);
}

/// Behind a letter, where the beginning says enough to be believed there.
#[test]
fn a_letter_before_a_token_hides_nothing() {
    let (mut seen, mut passed) = (0, Vec::new());
    for (shape, token) in tokens() {
        for before in ["m", "x", "tok"] {
            match secrets(&format!("{before}{token}")).is_empty() {
                true => passed.push(&*shape.begins),
                false => seen += 1,
            }
        }
    }
    passed.dedup();
    assert_eq!(passed, ["s.", "SK", "key-"], "these begin words of their own");
    assert_eq!(seen, (SHAPES.len() - 3) * 3);
}

#[test]
fn carriers_without_a_shape_are_known() {
    let lot = "k3Zq9wXv2LmT8bRn";
    let table = [
        (format!("Authorization: Basic {}", "dXNlcjpwYXNzd29yZA=="), "dXNlcjpwYXNzd29yZA"),
        (format!("authorization: basic {}", "YWRtaW46aHVudGVyMjI="), "YWRtaW46aHVudGVyMjI"),
        (format!("\u{1b}[1mAuthorization:\u{1b}[0m Basic {}", "dXNlcjpwYXNzd29yZA=="), "dXNlcjpwYXNzd29yZA"),
        (format!("{{\"Authorization\": \"Basic {}\"}}", "YTpiYw=="), "YTpiYw"),
        (format!("Authorization: token {lot}"), lot),
        (format!("Authorization: {lot}"), lot),
        (format!("Proxy-Authorization: ApiKey {lot}"), lot),
        (format!("('authorization', 'Token {lot}')"), lot),
        (format!("Bearer {lot}"), lot),
        (format!("\u{1b}[1mBearer {lot}"), lot),
        (format!("Set-Cookie: session={lot}; Path=/; HttpOnly"), lot),
        (format!("Cookie: theme=dark; sid={lot}"), lot),
        (format!("curl --cookie 'id={lot}' x"), lot),
        (format!("--token {lot}{lot}"), lot),
        (format!("--token={lot}"), lot),
        (format!("deploy --api-key '{lot}'"), lot),
        (format!("-password {lot}"), lot),
        (format!("curl -u admin:{lot} https://x"), lot),
        (format!("curl -s -u 'a:{lot}' https://x"), lot),
        ("curl -u app:hunter https://x".to_owned(), "hunter"),
        (format!("wget --user=app:{lot}"), lot),
        (format!("DB_PASSWORD=example{lot}"), lot),
        (format!("DB_PASSWORD=***{lot}"), lot),
        (format!("DB_PASSWORD=${{X}}{lot}"), lot),
        (format!("DB_PASSWORD=$(get x){lot}"), lot),
        (format!("DB_PASSWORD={{x}}{lot}"), lot),
        (format!("API_TOKEN=<x>{lot}"), lot),
        (format!("api_key: your{lot}"), lot),
        (format!("<property name=\"DB_PASSWORD\" value=\"{lot}\"/>"), lot),
        (format!("{{\"name\": \"API_KEY\", \"value\": \"{lot}\"}}"), lot),
        (format!("<password>{lot}</password>"), lot),
        (format!("password=&quot;{lot}&quot;"), lot),
        (format!("pass\\u0077ord=\\u0022{lot}\\u0022"), lot),
        (format!("db%5Fpassword%3D{lot}"), lot),
        (format!("AccountKey={lot}{lot}=="), lot),
        (format!("//registry.npmjs.org/:_authToken={lot}"), lot),
        (format!("https://x.blob.core.windows.net/c?sv=2024&sig={lot}{lot}{lot}%3D"), lot),
        (format!("https://user:{lot}@host/x"), lot),
        (format!("git clone https://x-access-token:{lot}@github.com/a/b"), lot),
        (format!("PRIVATE-TOKEN: {lot}"), lot),
        (format!("{{\"auths\": {{\"r.io\": {{\"auth\": \"{}\"}}}}}}", "dXNlcjpwYXNzd29yZA=="), "dXNlcjpwYXNzd29yZA"),
        (format!("{{\\\"auth\\\":\\\"{}\\\"}}", "YWRtaW46aHVudGVyMjI="), "YWRtaW46aHVudGVyMjI"),
        (format!("    auth: {}", "YWRtaW46aHVudGVyMjI="), "YWRtaW46aHVudGVyMjI"),
        (format!("machine h.io login app password {lot}"), lot),
        (format!("docker login -u app -p {lot} r.io"), lot),
        (format!("sshpass -p '{lot}' ssh x"), lot),
        (format!("mysql -uroot -p{lot} db"), lot),
        (format!("Server=x;Uid=sa;Pwd={lot};"), lot),
        (format!("PuTTY-User-Key-File-3: ssh-rsa\nPrivate-Lines: 1\n{lot}\nPrivate-MAC: 00"), lot),
    ];
    let mut seen = 0;
    for (text, value) in &table {
        assert!(!secrets(text).is_empty(), "{text}");
        let hidden = redact(text);
        assert!(!hidden.contains(value), "{text}: {hidden}");
        seen += 1;
    }
    assert_eq!(seen, 49);
}

#[test]
fn shapes_of_a_policy_are_looked_for_besides() {
    let own = Shape {
        class: "Acme key".into(),
        begins: "acme_".into(),
        of: Alphabet::Small,
        least: 12,
        most: usize::MAX,
        sure: Sure::Plain,
    };
    let shapes = Shapes::with(vec![own]);
    let text = format!("acme_{} and ghp_{}", drawn(Alphabet::Small, 12), drawn(Alphabet::Alphanumeric, 36));
    assert_eq!(shapes.redact(&text), "[redacted: Acme key] and [redacted: GitHub token]");
    assert_eq!(secrets(&text).len(), 1);
    assert_eq!(Shapes::with(Vec::new()), Shapes::default());
    assert_ne!(shapes, Shapes::default());
}

#[test]
fn what_tools_print_is_none() {
    let hex = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    let plain = [
        format!("sha256:{hex}"),
        format!("sha256-{}=", "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg"),
        "integrity sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="
            .to_owned(),
        format!("commit {}", &hex[..40]),
        "6e20efac-fa84-4ab3-8131-1bfe5e6c833e".to_owned(),
        "task-6e20efac-fa84-4ab3-8131-1bfe5e6c833e disk-1234567890abcdef1234".to_owned(),
        "test auth::token::refreshes_an_expired_token_twice ... ok (0.012s)".to_owned(),
        "tests/test_password_reset.py::test_password[too-short-12345] PASSED".to_owned(),
        "ok 12 - cookie parser: handles 42 attributes".to_owned(),
        "curl -u $USER:$PASSWORD https://x".to_owned(),
        "docker run -u 1000:1000 image; docker run -u node:node image".to_owned(),
        "x86_64-unknown-linux-gnu -u none".to_owned(),
        "Usage: tool --token TOKEN --password <password>".to_owned(),
        "--token-file /run/secrets/token1 --password-stdin".to_owned(),
        "Basic authentication: required; basic example: 12".to_owned(),
        "Authorization: required for 12 endpoints".to_owned(),
        "Set-Cookie: theme=dark; Path=/; Expires=Wed, 21 Oct 2015 07:28:00 GMT".to_owned(),
        "!function(e,t){var n=e.tokens=t;e.password==n&&e.secret!==t}(a,b);".to_owned(),
        "npm_config_cache=/x npm_lifecycle_event=test npm_package_version=1.2.3".to_owned(),
        "image registry/app@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef".to_owned(),
        "100%|##########| 12/12 [00:01<00:00, 11.2it/s]".to_owned(),
        r"C:\new\token\test\u0041\password".to_owned(),
        "process.env.API_KEY !== undefined && token === null".to_owned(),
        "token: sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef".to_owned(),
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
        "paths.abcdefghijklmnop pods.a1b2c3d4 s.length12345".to_owned(),
        "monkey-0123456789abcdef0123456789abcdef TASK0123456789abcdef0123456789abcdef".to_owned(),
        r#"{"pointer":"redis://res:2a96fb1a-14a0-49e7-bf1b-103cdf1582b0:echo@1","text":"{\"ptr\":\"redis://ctx:2a96fb1a:echo@12\"}"}"#
            .to_owned(),
        "xoxb-your-token-here sk-xxxxxxxxxxxxxxxxxxxxxxxx ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx".to_owned(),
    ];
    for text in &plain {
        assert_eq!(secrets(text), [], "{text}");
    }
    for text in &plain[..21] {
        assert!(matches!(redact(text), Cow::Borrowed(_)), "{}", redact(text));
    }
    assert_eq!(plain.len(), 29);
}

#[test]
fn every_range_is_hidden_and_leaves_json_whole() {
    let body = drawn(Alphabet::Alphanumeric, 36);
    let mut seen = 0;
    for text in [
        format!("a\nghp_{body}\nb"),
        format!("\u{1b}[31mghp_{body}\u{1b}[0m"),
        format!("x\npm_{body}"),
        format!("\"password\": \"{body}\""),
        format!("\\npm_{body}\\"),
    ] {
        let json = serde_json::Value::from(text.as_str()).to_string();
        let hidden = redact(&json);
        let read: Result<String, _> = serde_json::from_str(&hidden);
        assert!(read.is_ok(), "{json}: {hidden}");
        assert!(!hidden.contains(&body), "{hidden}");
        seen += 1;
    }
    assert_eq!(seen, 5);
}

/// Base64, for texts that are put together here.
fn encoded(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        let letter = |at: usize| char::from(LETTERS[(bits >> (18 - 6 * at) & 63) as usize]);
        text.extend((0..4).map(|at| if at <= three.len() { letter(at) } else { '=' }));
    }
    text
}

/// A block of PEM in base64 is what it is without, whatever stood before it and however it is wrapped.
#[test]
fn a_private_key_in_base64_is_one() {
    let block =
        |what: &str| format!("-----BEGIN {what}-----\n{}\n-----END {what}-----\n", drawn(Alphabet::Alphanumeric, 64));
    let mut seen = 0;
    for kind in ["RSA", "EC", "OPENSSH", "ENCRYPTED", "DSA", ""] {
        let what = format!("{kind} {} KEY", "PRIVATE");
        for before in ["", "\n", "# a"] {
            let text = encoded(format!("{before}{}", block(what.trim())).as_bytes());
            let whole = format!("client-key-data: {text}\nnext: plain");
            let lines: Vec<&str> = (0..text.len()).step_by(64).map(|at| &text[at..text.len().min(at + 64)]).collect();
            let wrapped = format!("tls.key: |\n  {}\nnext: plain", lines.join("\n  "));
            for text in [whole, wrapped] {
                let hidden = redact(&text);
                assert!(hidden.ends_with("[redacted: private key]\nnext: plain"), "{text}: {hidden}");
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 36);
    for what in ["CERTIFICATE", "PUBLIC KEY", "CERTIFICATE REQUEST"] {
        let text = format!("certificate-authority-data: {}", encoded(block(what).as_bytes()));
        assert_eq!(secrets(&text), [], "{text}");
        seen += 1;
    }
    assert_eq!(seen, 39);
}

/// What only looks like a carrier.
#[test]
fn carriers_of_nothing_are_none() {
    let plain = [
        "\"auth\": \"none\"",
        "\"auth\": {\"type\": \"basic\"}",
        "auth: enabled",
        "author: YWJj",
        "\"auth\": \"dGVzdA==\"",
        "machine learning password reset",
        "mkdir -p build/out",
        "cp -pr a b",
        "docker run -p 8080:80 image",
        "docker login -u app --password-stdin",
        "docker login -p $TOKEN r.io",
        "mysql -P 3306 -p db",
        "Private-Lines of text",
        "PWD=/home/app",
        "a;pwd=x",
        "cat LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t",
        "API-REFERENCE-GUIDE-FOR-USERS",
        "secret_name_of_the_thing_that_is_meant",
        "v1.0-beta and tk-us-east",
        "registry.io/app@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ];
    for text in plain {
        assert_eq!(secrets(text), [], "{text}");
    }
    assert_eq!(plain.len(), 20);
}

/// However often a name stands in one run of characters, with or without a value, the work grows as the text does.
#[test]
fn names_without_an_end_cost_no_more_than_their_length() {
    let mut seen = 0;
    for piece in [
        "password=",
        "password=xxxx",
        "token=example-",
        "api_key:x",
        "cookie=a",
        "secret=>",
        " -pmysql",
        "auth:",
        "LS0tLS1CRUdJTi",
    ] {
        let time = |times: usize| {
            let text = piece.repeat(times);
            let begun = std::time::Instant::now();
            assert!(secrets(&text).len() <= text.len());
            begun.elapsed()
        };
        let (few, many) = (time(5_000), time(40_000));
        assert!(many < few * 40 + std::time::Duration::from_secs(1), "{piece}: {few:?}, then {many:?}");
        seen += 1;
    }
    assert_eq!(seen, 9);
    let lot = "k3Zq9wXv2LmT8bRn";
    let hidden = redact(&format!("{}{lot} end", "password=xxxx".repeat(90))).into_owned();
    assert!(!hidden.contains(lot), "{hidden}");
}
