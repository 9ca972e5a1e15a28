//! Multipart bodies, and good files to put into them.

/// A small PDF.
pub const PDF: &[u8] = include_bytes!("../../files/passport.pdf");
/// A small JPEG.
pub const JPEG: &[u8] = include_bytes!("../../files/passport.jpg");
/// A small PNG.
pub const PNG: &[u8] = include_bytes!("../../files/passport.png");

/// Long and odd enough to be in no file.
const BOUNDARY: &str = "----a-boundary-of-the-tests-7f3a";

/// One part of a multipart body.
#[derive(Debug, Clone, Copy)]
pub enum Part<'a> {
    /// A parameter.
    Text(&'a str, &'a str),
    /// The part `File`: its declared type and its content.
    File(&'a str, &'a [u8]),
    /// Anything: the headers, each line ended by CR LF, and the content.
    Raw(&'a str, &'a [u8]),
}

pub(super) fn content_type() -> String {
    format!("multipart/form-data; boundary={BOUNDARY}")
}

pub(super) fn encode(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for part in parts {
        body.extend_from_slice(format!("--{BOUNDARY}\r\n").as_bytes());
        let (headers, content) = match part {
            Part::Text(name, value) => {
                (format!("Content-Disposition: form-data; name=\"{name}\"\r\n"), value.as_bytes())
            }
            Part::File(content_type, content) => {
                let disposition = "Content-Disposition: form-data; name=\"File\"; filename=\"scan\"\r\n";
                (format!("{disposition}Content-Type: {content_type}\r\n"), *content)
            }
            Part::Raw(headers, content) => ((*headers).to_owned(), *content),
        };
        body.extend_from_slice(headers.as_bytes());
        body.extend_from_slice(b"\r\n");
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}
