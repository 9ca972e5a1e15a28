//! The signature of a callback: what the official SDKs' request validators compute (contract section 7).

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The value of `X-Twilio-Signature`: HMAC-SHA1 under the auth token over the address and every name
/// and value, ordered by name.
pub(super) fn signature(auth_token: &str, called: &str, form: &[(&str, String)]) -> String {
    let mut sorted: Vec<_> = form.iter().collect();
    sorted.sort();
    let mut text = called.to_owned();
    for (name, value) in sorted {
        text.push_str(name);
        text.push_str(value);
    }
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, auth_token.as_bytes());
    STANDARD.encode(hmac::sign(&key, text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published example of the algorithm.
    #[test]
    fn the_published_example_has_its_signature() {
        let form = [
            ("CallSid", "CA1234567890ABCDE".to_owned()),
            ("Caller", "+14158675309".to_owned()),
            ("Digits", "1234".to_owned()),
            ("From", "+14158675309".to_owned()),
            ("To", "+18005551212".to_owned()),
        ];
        let mut reversed = form.clone();
        reversed.reverse();
        for form in [form, reversed] {
            let signature = signature("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", &form);
            assert_eq!(signature, "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
        }
    }
}
