use toml::{Table, Value};

use super::system::Protocol;

/// `base` with the keys of `changes` in place of its own: tables are merged key by key; a table
/// that meets a list of tables changes each of them; everything else replaces what was there.
///
/// A table with a `kind` of its own replaces a table of another kind as a whole, since their other
/// keys do not fit together; and a network by its `layer`s one by its `hidden` widths, and the other
/// way round.
///
/// ```
/// use showerforge::suite::merged;
/// let base: toml::Table = toml::from_str("a = 1\n[[critic]]\nb = 2\nc = 3")?;
/// let changes = toml::from_str("[critic]\nb = 4")?;
/// let expected: toml::Table = toml::from_str("a = 1\n[[critic]]\nb = 4\nc = 3")?;
/// assert_eq!(merged(base, changes), expected);
/// # Ok::<(), toml::de::Error>(())
/// ```
pub fn merged(mut base: Table, changes: Table) -> Table {
    if changes.contains_key("layer") {
        for key in ["hidden", "activation", "residual"] {
            base.remove(key);
        }
    } else if changes.contains_key("hidden") {
        base.remove("layer");
    }
    for (key, change) in changes {
        let value = match base.remove(&key) {
            Some(before) => merged_value(before, change),
            None => change,
        };
        base.insert(key, value);
    }
    base
}

fn merged_value(before: Value, change: Value) -> Value {
    match (before, change) {
        (Value::Table(before), Value::Table(change)) => {
            let kind = |table: &Table| table.get("kind").cloned();
            if kind(&change).is_some() && kind(&change) != kind(&before) {
                return Value::Table(change);
            }
            Value::Table(merged(before, change))
        }
        (Value::Array(before), Value::Table(change)) if before.iter().all(Value::is_table) => {
            let changed = |value| merged_value(value, Value::Table(change.clone()));
            Value::Array(before.into_iter().map(changed).collect())
        }
        (_, change) => change,
    }
}

/// `table` with a change, and with what stands under `short` in the change on top of it where a
/// training of minutes is asked for.
pub fn with_short(table: Table, mut change: Table, protocol: Protocol) -> Table {
    let short = change.remove("short");
    let table = merged(table, change);
    match short {
        Some(Value::Table(short)) if protocol == Protocol::Short => merged(table, short),
        _ => table,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Table {
        toml::from_str(text).expect(text)
    }

    #[test]
    fn tables_of_another_kind_are_replaced_as_a_whole() {
        let base = table("o = { kind = 'adam', rate = 1.0, beta1 = 0.5 }");
        let same = merged(base.clone(), table("o = { kind = 'adam', rate = 2.0 }"));
        assert_eq!(same, table("o = { kind = 'adam', rate = 2.0, beta1 = 0.5 }"));
        let other = merged(base, table("o = { kind = 'sgd', rate = 2.0 }"));
        assert_eq!(other, table("o = { kind = 'sgd', rate = 2.0 }"));
    }

    #[test]
    fn a_network_has_one_of_its_two_forms() {
        let base = table("hidden = [1]\nactivation = 'relu'\nconditions = 'none'");
        let layers = table("layer = [{ kind = 'relu' }]");
        let expected = table("conditions = 'none'\nlayer = [{ kind = 'relu' }]");
        assert_eq!(merged(base, layers.clone()), expected);
        let hidden = table("hidden = [2]\nactivation = 'tanh'");
        assert_eq!(merged(layers, hidden.clone()), hidden);
    }

    #[test]
    fn lists_of_numbers_are_replaced() {
        let found = merged(table("hidden = [1, 2]\nx = 1"), table("hidden = [3]"));
        assert_eq!(found, table("hidden = [3]\nx = 1"));
    }
}
