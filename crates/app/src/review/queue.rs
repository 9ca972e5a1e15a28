//! The queue, and the reasons to refuse: what operators look through.

use dossier_domain::operator::Permission;
use dossier_domain::paging::{Page, Window};
use dossier_domain::review::Case;
use dossier_store::cases::{self, CaseFilter};

use crate::{App, OperatorCaller, Result};

impl App {
    /// One page of the cases of all accounts. Nothing in it is personal.
    ///
    /// # Errors
    /// Code 20403 when the role may not see cases.
    pub async fn list_cases(
        &self,
        caller: &OperatorCaller,
        filter: CaseFilter,
        window: Window,
    ) -> Result<Page<Case>> {
        caller.must(Permission::SeeCases)?;
        Ok(self.db.read(move |tx| cases::list(tx, &filter, &window)).await?)
    }
}
