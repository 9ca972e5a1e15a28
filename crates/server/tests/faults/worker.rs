//! A client that makes, changes, deletes and submits, one request after the other, and keeps a ledger.

use dossier_testkit::Seeded;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::io;

use crate::client::{Answer, Client, V2, pdf};
use crate::database::hex;
use crate::ledger::{Object, State};

/// The largest file; several chunks of a sealed file.
const FILE_BYTES_MAX: u64 = 200_000;

/// One client over all the lives of the service.
pub(crate) struct Worker {
    name: String,
    random: Seeded,
    serial: u64,
    /// What was made for sure.
    pub(crate) objects: Vec<Object>,
    /// Names of what was asked for and may have been made: no answer came, or a failure.
    pub(crate) unanswered: HashSet<String>,
    /// Requests that were answered with success.
    pub(crate) acknowledged: usize,
    /// Requests that were answered with a failure of the service.
    pub(crate) failed: usize,
}

/// What a request carries.
enum Body<'a> {
    Form(&'a [(&'a str, &'a str)]),
    File(&'a [(&'a str, &'a str)], &'a [u8]),
    Delete,
}

impl Worker {
    pub(crate) fn new(seed: u64, number: u64) -> Self {
        Self {
            name: format!("w{number}"),
            random: Seeded::new(seed ^ (number + 1).wrapping_mul(0x1357_9BDF)),
            serial: 0,
            objects: Vec::new(),
            unanswered: HashSet::new(),
            acknowledged: 0,
            failed: 0,
        }
    }

    /// One small story.
    ///
    /// # Errors
    /// When the connection ends without an answer.
    pub(crate) fn act(&mut self, client: &mut Client) -> io::Result<()> {
        match self.random.below(100) {
            0..20 => self.create_end_user(client).map(drop),
            20..40 => self.create_bundle(client).map(drop),
            40..55 => self.create_document(client).map(drop),
            55..75 => self.change_something(client),
            75..88 => self.delete_something(client),
            _ => self.fill_a_bundle(client),
        }
    }

    fn next_name(&mut self) -> String {
        self.serial += 1;
        format!("{}-{}", self.name, self.serial)
    }

    fn create_end_user(&mut self, client: &mut Client) -> io::Result<Option<usize>> {
        let name = self.next_name();
        let attributes =
            json!({"first_name": "Ann", "last_name": "Ng", "birth_date": "1990-01-02", "note": name});
        let text = attributes.to_string();
        let fields = [("FriendlyName", name.as_str()), ("Type", "individual"), ("Attributes", &text)];
        let state = State::there([("friendly_name", json!(name)), ("attributes", attributes)]);
        self.create(client, &format!("{V2}/EndUsers"), &Body::Form(&fields), &name, state)
    }

    fn create_bundle(&mut self, client: &mut Client) -> io::Result<Option<usize>> {
        let name = self.next_name();
        let email = format!("{name}@example.com");
        let fields = [
            ("FriendlyName", name.as_str()),
            ("Email", &email),
            ("StatusCallback", "https://user:word@example.com/callback"),
            ("IsoCountry", "MO"),
            ("NumberType", "mobile"),
            ("EndUserType", "individual"),
        ];
        let state = State::there([
            ("friendly_name", json!(name)),
            ("email", json!(email)),
            ("status", json!("draft")),
        ]);
        self.create(client, &format!("{V2}/Bundles"), &Body::Form(&fields), &name, state)
    }

    fn create_document(&mut self, client: &mut Client) -> io::Result<Option<usize>> {
        let name = self.next_name();
        let attributes = json!({"first_name": "Ann", "last_name": "Ng", "note": name});
        let (file, sha256) = self.file(&name);
        let text = attributes.to_string();
        let fields = [("FriendlyName", name.as_str()), ("Type", "passport"), ("Attributes", &text)];
        let state = State::there([
            ("friendly_name", json!(name)),
            ("attributes", attributes),
            ("status", json!("draft")),
            ("mime_type", json!("application/pdf")),
            ("file_sha256", json!(sha256)),
        ]);
        self.create(client, &format!("{V2}/SupportingDocuments"), &Body::File(&fields, &file), &name, state)
    }

    fn change_something(&mut self, client: &mut Client) -> io::Result<()> {
        let Some(index) = self.pick_free() else { return Ok(()) };
        let name = self.next_name();
        let state = self.objects[index].state().but([("friendly_name", json!(name))]);
        let attributes = json!({"first_name": "Bob", "note": name});
        let text = attributes.to_string();
        let name_only = [("FriendlyName", name.as_str())];
        let both = [("FriendlyName", name.as_str()), ("Attributes", &text)];
        match &self.objects[index].sid[..2] {
            "IT" => self.change(client, index, &Body::Form(&both), &state.but([("attributes", attributes)])),
            "RD" if self.random.flip() => {
                let (file, sha256) = self.file(&name);
                let state = state.but([("attributes", attributes), ("file_sha256", json!(sha256))]);
                self.change(client, index, &Body::File(&both, &file), &state)
            }
            _ => self.change(client, index, &Body::Form(&name_only), &state),
        }
        .map(drop)
    }

