//! Calls of the SDKs' clients without a socket: what the listener would have read is handed over as it is.

use crate::cloud::Services;
use crate::listener;
use crate::wire::{Reply, Request};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use std::fmt;
use std::sync::Arc;

/// A client whose calls are done by `services`, in the task that makes them.
pub(crate) fn client(services: Arc<Services>) -> SharedHttpClient {
    SharedHttpClient::new(Direct(services))
}

#[derive(Clone)]
struct Direct(Arc<Services>);

impl fmt::Debug for Direct {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Direct")
    }
}

impl HttpClient for Direct {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Direct {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let services = Arc::clone(&self.0);
        HttpConnectorFuture::new(async move {
            let request = read(&request).map_err(|cause| ConnectorError::user(cause.into()))?;
            match listener::answer(&services, &request).await {
                Some(reply) => written(reply).map_err(|cause| ConnectorError::other(cause.into(), None)),
                None => Err(ConnectorError::io("broken off".into())),
            }
        })
    }
}

fn read(request: &HttpRequest) -> Result<Request, String> {
    let uri: http::Uri = request.uri().parse().map_err(|error: http::uri::InvalidUri| error.to_string())?;
    let method = request.method().parse().map_err(|_| format!("{} is no method", request.method()))?;
    let body = request.body().bytes().ok_or("a body that streams cannot be handed over")?;
    let mut headers = http::HeaderMap::new();
    for (name, value) in request.headers() {
        let name: http::HeaderName = name.parse().map_err(|_| format!("{name} is no header"))?;
        let value = value.parse().map_err(|_| format!("the header {name} is no text"))?;
        headers.append(name, value);
    }
    let (path, query) = (uri.path().to_owned(), uri.query().unwrap_or_default().to_owned());
    Ok(Request { method, path, query, headers, body: Bytes::copy_from_slice(body) })
}

fn written(reply: Reply) -> Result<HttpResponse, String> {
    let status = StatusCode::try_from(reply.status).map_err(|error| error.to_string())?;
    let mut response = HttpResponse::new(status, SdkBody::from(reply.body));
    for (name, value) in reply.headers {
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}
