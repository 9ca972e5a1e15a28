//! Two nodes on one PostgreSQL.

use std::time::{Duration, Instant};

use crate::client::{Client, V2};
use crate::database::{Database, OwnPostgres};
use crate::installation::{Installation, wait_until};

/// How long what a node has read about an account may be believed (design section 5).
const REVOKED_WITHIN: Duration = Duration::from_secs(2);
const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
/// Starts of two nodes at the same moment; a race does not show at the first try.
const RACES: u32 = 5;

fn node(postgres: &OwnPostgres) -> Installation {
    Installation::new().with("DOSSIER_DATABASE_URL", &postgres.url).with("DOSSIER_MASTER_KEY", KEY)
}

#[test]
fn nodes_that_start_together_on_an_empty_database_agree() {
    for arguments in [&[][..], &["--dev"]] {
        for _ in 0..RACES {
            let postgres = OwnPostgres::new();
            let nodes = [node(&postgres), node(&postgres), node(&postgres)];
            let starting = nodes.each_ref().map(|node| node.begin(arguments));
            let services = starting.map(crate::installation::Starting::ready);
            let database = Database::Postgres(postgres.url.clone());
            assert_eq!(
                database.column("SELECT count(*) FROM data_keys"),
                [if arguments.is_empty() { "1" } else { "2" }]
            );
            let twice = "SELECT number FROM schema_migrations GROUP BY number HAVING count(*) > 1";
            assert_eq!(database.column(twice), [""; 0], "a step was applied twice");
            for service in &services {
                assert_eq!(Client::new(service.address).get("/health").unwrap().status, 200);
            }
        }
    }
}

/// Processes that share a data directory, as a service and the commands beside it do.
#[test]
fn processes_that_start_together_in_an_empty_directory_agree() {
    for _ in 0..RACES {
        let installation = Installation::new();
        let starting = [installation.begin(&["--dev"]), installation.begin(&["--dev"])];
        let services = starting.map(crate::installation::Starting::ready);
        for service in &services {
            let answer = Client::new(service.address).get(&format!("{V2}/Bundles")).unwrap();
            answer.expect(200);
        }
    }
}

#[test]
fn what_the_command_line_changes_holds_on_every_running_node() {
    let postgres = OwnPostgres::new();
    let [first, second] = [node(&postgres), node(&postgres)];
    let services = [first.serve(&[]), second.serve(&[])];
    let (account, old) = created(&first.succeed(&["accounts", "create", "Shared"]));
    let bundles = format!("{V2}/Bundles");
    let works = |service: usize, token: &str| {
        let answer = Client::of(services[service].address, &account, token).get(&bundles).unwrap();
        assert!(matches!(answer.status, 200 | 401), "{}", answer.text);
        answer.status == 200
    };
    // What is new works at once: nothing was believed about it before.
    assert!(works(0, &old) && works(1, &old));

    let (_, new) = created(&second.succeed(&["accounts", "rotate-token", &account]));
    for node in 0..2 {
        wait_until(REVOKED_WITHIN, "the new token", || works(node, &new));
        assert!(works(node, &old), "the old token is the secondary one now");
    }
    let (_, newest) = created(&first.succeed(&["accounts", "rotate-token", &account, "--revoke-old"]));
    let rotated = Instant::now();
    for node in 0..2 {
        wait_until(REVOKED_WITHIN, "the end of the old tokens", || !works(node, &old) && !works(node, &new));
        wait_until(REVOKED_WITHIN, "the newest token", || works(node, &newest));
    }
    assert!(rotated.elapsed() < REVOKED_WITHIN, "{:?}", rotated.elapsed());
}

/// SID and token, as the command line prints them.
pub(crate) fn created(printed: &str) -> (String, String) {
    let value = |name: &str| {
        let line = printed.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        line.unwrap_or_else(|| panic!("{name} in {printed}")).to_owned()
    };
    (value("TWILIO_ACCOUNT_SID"), value("TWILIO_AUTH_TOKEN"))
}
