//! Who may ask the server to run something: a page of its own, which was opened with its token.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::{self, HeaderMap, HeaderName};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use super::response::Refusal;
use super::token::Token;

/// Where a page sends the token.
const TOKEN: HeaderName = HeaderName::from_static("x-course-token");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// A request is a name and a few choices.
const LONGEST_BODY: usize = 4 << 10;
/// For the body to arrive, after the head.
const BODY_TIMEOUT: Duration = Duration::from_secs(5);

/// What the request asks for, if it may. That it means this server was checked before: see `Hosts`.
pub(super) async fn authorize<T: DeserializeOwned>(
    request: Request,
    token: &Token,
) -> Result<T, Refusal> {
    let (head, body) = request.into_parts();
    check(&head.headers, token)?;
    let body = read(body).await?;
    serde_json::from_slice(&body).map_err(|error| {
        Refusal::new(
            StatusCode::BAD_REQUEST,
            format!("This is not a request that the server knows: {error}."),
        )
    })
}

fn check(headers: &HeaderMap, token: &Token) -> Result<(), Refusal> {
    let forbidden = |why: &str| Err(Refusal::new(StatusCode::FORBIDDEN, why));
    let host = single(headers, &header::HOST).unwrap_or_default();
    let origin =
        single(headers, &header::ORIGIN).and_then(|origin| origin.strip_prefix(b"http://"));
    if host.is_empty() || origin != Some(host) {
        return forbidden("Only the pages that this server delivers can run something here.");
    }
    let mut sites = headers.get_all(FETCH_SITE).iter();
    if sites.any(|site| site.as_bytes() != b"same-origin") {
        return forbidden("The page of another site cannot run anything here.");
    }
    if !single(headers, &header::CONTENT_TYPE).is_some_and(is_json) {
        return Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "A request is application/json.",
        ));
    }
    if !single(headers, &TOKEN).is_some_and(|sent| token.matches(sent)) {
        return forbidden(
            "This page does not have the token of this server. Open the address that \
             `cargo course serve` printed in its terminal, with all that follows the `#`.",
        );
    }
    Ok(())
}

/// A header that is there exactly once.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a [u8]> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => Some(value.as_bytes()),
        _ => None,
    }
}

fn is_json(content_type: &[u8]) -> bool {
    let kind = content_type.split(|byte| *byte == b';').next().unwrap_or_default();
    kind.trim_ascii().eq_ignore_ascii_case(b"application/json")
}

async fn read(body: Body) -> Result<Bytes, Refusal> {
    let whole = Limited::new(body, LONGEST_BODY).collect();
    match tokio::time::timeout(BODY_TIMEOUT, whole).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("A request is at most {LONGEST_BODY} bytes long."),
        )),
        Ok(Err(_)) => {
            Err(Refusal::new(StatusCode::BAD_REQUEST, "The request broke off before its end."))
        }
        Err(_) => Err(Refusal::new(
            StatusCode::REQUEST_TIMEOUT,
            format!("The request did not arrive within {} s.", BODY_TIMEOUT.as_secs()),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let parsed = pairs.iter().map(|(name, value)| {
            (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap())
        });
        let mut headers = HeaderMap::new();
        for (name, value) in parsed {
            headers.append(name, value);
        }
        headers
    }

    #[test]
    fn a_request_needs_our_origin_the_right_type_and_the_token() {
        let token = Token::new().unwrap();
        let secret = token.to_string();
        let good = [
            ("host", "127.0.0.1:3000"),
            ("origin", "http://127.0.0.1:3000"),
            ("content-type", "application/json"),
            ("x-course-token", &secret),
        ];
        assert!(check(&headers(&good), &token).is_ok());
        for (missing, (name, _)) in good.iter().enumerate() {
            let mut some = good.to_vec();
            some.remove(missing);
            assert!(check(&headers(&some), &token).is_err(), "without {name}");
            let mut twice = good.to_vec();
            twice.push(good[missing]);
            assert!(check(&headers(&twice), &token).is_err(), "{name} twice");
        }
        let mut charset = good;
        charset[2].1 = "application/json; charset=utf-8";
        assert!(check(&headers(&charset), &token).is_ok());
        let mut other = good;
        other[1].1 = "http://localhost:3000";
        assert!(check(&headers(&other), &token).is_err(), "another name is another origin");
    }
}
