//! `countries/XX.toml`: what one country asks for, by number type and end-user type.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use toml::Spanned;

use super::blocks::{Accepting, Block, Blocks, Fitting, SharedBlocks, read_blocks};
use super::fields::{Owner, read_fields};
use super::notebook::Notebook;
use super::problem::did_you_mean;
use super::raw::{NameOr, RawBlockUse, RawCountry, RawEndUsers, RawEntry, RawScope, RawStatus};
use super::sids::{self, Listed};
use super::source::File;
use super::type_files::{Types, check_name};
use super::uses::Uses;
use super::{Entry, Unserved};
use crate::regulation::{
    AddressScope, Combination, DocumentRequirement, EndUserRequirement, Field, Provenance, Regulation, Rule,
    Text,
};
use crate::{EndUserType, IsoCountry, NumberType};

/// What the files before the countries have said.
pub(super) struct Shared<'a> {
    pub(super) types: &'a Types,
    pub(super) blocks: &'a SharedBlocks,
    pub(super) listed: &'a HashMap<Combination, Listed>,
    /// The number of the uppermost layer, whose unused blocks are worth a warning.
    pub(super) top: usize,
}

/// Reads the files of a country, one per layer; returns the entries of each layer.
///
/// Of blocks with the same name, that of the uppermost layer holds for the entries of all.
pub(super) fn read(
    files: &[File<'_>],
    shared: &Shared<'_>,
    uses: &mut Uses,
    notebook: &mut Notebook,
) -> Vec<Vec<Entry>> {
    let mut read = Vec::new();
    let mut blocks = Blocks::new();
    for &file in files {
        let Some(raw) = file.parse::<RawCountry>(notebook) else { continue };
        let iso_country = IsoCountry::parse(raw.country.get_ref());
        let Some(iso_country) =
            iso_country.filter(|country| file.name == format!("countries/{country}.toml"))
        else {
            let reason = "`country` must be the two capital letters that the file is named after";
            notebook.problem(file, raw.country.span(), reason);
            continue;
        };
        for name in raw.block.keys().filter(|name| shared.blocks.blocks.contains_key(*name)) {
            let reason = format!("`blocks.toml` has a block `{name}` as well: choose another name");
            notebook.problem(file, raw.block[name].span(), reason);
        }
        blocks.extend(read_blocks(file, &raw.block, shared.types, notebook));
        read.push((file, raw, iso_country));
    }
    let entries = read.iter().map(|(file, raw, iso_country)| {
        Reader { file: *file, raw, iso_country: *iso_country, blocks: &blocks, shared, uses, notebook }
            .entries()
    });
    let entries = entries.collect();
    uses.check_blocks(&blocks, shared.top, notebook);
    entries
}

/// Reads the entries of one file.
pub(super) struct Reader<'a> {
    pub(super) file: File<'a>,
    pub(super) raw: &'a RawCountry,
    iso_country: IsoCountry,
    blocks: &'a Blocks,
    shared: &'a Shared<'a>,
    uses: &'a mut Uses,
    pub(super) notebook: &'a mut Notebook,
}

