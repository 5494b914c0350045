//! Makes the app's bundle smaller than Trunk leaves it, in the folder that Trunk left it in.
//!
//! What is marked in the app as opened seldom (the feature `split`) goes into WebAssembly files of its own, which the
//! browser fetches when they are first wanted. What the glue exports for nobody goes. And names that wasm-bindgen made
//! up, which no compression makes smaller, are shortened in the glue and in the WebAssembly alike (`names`).
//!
//! `cargo xtask build` calls it; by hand:
//! `maju-shrink <WebAssembly as cargo left it> <dist> <esbuild> <folder for what lies between>`

mod names;
mod order;

use std::convert::Infallible;
use std::ffi::OsStr;
use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use wasm_encoder::Module;
use wasm_encoder::reencode::Reencode;
use wasm_split_cli_support::{Options, transform};
use wasmparser::Parser;

/// The module that fetches the parts, as it is called before it is put into the glue.
const LOADER: &str = "parts.js";

/// How the app's files begin.
const NAME: &str = "maju-frontend";

fn main() -> Result<()> {
    let given: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [linked, dist, esbuild, between] = &given[..] else {
        bail!(
            "give the linked WebAssembly, the bundle's folder, esbuild, and a folder for what lies between"
        );
    };
    let glue = only(dist, "js")?;
    let name = glue
        .file_stem()
        .and_then(OsStr::to_str)
        .context("the glue has no name")?;
    if between.exists() {
        fs::remove_dir_all(between).with_context(|| format!("{} cannot be emptied", between.display()))?;
    }
    let page = read_text(&dist.join("index.html"))?;
    let features = wasm_features(&dist.join("../index.html"))?;
    ensure!(page.contains(name), "the page does not start {name}");

    let parts = split(linked, between)?;
    bind(between)?;
    let bound = between.join(format!("{NAME}_bg.wasm"));
    write(&bound, &names::drop_unused_exports(&read(&bound)?)?)?;
    for file in parts.iter().chain([&bound]) {
        optimize(file, &features)?;
        write(file, &order::sort(&read(file)?)?)?;
    }
    publish(&parts, between, dist)?;
    let names = shorten(esbuild, between, &glue)?;
    let app = names::rename(&read(&bound)?, names)?;
    let text = read_text(&glue)?;

    // Browsers keep both for ever by their names, so these are of what is in them, and not of what Trunk left.
    let new = format!("{NAME}-{}", hash(&[&app, text.as_bytes()]));
    for old in [&glue, &dist.join(format!("{name}_bg.wasm"))] {
        fs::remove_file(old).with_context(|| format!("{} could not be removed", old.display()))?;
    }
    // The server names each style sheet of the page by a hash in its header, and no hash can be compressed.
    let page = page.replace("</style><style>", "");
    for (file, bytes) in [
        (
            format!("{new}.js"),
            text.replace(&format!("{NAME}_bg.wasm"), &format!("{new}_bg.wasm"))
                .as_bytes(),
        ),
        (format!("{new}_bg.wasm"), &app),
        ("index.html".to_owned(), page.replace(name, &new).as_bytes()),
    ] {
        write(&dist.join(file), bytes)?;
    }
    Ok(())
}

/// A name for contents.
fn hash(contents: &[&[u8]]) -> String {
    let mut hasher = DefaultHasher::new();
    contents.iter().for_each(|bytes| hasher.write(bytes));
    format!("{:016x}", hasher.finish())
}

/// Cuts what cargo linked: the main part, which wasm-bindgen still has to see, and the others.
fn split(linked: &Path, between: &Path) -> Result<Vec<PathBuf>> {
    let before = read(linked)?;
    let (main, glue) = (between.join("main.wasm"), format!("./{NAME}.js"));
    let loader = format!("./{LOADER}");
    let mut options = Options::new(&before);
    options.output_dir = between;
    options.main_out_path = &main;
    options.main_module = &glue;
    options.link_name = &loader;
    match transform(options) {
        Ok(split) => Ok(split.split_modules),
        Err(reason) => bail!("{} could not be cut into parts: {reason:?}", linked.display()),
    }
}

