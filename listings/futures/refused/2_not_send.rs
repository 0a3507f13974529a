use std::rc::Rc;

async fn ask(question: &str) -> usize {
    std::future::ready(question.len()).await
}

fn spawn(_: impl Future<Output = ()> + Send + 'static) {}

fn main() {
    // ANCHOR: step
    spawn(async {
        let question = Rc::new("How deep is it?");
        let answer = ask(&question).await;
        println!("{question} {answer}");
    });
    // ANCHOR_END: step
}
