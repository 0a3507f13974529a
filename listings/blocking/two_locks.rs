//! Two locks in one client: one that is held across an `.await`, and one that
//! is not.

use std::sync::Mutex;

use tokio::io::{
    AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, Result,
};

// ANCHOR: client
/// One connection, which many tasks use in turns.
pub struct Client {
    connection: tokio::sync::Mutex<BufReader<DuplexStream>>,
    asked: Mutex<Vec<String>>,
}

impl Client {
    pub async fn ask(&self, question: &str) -> Result<String> {
        // Held for one line, with no await: std's lock.
        self.asked.lock().expect("no panic inside").push(question.into());
        // Held until the answer is here: nobody else may write in between.
        let mut connection = self.connection.lock().await;
        connection.write_all(format!("{question}\n").as_bytes()).await?;
        let mut answer = String::new();
        connection.read_line(&mut answer).await?;
        Ok(answer.trim_end().into())
    }
}
// ANCHOR_END: client

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tokio::task::{JoinSet, yield_now};

    /// Answers each line with the same line, after a while.
    async fn echo(stream: DuplexStream) {
        let mut lines = BufReader::new(stream);
        let mut line = String::new();
        while lines.read_line(&mut line).await.unwrap() > 0 {
            yield_now().await;
            lines.write_all(line.as_bytes()).await.unwrap();
            line.clear();
        }
    }

    #[tokio::test]
    async fn every_task_gets_the_answer_to_its_own_question() {
        let (here, there) = tokio::io::duplex(64);
        tokio::spawn(echo(there));
        let client = Arc::new(Client {
            connection: tokio::sync::Mutex::new(BufReader::new(here)),
            asked: Mutex::default(),
        });
        let mut tasks = JoinSet::new();
        for number in 0..20 {
            let client = Arc::clone(&client);
            tasks.spawn(async move {
                let question = format!("question {number}");
                assert_eq!(client.ask(&question).await.unwrap(), question);
            });
        }
        tasks.join_all().await;
        assert_eq!(client.asked.lock().unwrap().len(), 20);
    }
}
