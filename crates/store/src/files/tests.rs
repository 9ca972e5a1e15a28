//! The store as a whole, on every backend that needs no network.

use std::fs;
use std::future::Future;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use aws_lc_rs::digest;
use bytes::Bytes;
use dossier_domain::Timestamp;
use futures_util::{FutureExt, TryStreamExt};
use object_store::PutPayload;
use object_store::memory::InMemory;
use object_store::throttle::{ThrottleConfig, ThrottledStore};
use tempfile::TempDir;

use super::*;
use crate::Owner;
use crate::seal::SealError;

/// Below the temporary folder, so that the store makes it itself.
const FOLDER: &str = "documents";
const CHUNK: usize = format::CHUNK_BYTES;

fn account() -> AccountSid {
    AccountSid::from_bytes([0xA1; 16])
}

fn document() -> DocumentSid {
    DocumentSid::from_bytes([0xD1; 16])
}

fn local() -> (FileStore, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (FileStore::local(&folder.path().join(FOLDER)).unwrap(), folder)
}

fn pattern(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|index| (index % 251) as u8).collect()
}

async fn store(files: &FileStore, key: &DataKey, plain: &[u8]) -> StoredFile {
    let mut upload = files.begin(account(), document(), key);
    for slice in plain.chunks(100_000) {
        upload.write(slice).await.unwrap();
    }
    upload.finish().await.unwrap()
}

async fn load(files: &FileStore, key: &DataKey, name: &str) -> Result<Vec<u8>, FileError> {
    let download = files.read(name, account(), document(), key).await?;
    let plain_bytes = download.plain_bytes();
    let chunks: Vec<Bytes> = download.into_stream().try_collect().await?;
    let plain = chunks.concat();
    assert_eq!(plain_bytes, plain.len() as u64);
    Ok(plain)
}

/// Every file in the folder, by its path below it.
fn names(folder: &TempDir) -> Vec<PathBuf> {
    fn walk(folder: &std::path::Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    walk(folder.path(), &mut found);
    found
}

async fn until(mut claim: impl FnMut() -> bool) {
    let waiting = async {
        while !claim() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), waiting).await.expect("it happens within ten seconds");
}

/// Object storage whose parts can be seen in a folder.
fn objects() -> (FileStore, TempDir) {
    let (files, folder) = local();
    (FileStore { folder: None, ..files }, folder)
}

/// Object storage that makes every call wait.
fn slow() -> FileStore {
    let waits = ThrottleConfig { wait_put_per_call: Duration::from_secs(60), ..ThrottleConfig::default() };
    FileStore { backend: Arc::new(ThrottledStore::new(InMemory::new(), waits)), folder: None }
}

/// Runs a test on every backend.
async fn on_all<F: Future<Output = ()>>(test: impl Fn(FileStore) -> F) {
    let (on_disk, objects, _folders) = {
        let ((on_disk, one), (objects, two)) = (local(), objects());
        (on_disk, objects, (one, two))
    };
    for files in [on_disk, objects, FileStore::in_memory()] {
        test(files).await;
    }
}

#[tokio::test]
async fn files_of_all_sizes_come_back() {
    on_all(|files| async move {
        let key = DataKey::generate(1);
        // The last two are sent in parts.
        for bytes in
            [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 16 * CHUNK, 16 * CHUNK + 1, 5 << 20, 6 << 20, 13_000_000]
        {
            let plain = pattern(bytes);
            let stored = store(&files, &key, &plain).await;
            assert_eq!(stored.plain_bytes, bytes as u64);
            assert_eq!(stored.sha256, digest::digest(&digest::SHA256, &plain).as_ref());
            assert!(load(&files, &key, &stored.key).await.unwrap() == plain, "{bytes}");
        }
    })
    .await;
}

#[tokio::test]
async fn every_file_has_a_new_key_below_its_document() {
    on_all(|files| async move {
        let key = DataKey::generate(1);
        let (old, new) = (store(&files, &key, b"old").await, store(&files, &key, b"new").await);
        let name = old.key.strip_prefix(&format!("{}/{}/", account(), document())).unwrap();
        assert!(name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}");
        assert_ne!(old.key, new.key);
        assert_eq!(load(&files, &key, &old.key).await.unwrap(), b"old");
        assert_eq!(load(&files, &key, &new.key).await.unwrap(), b"new");
    })
    .await;
}

