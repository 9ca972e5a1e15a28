//! Commands that change or show an installation: what they print, what they leave, how they end.

use crate::client::{Client, V2};
use crate::database::{Database, OwnPostgres};
use crate::installation::{ACCOUNT, Installation};
use crate::nodes::created;

const NOBODY: &str = "AC0000000000000000000000000000dead";

/// Runs a test on an installation of each engine.
fn on_both_engines(test: impl Fn(&Installation, &Database)) {
    let installation = Installation::new();
    test(&installation, &Database::Sqlite(installation.data().join("dossier.db")));
    let postgres = OwnPostgres::new();
    let installation = Installation::new().with("DOSSIER_DATABASE_URL", &postgres.url);
    test(&installation, &Database::Postgres(postgres.url.clone()));
}

#[test]
fn migrating_twice_changes_nothing_the_second_time() {
    on_both_engines(|installation, database| {
        let first = installation.succeed(&["migrate"]);
        let applied = database.rows("SELECT * FROM schema_migrations");
        assert!(!applied.is_empty());
        assert_eq!(first, format!("{} steps applied, the database is up to date\n", applied.len()));
        assert_eq!(installation.succeed(&["migrate"]), "0 steps applied, the database is up to date\n");
        assert_eq!(database.rows("SELECT * FROM schema_migrations"), applied);
    });
}

#[test]
fn a_schema_of_a_newer_version_is_refused() {
    on_both_engines(|installation, database| {
        installation.succeed(&["migrate"]);
        database.rows(
            "INSERT INTO schema_migrations (number, name, checksum, applied_at) \
             SELECT number + 1, 'from the future', checksum, 0 FROM schema_migrations ORDER BY number DESC LIMIT 1",
        );
        for arguments in [&["serve", "--listen", "127.0.0.1:0"][..], &["migrate"], &["accounts", "list"]] {
            let ended = installation.run(arguments);
            assert_eq!(ended.code, Some(1), "{}", ended.stderr);
            assert!(ended.stderr.contains("made by a newer version"), "{}", ended.stderr);
        }
    });
}

#[test]
fn accounts_are_made_listed_and_given_new_tokens() {
    on_both_engines(|installation, _| {
        let (parent, token) = created(&installation.succeed(&["accounts", "create", "Example Ltd"]));
        let child = installation.succeed(&["accounts", "create", "Branch", "--parent", &parent]);
        let (child, _) = created(&child);
        let list = installation.succeed(&["accounts", "list"]);
        let expected = format!("{parent}  active     Example Ltd\n{child}  active     Branch\n");
        assert_eq!(list, expected);

        let (same, second) = created(&installation.succeed(&["accounts", "rotate-token", &parent]));
        assert!(same == parent && second != token);
        let service = installation.serve(&[]);
        let status = |token: &str| {
            Client::of(service.address, &parent, token).get(&format!("{V2}/Bundles")).unwrap().status
        };
        assert_eq!((status(&token), status(&second), status("wrong")), (200, 200, 401));
        service.stop();

        let third = installation.succeed(&["accounts", "rotate-token", &parent, "--revoke-old"]);
        let (_, third) = created(&third);
        let service = installation.serve(&[]);
        let status = |token: &str| {
            Client::of(service.address, &parent, token).get(&format!("{V2}/Bundles")).unwrap().status
        };
        assert_eq!((status(&token), status(&second), status(&third)), (401, 401, 200));
    });
}

#[test]
fn commands_that_cannot_be_carried_out_say_why() {
    let installation = Installation::new();
    let name_too_long = "x".repeat(1000);
    for (arguments, code, sentence) in [
        (&["accounts", "rotate-token", NOBODY][..], 1, NOBODY),
        (&["accounts", "create", "Branch", "--parent", NOBODY], 1, NOBODY),
        (&["accounts", "create", ""], 1, "FriendlyName"),
        (&["accounts", "create", &name_too_long], 1, "FriendlyName"),
        (&["accounts", "create"], 2, "FRIENDLY_NAME"),
        (&["accounts", "rotate-token", "BU123"], 2, "ACCOUNT_SID"),
        (&["migrate", "--database-url", "postgres://127.0.0.1:1/x"], 1, "cannot use the database"),
        (&["config", "check", "--listen", "nowhere"], 2, "listen"),
        (&["keys"], 2, "rotate"),
    ] {
        let ended = installation.run(arguments);
        assert_eq!(ended.code, Some(code), "{arguments:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(sentence), "{arguments:?}: {}", ended.stderr);
        assert_eq!(ended.stdout, "", "{arguments:?}");
    }
}

#[test]
fn settings_and_variables_are_shown_without_touching_anything() {
    let installation = Installation::new();
    let report = installation.succeed(&["config", "check"]);
    assert!(report.contains("database_url"), "{report}");
    let exports = installation.succeed(&["env"]);
    assert!(
        exports.contains(ACCOUNT) && exports.ends_with("DOSSIER_URL=http://127.0.0.1:8080\n"),
        "{exports}"
    );
    assert!(!installation.data().exists());
}
