//! Answers requests from the last finished build, and is careful about who asks.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{Method, Response, StatusCode};
use axum::middleware::{self, Next};
use axum::routing::get;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::connections::{Slot, Slots};
use super::jobs::Dispatcher;
use super::response::text;
use super::site::Site;

/// Answers with the id of the build; pages that this server delivers ask while they are visible. Asked
/// with `?known=ID`, it answers when there is another.
pub(super) const BUILD: &str = "/__course/build";
/// So that an answer that is kept back ends before anybody on the way gives up on it.
const LONGEST_WAIT: Duration = Duration::from_secs(25);

/// For a request line and headers to arrive, and for the next request of an idle connection.
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
/// Of a request's head, in bytes.
const LONGEST_HEAD: usize = 16 << 10;
/// How long to leave a system alone that has no descriptor left.
const RETRY_AFTER: Duration = Duration::from_millis(20);

/// What every answer carries that says nothing else. Scripts come from here alone, nothing is framed by others, and a
/// type is what it is said to be.
const HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self' https://play.rust-lang.org; \
         frame-ancestors 'self'; base-uri 'self'; form-action 'self'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// The same for pages of another shell: mdBook's own has scripts in its pages, and what an author takes from elsewhere
/// is theirs to choose. Such a page is not given the token.
const OF_ANOTHER_SHELL: &str = "frame-ancestors 'self'; base-uri 'self'; form-action 'self'";

/// The names, with port, under which this server is meant. A page of another site whose name was
/// made to lead here (DNS rebinding) brings its own name.
#[derive(Clone)]
pub(super) struct Hosts(Arc<[String]>);

impl Hosts {
    pub(super) fn new(addresses: impl Iterator<Item = SocketAddr>, port: u16) -> Hosts {
        let mut hosts: Vec<String> = addresses.map(|address| address.to_string()).collect();
        hosts.push(format!("localhost:{port}"));
        if port == 80 {
            let bare = hosts.iter().map(|host| host.trim_end_matches(":80").to_string());
            hosts.extend(bare.collect::<Vec<_>>());
        }
        Hosts(hosts.into())
    }

    /// Whether the request names us, exactly and once.
    fn named_by(&self, request: &Request) -> bool {
        let mut named = request.headers().get_all(header::HOST).iter();
        let (Some(host), None) = (named.next(), named.next()) else { return false };
        let ours = |name: &[u8]| self.0.iter().any(|host| host.as_bytes() == name);
        let target = request.uri().authority();
        ours(host.as_bytes()) && target.is_none_or(|target| ours(target.as_str().as_bytes()))
    }
}

/// The routes, and the connections.
#[derive(Clone)]
pub(super) struct Server {
    routes: Router,
    slots: Arc<Slots>,
}

impl Server {
    pub(super) fn new(
        hosts: Hosts,
        pages: watch::Receiver<Arc<Site>>,
        dispatcher: Arc<Dispatcher>,
    ) -> Server {
        let routes = Router::new()
            .route(BUILD, get(build_id))
            .fallback(page)
            .with_state(pages)
            .merge(dispatcher.routes())
            .layer(middleware::from_fn_with_state(hosts, check_host));
        Server { routes, slots: Arc::default() }
    }

    /// Takes connections for as long as the runtime lives.
    pub(super) async fn accept(self, listener: TcpListener) {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    let slot = self.slots.take();
                    tokio::spawn(serve_connection(stream, self.routes.clone(), slot));
                }
                // Nearly always no descriptor left; what is connected goes on, and ends. Of a descriptor that
                // is free again the system tells nobody, and whatever this process opens can take it.
                Err(_) => tokio::time::sleep(RETRY_AFTER).await,
            }
        }
    }
}

/// One connection, until it ends, is silent too long, or is evicted for another.
async fn serve_connection(stream: TcpStream, routes: Router, mut slot: Slot) {
    let _ = stream.set_nodelay(true); // only slower without
    let Some(evicted) = slot.take_evicted() else { return };
    let routes = TowerToHyperService::new(routes);
    let service = service_fn(|mut request: hyper::Request<Incoming>| {
        slot.touch();
        request.extensions_mut().insert(slot.id().clone());
        routes.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(LONGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        // Broken off by the reader, or sent what is no HTTP: nobody else is concerned.
        _ = connection => {}
        _ = evicted => {}
    }
}

/// Before every route: is this server meant? After it: the headers of every answer.
async fn check_host(State(hosts): State<Hosts>, request: Request, next: Next) -> Response<Body> {
    let mut answer = if hosts.named_by(&request) {
        next.run(request).await
    } else {
        let known = hosts.0.join(", ");
        text(
            StatusCode::MISDIRECTED_REQUEST,
            format!("This server answers requests to {known} and no other.\n"),
        )
    };
    for (name, value) in HEADERS {
        answer.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    answer
}

/// A reader who leaves while the answer is kept back is gone from here, too.
async fn build_id(
    State(mut pages): State<watch::Receiver<Arc<Site>>>,
    request: Request,
) -> Response<Body> {
    if let Some(known) = request.uri().query().and_then(|query| query.strip_prefix("known=")) {
        let another = pages.wait_for(|site| site.id != known);
        // Nothing new, or the server ends: then the one that is known is the answer.
        let _ = tokio::time::timeout(LONGEST_WAIT, another).await;
    }
    let id = pages.borrow().id.clone();
    let mut answer = text(StatusCode::OK, id);
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// A file of the build. Nothing else is done for a GET, and nothing at all for other methods.
async fn page(State(pages): State<watch::Receiver<Arc<Site>>>, request: Request) -> Response<Body> {
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        let mut refusal =
            text(StatusCode::METHOD_NOT_ALLOWED, "Pages can be read, and that is all.\n".into());
        refusal.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return refusal;
    }
    let site = pages.borrow().clone();
    let (status, file) = site.file(request.uri().path());
    let known = request.headers().get(header::IF_NONE_MATCH);
    let unchanged = status == StatusCode::OK
        && known.is_some_and(|known| known.as_bytes() == file.tag.as_bytes());
    let caching = if file.immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    let body = if unchanged { Body::empty() } else { Body::from(file.body.clone()) };
    let mut answer = Response::new(body);
    *answer.status_mut() = if unchanged { StatusCode::NOT_MODIFIED } else { status };
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    if !site.is_of_our_shell {
        let policy = HeaderValue::from_static(OF_ANOTHER_SHELL);
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if status == StatusCode::OK
        && let Ok(tag) = HeaderValue::from_str(&file.tag)
    {
        headers.insert(header::ETAG, tag);
    }
    answer
}