#[tokio::test]
async fn a_file_opens_only_for_its_document() {
    on_all(|files| async move {
        let key = DataKey::generate(1);
        let stored = store(&files, &key, b"passport").await;
        let read = |account, document| {
            let (files, name, key) = (&files, &stored.key, &key);
            async move { files.read(name, account, document, key).await.unwrap_err() }
        };
        let not_authentic = |error| matches!(error, FileError::Seal { source: SealError::NotAuthentic, .. });
        assert!(not_authentic(read(account(), DocumentSid::from_bytes([9; 16])).await));
        assert!(not_authentic(read(AccountSid::from_bytes([9; 16]), document()).await));
        let newer = load(&files, &DataKey::generate(2), &stored.key).await.unwrap_err();
        assert!(matches!(
            newer,
            FileError::Seal { source: SealError::OtherVersion { wanted: 1, given: 2 }, .. }
        ));
    })
    .await;
}

#[tokio::test]
async fn a_deleted_file_is_gone_and_deleting_can_be_repeated() {
    on_all(|files| async move {
        let key = DataKey::generate(1);
        let stored = store(&files, &key, b"passport").await;
        files.delete(&stored.key).await.unwrap();
        files.delete(&stored.key).await.unwrap();
        let refusal = load(&files, &key, &stored.key).await.unwrap_err();
        assert!(matches!(refusal, FileError::NotFound { .. }), "{refusal:?}");
    })
    .await;
}

#[tokio::test]
async fn nothing_readable_is_on_disk() {
    let (files, folder) = local();
    let stored = store(&files, &DataKey::generate(1), &b"Jane Doe ".repeat(100)).await;
    let folder = folder.path().join(FOLDER);
    let sealed = fs::read(folder.join(stored.key)).unwrap();
    assert!(!sealed.windows(8).any(|window| window == b"Jane Doe"));
    assert_eq!(fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700);
}

#[tokio::test]
async fn an_altered_file_gives_its_true_beginning_and_then_an_error() {
    let files = FileStore::in_memory();
    let key = DataKey::generate(1);
    let plain = pattern(40 * CHUNK + 5);
    let stored = store(&files, &key, &plain).await;
    let path = Path::from(stored.key.as_str());
    let sealed = files.backend.get_opts(&path, Default::default()).await.unwrap().bytes().await.unwrap();

    let flipped = |index: usize| {
        let mut altered = sealed.to_vec();
        altered[index] ^= 1;
        altered
    };
    let chunk_end = |count: usize| format::HEADER_BYTES + count * format::SEALED_CHUNK_BYTES;
    for altered in [
        flipped(chunk_end(20) + 7),
        flipped(sealed.len() - 1),
        sealed[..chunk_end(40)].to_vec(),
        sealed[..chunk_end(20)].to_vec(),
        sealed[..sealed.len() - 1].to_vec(),
        [&sealed[..], b"x"].concat(),
        [&sealed[..], &sealed[chunk_end(0)..chunk_end(1)]].concat(),
        [&sealed[..chunk_end(20)], &sealed[chunk_end(21)..]].concat(),
    ] {
        files.backend.put(&path, PutPayload::from(altered)).await.unwrap();
        let mut download = files.read(&stored.key, account(), document(), &key).await.unwrap();
        let mut read = Vec::new();
        let failure = loop {
            match download.chunk().await {
                Ok(chunk) => read.extend_from_slice(&chunk.expect("an altered file has no end")),
                Err(failure) => break failure,
            }
        };
        assert!(matches!(failure, FileError::Seal { source: SealError::NotAuthentic, .. }), "{failure:?}");
        assert!(plain.starts_with(&read), "only verified bytes were given out");
    }
    // Of these even the length says that they are no files.
    for hopeless in
        [&sealed[..chunk_end(20) + 3], &sealed[..chunk_end(0)], &sealed[..10], &sealed[1..], b"%PDF-1.7"]
    {
        files.backend.put(&path, PutPayload::from(hopeless.to_vec())).await.unwrap();
        let refusal = load(&files, &key, &stored.key).await.unwrap_err();
        assert!(matches!(refusal, FileError::Seal { .. }), "{refusal:?}");
    }
}

#[tokio::test]
async fn an_upload_that_is_given_up_leaves_nothing() {
    let key = DataKey::generate(1);
    for (files, folder) in [local(), objects()] {
        for abort in [true, false] {
            let mut upload = files.begin(account(), document(), &key);
            upload.write(&pattern(PART_BYTES + CHUNK)).await.unwrap();
            assert_eq!(names(&folder).len(), 1, "a part is on disk");
            if abort {
                upload.abort().await.unwrap();
                assert!(names(&folder).is_empty());
            } else {
                drop(upload);
                until(|| names(&folder).is_empty()).await;
            }
        }
        let mut small = files.begin(account(), document(), &key);
        small.write(b"a little").await.unwrap();
        drop(small);
        assert!(names(&folder).is_empty());
    }
}

