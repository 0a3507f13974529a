//! What the program prints, and what its forms are compared by.

use std::time::Duration;

use crate::service::service_request::{Mean, Request, Service};

/// Each request: its waits in milliseconds, their sum, and the answer.
pub fn table(service: &Service, answers: &[Mean]) -> String {
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let line = |(request, mean): (&Request, &Mean)| {
        let waits = request.steps.iter();
        let waits: String =
            waits.map(|step| format!("{:6.1}", ms(step.wait))).collect();
        format!(
            "request {}: waits{waits} = {:6.1} ms, mean {mean:.3}\n",
            request.number,
            ms(request.waits()),
        )
    };
    service.requests.iter().zip(answers).map(line).collect()
}

/// What every form and language has to agree on, given its answers: the waits,
/// and the mean of what was transformed, to one decimal.
pub fn agreed(service: &Service, answers: &[Mean]) -> String {
    let waits: u128 =
        service.requests.iter().map(|r| r.waits().as_micros()).sum();
    let mean = answers.iter().sum::<f64>() / answers.len() as f64;
    format!("{waits} µs of waiting, mean {mean:.1}")
}
