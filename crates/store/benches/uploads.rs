//! What storing and reading a file of 5 MB costs against a plain write and fdatasync of the same bytes.
//!
//! The kinds take turns, so that the noise of the machine meets all of them; the median counts.

#![expect(clippy::print_stdout, reason = "the table is what the program is for")]

use std::fs::{self, File};
use std::hint::black_box;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use aws_lc_rs::digest;
use dossier_domain::sid::{AccountSid, DocumentSid};
use dossier_store::files::FileStore;
use dossier_store::seal::DataKey;

const FILE_BYTES: usize = 5_000_000;
/// As a body comes from the network.
const SLICE_BYTES: usize = 64 * 1024;
const TURNS: usize = 60;
const ACCOUNT: AccountSid = AccountSid::from_bytes([1; 16]);

type Failure = Box<dyn std::error::Error>;

#[tokio::main(flavor = "multi_thread", worker_threads = 1)]
async fn main() -> Result<(), Failure> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let plain: Vec<u8> = (0..=250).cycle().take(FILE_BYTES).collect();
    let key = DataKey::generate(1);
    let on_disk = FileStore::local(&folder.path().join("documents"))?;
    let in_memory = FileStore::in_memory();
    let mut times: [Vec<Duration>; 5] = Default::default();
    for turn in 0..TURNS {
        let document = DocumentSid::from_bytes((turn as u128).to_be_bytes());
        times[0].push(write(folder.path(), &plain, false)?);
        times[1].push(write(folder.path(), &plain, true)?);
        let (stored_after, stored) = upload(&on_disk, document, &key, &plain).await?;
        times[2].push(stored_after);
        times[3].push(download(&on_disk, document, &key, &stored).await?);
        on_disk.delete(&stored).await?;
        let (stored_after, stored) = upload(&in_memory, document, &key, &plain).await?;
        times[4].push(stored_after);
        in_memory.delete(&stored).await?;
    }
    print(times);
    Ok(())
}

fn write(folder: &Path, plain: &[u8], hashed: bool) -> Result<Duration, Failure> {
    let path = folder.join("plain");
    let start = Instant::now();
    let mut file = File::create(&path)?;
    let mut hash = digest::Context::new(&digest::SHA256);
    for slice in plain.chunks(SLICE_BYTES) {
        if hashed {
            hash.update(slice);
        }
        file.write_all(slice)?;
    }
    file.sync_data()?;
    black_box(hash.finish());
    let elapsed = start.elapsed();
    fs::remove_file(path)?;
    Ok(elapsed)
}

async fn upload(
    files: &FileStore,
    document: DocumentSid,
    key: &DataKey,
    plain: &[u8],
) -> Result<(Duration, String), Failure> {
    let start = Instant::now();
    let mut upload = files.begin(ACCOUNT, document, key);
    for slice in plain.chunks(SLICE_BYTES) {
        upload.write(slice).await?;
    }
    let stored = upload.finish().await?;
    Ok((start.elapsed(), stored.key))
}

async fn download(
    files: &FileStore,
    document: DocumentSid,
    key: &DataKey,
    stored: &str,
) -> Result<Duration, Failure> {
    let start = Instant::now();
    let mut download = files.read(stored, ACCOUNT, document, key).await?;
    while let Some(chunk) = download.chunk().await? {
        black_box(chunk);
    }
    Ok(start.elapsed())
}

fn print(times: [Vec<Duration>; 5]) {
    let medians = times.map(|mut times| {
        times.sort();
        times[TURNS / 2].as_secs_f64() * 1e3
    });
    let names =
        ["write, fdatasync", "hash, write, fdatasync", "upload to disk", "download", "upload to memory"];
    println!("{:<24} {:>8} {:>16} {:>22}", "5 MB", "ms", "speed of a write", "of a hashed write");
    for (name, median) in names.iter().zip(medians) {
        println!("{name:<24} {median:>8.2} {:>16.2} {:>22.2}", medians[0] / median, medians[1] / median);
    }
}
