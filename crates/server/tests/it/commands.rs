//! Commands that end by themselves.

use crate::process::{Server, run};
use std::fs;

#[test]
fn the_rehearsal_mode_refuses_addresses_that_others_can_reach() {
    let directory = tempfile::tempdir().unwrap();
    for listen in ["0.0.0.0:0", "[::]:0", "192.0.2.1:8080"] {
        let ended = run(&directory, &[], &["serve", "--dev", "--listen", listen]);
        assert_eq!(ended.code, Some(2), "{listen}");
        assert!(
            ended.stderr.contains("--listen: ") && ended.stderr.contains("loopback addresses only"),
            "{}",
            ended.stderr
        );
        assert_eq!(ended.stdout, "");
    }
}

#[test]
fn config_check_shows_values_with_their_origins() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(
        directory.path().join("dossier.toml"),
        "public_url = \"https://a.example\"\nform_bytes_max = 5000\n",
    )
    .unwrap();
    let variables =
        [("DOSSIER_DATABASE_URL", "postgres://u:SECRET@db/x"), ("DOSSIER_FORM_BYTES_MAX", "6000")];
    let ended = run(&directory, &variables, &["config", "check", "--listen", "127.0.0.1:7"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let words = |key: &str| {
        let line = ended.stdout.lines().find(|line| line.split_whitespace().next() == Some(key)).unwrap();
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(words("listen"), "listen 127.0.0.1:7 flag");
    assert_eq!(words("form_bytes_max"), "form_bytes_max 6000 environment");
    assert_eq!(words("public_url"), "public_url https://a.example dossier.toml:1");
    assert_eq!(words("database_url"), "database_url postgres://u:••••••@db/x environment");
    assert_eq!(words("data_dir"), "data_dir ./dossier-data default");
    assert!(!ended.stdout.contains("SECRET"));
    assert!(!directory.path().join("dossier-data").exists(), "looking changes nothing");
}

#[test]
fn config_check_refuses_with_file_key_and_reason() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("x.toml"), "\nfile_bytes_maxx = 1\n").unwrap();
    let ended = run(&directory, &[], &["config", "check", "--config", "x.toml"]);
    assert_eq!(ended.code, Some(2));
    let expected = "x.toml:2: unknown key `file_bytes_maxx`; did you mean `file_bytes_max`?";
    assert!(ended.stderr.contains(expected), "{}", ended.stderr);
}

#[test]
fn env_prints_what_a_shell_can_evaluate() {
    let directory = tempfile::tempdir().unwrap();
    let ended = run(&directory, &[], &["env"]);
    assert_eq!(ended.code, Some(0));
    assert_eq!(
        ended.stdout,
        "export TWILIO_ACCOUNT_SID=AC00000000000000000000000000000001\n\
         export TWILIO_AUTH_TOKEN=00000000000000000000000000000001\n\
         export DOSSIER_URL=http://127.0.0.1:8080\n"
    );
}

#[test]
fn env_names_the_port_of_the_service_that_runs() {
    let mut server = Server::start(&["--dev"]);
    let url = format!("export DOSSIER_URL={}\n", server.url);
    assert!(run(&server.directory, &[], &["env"]).stdout.ends_with(&url));
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
    assert!(!run(&server.directory, &[], &["env"]).stdout.ends_with(&url), "forgotten at the end");
}

#[test]
fn an_address_that_is_taken_is_a_clear_refusal() {
    let server = Server::start(&[]);
    let address = server.address.to_string();
    let ended = run(&server.directory, &[], &["serve", "--listen", &address]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    assert!(ended.stderr.contains(&format!("cannot listen on `{address}`")), "{}", ended.stderr);
}

#[test]
fn unknown_flags_and_commands_get_a_suggestion() {
    let directory = tempfile::tempdir().unwrap();
    for (arguments, expected) in [(&["serv"][..], "serve"), (&["serve", "--lisen", "x"], "--listen")] {
        let ended = run(&directory, &[], arguments);
        assert_eq!(ended.code, Some(2));
        assert!(ended.stderr.contains(expected), "{}", ended.stderr);
    }
}

#[test]
fn short_help_fits_on_a_screen() {
    let directory = tempfile::tempdir().unwrap();
    let short = run(&directory, &[], &["serve", "-h"]).stdout;
    let long = run(&directory, &[], &["serve", "--help"]).stdout;
    assert!(
        short.lines().count() < 60 && short.contains("--listen") && !short.contains("--strict-page-size"),
        "{short}"
    );
    assert!(long.contains("--strict-page-size") && long.contains("DOSSIER_LISTEN"), "{long}");
    assert!(!long.contains("--master-key "), "a secret has no flag");
}
