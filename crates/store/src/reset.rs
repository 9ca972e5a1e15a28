//! Emptying the database, for rehearsal mode.

use crate::db::{StoreResult, Tx, statements};

statements! {
    ADDRESSES = "DELETE FROM addresses";
    AUDIT_CHAIN = "UPDATE audit_chain SET newest = 0 WHERE chain = 1";
    AUDIT_CHECKPOINTS = "DELETE FROM audit_checkpoints";
    AUDIT_EVENTS = "DELETE FROM audit_events";
    AUDIT_SEALS = "DELETE FROM audit_seals";
    AUDIT_UNSEALED = "DELETE FROM audit_unsealed";
    BUNDLE_LINEAGE = "DELETE FROM bundle_lineage";
    BUNDLES = "DELETE FROM bundles";
    CAMPAIGN_BUNDLES = "DELETE FROM campaign_bundles";
    CAMPAIGNS = "DELETE FROM campaigns";
    CASE_CONTENTS = "DELETE FROM case_contents";
    CASE_DECISIONS = "DELETE FROM case_decisions";
    CASE_DOCUMENTS = "DELETE FROM case_documents";
    CASE_EVENTS = "DELETE FROM case_events";
    CASE_ITEMS = "DELETE FROM case_items";
    CASES = "DELETE FROM cases";
    DELIVERIES = "DELETE FROM deliveries";
    DELIVERY_ATTEMPTS = "DELETE FROM delivery_attempts";
    DOCUMENT_ADDRESSES = "DELETE FROM document_addresses";
    DOCUMENTS = "DELETE FROM documents";
    END_USERS = "DELETE FROM end_users";
    ERASURE_OBJECTS = "DELETE FROM erasure_objects";
    ERASURES = "DELETE FROM erasures";
    EVALUATIONS = "DELETE FROM evaluations";
    ITEM_ASSIGNMENTS = "DELETE FROM item_assignments";
    ITEM_LINEAGE = "DELETE FROM item_lineage";
    JOBS = "DELETE FROM jobs";
    LEGAL_HOLDS = "DELETE FROM legal_holds";
    NUMBERS = "DELETE FROM numbers";
}

/// Removes everything that was made, in all accounts. Accounts and operators stay, with their keys and
/// tokens, and so does what is known about rules.
///
/// # Errors
/// When the database fails.
pub fn everything(tx: &mut Tx<'_>) -> StoreResult<()> {
    for (_, statement) in STATEMENTS {
        tx.execute(statement, &[])?;
    }
    Ok(())
}
