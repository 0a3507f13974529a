//! The hashes as text, for programs and for people.

use crate::data_parallelism::hash_books::{Books, Hash};
use crate::table;

/// Title and hash, a tab between them.
pub fn tsv(books: &Books, hashes: &[Hash]) -> String {
    let lines = books.documents.iter().zip(hashes);
    table::tsv(lines.map(|(book, hash)| [book.title.clone(), hash.clone()]))
}

/// The same for people to read: of each hash the first 16 digits.
pub fn table(books: &Books, hashes: &[Hash]) -> String {
    let lines = books.documents.iter().zip(hashes);
    table::columns(
        lines.map(|(book, hash)| {
            [book.title.clone(), format!("{}…", &hash[..16])]
        }),
    )
}
