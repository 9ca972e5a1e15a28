//! The command line.

use crate::config::{Flags, StorageFlags};
use clap::{Parser, Subcommand};
use dossier_app::DocumentsMode;
use dossier_domain::operator::Role;
use dossier_domain::sid::{AccountSid, OperatorSid};
use dossier_domain::{EndUserType, IsoCountry, NumberType};
use jiff::civil::Date;
use std::path::PathBuf;

/// Keeps the identities and documents that telephone numbers need, and speaks Twilio's Regulatory
/// Compliance API.
#[derive(Debug, Parser)]
#[command(name = "dossier", version, arg_required_else_help = true, max_term_width = 100, after_help = EXAMPLES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  dossier serve --dev                    try it: one ready account, nothing to set up
  dossier accounts create \"Example Ltd\"  make an account of your own
  dossier serve                          serve it on http://127.0.0.1:8080

`dossier COMMAND --help` tells more. Every flag is also a key of dossier.toml and a variable DOSSIER_*.";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the API until SIGTERM or SIGINT; a second signal ends at once.
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(#[command(flatten)] Box<Flags>),
    /// Send callbacks and mail and do what else is due, without serving anything, until SIGTERM or SIGINT.
    ///
    /// `serve` does it by itself. Any number of workers may share a PostgreSQL database.
    #[command(after_help = "Example:\n  dossier worker --database-url postgres://dossier@db/dossier")]
    Worker(#[command(flatten)] Box<Flags>),
    /// Bring the database up to date and exit; `serve` does it by itself when it starts.
    #[command(after_help = "Example:\n  dossier migrate --database-url postgres://dossier@db/dossier")]
    Migrate(#[command(flatten)] StorageFlags),
    /// Look at the settings.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Make accounts and their tokens.
    #[command(subcommand)]
    Accounts(AccountsCommand),
    /// Make, list and revoke operators: the people who review and look after the service.
    #[command(subcommand)]
    Operators(OperatorsCommand),
    /// Read, check, compare and import the rules of countries.
    #[command(subcommand)]
    Catalogue(CatalogueCommand),
    /// Prove that nothing in the audit was changed, and keep proofs of it.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Look after the keys that seal personal data.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Copy the database and the documents into a new directory, also while they are served; or check
    /// such a copy.
    ///
    /// The master key is NOT in the backup. Keep a copy of it elsewhere: without it, nothing personal in
    /// the backup can be read again. What is personal stays sealed in the backup.
    #[command(after_help = BACKUP_EXAMPLES)]
    Backup {
        /// Directory to make, or to check.
        directory: PathBuf,
        /// Check a backup by itself: counts, hashes and documents. Needs no other flags.
        #[arg(long)]
        check: bool,
        /// What to do with document files: `include` them, or `list` them with size and hash, for storage
        /// that keeps versions by its own means.
        #[arg(long, value_name = "HOW", value_parser = documents_mode, default_value = "include")]
        documents: DocumentsMode,
        #[command(flatten)]
        #[expect(missing_docs, reason = "a comment here would become the help text of the command")]
        flags: StorageFlags,
    },
    /// Restore a backup into an empty installation, and prove that it is complete.
    ///
    /// Put the master key there first: it is not in the backup. The database must be new and the place for
    /// documents empty; a backup of SQLite can be restored into PostgreSQL and the other way round.
    #[command(after_help = RESTORE_EXAMPLES)]
    Restore {
        /// Directory that `dossier backup` has made.
        directory: PathBuf,
        /// Throw away what a restore has left that was interrupted, and begin again.
        #[arg(long)]
        start_over: bool,
        #[command(flatten)]
        #[expect(missing_docs, reason = "a comment here would become the help text of the command")]
        flags: StorageFlags,
    },
    /// Print shell variables for the account of the rehearsal mode.
    #[command(
        after_help = "Example:\n  eval \"$(dossier env)\" && curl -u \"$TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN\" \
                            \"$DOSSIER_URL/v2/RegulatoryCompliance/Bundles\""
    )]
    Env(#[command(flatten)] Box<Flags>),
}

const BACKUP_EXAMPLES: &str = "\
Examples:
  dossier backup /mnt/backup/2026-11-22 --data-dir /var/lib/dossier
  dossier backup --check /mnt/backup/2026-11-22

Exit status: 0 the backup is whole, 1 it is not, or there is none.";

const RESTORE_EXAMPLES: &str = "\
Example:
  install -m 600 /mnt/safe/master.key /var/lib/dossier/master.key
  dossier restore /mnt/backup/2026-11-22 --data-dir /var/lib/dossier

Exit status: 0 everything was restored and proven, 1 it was not.";

const SERVE_EXAMPLES: &str = "\
Examples:
  dossier serve --dev
  dossier serve --listen 0.0.0.0:443 --tls-cert chain.pem --tls-key key.pem
  dossier serve --database-url postgres://dossier@db/dossier --documents-url s3://documents

Exit status: 0 all requests were finished, 1 it failed, 2 the settings are refused, 3 requests were cut off.";

/// `dossier config …`
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print every setting with its origin, secrets as dots, and refuse what cannot work.
    #[command(after_help = "Example:\n  dossier config check --config /etc/dossier.toml")]
    Check(#[command(flatten)] Box<Flags>),
}

/// `dossier accounts …`
#[derive(Debug, Subcommand)]
pub enum AccountsCommand {
    /// Make an account and print its token, which cannot be shown again.
    #[command(after_help = "Example:\n  dossier accounts create \"Example Ltd\"")]
    Create {
        /// Name of the account, for people.
        friendly_name: String,
        /// Account that the new one is a sub-account of.
        #[arg(long, value_name = "ACCOUNT_SID")]
        parent: Option<AccountSid>,
        #[command(flatten)]
        #[expect(missing_docs, reason = "a comment here would become the help text of the command")]
        flags: StorageFlags,
    },
    /// List all accounts, oldest first.
    List(#[command(flatten)] StorageFlags),
    /// Give an account a new token and print it; the old one keeps working as the secondary token.
    #[command(after_help = "Example:\n  dossier accounts rotate-token AC00000000000000000000000000000001")]
    RotateToken {
        /// The account.
        account_sid: AccountSid,
        /// Stop the old token at once.
        #[arg(long)]
        revoke_old: bool,
        #[command(flatten)]
        #[expect(missing_docs, reason = "a comment here would become the help text of the command")]
        flags: StorageFlags,
    },
}

/// `dossier operators …`
#[derive(Debug, Subcommand)]
pub enum OperatorsCommand {
    /// Make an operator and print its bearer token, which cannot be shown again.
    #[command(after_help = "Example:\n  dossier operators create --role reviewer \"Jane at the desk\"")]
    Create {
        /// Name of the operator, for colleagues.
        name: String,
        /// What it may do: viewer, reviewer, senior, admin or auditor.
        #[arg(long, value_parser = role)]
        role: Role,
        #[command(flatten)]
        #[expect(missing_docs, reason = "a comment here would become the help text of the command")]
        flags: StorageFlags,
    },
    /// List all operators, oldest first.
    List(#[command(flatten)] StorageFlags),
    /// End an operator's token at once.
    #[command(after_help = "Example:\n  dossier operators revoke OP0123456789abcdef0123456789abcdef")]
    Revoke {
        /// The operator.
        operator_sid: OperatorSid,
        #[command(flatten)]
        #[expect(missing_docs, reason = "a comment here would become the help text of the command")]
        flags: StorageFlags,
    },
}

fn documents_mode(text: &str) -> Result<DocumentsMode, &'static str> {
    match text {
        "include" => Ok(DocumentsMode::Included),
        "list" => Ok(DocumentsMode::Listed),
        _ => Err("must be include or list"),
    }
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| format!("must be one of {}", Role::ALL.map(Role::as_str).join(", ")))
}

/// `dossier catalogue …`
#[derive(Debug, Subcommand)]
pub enum CatalogueCommand {
    /// Check catalogue files and print every problem with its place; the built-in files without DIR.
    #[command(
        after_help = "Example:\n  dossier catalogue check /etc/dossier/catalogue\n\nExit status: 0 the \
                            files can be served, 1 they cannot."
    )]
    Check {
        /// Directory of files that lie over the built-in ones.
        directory: Option<PathBuf>,
        /// Take the files for a complete catalogue, without the built-in ones below them.
        #[arg(long, requires = "directory")]
        alone: bool,
    },
    /// Print what is asked for: end user, documents, rules, sources, and the file each comes from.
    #[command(
        after_help = "Example:\n  dossier catalogue show DE local business --catalogue /etc/dossier/catalogue"
    )]
    Show {
        /// Country of the number, in two letters.
        #[arg(value_parser = country)]
        country: IsoCountry,
        /// Kind of number: local, mobile, national or toll-free.
        #[arg(value_parser = number_type)]
        number_type: NumberType,
        /// Kind of end user: individual or business.
        #[arg(value_parser = end_user_type)]
        end_user_type: EndUserType,
        /// Directory of files that lie over the built-in ones.
        #[arg(long, value_name = "DIR")]
        catalogue: Option<PathBuf>,
    },
    /// Print which existing bundles would stop being compliant, and for what.
    ///
    /// The newest rules of the directory are compared with those in force today.
    #[command(
        after_help = "Example:\n  dossier catalogue impact /etc/dossier/next --data-dir /var/lib/dossier"
    )]
    Impact {
        /// Directory of files that lie over the built-in ones.
        directory: PathBuf,
        #[command(flatten)]
        #[expect(missing_docs, reason = "a comment here would become the help text of the command")]
        flags: Box<StorageFlags>,
    },
    /// Print what changes for whom from one catalogue to another.
    #[command(after_help = "Example:\n  dossier catalogue diff builtin /etc/dossier/catalogue")]
    Diff {
        /// Directory of files that lie over the built-in ones, or `builtin`.
        old: PathBuf,
        /// Directory of files that lie over the built-in ones, or `builtin`.
        new: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// Take the directories for complete catalogues, without the built-in files below them.
        #[arg(long)]
        alone: bool,
    },
    /// Turn a listing of regulations, exported from an account with `IncludeConstraints=true`, into files.
    #[command(after_help = "Example:\n  dossier catalogue import page-0.json page-1.json --out \
                            ./catalogue\n\nExit status: 0 everything was imported, 1 something was left out or \
                            nothing was written.")]
    Import {
        /// Exported files: a page of the listing, several one after the other, or an array of them.
        #[arg(required = true)]
        dumps: Vec<PathBuf>,
        /// Directory to write to; it must not have catalogue files in it.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// First day of the imported rules, such as 2026-12-01; today without it.
        #[arg(long, value_name = "DATE")]
        effective_from: Option<Date>,
    },
}

