use std::fs;

use maju::{
    App, Config, Embedders, Proxies,
    assets::{Asset, Encoded},
};

use crate::support::{Answer, TestServer, UPGRADE};

const PAGE: &str = "<!doctype html><meta name=maju-signal content=\"\"><style>body { margin: 0 }</style>\
                    <script type=module>import init from '/app.js'; init();</script>";
/// `printf %s "import init from '/app.js'; init();" | openssl dgst -sha256 -binary | base64`, and the same of the style.
const SCRIPT_HASH: &str = "'sha256-WN3FHuG6vmV+0abH/qaNAU0XcODQuncbcPlsPt0rWSU='";
const STYLE_HASH: &str = "'sha256-mX+s7KJgWpgxJola85xdpAFPBQaV091gzM2oPjgTW2w='";

const FILES: &[Asset] = &[Asset {
    path: "/index.html",
    mime: "text/html; charset=utf-8",
    immutable: false,
    plain: Encoded {
        bytes: PAGE.as_bytes(),
        etag: "\"page\"",
    },
    brotli: None,
    gzip: None,
}];

/// A server with the page built in.
async fn built_in(config: Config) -> TestServer {
    let app = App::Embedded(FILES);
    TestServer::start_with(Config { app, ..config }).await
}

/// The directive of that name in the answer's policy.
fn directive<'a>(answer: &'a Answer, name: &str) -> Option<Vec<&'a str>> {
    let policy = answer.header("content-security-policy");
    let directive = policy
        .split("; ")
        .find(|directive| directive.split(' ').next() == Some(name))?;
    Some(directive.split(' ').skip(1).collect())
}

#[tokio::test]
async fn a_page_may_run_what_it_brings_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let page = PAGE.replace("content=\"\"", "content=\"wss://maju.example/signal\"");
    fs::write(folder.path().join("index.html"), page).unwrap();
    let app = App::Folder(folder.path().to_owned());
    let from_folder = TestServer::start_with(Config {
        app,
        ..Config::default()
    })
    .await;
    for (server, elsewhere) in [
        (built_in(Config::default()).await, None),
        (from_folder, Some("wss://maju.example")),
    ] {
        for path in ["/", "/r/den", "/index.html"] {
            let answer = server.request("GET", path, &[("host", "a.example:8080")]).await;
            let scripts = ["'self'", "'wasm-unsafe-eval'", SCRIPT_HASH];
            assert_eq!(directive(&answer, "script-src").unwrap(), scripts, "{path}");
            assert_eq!(directive(&answer, "style-src").unwrap(), ["'self'", STYLE_HASH]);
            let own = ["'self'", "wss://a.example:8080", "ws://a.example:8080"];
            let connect: Vec<_> = own.into_iter().chain(elsewhere).collect();
            assert_eq!(directive(&answer, "connect-src").unwrap(), connect);
            for name in ["default-src", "object-src", "base-uri", "frame-ancestors"] {
                assert_eq!(directive(&answer, name).unwrap(), ["'none'"], "{name}");
            }
        }
    }
}

#[tokio::test]
async fn a_page_that_changes_in_its_folder_brings_what_it_has_now() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::Folder(folder.path().to_owned());
    let server = TestServer::start_with(Config {
        app,
        ..Config::default()
    })
    .await;
    fs::write(folder.path().join("index.html"), "<p>").unwrap();
    let before = server.get("/").await;
    assert_eq!(
        directive(&before, "script-src").unwrap(),
        ["'self'", "'wasm-unsafe-eval'"]
    );
    fs::write(folder.path().join("index.html"), PAGE).unwrap();
    let after = server.get("/").await;
    assert_eq!(directive(&after, "script-src").unwrap()[2], SCRIPT_HASH);
}

#[tokio::test]
async fn a_host_that_is_none_gets_into_no_policy() {
    let server = built_in(Config::default()).await;
    for host in [
        "a.example; script-src *",
        "a b",
        "x@y",
        "'unsafe-inline'",
        "a,b",
        "",
    ] {
        let answer = server.request("GET", "/", &[("host", host)]).await;
        if answer.status == 200 {
            assert_eq!(directive(&answer, "connect-src").unwrap(), ["'self'"], "{host}");
            assert_eq!(
                directive(&answer, "script-src").unwrap()[2],
                SCRIPT_HASH,
                "{host}"
            );
        }
    }
}

