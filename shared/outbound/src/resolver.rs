//! What a name stands for, checked before a connection is made to it.

use crate::target::{NotAllowed, Reach};
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use std::error::Error;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tower_service::Service;

/// Says what a name stands for, in the place of the system.
pub type Names = Arc<dyn Fn(&str) -> Vec<IpAddr> + Send + Sync>;

type Trouble = Box<dyn Error + Send + Sync>;

/// Looks names up and refuses those of which any address is beyond reach: the connection is made to what was checked here,
/// so that a name that changes its meaning in between gains nothing.
#[derive(Clone)]
pub(crate) struct Resolver {
    pub reach: Reach,
    pub names: Option<Names>,
}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = Trouble;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Trouble>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Trouble>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let (reach, names) = (self.reach, self.names.clone());
        Box::pin(async move {
            let found: Vec<SocketAddr> = match names {
                // The connector puts the port of the URL in the place of this one.
                Some(names) => names(name.as_str()).into_iter().map(|address| (address, 0).into()).collect(),
                None => GaiResolver::new().call(name).await?.collect(),
            };
            if found.iter().all(|found| reach.admits(found.ip())) {
                Ok(found.into_iter())
            } else {
                Err(NotAllowed::NotPublic.into())
            }
        })
    }
}
