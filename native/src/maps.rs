//! Maps by a hash that is quick for short keys, with a seed of its own in every process.

use foldhash::fast::RandomState;

pub type HashMap<K, V> = std::collections::HashMap<K, V, RandomState>;
pub type HashSet<K> = std::collections::HashSet<K, RandomState>;
pub type IndexSet<K> = indexmap::IndexSet<K, RandomState>;
