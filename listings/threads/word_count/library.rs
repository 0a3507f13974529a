//! The library: documents, where each of them can be fetched, and the process
//! that serves them.

use std::error::Error;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use crate::corpus::{self, Document};
use crate::threads::word_count::options::Options;
use crate::threads::word_count::server::Server;
use crate::threads::word_count::{Entry, StopWords};

/// Documents that are a request and some waiting away.
pub struct Library {
    pub catalog: Vec<Entry>,
    /// Shared, because a task cannot borrow it.
    pub stop_words: Arc<StopWords>,
    pub connections: ureq::Agent,
    /// What the server holds too: for counting without fetching.
    pub documents: Vec<Document>,
    server: Option<Server>,
    stop_words_file: Option<PathBuf>,
}

impl Library {
    /// Reads the documents, and starts this program once more to serve them.
    ///
    /// # Errors
    /// Says what it does not understand, what it cannot read, or why there is
    /// no server.
    pub fn open(arguments: &[String]) -> Result<Library, Box<dyn Error>> {
        let options = Options::parse(arguments)?;
        let documents = corpus::read(options.corpus.as_deref())?;
        let stop_words = options.stop_words()?;
        let server = Server::start(&options)?;
        let mut library = Library::at(server.port, documents, stop_words);
        library.server = Some(server);
        library.stop_words_file = options.stop_words;
        Ok(library)
    }

    /// The library that is served at this port.
    pub fn at(
        port: u16,
        documents: Vec<Document>,
        stop_words: StopWords,
    ) -> Library {
        let entry = |(number, document): (usize, &Document)| Entry {
            title: document.title.clone(),
            url: format!("http://127.0.0.1:{port}/{number}"),
        };
        Library {
            catalog: documents.iter().enumerate().map(entry).collect(),
            stop_words: Arc::new(stop_words),
            connections: ureq::Agent::config_builder()
                .proxy(None)
                .build()
                .new_agent(),
            documents,
            server: None,
            stop_words_file: None,
        }
    }

    /// What the Python form is told: the stop words, where the documents are,
    /// and their titles.
    pub fn for_script(&self) -> Vec<OsString> {
        let mut arguments = Vec::new();
        if let Some(file) = &self.stop_words_file {
            arguments.extend(["--stop-words".into(), file.into()]);
        }
        let port = self.server.as_ref().map_or(0, |server| server.port);
        arguments.extend(["--".into(), format!("127.0.0.1:{port}").into()]);
        arguments.extend(
            self.catalog.iter().map(|entry| entry.title.clone().into()),
        );
        arguments
    }
}
