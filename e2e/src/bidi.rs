//! WebDriver BiDi, the way to steer Firefox beyond what WebDriver has.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::{net::TcpStream, sync::Mutex, time::timeout};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};
use url::Url;

use crate::{Failure, Outcome, inside::connect_inside};

/// How long one command may take; a promise of a page that never ends ends so.
const PATIENCE: Duration = Duration::from_secs(60);

/// A session's socket and the one tab that the session has.
pub(crate) struct Bidi {
    socket: Mutex<Socket>,
    tab: String,
}

struct Socket {
    stream: WebSocketStream<TcpStream>,
    last: u64,
}

impl Bidi {
    /// Connects to the socket of a session at an address such as `ws://127.0.0.1:40123/session/…`.
    pub(crate) async fn connect(address: &str, namespace: Option<&str>) -> Outcome<Self> {
        let url = Url::parse(address)?;
        let place = format!(
            "{}:{}",
            url.host_str().unwrap_or_default(),
            url.port().unwrap_or_default()
        );
        let stream = connect_inside(namespace.map(str::to_owned), place.parse()?).await?;
        let (stream, _) = client_async(address, stream).await?;
        let mut bidi = Self {
            socket: Mutex::new(Socket { stream, last: 0 }),
            tab: String::new(),
        };
        let tree = bidi.command("browsingContext.getTree", json!({})).await?;
        bidi.tab = tree["contexts"][0]["context"]
            .as_str()
            .ok_or_else(|| Failure::new("the browser has no tab"))?
            .to_owned();
        Ok(bidi)
    }

    /// Carries out a command; one at a time.
    pub(crate) async fn command(&self, method: &str, params: Value) -> Outcome<Value> {
        let exchange = async {
            let mut socket = self.socket.lock().await;
            socket.last += 1;
            let id = socket.last;
            let text = json!({ "id": id, "method": method, "params": params }).to_string();
            socket.stream.send(Message::text(text)).await?;
            while let Some(message) = socket.stream.next().await {
                let Message::Text(text) = message? else { continue };
                let mut answer: Value = serde_json::from_str(text.as_str())?;
                // Whoever asked before may have gone away without waiting for the answer.
                if answer["id"] != id {
                    continue;
                }
                if answer["type"] == "success" {
                    return Ok(answer["result"].take());
                }
                return Err(Failure::new(format!(
                    "{}: {}",
                    answer["error"], answer["message"]
                )));
            }
            Err(Failure::new("the browser closed its socket"))
        };
        timeout(PATIENCE, exchange)
            .await
            .unwrap_or_else(|_| Err(Failure::new("the browser does not answer")))
            .map_err(|failure| failure.at(method))
    }

    /// The same for a command about the tab.
    pub(crate) async fn in_tab(&self, method: &str, mut params: Value) -> Outcome<Value> {
        params["context"] = json!(self.tab);
        self.command(method, params).await
    }

    /// Runs a script in each document before its own.
    pub(crate) async fn preload(&self, script: &str) -> Outcome {
        let function = format!("() => {{ {script}\n }}");
        self.command(
            "script.addPreloadScript",
            json!({ "functionDeclaration": function }),
        )
        .await
        .map(drop)
    }

    /// What an expression gives in the page, a promise's value included.
    pub(crate) async fn eval<T: DeserializeOwned>(&self, expression: &str) -> Outcome<T> {
        self.apply(&format!("() => ({expression}\n)"), None).await
    }

    /// What a function returns, with this element as `this`, a promise's value included.
    pub(crate) async fn apply<T: DeserializeOwned>(&self, function: &str, this: Option<&str>) -> Outcome<T> {
        // As text, for the protocol has a form of its own for everything that is more than a number.
        let function = format!(
            "async function () {{
                try {{
                    const value = (await ({function}).call(this)) ?? null;
                    return JSON.stringify({{ value }});
                }} catch (error) {{
                    return JSON.stringify({{ error: `${{error}}` }});
                }}
            }}"
        );
        let answer = self.apply_raw(&function, this, &[]).await?;
        let mut answer: Value = serde_json::from_str(answer["value"].as_str().unwrap_or("null"))?;
        match answer["error"].as_str() {
            Some(error) => Err(Failure::new(format!("the page threw: {error}"))),
            None => Ok(serde_json::from_value(answer["value"].take())?),
        }
    }

    /// What a function returns, as the protocol puts it.
    pub(crate) async fn apply_raw(
        &self,
        function: &str,
        this: Option<&str>,
        arguments: &[&str],
    ) -> Outcome<Value> {
        let arguments: Vec<Value> = arguments
            .iter()
            .map(|text| json!({ "type": "string", "value": text }))
            .collect();
        let mut params = json!({
            "functionDeclaration": function,
            "arguments": arguments,
            "awaitPromise": true,
            "target": { "context": self.tab },
        });
        if let Some(this) = this {
            params["this"] = json!({ "sharedId": this });
        }
        let mut answer = self.command("script.callFunction", params).await?;
        if answer["type"] == "exception" {
            let text = answer["exceptionDetails"]["text"].as_str();
            return Err(Failure::new(format!(
                "the page threw: {}",
                text.unwrap_or("something")
            )));
        }
        Ok(answer["result"].take())
    }
}