#[tokio::test]
async fn an_upload_whose_end_is_not_waited_for_leaves_nothing() {
    let (files, folder) = local();
    let mut upload = files.begin(account(), document(), &DataKey::generate(1));
    upload.write(b"passport").await.unwrap();
    // The first poll waits for the disk, and then the future is dropped, as with a closed connection.
    assert!(upload.finish().now_or_never().is_none());
    assert!(names(&folder).is_empty());
}

#[tokio::test]
async fn an_upload_that_broke_off_cannot_go_on() {
    let files = slow();
    let mut upload = files.begin(account(), document(), &DataKey::generate(1));
    assert!(upload.write(&pattern(PART_BYTES + CHUNK)).now_or_never().is_none());
    assert!(matches!(upload.write(b"more").await, Err(FileError::BrokenOff)));
    assert!(matches!(upload.finish().await, Err(FileError::BrokenOff)));
}

#[tokio::test]
async fn a_refusal_of_the_disk_is_reported_and_leaves_nothing() {
    for (files, folder) in [local(), objects()] {
        let occupied = folder.path().join(FOLDER).join(account().to_string());
        fs::write(&occupied, "not a folder").unwrap();
        for bytes in [10, PART_BYTES + CHUNK] {
            let mut upload = files.begin(account(), document(), &DataKey::generate(1));
            let refusal = match upload.write(&pattern(bytes)).await {
                Ok(()) => upload.finish().await.unwrap_err(),
                Err(refusal) => {
                    assert!(matches!(upload.finish().await, Err(FileError::BrokenOff)));
                    refusal
                }
            };
            assert!(matches!(refusal, FileError::Backend { .. } | FileError::Folder { .. }), "{refusal:?}");
        }
        assert_eq!(names(&folder), [occupied]);
    }
}

