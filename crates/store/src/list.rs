//! Keyset lists: the next page is found by the last item of this one, so the millionth costs what the
//! first does.

use std::fmt::Write as _;

use dossier_domain::paging::{Page, Start, Window};
use dossier_domain::sid::{Kind, Sid};

use crate::Owner;
use crate::db::{Row, StoreResult, ToValue, Tx, Value};

/// A list of one table. All text in it is ours; values travel as parameters.
pub(crate) struct Listing<'a> {
    /// What to read, and from where: `SELECT … FROM …`.
    pub(crate) select: &'static str,
    /// Conditions with their values, the account's first. A condition ends where its parameter goes:
    /// `account_sid =`.
    pub(crate) conditions: Vec<(&'static str, Value<'a>)>,
    /// The identifiers to choose from; all when empty.
    pub(crate) sids: Vec<Value<'a>>,
    /// The integer column that is sorted by; `sid` decides between equals.
    pub(crate) sort_by: &'static str,
    /// Whether the largest comes first.
    pub(crate) descending: bool,
}

impl Listing<'_> {
    /// Reads one page.
    pub(crate) fn page<T>(
        self,
        tx: &mut Tx<'_>,
        window: &Window,
        read: impl FnMut(&Row<'_>) -> StoreResult<T>,
    ) -> StoreResult<Page<T>> {
        if self.asks_for_the_impossible() {
            return Ok(Page::from_read(Vec::new(), window));
        }
        let (sql, place) = self.sql(window.start);
        let position = match window.start {
            Start::After(position) | Start::Before(position) => Some((position.key, position.sid.text())),
            Start::First | Start::Offset(_) => None,
        };
        let conditions = self.conditions.iter().map(|(_, value)| value);
        let mut values: Vec<Value<'_>> = conditions.chain(&self.sids).copied().collect();
        if let Some((key, sid)) = &position {
            values.extend([Value::Int(*key), Value::Text(sid)]);
        }
        // One more than wanted tells whether there is another page.
        values.push(Value::Int(i64::from(window.size) + 1));
        if let Start::Offset(offset) = window.start {
            values.push(Value::Int(i64::from(offset)));
        }
        debug_assert_eq!(values.len(), place);
        Ok(Page::from_read(tx.list(&sql, &values, read)?, window))
    }

    /// Whether a text has a NUL: no row has one, and PostgreSQL refuses to look for it.
    fn asks_for_the_impossible(&self) -> bool {
        self.conditions.iter().any(|(_, value)| matches!(value, Value::Text(text) if text.contains('\0')))
    }

    /// The statement, and how many parameters it has.
    fn sql(&self, start: Start) -> (String, usize) {
        let backwards = matches!(start, Start::Before(_));
        let (order, beyond) = if self.descending == backwards { ("ASC", ">") } else { ("DESC", "<") };
        // Named rows are found through the primary key and then sorted. SQLite would rather walk the whole
        // account in order; the plus sign keeps that order's index out of its choice.
        let plus = if self.sids.is_empty() { "" } else { "+" };
        let sort_by = self.sort_by;
        let mut sql = String::with_capacity(512);
        let mut place = 0;
        sql.push_str(self.select);
        for (condition, _) in &self.conditions {
            let word = if place == 0 { "WHERE" } else { "AND" };
            place += 1;
            write(&mut sql, format_args!(" {word} {condition} ${place}"));
        }
        for (index, _) in self.sids.iter().enumerate() {
            place += 1;
            write(&mut sql, format_args!("{}${place}", if index == 0 { " AND sid IN (" } else { ", " }));
        }
        if !self.sids.is_empty() {
            sql.push(')');
        }
        if matches!(start, Start::After(_) | Start::Before(_)) {
            write(
                &mut sql,
                format_args!(" AND ({plus}{sort_by}, sid) {beyond} (${}, ${})", place + 1, place + 2),
            );
            place += 2;
        }
        place += 1;
        write(&mut sql, format_args!(" ORDER BY {plus}{sort_by} {order}, sid {order} LIMIT ${place}"));
        if matches!(start, Start::Offset(_)) {
            place += 1;
            write(&mut sql, format_args!(" OFFSET ${place}"));
        }
        (sql, place)
    }
}

fn write(sql: &mut String, part: std::fmt::Arguments<'_>) {
    sql.write_fmt(part).expect("writing to a string cannot fail");
}

/// Adds a condition when there is a value for it.
pub(crate) fn condition<'a>(
    conditions: &mut Vec<(&'static str, Value<'a>)>,
    text: &'static str,
    value: Option<&'a impl ToValue>,
) {
    if let Some(value) = value {
        conditions.push((text, value.to_value()));
    }
}

/// The condition that leaves out what was erased.
pub(crate) const NOT_ERASED: (&str, Value<'static>) = ("COALESCE(erased_at, 0) =", Value::Int(0));

/// Rows that one statement with `places!()` asks for.
const PLACES: usize = 40;

/// `IN places!()`: places for identifiers, behind the account's.
macro_rules! places {
    () => {
        "($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, \
         $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, \
         $40, $41)"
    };
}
pub(crate) use places;

/// The rows of these identifiers, in no order, by a statement whose parameters are the account and `places!()`.
pub(crate) fn many<K: Kind, T>(
    tx: &mut Tx<'_>,
    sql: &str,
    owner: &Owner,
    sids: &[Sid<K>],
    mut read: impl FnMut(&Row<'_>) -> StoreResult<T>,
) -> StoreResult<Vec<T>> {
    let mut rows = Vec::with_capacity(sids.len());
    for some in sids.chunks(PLACES) {
        // Places that are left over ask for the first one again, so that there is one statement to prepare.
        let mut values = [some[0].to_value(); PLACES + 1];
        values[0] = owner.account.to_value();
        for (place, sid) in values[1..].iter_mut().zip(some) {
            *place = sid.to_value();
        }
        rows.extend(tx.list(sql, &values, &mut read)?);
    }
    Ok(rows)
}
