//! The header in `include/` is that of the interface. `SHOWERFORGE_UPDATE_HEADER=1` writes it.

use std::path::Path;

#[test]
fn the_header_is_that_of_the_interface() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).expect("a configuration");
    let mut builder = cbindgen::Builder::new().with_config(config);
    for source in ["types", "describe", "generate"] {
        builder = builder.with_src(root.join(format!("src/{source}.rs")));
    }
    let mut fresh = Vec::new();
    builder.generate().expect("an interface that C can have").write(&mut fresh);
    let fresh = String::from_utf8(fresh).expect("UTF-8");
    let path = root.join("include/showerforge.h");
    if std::env::var_os("SHOWERFORGE_UPDATE_HEADER").is_some() {
        showerforge::files::write_atomically(&path, fresh.as_bytes(), true).expect("written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == fresh,
        "include/showerforge.h is stale; run this test with SHOWERFORGE_UPDATE_HEADER=1"
    );
}
