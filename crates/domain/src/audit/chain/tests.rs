//! The hashes are stored, so they are pinned here.

use super::*;
use proptest::prelude::*;
use std::collections::HashSet;

fn digest(text: &str) -> Digest {
    Digest::parse(text).unwrap()
}

fn event() -> EventRecord<'static> {
    EventRecord {
        account_sid: "AC00000000000000000000000000000001",
        at: 1_767_225_600_000_000,
        sid: "AE00000000000000000000000000000002",
        actor: "command-line",
        action: "bundle.create",
        target: "BU00000000000000000000000000000003",
        outcome: "done",
        request_id: "RQ00000000000000000000000000000004",
        rule_revision: None,
    }
}

fn checkpoint() -> Checkpoint {
    Checkpoint {
        number: 7,
        previous_hash: event().leaf(),
        merkle_root: Digest::from_bytes([9; 32]),
        event_count: 1000,
        sealed_at: Timestamp::from_micros(1_767_225_600_000_001),
    }
}

/// The inputs and roots that the reference implementation of certificate transparency is tested with.
#[test]
fn roots_are_those_of_the_standard() {
    let inputs: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];
    let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let mut tree = MerkleRoot::default();
    let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(tree.clone().root(), digest(nothing));
    for (input, root) in inputs.into_iter().zip(roots) {
        let mut hasher = Hasher::new(LEAF);
        hasher.0.update(input);
        tree.push(hasher.finish());
        assert_eq!(tree.clone().root(), digest(root), "{} leaves", tree.leaves());
    }
}

#[test]
fn the_canonical_forms_do_not_change() {
    let leaf = "3cf6fd575484f907d2bdab9e98ea7769df59d5d8bcccb62d7ea90f654527936d";
    let hash = "200ccf29cf03564f11698bea82155f761a95bbe1cac479bdc05cf6d87b789fdb";
    assert_eq!(event().leaf(), digest(leaf));
    assert_eq!(checkpoint().hash(), digest(hash));
}

#[test]
fn every_column_of_an_event_counts() {
    let event = event();
    let altered = [
        EventRecord { account_sid: "AC00000000000000000000000000000002", ..event.clone() },
        EventRecord { at: event.at + 1, ..event.clone() },
        EventRecord { sid: "AE00000000000000000000000000000003", ..event.clone() },
        EventRecord { actor: "command-lin", action: "ebundle.create", ..event.clone() },
        EventRecord { actor: event.action, action: event.actor, ..event.clone() },
        EventRecord { target: "", ..event.clone() },
        EventRecord { outcome: "refused", ..event.clone() },
        EventRecord { request_id: "RQ", ..event.clone() },
        EventRecord { rule_revision: Some(0), ..event.clone() },
        EventRecord { rule_revision: Some(1), ..event.clone() },
    ];
    let leaves: HashSet<Digest> = altered.iter().chain([&event]).map(EventRecord::leaf).collect();
    assert_eq!(leaves.len(), altered.len() + 1);
}

#[test]
fn every_part_of_a_checkpoint_counts() {
    let checkpoint = checkpoint();
    let altered = [
        Checkpoint { number: 8, ..checkpoint },
        Checkpoint { previous_hash: Digest::NONE, ..checkpoint },
        Checkpoint { merkle_root: Digest::NONE, ..checkpoint },
        Checkpoint { event_count: 999, ..checkpoint },
        Checkpoint { sealed_at: Timestamp::from_micros(0), ..checkpoint },
        checkpoint,
    ];
    assert_eq!(altered.iter().map(Checkpoint::hash).collect::<HashSet<_>>().len(), altered.len());
}

#[test]
fn digests_are_written_and_parsed() {
    let text = "00ff".repeat(16);
    assert_eq!(digest(&text).to_string(), text);
    assert_eq!(digest(&text.to_uppercase()).to_string(), text);
    for wrong in ["", "00", &"0g".repeat(32), &"+0".repeat(32), &"00".repeat(33)] {
        assert_eq!(Digest::parse(wrong), None, "{wrong}");
    }
}

/// The tree as the standard defines it, by recursion.
fn by_definition(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => Hasher(Context::new(&SHA256)).finish(),
        [leaf] => *leaf,
        leaves => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            let mut hasher = Hasher::new(NODE);
            hasher.0.update(by_definition(left).as_bytes());
            hasher.0.update(by_definition(right).as_bytes());
            hasher.finish()
        }
    }
}

proptest! {
    #[test]
    fn a_root_depends_on_every_leaf_and_its_place(
        leaves in proptest::collection::vec(any::<[u8; 32]>().prop_map(Digest), 1..70),
        places in any::<(prop::sample::Index, prop::sample::Index)>(),
    ) {
        let root = |leaves: &[Digest]| {
            let mut tree = MerkleRoot::default();
            leaves.iter().for_each(|leaf| tree.push(*leaf));
            tree.root()
        };
        prop_assert_eq!(root(&leaves), by_definition(&leaves));
        let (one, other) = (places.0.index(leaves.len()), places.1.index(leaves.len()));
        let mut swapped = leaves.clone();
        swapped.swap(one, other);
        prop_assert_eq!(root(&swapped) == root(&leaves), swapped == leaves);
        let mut shorter = leaves.clone();
        shorter.remove(one);
        prop_assert_ne!(root(&shorter), root(&leaves));
    }
}

proptest! {
    #[test]
    fn every_leaf_has_a_path_to_the_root_and_no_other_leaf_has_it(count in 1_u64..300, seed: u64) {
        let leaves: Vec<Digest> = (0..count).map(|number| record_leaf(seed ^ number)).collect();
        let expected = root(&leaves);
        let index = seed % count;
        let at = usize::try_from(index).unwrap();
        let path = inclusion_path(&leaves, at).unwrap();
        prop_assert_eq!(root_of_path(leaves[at], index, count, &path), Some(expected));
        prop_assert_ne!(root_of_path(record_leaf(!seed), index, count, &path), Some(expected));
        prop_assert_eq!(root_of_path(leaves[at], count, count, &path), None);
        for other in (0..count).filter(|other| *other != index) {
            prop_assert_ne!(root_of_path(leaves[at], other, count, &path), Some(expected));
        }
        let mut longer = path.clone();
        longer.push(leaves[0]);
        prop_assert_eq!(root_of_path(leaves[at], index, count, &longer), None);
        for place in 0..path.len() {
            let mut altered = path.clone();
            altered[place] = record_leaf(!seed);
            prop_assert_ne!(root_of_path(leaves[at], index, count, &altered), Some(expected));
        }
        prop_assert_eq!(inclusion_path(&leaves, leaves.len()), None);
    }
}

fn record_leaf(number: u64) -> Digest {
    let mut bytes = [7; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    Digest::from_bytes(bytes)
}