fn bind(between: &Path) -> Result<()> {
    let mut bind = Command::new("wasm-bindgen");
    bind.args([
        "--target",
        "web",
        "--no-typescript",
        "--keep-lld-exports",
        "--out-name",
        NAME,
    ]);
    run(bind.arg("--out-dir").arg(between).arg(between.join("main.wasm")))
}

/// `-Os` leaves more bytes than `-Oz`, and fewer once they are compressed.
fn optimize(file: &Path, features: &[String]) -> Result<()> {
    run(Command::new("wasm-opt")
        .args(["--flatten", "--rereloop", "-Os", "-Os", "--converge"])
        .args(features)
        .arg(file)
        .arg("-o")
        .arg(file))
}

/// The features that `wasm-opt` may use: the page tells Trunk the same.
fn wasm_features(page: &Path) -> Result<Vec<String>> {
    let page = read_text(page)?;
    let (_, after) = page
        .split_once("data-wasm-opt-params=\"")
        .context("index.html names no parameters for wasm-opt")?;
    let (features, _) = after.split_once('"').context("index.html breaks off")?;
    Ok(features.split_whitespace().map(str::to_owned).collect())
}

/// Puts the parts beside the app, each under a name of its contents, and tells the loader.
fn publish(parts: &[PathBuf], between: &Path, dist: &Path) -> Result<()> {
    let loader = between.join(LOADER);
    let mut text = read_text(&loader)?;
    for part in parts {
        let bytes = read(part)?;
        let stem = part
            .file_stem()
            .and_then(OsStr::to_str)
            .context("a part has no name")?;
        let public = format!("{stem}-{}.wasm", hash(&[&bytes]));
        ensure!(
            text.contains(&format!("./{stem}.wasm")),
            "the loader does not fetch {stem}"
        );
        text = text.replace(&format!("./{stem}.wasm"), &format!("./{public}"));
        write(&dist.join(&public), &bytes)?;
    }
    write(&loader, text.as_bytes())
}

/// Makes one short file of the glue and the loader; gives the names that became shorter.
fn shorten(esbuild: &Path, between: &Path, to: &Path) -> Result<names::Names> {
    let (entry, kept) = (between.join("entry.js"), between.join("names.json"));
    // The page starts the app by these two; what else the glue gives is for nobody.
    let exports = format!("export {{ default, initSync }} from \"./{NAME}.js\";\n");
    write(&entry, exports.as_bytes())?;
    write(&kept, b"{}")?;
    run(Command::new(esbuild)
        .arg(&entry)
        .args([
            "--bundle",
            "--format=esm",
            "--minify",
            "--log-level=warning",
            "--allow-overwrite",
            "--mangle-quoted",
        ])
        .arg(format!("--mangle-props={}", names::MADE_UP))
        .arg(format!("--mangle-cache={}", kept.display()))
        .arg(format!("--outfile={}", to.display())))?;
    Ok(names::read(&read_text(&kept)?))
}

/// The one file of that ending.
fn only(folder: &Path, ending: &str) -> Result<PathBuf> {
    let files = fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    files
        .filter_map(|file| Some(file.ok()?.path()))
        .find(|path| path.extension() == Some(OsStr::new(ending)))
        .with_context(|| format!("there is no .{ending} file in {}", folder.display()))
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("{} cannot be read", file.display()))
}

fn write(file: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(file, bytes).with_context(|| format!("{} could not be written", file.display()))
}

/// The module as this writes it.
fn rewrite(wasm: &[u8], by: &mut impl Reencode<Error = Infallible>) -> Result<Vec<u8>> {
    let mut after = Module::new();
    by.parse_core_module(&mut after, Parser::new(0), wasm)?;
    Ok(after.finish())
}

fn read_text(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
}

fn run(command: &mut Command) -> Result<()> {
    let done = command
        .output()
        .with_context(|| format!("{command:?} could not be started"))?;
    ensure!(
        done.status.success(),
        "{command:?} failed: {}",
        String::from_utf8_lossy(&done.stderr)
    );
    Ok(())
}
