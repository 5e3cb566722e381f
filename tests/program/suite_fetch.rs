//! `suite fetch`, without a network.

use crate::support::{showerforge, text};

#[test]
fn what_no_package_has_is_explained_and_what_is_built_in_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().to_str().unwrap();
    let output = showerforge(&["suite", "fetch", "digits-8x8", "--to", folder]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stdout), "digits-8x8: built into the program\n");
    let output = showerforge(&["suite", "fetch", "cifar-10", "--to", folder]);
    assert_eq!(output.status.code(), Some(66));
    assert!(text(&output.stdout).contains("give the folder cifar-10-batches-bin as `--data`"));
    let output = showerforge(&["suite", "fetch", "imagenet"]);
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(
        said.contains("there is no data set `imagenet`, expected digits-8x8, mnist-5k"),
        "{said}"
    );
    let output = showerforge(&["suite", "fetch", "--list"]);
    assert_eq!(text(&output.stdout).lines().count(), 5);
}

#[test]
fn images_that_are_not_there_are_a_missing_input() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let output = showerforge(&[
        "suite",
        "run",
        "--system",
        "gan",
        "--problem",
        "mnist-5k",
        "--iterations",
        "1",
        "--jobs",
        "1",
        "--data-folder",
        folder.path().to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ]);
    assert_ne!(output.status.code(), Some(0));
    let rows = std::fs::read_to_string(out.join("rows.jsonl")).unwrap();
    assert!(rows.contains("`showerforge suite fetch mnist-5k` gets them"), "{rows}");
}
