//! Bodies that may carry a file: a form, or multipart (contract section 2.3, 14.3 rows 54-57).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use dossier_app::{Caller, ReceivedFile};
use dossier_domain::sid::DocumentSid;
use dossier_domain::{Code, Fault};
use http::header::CONTENT_TYPE;
use http_body_util::{BodyDataStream, Limited};
use multer::{Constraints, Field, Multipart, SizeLimit};

use super::body::{is_too_long, too_large};
use super::error::Refused;
use super::params::{Form, Params, essence, invalid, unsupported};
use crate::state::Web;

/// The most bytes of a multipart body: several times the largest file that can be configured.
const BYTES_MAX: usize = 32 * 1024 * 1024;

/// The parameters of a body, and its file if there was one.
pub(crate) struct Uploaded {
    pub(crate) params: Params,
    pub(crate) file: Option<ReceivedFile>,
}

/// Reads the body of a request about `document`. A file is stored while it is read.
///
/// # Errors
/// Code 20413, 20422, 12301 or 18024 as the contract says, 20001 for a second file or a malformed body.
pub(crate) async fn read(
    web: &Arc<Web>,
    caller: &Caller,
    document: DocumentSid,
    request: Request,
) -> Result<Uploaded, Refused> {
    if !essence(request.headers()).eq_ignore_ascii_case("multipart/form-data") {
        let Form(params) = Form::from_request(request, web).await?;
        return Ok(Uploaded { params, file: None });
    }
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let boundary = content_type.and_then(|text| multer::parse_boundary(text).ok());
    let boundary = boundary.ok_or_else(|| unsupported("`multipart/form-data` with a boundary"))?;
    let body = Limited::new(request.into_body(), BYTES_MAX);
    let mut multipart =
        Multipart::with_constraints(BodyDataStream::new(Body::new(body)), boundary, limits(web));
    let mut reading = Reading { web, caller, document, params: Params::default(), file: None };
    match reading.run(&mut multipart).await {
        Ok(()) => Ok(Uploaded { params: reading.params, file: reading.file }),
        Err(refused) => {
            if let Some(file) = reading.file {
                web.app.discard_file(file).await;
            }
            Err(refused)
        }
    }
}

/// The file's own limit is the application's; here, everything around it is limited.
fn limits(web: &Web) -> Constraints {
    let forms = web.options.form_bytes_max as u64;
    let whole = SizeLimit::new().whole_stream(BYTES_MAX as u64).per_field(forms);
    Constraints::new().size_limit(whole.for_field("File", BYTES_MAX as u64))
}

struct Reading<'a> {
    web: &'a Arc<Web>,
    caller: &'a Caller,
    document: DocumentSid,
    params: Params,
    file: Option<ReceivedFile>,
}

impl Reading<'_> {
    async fn run(&mut self, multipart: &mut Multipart<'_>) -> Result<(), Refused> {
        let mut text_bytes = 0;
        while let Some(field) = multipart.next_field().await.map_err(malformed)? {
            match field.name() {
                Some("File") => self.receive(field).await?,
                Some(name) => {
                    let name = name.to_owned();
                    let value = field.bytes().await.map_err(malformed)?;
                    text_bytes += name.len() + value.len();
                    if text_bytes > self.web.options.form_bytes_max {
                        return Err(too_large());
                    }
                    self.params.add(name, text(value)?)?;
                }
                None => return Err(invalid("body: a part has no name").into()),
            }
        }
        Ok(())
    }

    async fn receive(&mut self, mut field: Field<'_>) -> Result<(), Refused> {
        if self.file.is_some() {
            return Err(invalid("File: only one file can be given; put front and back into one").into());
        }
        let declared = field.content_type().map(ToString::to_string);
        let mut receiving = self.web.app.receive_file(self.caller, self.document, declared);
        while let Some(chunk) = field.chunk().await.map_err(malformed)? {
            receiving.write(&chunk).await?;
        }
        self.file = Some(receiving.finish().await?);
        Ok(())
    }
}

fn text(bytes: Bytes) -> Result<String, Fault> {
    String::from_utf8(bytes.into()).map_err(|_| invalid("body: a parameter is not UTF-8 text"))
}

fn malformed(error: multer::Error) -> Refused {
    match error {
        multer::Error::FieldSizeExceeded { .. } | multer::Error::StreamSizeExceeded { .. } => too_large(),
        multer::Error::StreamReadFailed(cause) if is_too_long(cause.as_ref()) => too_large(),
        // What the sender wrote is not repeated: it may be part of a document.
        _ => Refused::new(
            Code::InvalidParameter,
            "Invalid body: it is not complete, well-formed multipart/form-data",
        ),
    }
}
