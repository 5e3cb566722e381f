//! The worked example of docs/adding-a-detector.md, done as it says.

use assert_cmd::Command;

use crate::support::repository;

/// The fenced blocks that follow a comment such as `<!-- file: NAME -->`, with the comment's text.
fn marked_blocks(text: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    for part in text.split("<!-- ").skip(1) {
        let (mark, after) = part.split_once(" -->").expect("a comment ends");
        let (_, after) = after.split_once("```").expect("a block follows");
        let (_, after) = after.split_once('\n').expect("its language");
        let (block, _) = after.split_once("```").expect("the block ends");
        blocks.push((mark.to_owned(), block.to_owned()));
    }
    blocks
}

#[test]
fn the_worked_example_works() {
    let text = std::fs::read_to_string(repository().join("docs/adding-a-detector.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut commands = 0;
    for (mark, block) in marked_blocks(&text) {
        if let Some(name) = mark.strip_prefix("file: ") {
            std::fs::write(folder.path().join(name), block).unwrap();
            continue;
        }
        assert_eq!(mark, "commands");
        for line in block.replace("\\\n", " ").lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            assert_eq!(words[0], "showerforge", "{line}");
            Command::cargo_bin("showerforge")
                .unwrap()
                .current_dir(folder.path())
                .args(&words[1..])
                .assert()
                .success();
            commands += 1;
        }
    }
    assert_eq!(commands, 6);
    let report = std::fs::read_to_string(folder.path().join("report/report.html")).unwrap();
    assert!(report.contains("Test-beam prototype"));
}
