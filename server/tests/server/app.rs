use std::{fs, io::Read};

use maju::{
    App, Config,
    assets::{Asset, EMBEDDED, Encoded},
};

use crate::support::TestServer;

const SCRIPT: &str = "console.log('a script that is long enough to shrink, shrink, shrink, shrink');";
const PAGE: &str = "<!doctype html><title>Maju</title>";
const FOREVER: &str = "public, max-age=31536000, immutable";

fn leak(bytes: Vec<u8>) -> &'static [u8] {
    Box::leak(bytes.into_boxed_slice())
}

fn packed_files() -> &'static [Asset] {
    let mut brotli = Vec::new();
    let params = brotli::enc::BrotliEncoderParams::default();
    brotli::BrotliCompress(&mut SCRIPT.as_bytes(), &mut brotli, &params).unwrap();
    let mut gzip = Vec::new();
    flate2::read::GzEncoder::new(SCRIPT.as_bytes(), flate2::Compression::best())
        .read_to_end(&mut gzip)
        .unwrap();
    let files = vec![
        Asset {
            path: "/app-0123456789abcdef.js",
            mime: "text/javascript; charset=utf-8",
            immutable: true,
            plain: Encoded {
                bytes: SCRIPT.as_bytes(),
                etag: "\"plain\"",
            },
            brotli: Some(Encoded {
                bytes: leak(brotli),
                etag: "\"brotli\"",
            }),
            gzip: Some(Encoded {
                bytes: leak(gzip),
                etag: "\"gzip\"",
            }),
        },
        Asset {
            path: "/index.html",
            mime: "text/html; charset=utf-8",
            immutable: false,
            plain: Encoded {
                bytes: PAGE.as_bytes(),
                etag: "\"page\"",
            },
            brotli: None,
            gzip: None,
        },
    ];
    Box::leak(files.into_boxed_slice())
}

async fn packed() -> TestServer {
    TestServer::start_with(Config {
        app: App::Embedded(packed_files()),
        ..Config::default()
    })
    .await
}

#[tokio::test]
async fn files_come_in_the_encoding_that_is_asked_for() {
    let server = packed().await;
    for (accepted, encoding) in [("gzip, br", "br"), ("gzip", "gzip"), ("zstd", "")] {
        let answer = server
            .request(
                "GET",
                "/app-0123456789abcdef.js",
                &[("accept-encoding", accepted)],
            )
            .await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-encoding"), encoding);
        assert_eq!(answer.header("content-type"), "text/javascript; charset=utf-8");
        assert_eq!(answer.header("content-length"), answer.body.len().to_string());
        assert_eq!(answer.header("vary"), "accept-encoding");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        let mut text = String::new();
        match encoding {
            "br" => brotli::Decompressor::new(&*answer.body, 4096).read_to_string(&mut text),
            "gzip" => flate2::read::GzDecoder::new(&*answer.body).read_to_string(&mut text),
            _ => (&*answer.body).read_to_string(&mut text),
        }
        .unwrap();
        assert_eq!(text, SCRIPT);
    }
}

#[tokio::test]
async fn hashed_files_are_kept_for_ever_and_the_page_is_asked_for_again() {
    let server = packed().await;
    assert_eq!(
        server
            .get("/app-0123456789abcdef.js")
            .await
            .header("cache-control"),
        FOREVER
    );
    for page in ["/", "/index.html", "/r/den"] {
        assert_eq!(
            server.get(page).await.header("cache-control"),
            "no-cache",
            "{page}"
        );
    }
}

#[tokio::test]
async fn what_the_client_has_is_not_sent_again() {
    let server = packed().await;
    let path = "/app-0123456789abcdef.js";
    let first = server.request("GET", path, &[("accept-encoding", "br")]).await;
    let tag = first.header("etag");
    assert_eq!(tag, "\"brotli\"");
    let again = server
        .request("GET", path, &[("accept-encoding", "br"), ("if-none-match", tag)])
        .await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(
        (again.header("etag"), again.header("cache-control")),
        (tag, FOREVER)
    );
    let other = server
        .request(
            "GET",
            path,
            &[("accept-encoding", "gzip"), ("if-none-match", tag)],
        )
        .await;
    assert_eq!(other.status, 200, "another encoding is another representation");
}