fn country(text: &str) -> Result<IsoCountry, &'static str> {
    IsoCountry::parse(text).ok_or("must be two letters, such as DE")
}

fn number_type(text: &str) -> Result<NumberType, &'static str> {
    NumberType::parse(text).ok_or("must be local, mobile, national or toll-free")
}

fn end_user_type(text: &str) -> Result<EndUserType, &'static str> {
    EndUserType::parse(text).ok_or("must be individual or business")
}

/// `dossier audit …`
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Prove the chain of checkpoints and every event in it, and print everything that is wrong.
    ///
    /// Nothing is written, so that the database may be a copy, or one that is in use. Without the master
    /// key the chain is only compared with itself, and a sentence says so.
    #[command(after_help = "Example:\n  dossier audit verify --data-dir /mnt/copy --checkpoint \
                            /mnt/safe/checkpoint.json\n\nExit status: 0 everything is proven, 1 it is not.")]
    Verify {
        /// Checkpoint that was exported before: without one, a chain that was cut off looks whole; may be
        /// given several times.
        #[arg(long = "checkpoint", value_name = "FILE")]
        checkpoints: Vec<PathBuf>,
        #[command(flatten)]
        #[expect(missing_docs, reason = "a comment here would become the help text of the command")]
        flags: StorageFlags,
    },
    /// Seal what waits and print the newest checkpoint as JSON, to be kept where this service cannot
    /// write.
    #[command(after_help = "Example:\n  dossier audit checkpoint > /mnt/safe/checkpoint-$(date +%F).json")]
    Checkpoint {
        /// Print the newest checkpoint there is, without writing anything.
        #[arg(long)]
        no_seal: bool,
        #[command(flatten)]
        #[expect(missing_docs, reason = "a comment here would become the help text of the command")]
        flags: StorageFlags,
    },
    /// Check a certificate of erasure: that the audit recorded each object in it, and nothing was altered.
    ///
    /// Nothing is written. Without `--offline`, the checkpoints in it must be those of the database.
    #[command(after_help = "Example:\n  dossier audit certificate erasure.json --checkpoint \
                            /mnt/safe/checkpoint.json\n\nExit status: 0 the certificate is right, 1 it is not.")]
    Certificate {
        /// Certificate, or all parts of one.
        #[arg(required = true, value_name = "FILE")]
        certificates: Vec<PathBuf>,
        /// Checkpoint that was exported before; may be given several times.
        #[arg(long = "checkpoint", value_name = "FILE")]
        checkpoints: Vec<PathBuf>,
        /// Do without the database: what is in the certificate must fit together, and fit the checkpoints given.
        #[arg(long)]
        offline: bool,
        #[command(flatten)]
        #[expect(missing_docs, reason = "a comment here would become the help text of the command")]
        flags: StorageFlags,
    },
}

/// `dossier keys …`
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Wrap the data keys of all accounts with a new master key.
    ///
    /// With a key file, the new key is made in it, and the old one leaves it when the last data key is
    /// wrapped again. With `DOSSIER_MASTER_KEY`, put the new key in front of the old one, separated by a
    /// comma, and take the old one away afterwards.
    #[command(after_help = "Example:\n  dossier keys rotate --data-dir /var/lib/dossier")]
    Rotate(#[command(flatten)] StorageFlags),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn clap_finds_no_fault_in_the_commands() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_says_what_it_does() {
        fn walk(command: &clap::Command) {
            assert!(command.get_about().is_some(), "{} has no help", command.get_name());
            for arg in command.get_arguments() {
                assert!(arg.get_help().is_some(), "{} {} has no help", command.get_name(), arg.get_id());
            }
            command.get_subcommands().for_each(walk);
        }
        let mut command = Cli::command();
        command.build();
        command.get_subcommands().filter(|command| command.get_name() != "help").for_each(walk);
    }
}