#[tokio::test]
async fn every_answer_bears_them() {
    let server = built_in(Config::default()).await;
    let elsewhere = [&UPGRADE[..], &[("origin", "https://elsewhere.example")]].concat();
    for (method, path, headers, status) in [
        ("GET", "/", &[][..], 200),
        ("HEAD", "/", &[], 200),
        ("GET", "/", &[("if-none-match", "\"page\"")], 304),
        ("POST", "/", &[("content-length", "0")], 405),
        ("GET", "/nothing.js", &[], 404),
        ("GET", "/healthz", &[], 200),
        ("GET", "/readyz", &[], 200),
        ("GET", "/signal", &[], 400),
        ("GET", "/signal", &elsewhere, 403),
    ] {
        let answer = server.request(method, path, headers).await;
        assert_eq!(answer.status, status, "{method} {path}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cross-origin-embedder-policy", "require-corp"),
            ("strict-transport-security", ""),
        ] {
            assert_eq!(answer.header(name), value, "{method} {path}: {name}");
        }
        assert_eq!(
            directive(&answer, "default-src").unwrap(),
            ["'none'"],
            "{method} {path}"
        );
        assert_eq!(directive(&answer, "frame-ancestors").unwrap(), ["'none'"]);
        let allowed = answer.header("permissions-policy");
        let page = path == "/" && method != "POST";
        assert_eq!(!allowed.is_empty(), page, "{method} {path}");
        for part in [
            "camera=(self)",
            "microphone=(self)",
            "display-capture=(self)",
            "geolocation=()",
            "usb=()",
        ] {
            assert!(
                !page || allowed.split(", ").any(|item| item == part),
                "{part} in {allowed}"
            );
        }
    }
}

#[tokio::test]
async fn only_sites_that_the_operator_names_may_show_it_in_a_frame() {
    let server = built_in(Config {
        embedders: Embedders::parse(["https://www.example", "https://*.intra.example"]).unwrap(),
        ..Config::default()
    })
    .await;
    let page = server.get("/r/den").await;
    assert_eq!(
        directive(&page, "frame-ancestors").unwrap(),
        ["'self'", "https://www.example", "https://*.intra.example"]
    );
    assert_eq!(page.header("cross-origin-resource-policy"), "cross-origin");
    assert_eq!(page.header("cross-origin-opener-policy"), "");
    let file = server.get("/app.js").await;
    assert_eq!(file.header("cross-origin-resource-policy"), "same-origin");
    for bad in [
        "www.example",
        "https://www.example/page",
        "https://a; script-src *",
        "'self'",
        "https://a.*.example",
        "https://*.*.example",
        "https://*",
    ] {
        assert!(Embedders::parse([bad]).is_err(), "{bad}");
    }
}

#[tokio::test]
async fn a_star_for_a_host_allows_no_connections() {
    let server = built_in(Config::default()).await;
    for host in ["*", "*.example", "a.*:443"] {
        let answer = server.request("GET", "/", &[("host", host)]).await;
        assert_eq!(directive(&answer, "connect-src").unwrap(), ["'self'"], "{host}");
    }
}

#[tokio::test]
async fn https_is_insisted_on_where_a_trusted_proxy_does_it_and_not_where_anybody_says_so() {
    let over_https = [
        ("host", "maju.example"),
        ("x-forwarded-for", "203.0.113.7"),
        ("x-forwarded-proto", "https"),
    ];
    let over_http = [&over_https[..2], &[("x-forwarded-proto", "http")]].concat();
    let local = [&[("host", "localhost")], &over_https[1..]].concat();
    let trusting = built_in(Config {
        proxies: Proxies::parse(["127.0.0.1"]).unwrap(),
        ..Config::default()
    })
    .await;
    let lasting = trusting.request("GET", "/", &over_https).await;
    assert_eq!(lasting.header("strict-transport-security"), "max-age=31536000");
    assert_eq!(
        directive(&lasting, "connect-src").unwrap(),
        ["'self'", "wss://maju.example"]
    );
    for headers in [&over_http, &local] {
        let answer = trusting.request("GET", "/", headers).await;
        assert_eq!(answer.header("strict-transport-security"), "", "{headers:?}");
    }
    let doubting = built_in(Config::default()).await;
    let answer = doubting.request("GET", "/", &over_https).await;
    assert_eq!(answer.header("strict-transport-security"), "");
}
