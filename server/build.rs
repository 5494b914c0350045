//! Takes the built app, where there is one, into the server: every file compressed and with its entity tag.

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs,
    hash::{DefaultHasher, Hasher},
    io::Write as _,
    path::{Path, PathBuf},
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let dist = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../dist");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    // Cargo runs this anew on every build for as long as a watched path is missing. Where the folder cannot be
    // made that is all that happens.
    let _ = fs::create_dir_all(&dist);
    println!("cargo::rerun-if-changed={}", dist.display());
    println!("cargo::rerun-if-changed=build.rs");

    let mut files = Vec::new();
    if dist.join("index.html").is_file() {
        collect(&dist, "", &mut files)?;
        files.sort();
    }
    let best = env::var("PROFILE")? == "release";
    let mut table =
        String::from("/// The app as it was when the server was built; empty when it was not there.\n");
    writeln!(table, "pub const EMBEDDED: &[Asset] = &[")?;
    for (number, (url, path)) in files.iter().enumerate() {
        let plain = fs::read(path)?;
        let mime = mime(url);
        let shrinks = mime.starts_with("text/")
            || mime.contains("json")
            || mime.contains("wasm")
            || mime.contains("svg");
        let shorter = |bytes: Vec<u8>| Some(bytes).filter(|bytes| shrinks && bytes.len() < plain.len());
        let brotli = if shrinks {
            shorter(brotli(&plain, best)?)
        } else {
            None
        };
        let gzip = if shrinks {
            shorter(gzip(&plain, best)?)
        } else {
            None
        };
        writeln!(
            table,
            "Asset {{ path: {url:?}, mime: {mime:?}, immutable: {},",
            is_hashed(url)
        )?;
        writeln!(table, "plain: {},", encoded(&out, number, "plain", &plain)?)?;
        for (name, bytes) in [("brotli", brotli), ("gzip", gzip)] {
            match bytes {
                Some(bytes) => writeln!(table, "{name}: Some({}),", encoded(&out, number, name, &bytes)?)?,
                None => writeln!(table, "{name}: None,")?,
            }
        }
        writeln!(table, "}},")?;
    }
    writeln!(table, "];")?;
    fs::write(out.join("embedded.rs"), table)?;
    Ok(())
}

/// All files below a folder with the addresses at which they are served. Hidden ones are the builder's own.
fn collect(folder: &Path, url: &str, files: &mut Vec<(String, PathBuf)>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else {
            continue;
        };
        let url = format!("{url}/{name}");
        if entry.path().is_dir() {
            collect(&entry.path(), &url, files)?;
        } else {
            files.push((url, entry.path()));
        }
    }
    Ok(())
}

/// Puts the bytes beside the table and returns the expression that takes them in.
fn encoded(out: &Path, number: usize, kind: &str, bytes: &[u8]) -> Result<String> {
    let path = out.join(format!("{number}.{kind}"));
    fs::write(&path, bytes)?;
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    let etag = format!("\"{:016x}\"", hasher.finish());
    Ok(format!(
        "Encoded {{ bytes: include_bytes!({:?}), etag: {etag:?} }}",
        path.display().to_string()
    ))
}

/// Whether the file's name bears a hash of its content, as Trunk writes it: `name-0123456789abcdef` and then a dot
/// or an underscore. Hashes in folder names are not of the content.
fn is_hashed(url: &str) -> bool {
    let name = url.rsplit('/').next().unwrap_or_default();
    name.split('-').skip(1).any(|part| {
        let hex = part
            .bytes()
            .take_while(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
            .count();
        hex >= 10 && matches!(part.as_bytes().get(hex), Some(b'.' | b'_'))
    })
}

fn mime(url: &str) -> &'static str {
    match url.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "mp3" => "audio/mpeg",
        "ogg" => "audio/ogg",
        "wav" => "audio/wav",
        _ => "application/octet-stream",
    }
}

/// The best that brotli can do takes a while; while developing, something quick does.
fn brotli(bytes: &[u8], best: bool) -> Result<Vec<u8>> {
    let mut packed = Vec::new();
    let quality = if best { 11 } else { 4 };
    let mut writer = brotli::CompressorWriter::new(&mut packed, 4096, quality, 22);
    writer.write_all(bytes)?;
    writer.flush()?;
    drop(writer);
    Ok(packed)
}

fn gzip(bytes: &[u8], best: bool) -> Result<Vec<u8>> {
    let level = if best {
        flate2::Compression::best()
    } else {
        flate2::Compression::fast()
    };
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), level);
    writer.write_all(bytes)?;
    Ok(writer.finish()?)
}
