//! Where the server listens: loopback, and nowhere else.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use anyhow::{Result, bail};
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Runtime;
use tokio::sync::watch;

use super::jobs::Dispatcher;
use super::server::{Hosts, Server};
use super::site::Site;

const FOUR: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const SIX: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

/// Connections that wait to be accepted. A full queue makes readers wait whole seconds for their
/// system to try again, so it is long enough for a storm.
const QUEUE: u32 = 2048;

/// The sockets, all on one port.
pub(super) struct Listeners {
    sockets: Vec<TcpListener>,
    port: u16,
}

impl Listeners {
    /// Port 0 takes a free one. Called inside the runtime that will serve.
    ///
    /// # Errors
    /// For an address that others can reach, and for a port in use; both say what to do instead.
    pub(super) fn bind(port: u16, address: Option<&str>) -> Result<Listeners> {
        let addresses = match address {
            None => vec![FOUR, SIX],
            Some(address) => loopback(address, port)?,
        };
        let mut sockets = Vec::new();
        let mut chosen = port;
        for address in &addresses {
            match listen(SocketAddr::new(*address, chosen)) {
                Ok(socket) => {
                    chosen = socket.local_addr()?.port();
                    sockets.push(socket);
                }
                // No IPv6 here: the other address does. Where a stranger has its port, though,
                // `localhost` would lead readers there.
                Err(error) if addresses.len() > 1 && is_absent(*address, &error) => {}
                Err(error) => return Err(refused(*address, chosen, &error, &addresses)),
            }
        }
        Ok(Listeners { sockets, port: chosen })
    }

    pub(super) fn url(&self) -> String {
        match self.sockets.first().and_then(|socket| socket.local_addr().ok()) {
            Some(address) => format!("http://{address}/"),
            None => format!("http://127.0.0.1:{}/", self.port),
        }
    }

    /// The other names under which it answers.
    pub(super) fn others(&self) -> String {
        format!(" or http://localhost:{}/", self.port)
    }

    /// Serves on all sockets, in the background.
    pub(super) fn serve(
        self,
        runtime: &Runtime,
        pages: watch::Receiver<Arc<Site>>,
        dispatcher: &Arc<Dispatcher>,
    ) {
        let ours = self.sockets.iter().filter_map(|socket| socket.local_addr().ok());
        let server = Server::new(Hosts::new(ours, self.port), pages, dispatcher.clone());
        for socket in self.sockets {
            runtime.spawn(server.clone().accept(socket));
        }
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A port whose last connections are still closing is free. On Windows the same option would let
    // two servers share a port.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(QUEUE)
}

fn is_absent(address: IpAddr, error: &io::Error) -> bool {
    address == SIX && !matches!(error.kind(), ErrorKind::AddrInUse | ErrorKind::PermissionDenied)
}

/// Only the literals themselves: what a name means is for others to decide.
fn loopback(address: &str, port: u16) -> Result<Vec<IpAddr>> {
    let bare = address.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<IpAddr>() {
        Ok(address) if [FOUR, SIX].contains(&address) => return Ok(vec![address]),
        _ if address == "localhost" => return Ok(vec![FOUR, SIX]),
        _ => {}
    }
    bail!(
        "`--address {address}` is refused: the pages of this server run programs for their \
         reader, so it listens on 127.0.0.1 and [::1] only, where no other computer reaches it.\n\
         To read the book from another computer, leave `--address` away here, and run there\n\n    \
         ssh -L {port}:127.0.0.1:{port} USER@THIS-COMPUTER\n\n\
         then open http://127.0.0.1:{port}/ there"
    )
}

fn refused(address: IpAddr, port: u16, error: &io::Error, addresses: &[IpAddr]) -> anyhow::Error {
    let place = SocketAddr::new(address, port);
    match error.kind() {
        ErrorKind::AddrInUse => {
            let next = next_free(port, addresses);
            let instead = next.map(|port| format!("; free is `cargo course serve --port {port}`"));
            anyhow::anyhow!(
                "{place} is in use by another program, perhaps another `cargo course serve`{}",
                instead.unwrap_or_default()
            )
        }
        ErrorKind::PermissionDenied => anyhow::anyhow!(
            "{place} is not for this user to serve on; ports from 1024 are: `cargo course serve --port 3000`"
        ),
        _ => anyhow::anyhow!("{place} cannot be served on: {error}"),
    }
}

/// The first port after this one that is free on all addresses.
fn next_free(port: u16, addresses: &[IpAddr]) -> Option<u16> {
    let free = |port: u16| {
        addresses.iter().all(|address| {
            let bound = std::net::TcpListener::bind((*address, port));
            bound.map_or_else(|error| is_absent(*address, &error), |_| true)
        })
    };
    (port.checked_add(1)?..=u16::MAX).take(100).find(|port| free(*port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_literals_are_served_on() {
        for good in ["127.0.0.1", "::1", "[::1]", "localhost"] {
            assert!(loopback(good, 3000).is_ok(), "{good}");
        }
        for other in
            ["0.0.0.0", "::", "127.0.0.2", "192.168.1.7", "example.org", "", "::ffff:127.0.0.1"]
        {
            let why = loopback(other, 3000).unwrap_err().to_string();
            assert!(why.contains("ssh -L 3000:127.0.0.1:3000"), "{why}");
        }
    }
}