    fn delete_something(&mut self, client: &mut Client) -> io::Result<()> {
        let Some(index) = self.pick_free() else { return Ok(()) };
        self.change(client, index, &Body::Delete, &State::Gone).map(drop)
    }

    /// A bundle with its end user and a document, which is then submitted or deleted.
    fn fill_a_bundle(&mut self, client: &mut Client) -> io::Result<()> {
        let Some(bundle) = self.create_bundle(client)? else { return Ok(()) };
        let mut parts = vec![bundle];
        for item in [Self::create_end_user, Self::create_document] {
            let Some(item) = item(self, client)? else { return Ok(()) };
            parts.push(item);
        }
        parts.iter().for_each(|part| self.objects[*part].locked = true);
        let mut assignments = Vec::new();
        for item in &parts[1..] {
            let Some(assignment) = self.assign(client, bundle, *item)? else { return Ok(()) };
            assignments.push(assignment);
        }
        if self.random.below(3) == 0 {
            return self.change_all(client, bundle, &assignments, &Body::Delete, |_| State::Gone);
        }
        let form = [("Status", "pending-review")];
        self.change_all(client, bundle, &[parts[2]], &Body::Form(&form), |state| {
            state.but([("status", json!("pending-review"))])
        })
    }

    fn assign(&mut self, client: &mut Client, bundle: usize, item: usize) -> io::Result<Option<usize>> {
        let path = format!("{}/ItemAssignments", self.objects[bundle].path);
        let sid = self.objects[item].sid.clone();
        let pair = format!("{}/{sid}", self.objects[bundle].sid);
        let state = State::there([("object_sid", json!(sid))]);
        let made = self.create(client, &path, &Body::Form(&[("ObjectSid", &sid)]), &pair, state)?;
        if let Some(assignment) = made {
            self.objects[assignment].locked = true;
        }
        Ok(made)
    }

    fn create(
        &mut self,
        client: &mut Client,
        path: &str,
        body: &Body<'_>,
        name: &str,
        state: State,
    ) -> io::Result<Option<usize>> {
        self.unanswered.insert(name.to_owned());
        let answer = send(client, path, body)?;
        if self.has_failed(&answer) {
            return Ok(None);
        }
        assert_eq!(answer.status, 201, "{}", answer.text);
        self.unanswered.remove(name);
        let sid = answer.sid();
        self.objects.push(Object::new(sid.clone(), format!("{path}/{sid}"), state));
        Ok(Some(self.objects.len() - 1))
    }

    fn change(
        &mut self,
        client: &mut Client,
        index: usize,
        body: &Body<'_>,
        state: &State,
    ) -> io::Result<()> {
        self.change_all(client, index, &[], body, |_| state.clone())
    }

    /// A request to one object that changes others as well, all together or none.
    fn change_all(
        &mut self,
        client: &mut Client,
        index: usize,
        others: &[usize],
        body: &Body<'_>,
        change: impl Fn(&State) -> State,
    ) -> io::Result<()> {
        let all = || std::iter::once(index).chain(others.iter().copied());
        for changed in all() {
            let state = change(self.objects[changed].state());
            self.objects[changed].attempt(state, changed == index);
        }
        let answer = send(client, &self.objects[index].path, body)?;
        if !self.has_failed(&answer) {
            assert!(matches!(answer.status, 200 | 204), "{}: {}", self.objects[index].path, answer.text);
            all().for_each(|changed| self.objects[changed].acknowledge(changed == index));
        }
        Ok(())
    }

    /// Counts the answer; a failure must have our form.
    fn has_failed(&mut self, answer: &Answer) -> bool {
        let failed = answer.status >= 500;
        assert!(!failed || answer.is_our_failure(), "{} {}", answer.status, answer.text);
        self.failed += usize::from(failed);
        self.acknowledged += usize::from(answer.status < 300);
        failed
    }

    fn pick_free(&mut self) -> Option<usize> {
        let free: Vec<usize> = (0..self.objects.len()).filter(|at| self.objects[*at].is_free()).collect();
        (!free.is_empty()).then(|| self.random.pick(&free))
    }

    fn file(&mut self, mark: &str) -> (Vec<u8>, String) {
        let bytes = usize::try_from(self.random.below(FILE_BYTES_MAX)).unwrap();
        let file = pdf(mark, bytes);
        let sha256 = sha256(&file);
        (file, sha256)
    }
}

fn send(client: &mut Client, path: &str, body: &Body<'_>) -> io::Result<Answer> {
    match body {
        Body::Form(fields) => client.post(path, fields),
        Body::File(fields, file) => client.upload(path, fields, file),
        Body::Delete => client.delete(path),
    }
}

/// The hash of a file as the database shows it.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref())
}

/// The body of an object that is compared: that of the answer, and the hash of its file.
pub(crate) fn with_file(mut body: Value, sha256: Option<&String>) -> Value {
    if let Some(sha256) = sha256 {
        body["file_sha256"] = json!(sha256);
    }
    body
}