#[tokio::test]
async fn the_sweep_lists_old_files_of_one_account_or_of_all() {
    on_all(|files| async move {
        let key = DataKey::generate(1);
        let stored = store(&files, &key, b"passport").await;
        let list = |account, before| {
            let files = &files;
            async move {
                let listed: Vec<_> = files.list_older_than(account, before).try_collect().await.unwrap();
                listed.into_iter().map(|file| file.key).collect::<Vec<_>>()
            }
        };
        assert_eq!(list(None, Timestamp::MAX).await, [stored.key.as_str()]);
        assert_eq!(list(Some(account()), Timestamp::MAX).await, [stored.key.as_str()]);
        assert!(list(Some(AccountSid::from_bytes([9; 16])), Timestamp::MAX).await.is_empty());
        assert!(list(None, Timestamp::from_micros(0)).await.is_empty());
        let [file] = &files.list_older_than(None, Timestamp::MAX).try_collect::<Vec<_>>().await.unwrap()[..]
        else {
            panic!("one file")
        };
        assert!(list(None, file.stored_at).await.is_empty(), "a file is not older than itself");
        assert_eq!(list(None, file.stored_at.plus(Duration::from_micros(1))).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn folders_are_removed_when_they_are_empty_and_old() {
    let (files, folder) = local();
    let key = DataKey::generate(1);
    let stored = store(&files, &key, b"passport").await;
    let empty = folder.path().join(FOLDER).join("AC1/RD1");
    fs::create_dir_all(&empty).unwrap();
    files.remove_empty_folders(Timestamp::from_micros(0)).await.unwrap();
    assert!(empty.exists());
    files.remove_empty_folders(Timestamp::MAX).await.unwrap();
    assert!(!empty.parent().unwrap().exists());
    assert_eq!(load(&files, &key, &stored.key).await.unwrap(), b"passport");
    FileStore::in_memory().remove_empty_folders(Timestamp::MAX).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn deleting_the_last_file_does_not_disturb_the_next_one() {
    let (files, folder) = local();
    let tasks: Vec<_> = (0..4)
        .map(|_| {
            let files = files.clone();
            tokio::spawn(async move {
                let key = DataKey::generate(1);
                for _ in 0..20 {
                    let stored = store(&files, &key, b"passport").await;
                    assert_eq!(load(&files, &key, &stored.key).await.unwrap(), b"passport");
                    files.delete(&stored.key).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert!(names(&folder).is_empty());
}

#[test]
fn addresses_are_opened_or_refused_with_what_to_write() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("var/documents");
    FileStore::open(inside.to_str().unwrap(), []).unwrap();
    assert_eq!(fs::metadata(&inside).unwrap().permissions().mode() & 0o777, 0o700);
    FileStore::open(&format!("file://{}", inside.display()), []).unwrap();
    for address in ["https://example.com/bucket", "file://relative", "s3://"] {
        let refusal = FileStore::open(address, []).unwrap_err();
        assert!(matches!(refusal, FileError::Address { .. }), "{refusal:?}");
    }
    fs::write(folder.path().join("file"), "").unwrap();
    let refusal = FileStore::open(folder.path().join("file").to_str().unwrap(), []).unwrap_err();
    assert!(matches!(refusal, FileError::Folder { .. }), "{refusal:?}");
}

#[test]
#[cfg(feature = "s3")]
fn a_bucket_is_opened_without_being_contacted() {
    let options =
        [("AWS_REGION", "eu-central-1"), ("AWS_PAGER", ""), ("AWS_ENDPOINT_URL", "https://[::1]:9")];
    FileStore::open("s3://bucket", options).unwrap();
    FileStore::open("s3://bucket/some/prefix", options).unwrap();
}

/// `pip install 'moto[server]'; moto_server -p 5555 & curl -X PUT http://127.0.0.1:5555/documents`
#[tokio::test]
#[cfg(feature = "s3")]
#[ignore = "needs an S3 server on port 5555 with a bucket `documents`"]
async fn a_bucket_keeps_files() {
    let options = [
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:5555"),
        ("AWS_ALLOW_HTTP", "true"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ];
    let files = FileStore::open("s3://documents/some/prefix", options).unwrap();
    let key = DataKey::generate(1);
    for bytes in [0, 1, 5 << 20, 13_000_000] {
        let plain = pattern(bytes);
        let stored = store(&files, &key, &plain).await;
        assert!(load(&files, &key, &stored.key).await.unwrap() == plain, "{bytes}");
        let listed: Vec<_> =
            files.list_older_than(Some(account()), Timestamp::MAX).try_collect().await.unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].key, stored.key);
        files.delete(&stored.key).await.unwrap();
        files.delete(&stored.key).await.unwrap();
        let refusal = load(&files, &key, &stored.key).await.unwrap_err();
        assert!(matches!(refusal, FileError::NotFound { .. }), "{refusal:?}");
    }
    let mut upload = files.begin(account(), document(), &key);
    upload.write(&pattern(PART_BYTES + CHUNK)).await.unwrap();
    upload.abort().await.unwrap();
}

/// Another account's document.
fn elsewhere() -> (Owner, DocumentSid) {
    let key = Arc::new(DataKey::generate(1));
    (Owner { account: AccountSid::from_bytes([0xA2; 16]), key }, DocumentSid::from_bytes([0xD2; 16]))
}

#[tokio::test]
async fn a_copy_has_the_same_content_for_another_document() {
    on_all(|files| async move {
        let owner = Owner { account: account(), key: Arc::new(DataKey::generate(1)) };
        let (other, made) = elsewhere();
        for bytes in [0, 1, CHUNK, 16 * CHUNK + 1, 13_000_000] {
            let plain = pattern(bytes);
            let stored = store(&files, &owner.key, &plain).await;
            let file =
                FileOf { owner: &owner, document: document(), key: &stored.key, sha256: stored.sha256 };
            let copied = files.copy(file, &other, made).await.unwrap();
            assert_eq!((copied.plain_bytes, copied.sha256), (stored.plain_bytes, stored.sha256));
            assert!(copied.key.starts_with(&format!("{}/{made}/", other.account)));
            // Neither needs the other.
            files.delete(&stored.key).await.unwrap();
            let download = files.read(&copied.key, other.account, made, &other.key).await.unwrap();
            let chunks: Vec<Bytes> = download.into_stream().try_collect().await.unwrap();
            assert!(chunks.concat() == plain, "{bytes}");
            let foreign = files.read(&copied.key, account(), made, &owner.key).await;
            assert!(matches!(foreign, Err(FileError::Seal { .. })));
        }
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_copied_leaves_nothing_behind() {
    let (files, folder) = local();
    let owner = Owner { account: account(), key: Arc::new(DataKey::generate(1)) };
    let (other, made) = elsewhere();
    let stored = store(&files, &owner.key, &pattern(3 * CHUNK)).await;
    let file = FileOf { owner: &owner, document: document(), key: &stored.key, sha256: stored.sha256 };
    let gone = FileOf { key: "AC1/RD1/1", ..file };
    assert!(matches!(files.copy(gone, &other, made).await, Err(FileError::NotFound { .. })));
    let otherwise = FileOf { sha256: [0; 32], ..file };
    assert!(matches!(files.copy(otherwise, &other, made).await, Err(FileError::Seal { .. })));
    let path = folder.path().join(FOLDER).join(&stored.key);
    let mut bytes = fs::read(&path).unwrap();
    // In the last chunk: what is in front of it was copied by then.
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, bytes).unwrap();
    assert!(matches!(files.copy(file, &other, made).await, Err(FileError::Seal { .. })));
    assert_eq!(names(&folder), [path]);
}