impl Reader<'_> {
    fn entries(&mut self) -> Vec<Entry> {
        let mut entries = Vec::new();
        let RawCountry { local, mobile, national, toll_free, .. } = self.raw;
        for (number_type, end_users) in [
            (NumberType::Local, local),
            (NumberType::Mobile, mobile),
            (NumberType::National, national),
            (NumberType::TollFree, toll_free),
        ] {
            let RawEndUsers { individual, business } = end_users;
            for (end_user_type, raw) in
                [(EndUserType::Individual, individual), (EndUserType::Business, business)]
            {
                let combination = Combination { iso_country: self.iso_country, number_type, end_user_type };
                entries.extend(raw.iter().filter_map(|entry| self.entry(combination, entry)));
            }
        }
        entries
    }

    fn entry(&mut self, combination: Combination, entry: &Spanned<RawEntry>) -> Option<Entry> {
        let provenance = self.provenance(entry)?;
        let raw = entry.get_ref();
        match (raw.status, &raw.end_user, &raw.documents) {
            (Some(status), None, None) => Some(Entry::Unserved(combination, status.into(), provenance)),
            (None, Some(end_user), Some(documents)) if !(end_user.is_empty() && documents.is_empty()) => {
                let regulation = self.regulation(combination, entry, provenance)?;
                Some(Entry::Served(Arc::new(regulation)))
            }
            (None, Some(_), Some(_)) => {
                self.problem(entry, "nothing is asked for: write `status = \"nothing-required\"` instead")
            }
            (Some(_), _, _) => {
                self.problem(entry, "an entry with a `status` has no `end_user` and no `documents`")
            }
            (None, _, _) => self.problem(entry, "an entry has `end_user` and `documents`, or a `status`"),
        }
    }

    fn regulation(
        &mut self,
        combination: Combination,
        entry: &Spanned<RawEntry>,
        provenance: Provenance,
    ) -> Option<Regulation> {
        let address_scope = entry.get_ref().address_scope.map_or(AddressScope::None, AddressScope::from);
        let end_user = self.end_user(combination.end_user_type, entry)?;
        let documents = self.documents(entry, address_scope, &end_user.fields);
        self.check_addresses(entry, address_scope, &documents)?;
        let (sid, friendly_name) = self.known_as(combination, &end_user.name);
        Some(Regulation {
            sid,
            iso_country: combination.iso_country,
            number_type: combination.number_type,
            end_user_type: combination.end_user_type,
            friendly_name,
            address_scope,
            end_users: vec![end_user],
            documents,
            provenance,
        })
    }

    /// A scope is needed exactly when addresses are asked for.
    fn check_addresses(
        &mut self,
        entry: &Spanned<RawEntry>,
        scope: AddressScope,
        documents: &[DocumentRequirement],
    ) -> Option<()> {
        let accepted = documents.iter().flat_map(|requirement| &requirement.any_of);
        let asked = accepted.flat_map(|document| &document.fields).any(|field| field.rule == Rule::Addresses);
        if asked && scope == AddressScope::None {
            return self.problem(entry, "the rule asks for addresses, so it needs an `address_scope`");
        }
        if !asked && scope != AddressScope::None {
            let reason = "no document is asked for an address, so `address_scope` has no effect";
            self.notebook.warning(self.file.place(&entry.span()), reason, "take `address_scope` away");
        }
        Some(())
    }

    /// What the combination is publicly known by, or else what follows from its names.
    fn known_as(
        &mut self,
        combination: Combination,
        end_user_name: &str,
    ) -> (crate::sid::RegulationSid, Text) {
        if let Some(listed) = self.shared.listed.get(&combination) {
            return (listed.sid, Text::clone(&listed.friendly_name));
        }
        let number_type = match combination.number_type {
            NumberType::Local => "Local",
            NumberType::Mobile => "Mobile",
            NumberType::National => "National",
            NumberType::TollFree => "Toll-Free",
        };
        let friendly_name = format!("{}: {number_type} - {end_user_name}", self.raw.name);
        (sids::of_regulation(combination), self.notebook.text(&friendly_name))
    }

    fn end_user(
        &mut self,
        end_user_type: EndUserType,
        entry: &Spanned<RawEntry>,
    ) -> Option<EndUserRequirement> {
        // Without that type the file of types is broken, which is a problem noted before.
        let info = self.shared.types.end_user(end_user_type)?;
        let uses = entry.get_ref().end_user.as_deref().unwrap_or_default();
        Some(EndUserRequirement {
            end_user_type,
            name: Text::clone(&info.friendly_name),
            requirement_name: Text::clone(&info.requirement_name),
            fields: read_fields(
                self.file,
                uses,
                Owner::EndUser(end_user_type.as_str()),
                &info.fields,
                self.shared.types,
                self.notebook,
            ),
        })
    }

    fn documents(
        &mut self,
        entry: &Spanned<RawEntry>,
        scope: AddressScope,
        asked: &[Field],
    ) -> Vec<DocumentRequirement> {
        let names = asked.iter().map(|field| Text::clone(&field.machine_name)).collect();
        let fitting = Fitting { shared: self.shared.blocks, scope, asked: &names };
        let uses = entry.get_ref().documents.as_deref().unwrap_or_default();
        let mut names = HashSet::new();
        let mut requirements = Vec::with_capacity(uses.len());
        for entry in uses {
            let Some(block) = self.block(entry) else { continue };
            if !names.insert(Text::clone(&block.requirement_name)) {
                let reason = format!("the requirement `{}` is there twice", block.requirement_name);
                self.notebook.problem(self.file, entry.span(), reason);
            }
            let requirement = fitting.fit(block, self.file, entry.span(), self.uses, self.notebook);
            self.check_comparisons(entry, &requirement, asked);
            requirements.push(requirement);
        }
        requirements
    }

    /// What the end user may leave out, a document should not have to equal.
    fn check_comparisons<T>(
        &mut self,
        entry: &Spanned<T>,
        requirement: &DocumentRequirement,
        asked: &[Field],
    ) {
        let optional = |name: &Text| {
            asked.iter().any(|field| field.machine_name == *name && field.rule == Rule::Optional)
        };
        for field in requirement.any_of.iter().flat_map(|document| &document.fields) {
            if let Rule::EqualsEndUser(other) = &field.rule
                && optional(other)
            {
                let reason = format!("a document must equal `{other}`, which the end user may leave out");
                let place = self.file.place(&entry.span());
                self.notebook.warning(place, reason, format!("ask for `{other}` with the rule \"required\""));
                return;
            }
        }
    }

    /// The block that an entry names, with the changes it makes.
    fn block(&mut self, entry: &Spanned<NameOr<RawBlockUse>>) -> Option<Block> {
        let (name, change) = match entry.get_ref() {
            NameOr::Name(name) => (name, None),
            NameOr::Changed(raw) => (&raw.block, Some(raw)),
        };
        let known = self.blocks.get(name).or_else(|| self.shared.blocks.blocks.get(name));
        let Some(mut block) = known.cloned() else {
            return self.unknown_block(entry, name);
        };
        self.uses.block(&block.place);
        if let Some(change) = change {
            self.change(&mut block, entry, change);
        }
        Some(block)
    }

    fn unknown_block<T, R>(&mut self, entry: &Spanned<T>, name: &str) -> Option<R> {
        if !self.notebook.broken.contains(name) {
            let known = self.blocks.keys().chain(self.shared.blocks.blocks.keys());
            let help = did_you_mean(name, known.map(String::as_str));
            let reason = format!("the block `{name}` does not exist");
            self.notebook.problem_with_help(self.file, entry.span(), reason, help);
        }
        None
    }

    fn change<T>(&mut self, block: &mut Block, entry: &Spanned<T>, change: &RawBlockUse) {
        let RawBlockUse { name, description, requirement_name, any_of, .. } = change;
        for (target, text) in [
            (&mut block.name, name),
            (&mut block.description, description),
            (&mut block.requirement_name, requirement_name),
        ] {
            if let Some(text) = text {
                *target = self.notebook.text(text);
            }
        }
        check_name(self.file, &block.requirement_name, entry.span().start, self.notebook);
        if let Some(groups) = any_of {
            block.any_of.clear();
            block.comparisons.clear();
            let (file, types) = (self.file, self.shared.types);
            Accepting { file, types, notebook: self.notebook, block }.groups(groups, entry.span());
        }
    }

    /// Notes a problem, and stands for the thing that could not be made.
    pub(super) fn problem<T, R>(&mut self, place: &Spanned<T>, reason: &str) -> Option<R> {
        self.notebook.problem(self.file, place.span(), reason);
        None
    }
}

impl From<RawStatus> for Unserved {
    fn from(raw: RawStatus) -> Self {
        match raw {
            RawStatus::Unavailable => Self::Unavailable,
            RawStatus::NothingRequired => Self::NothingRequired,
        }
    }
}

impl From<RawScope> for AddressScope {
    fn from(raw: RawScope) -> Self {
        match raw {
            RawScope::World => Self::World,
            RawScope::Country => Self::Country,
            RawScope::Area => Self::Area,
        }
    }
}
