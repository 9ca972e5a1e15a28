//! Regulations as JSON, each put together the first time it is asked for.
//!
//! A page of fifty is some hundred kilobytes that change only with the catalogue, except for what the
//! URLs in it begin with. So a text is kept without that, together with the places where it belongs.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use dossier_domain::regulation::Regulation;
use dossier_domain::sid::RegulationSid;

use super::regulation_view::{RegulationView, Style};
use crate::api::base_url::BaseUrl;
use crate::api::json;

/// What stands before a URL. Inside a text of JSON the quotes would be escaped, so it is found nowhere else.
const BEFORE_URL: &str = "\"url\":\"";

/// The texts by regulation. There are never more than regulations, twice.
#[derive(Default)]
pub(crate) struct RegulationTexts(RwLock<HashMap<(RegulationSid, Style), Arc<RegulationText>>>);

impl RegulationTexts {
    /// The text of exactly this regulation: one of another revision or catalogue is replaced.
    pub(super) fn text(&self, regulation: &Arc<Regulation>, style: Style) -> Arc<RegulationText> {
        let key = (regulation.sid, style);
        let texts = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(text) = texts.get(&key).filter(|text| Arc::ptr_eq(&text.of, regulation)) {
            return Arc::clone(text);
        }
        drop(texts);
        let text = Arc::new(RegulationText::new(regulation, style));
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&text));
        text
    }
}

/// A regulation as JSON, without what its URLs begin with.
pub(super) struct RegulationText {
    /// Kept, so that no other regulation can be where this one is.
    of: Arc<Regulation>,
    /// The text, cut where the beginnings of URLs belong.
    pieces: Box<[Box<str>]>,
}

impl RegulationText {
    fn new(regulation: &Arc<Regulation>, style: Style) -> Self {
        let mut text = Vec::new();
        json::write(&RegulationView::new(style, regulation), &mut text);
        let text = String::from_utf8(text).expect("JSON is written as UTF-8");
        let pieces = text.split_inclusive(BEFORE_URL).map(Box::from).collect();
        Self { of: Arc::clone(regulation), pieces }
    }

    /// Writes the text behind what is there.
    pub(super) fn write(&self, base: &BaseUrl, json: &mut Vec<u8>) {
        for (index, piece) in self.pieces.iter().enumerate() {
            if index > 0 {
                json.extend_from_slice(base.as_str().as_bytes());
            }
            json.extend_from_slice(piece.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use dossier_domain::catalogue::{Catalogue, RegulationFilter};
    use jiff::civil::date;
    use serde_json::Value;

    use super::*;

    const BASE: &str = "https://dossier.example:8443";

    fn regulations(catalogue: &Catalogue) -> Vec<Arc<Regulation>> {
        catalogue.list(RegulationFilter::default(), date(2026, 11, 22)).cloned().collect()
    }

    fn written(text: &RegulationText) -> String {
        let mut json = b"[".to_vec();
        text.write(&BaseUrl::for_tests(BASE), &mut json);
        String::from_utf8(json).unwrap().split_off(1)
    }

    /// Puts the base before every member `url`, however deep.
    fn with_base(value: &mut Value) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    match member {
                        Value::String(url) if name == "url" => url.insert_str(0, BASE),
                        _ => with_base(member),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(with_base),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => (),
        }
    }

    #[test]
    fn a_text_is_the_view_with_the_base_before_every_url() {
        let catalogue = Catalogue::builtin();
        for regulation in regulations(&catalogue) {
            for style in [Style::WithConstraints, Style::WithoutConstraints] {
                let mut expected = serde_json::to_value(RegulationView::new(style, &regulation)).unwrap();
                with_base(&mut expected);
                let text = written(&RegulationText::new(&regulation, style));
                // Members stay in order, so this compares to the letter.
                assert_eq!(text, expected.to_string(), "{}", regulation.friendly_name);
            }
        }
    }

    #[test]
    fn words_that_look_like_a_url_are_left_alone() {
        let catalogue = Catalogue::builtin();
        let mut regulation = Regulation::clone(&regulations(&catalogue)[0]);
        regulation.friendly_name = r#"A title with "url":"/v2 in it and "url":""#.into();
        let text = written(&RegulationText::new(&Arc::new(regulation.clone()), Style::WithoutConstraints));
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["friendly_name"], &*regulation.friendly_name);
    }

    #[test]
    fn a_text_is_put_together_once_for_each_catalogue() {
        let texts = RegulationTexts::default();
        let catalogue = Catalogue::builtin();
        let old = &regulations(&catalogue)[0];
        let first = texts.text(old, Style::WithoutConstraints);
        assert!(Arc::ptr_eq(&first, &texts.text(old, Style::WithoutConstraints)));
        assert!(!Arc::ptr_eq(&first, &texts.text(old, Style::WithConstraints)));

        let mut changed = Regulation::clone(old);
        changed.friendly_name = "Another title".into();
        let changed = Arc::new(changed);
        assert!(written(&texts.text(&changed, Style::WithoutConstraints)).contains("Another title"));
        // A request that still has the old catalogue gets the old text.
        assert_eq!(written(&texts.text(old, Style::WithoutConstraints)), written(&first));
    }
}
