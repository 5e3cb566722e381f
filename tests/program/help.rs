use crate::support::{showerforge, text};

#[test]
fn help_texts() {
    for command in [
        "",
        "inspect",
        "train",
        "generate",
        "merge",
        "verify",
        "plan",
        "export",
        "validate",
        "leave-one-out",
        "observables",
        "compare",
        "suite",
        "suite list",
        "suite run",
        "suite report",
        "suite fetch",
    ] {
        let arguments: Vec<&str> = command.split_whitespace().chain(["--help"]).collect();
        let output = showerforge(&arguments);
        assert_eq!(output.status.code(), Some(0));
        let name =
            if command.is_empty() { "showerforge".to_owned() } else { command.replace(' ', "_") };
        insta::assert_snapshot!(format!("help_{name}"), text(&output.stdout));
    }
}

#[test]
fn a_wrong_command_line_exits_with_2() {
    for arguments in [&["inspct"][..], &["inspect"], &["inspect", "a", "--jsn"], &[]] {
        let output = showerforge(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}