#[tokio::test]
async fn home_and_every_room_are_the_app() {
    let server = packed().await;
    for path in [
        "/",
        "/?x=1",
        "/r/den",
        "/r/%EA%B0%80%EC%A1%B1%20%EB%B0%A9",
        "/r/a%2Fb?name=Ana&join",
    ] {
        let answer = server.get(path).await;
        assert_eq!((answer.status, answer.text()), (200, PAGE), "{path}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_a_page() {
    let server = packed().await;
    for path in [
        "/app-ffffffffffffffff.js",
        "/x",
        "/../Cargo.toml",
        "//",
        "/%2e%2e/x",
        "/index.html/",
    ] {
        let answer = server.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.text().contains("<!doctype"), "{path}");
    }
}

/// What Chromium says when a person goes to an address.
const PERSON: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");

#[tokio::test]
async fn a_person_is_told_by_the_app_that_nothing_is_there() {
    let server = packed().await;
    for path in ["/foo", "/Test", "/rooms/den"] {
        for known in ["\"other\"", "\"page\"", "*"] {
            let answer = server
                .request("GET", path, &[PERSON, ("if-none-match", known)])
                .await;
            assert_eq!((answer.status, answer.text()), (404, PAGE), "{path}");
            assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
            assert_eq!(answer.header("cache-control"), "no-cache");
            let home = server.get("/").await;
            let policy = "content-security-policy";
            assert_eq!(answer.header(policy), home.header(policy), "its scripts run");
        }
    }
    assert_eq!(server.request("HEAD", "/foo", &[PERSON]).await.status, 404);
}

#[tokio::test]
async fn addresses_that_lost_their_end_lead_to_what_was_meant() {
    let server = packed().await;
    for (path, meant) in [
        ("/r", "/"),
        ("/r/?name=Ana", "/?name=Ana"),
        ("/test/", "/test"),
        ("/test/?lang=de", "/test?lang=de"),
    ] {
        let answer = server.get(path).await;
        assert_eq!((answer.status, answer.header("location")), (307, meant), "{path}");
    }
}

#[tokio::test]
async fn heads_have_no_body_and_other_methods_are_refused() {
    let server = packed().await;
    let head = server.request("HEAD", "/", &[]).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), PAGE.len().to_string());
    assert_eq!(
        server
            .request("POST", "/", &[("content-length", "0")])
            .await
            .status,
        405
    );
}

#[tokio::test]
async fn a_server_without_the_app_says_how_to_build_it() {
    let server = TestServer::start_with(Config {
        app: App::Embedded(&[]),
        ..Config::default()
    })
    .await;
    let page = server.get("/r/den").await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("cargo xtask run"));
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(server.get("/app.js").await.status, 404);
}

#[tokio::test]
async fn the_embedded_files_are_whole_and_in_order() {
    let server = TestServer::start().await;
    for file in EMBEDDED {
        let plain = server.get(file.path).await;
        assert_eq!(
            (plain.status, &*plain.body),
            (200, file.plain.bytes),
            "{}",
            file.path
        );
        let mut unpacked = Vec::new();
        if let Some(brotli) = file.brotli {
            brotli::Decompressor::new(brotli.bytes, 4096)
                .read_to_end(&mut unpacked)
                .unwrap();
            assert!(
                unpacked == file.plain.bytes && brotli.bytes.len() < unpacked.len(),
                "{}",
                file.path
            );
        }
        unpacked.clear();
        if let Some(gzip) = file.gzip {
            flate2::read::GzDecoder::new(gzip.bytes)
                .read_to_end(&mut unpacked)
                .unwrap();
            assert!(
                unpacked == file.plain.bytes && gzip.bytes.len() < unpacked.len(),
                "{}",
                file.path
            );
        }
        // Trunk writes a hash into the name of everything but the page.
        let hashed = [".wasm", ".js", ".css"]
            .iter()
            .any(|end| file.path.ends_with(end));
        assert!(
            file.immutable || !hashed || file.path.contains("/snippets/"),
            "{}",
            file.path
        );
        assert!(!file.immutable || file.path != "/index.html");
    }
}

#[tokio::test]
async fn a_folder_is_served_as_it_is_now() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("index.html"), PAGE).unwrap();
    let config = Config {
        app: App::Folder(folder.path().to_owned()),
        ..Config::default()
    };
    let server = TestServer::start_with(config).await;
    for path in ["/", "/r/%EB%B0%A9"] {
        let page = server.get(path).await;
        assert_eq!(
            (page.status, page.text(), page.header("cache-control")),
            (200, PAGE, "no-cache")
        );
        assert!(page.header("content-type").starts_with("text/html"));
    }
    assert_eq!(server.get("/app.js").await.status, 404);
    let lost = server.request("GET", "/foo", &[PERSON]).await;
    assert_eq!((lost.status, lost.text()), (404, PAGE));
    fs::write(folder.path().join("app.js"), SCRIPT).unwrap();
    assert_eq!(server.get("/app.js").await.text(), SCRIPT);
    assert_eq!(server.get("/../Cargo.toml").await.status, 404);
    assert_eq!(server.get("/healthz").await.text(), "alive\n");
}
