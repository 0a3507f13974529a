//! Answers requests from the last finished build, and is careful about who asks.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

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
use tokio::sync::{oneshot, watch};

use super::desk::Desk;
use super::site::Site;

/// Answers with the id of the build; pages that this server delivers ask while they are visible. Asked
/// with `?known=ID`, it answers when there is another.
pub const BUILD: &str = "/__course/build";
/// So that an answer that is kept back ends before anybody on the way gives up on it.
const LONGEST_WAIT: Duration = Duration::from_secs(25);

/// For a request line and headers to arrive, and for the next request of an idle connection.
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
/// Of a request's head, in bytes.
const LONGEST_HEAD: usize = 16 << 10;
/// Below the smallest limit on open files that a system starts with (macOS: 256).
const MOST_CONNECTIONS: usize = 128;
/// How long to leave a system alone that has no descriptor left.
const BREATHER: Duration = Duration::from_millis(20);

/// What every answer carries. Scripts come from here alone, nothing is framed by others, and a
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

/// The names, with port, under which this server is meant. A page of another site whose name was
/// made to lead here (DNS rebinding) brings its own name.
#[derive(Clone)]
pub struct Hosts(Arc<[String]>);

impl Hosts {
    pub fn of(addresses: impl Iterator<Item = SocketAddr>, port: u16) -> Hosts {
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

/// The routes, and who is connected.
#[derive(Clone)]
pub struct Server {
    routes: Router,
    seats: Arc<Seats>,
}

impl Server {
    pub fn new(hosts: Hosts, pages: watch::Receiver<Arc<Site>>, desk: Arc<Desk>) -> Server {
        let routes = Router::new()
            .route(BUILD, get(build_id))
            .fallback(page)
            .with_state(pages)
            .merge(desk.routes())
            .layer(middleware::from_fn_with_state(hosts, guard));
        Server { routes, seats: Arc::default() }
    }

    /// Takes connections for as long as the runtime lives.
    pub async fn accept(self, listener: TcpListener) {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    let seat = self.seats.take();
                    tokio::spawn(attend(stream, self.routes.clone(), seat));
                }
                // Nearly always no descriptor left; what is connected goes on, and ends.
                Err(_) => tokio::time::sleep(BREATHER).await,
            }
        }
    }
}

/// One connection, until it ends, is silent too long, or another needs its seat.
async fn attend(stream: TcpStream, routes: Router, mut seat: Seat) {
    let _ = stream.set_nodelay(true); // only slower without
    let Some(asked_to_leave) = seat.asked_to_leave.take() else { return };
    let routes = TowerToHyperService::new(routes);
    let service = service_fn(|mut request: hyper::Request<Incoming>| {
        seat.heard();
        request.extensions_mut().insert(seat.place.clone());
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
        _ = asked_to_leave => {}
    }
}

/// Who is connected. When all seats are taken, whoever was heard of longest ago makes room, so
/// that idle connections keep nobody out; those for whom something runs stay.
#[derive(Default)]
struct Seats(Mutex<Taken>);

#[derive(Default)]
struct Taken {
    next: u64,
    by: BTreeMap<u64, Guest>,
}

struct Guest {
    heard: Instant,
    /// As long as something runs for it; the queue bounds how many those are.
    kept: bool,
    /// Dropped with the guest, which its connection notices.
    _leave: oneshot::Sender<()>,
}

/// A connection's seat, free again when it is dropped.
struct Seat {
    place: Place,
    asked_to_leave: Option<oneshot::Receiver<()>>,
}

/// Which seat a request came from.
#[derive(Clone)]
pub struct Place {
    seats: Arc<Seats>,
    number: u64,
}

/// A place that is not given to others until this is dropped.
pub struct Kept(Place);

impl Seats {
    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(self: &Arc<Seats>) -> Seat {
        let (leave, asked_to_leave) = oneshot::channel();
        let mut taken = self.taken();
        if taken.by.len() >= MOST_CONNECTIONS {
            let others = taken.by.iter().filter(|(_, guest)| !guest.kept);
            let longest_silent = others.min_by_key(|(_, guest)| guest.heard);
            if let Some(number) = longest_silent.map(|(number, _)| *number) {
                taken.by.remove(&number);
            }
        }
        let number = taken.next;
        taken.next += 1;
        taken.by.insert(number, Guest { heard: Instant::now(), kept: false, _leave: leave });
        let place = Place { seats: self.clone(), number };
        Seat { place, asked_to_leave: Some(asked_to_leave) }
    }
}

impl Seat {
    fn heard(&self) {
        self.place.change(|guest| guest.heard = Instant::now());
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.place.seats.taken().by.remove(&self.place.number);
    }
}

impl Place {
    pub fn keep(self) -> Kept {
        self.change(|guest| guest.kept = true);
        Kept(self)
    }

    /// Does nothing where the connection has ended.
    fn change(&self, change: impl FnOnce(&mut Guest)) {
        if let Some(guest) = self.seats.taken().by.get_mut(&self.number) {
            change(guest);
        }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.0.change(|guest| guest.kept = false);
    }
}

/// Before every route: is it us who are meant? After it: what every answer carries.
async fn guard(State(hosts): State<Hosts>, request: Request, next: Next) -> Response<Body> {
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
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
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
    let mut answer = Response::new(match unchanged {
        true => Body::empty(),
        false => Body::from(file.body.clone()),
    });
    *answer.status_mut() = if unchanged { StatusCode::NOT_MODIFIED } else { status };
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    if status == StatusCode::OK
        && let Ok(tag) = HeaderValue::from_str(&file.tag)
    {
        headers.insert(header::ETAG, tag);
    }
    answer
}

pub fn text(status: StatusCode, text: String) -> Response<Body> {
    let mut answer = Response::new(Body::from(text));
    *answer.status_mut() = status;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    answer.headers_mut().insert(header::CONTENT_TYPE, plain);
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_silent_makes_room() {
        let seats = Arc::new(Seats::default());
        let mut guests: Vec<Seat> = (0..MOST_CONNECTIONS).map(|_| seats.take()).collect();
        guests[0].heard();
        let _kept = guests[1].place.clone().keep();
        let _late = seats.take();
        let mut is_asked_to_leave = |guest: usize| {
            let asked = guests[guest].asked_to_leave.as_mut().unwrap();
            asked.try_recv() == Err(oneshot::error::TryRecvError::Closed)
        };
        assert!(!is_asked_to_leave(0), "the one that was heard of last stays");
        assert!(!is_asked_to_leave(1), "something runs for this one");
        assert!(is_asked_to_leave(2));
        assert!(!is_asked_to_leave(3));
        assert_eq!(seats.taken().by.len(), MOST_CONNECTIONS);
    }

    #[test]
    fn a_seat_is_free_again_when_the_connection_ends() {
        let seats = Arc::new(Seats::default());
        drop(seats.take());
        assert!(seats.taken().by.is_empty());
    }
}
