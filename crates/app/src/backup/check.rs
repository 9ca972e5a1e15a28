//! Checking a backup by itself.

use std::pin::pin;

use dossier_domain::Timestamp;
use dossier_store::backup::{
    Damage, DocumentCopy, DocumentLine, DocumentList, DocumentsMode, TableEntry, Totals, read_table,
};
use dossier_store::db::Table;
use dossier_store::files::{FileError, FileStore};
use futures_util::{StreamExt, stream};

use super::documents::{AT_ONCE, DOCUMENTS, NamedKeys, described};
use super::{BackupError, BackupEvent, BackupTeller, Findings, OpenBackup, TELL_EVERY};

/// Lines of the list that are read at once.
const PAGE: usize = 1000;

impl OpenBackup {
    /// Compares everything in the backup with its manifest, and returns how many findings were told.
    ///
    /// # Errors
    /// [`BackupError::Files`] when the files cannot be listed. Damage is no error; it is told.
    pub async fn check(&self, tell: &BackupTeller) -> Result<u64, BackupError> {
        let mut findings = Findings::new(tell);
        for name in self.folder.surplus(&self.manifest) {
            findings.add(&Damage::Surplus(name));
        }
        self.check_tables(&mut findings);
        if self.manifest.documents.mode == DocumentsMode::Included {
            tell(BackupEvent::Begins("Checking documents"));
            let files = FileStore::local(&self.folder.documents())?;
            self.check_files(&files, &mut findings).await?;
            self.check_number(&files, &mut findings).await?;
        }
        Ok(findings.count)
    }

    /// Compares the tables and the list of documents with the manifest.
    pub(super) fn check_tables(&self, findings: &mut Findings<'_>) {
        (findings.tell)(BackupEvent::Begins("Checking tables"));
        for table in &self.tables {
            if !self.manifest.tables.iter().any(|entry| entry.name == table.name) {
                findings.add(&Damage::Table(table.name.to_owned()));
            }
        }
        for entry in &self.manifest.tables {
            let table = self.tables.iter().find(|table| table.name == entry.name);
            let totals = match table {
                Some(table) => self.read_through(table),
                None => Err(Damage::Table(entry.name.clone())),
            };
            match totals {
                Ok(totals) => compare(findings, &format!("tables/{}.jsonl", entry.name), entry, &totals),
                Err(damage) => findings.add(&damage),
            }
        }
        if let Err(damage) = self.check_list(findings) {
            findings.add(&damage);
        }
    }

    fn read_through(&self, table: &Table) -> Result<Totals, Damage> {
        let mut rows = read_table(&self.folder.table(table.name), table)?;
        while rows.next_row()?.is_some() {}
        Ok(rows.totals())
    }

    /// Each file that the rows name is in the list, in their order, and nothing else.
    fn check_list(&self, findings: &mut Findings<'_>) -> Result<(), Damage> {
        let mut list = DocumentList::open(&self.folder.document_list())?;
        let table = self.tables.iter().find(|table| table.name == DOCUMENTS);
        let mut keys = table.map(|table| NamedKeys::open(&self.folder, table)).transpose()?;
        let (mut count, mut bytes, mut gone) = (0, 0, 0);
        while let Some(line) = list.next_line()? {
            let named = match &mut keys {
                Some(keys) => keys.next_key()?,
                None => None,
            };
            if named.as_ref() != Some(&line.key) {
                return Err(Damage::List(line.key));
            }
            match line.copy {
                Some(copy) => (count, bytes) = (count + 1, bytes + copy.bytes),
                None => gone += 1,
            }
        }
        if let Some(key) = keys.as_mut().map(NamedKeys::next_key).transpose()?.flatten() {
            return Err(Damage::List(key));
        }
        let expected = &self.manifest.documents;
        let totals = list.totals();
        findings.compare("the hash of documents.jsonl", &totals.sha256, &expected.list_sha256);
        findings.compare("the size of documents.jsonl", &totals.bytes, &expected.list_bytes);
        findings.compare("the number of documents", &count, &expected.count);
        findings.compare("the size of all documents", &bytes, &expected.bytes);
        findings.compare("the number of documents that were gone", &gone, &expected.gone);
        Ok(())
    }

    /// Reads every listed file and compares its hash.
    pub(super) async fn check_files(
        &self,
        files: &FileStore,
        findings: &mut Findings<'_>,
    ) -> Result<u64, BackupError> {
        let mut list = match DocumentList::open(&self.folder.document_list()) {
            Ok(list) => list,
            // It was told when the tables were checked.
            Err(_) => return Ok(0),
        };
        let mut proven = 0_u64;
        while let Ok(batch @ [_, ..]) = next_copies(&mut list).as_deref() {
            let measured = stream::iter(batch).map(|(key, copy)| measure(files, key, copy)).buffered(AT_ONCE);
            let mut measured = pin!(measured);
            while let Some(damage) = measured.next().await.transpose()? {
                match damage {
                    Some(damage) => findings.add(&damage),
                    None => {
                        proven += 1;
                        if proven.is_multiple_of(TELL_EVERY) {
                            (findings.tell)(BackupEvent::Documents(proven));
                        }
                    }
                }
            }
        }
        Ok(proven)
    }

    /// There are no more files than the list names.
    async fn check_number(&self, files: &FileStore, findings: &mut Findings<'_>) -> Result<(), BackupError> {
        let mut listed = pin!(files.list_older_than(None, Timestamp::from_micros(i64::MAX)));
        let mut count = 0;
        while let Some(file) = listed.next().await {
            file?;
            count += 1;
        }
        findings.compare("the number of files in documents", &count, &self.manifest.documents.count);
        Ok(())
    }
}

/// Compares a table with its entry.
pub(super) fn compare(findings: &mut Findings<'_>, what: &str, entry: &TableEntry, totals: &Totals) {
    let before = findings.count;
    findings.compare(&format!("the number of rows of {what}"), &totals.rows, &entry.rows);
    findings.compare(&format!("the size of {what}"), &totals.bytes, &entry.bytes);
    findings.compare(&format!("the hash of {what}"), &totals.sha256, &entry.sha256);
    if findings.count == before {
        (findings.tell)(BackupEvent::Table { name: &entry.name, rows: entry.rows });
    }
}

/// The next files of the list that are in the backup.
pub(super) fn next_copies(list: &mut DocumentList) -> Result<Vec<(String, DocumentCopy)>, Damage> {
    let mut copies = Vec::new();
    while copies.len() < PAGE {
        match list.next_line()? {
            Some(DocumentLine { key, copy: Some(copy) }) => copies.push((key, copy)),
            Some(DocumentLine { copy: None, .. }) => {}
            None => break,
        }
    }
    Ok(copies)
}

/// What is wrong with a file, if anything.
async fn measure(
    files: &FileStore,
    key: &str,
    expected: &DocumentCopy,
) -> Result<Option<Damage>, BackupError> {
    match files.measure(key).await {
        Ok(sealed) if described(&sealed) == *expected => Ok(None),
        Ok(_) => Ok(Some(Damage::DocumentAltered(key.to_owned()))),
        Err(FileError::NotFound { .. }) => Ok(Some(Damage::DocumentMissing(key.to_owned()))),
        Err(error) => Err(error.into()),
    }
}
