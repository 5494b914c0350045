//! Finds and uses controls as assistive technology does: by role and accessible name.

use std::sync::atomic::{AtomicU32, Ordering};

use fantoccini::{
    Locator,
    elements::{Element, ElementRef},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{Browser, Failure, Outcome, browser::result_of, until};

/// An element as the browser tells it to assistive technology.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its accessible name.
    pub name: String,
    /// Whether it can be used.
    pub enabled: bool,
    pub(crate) handle: Handle,
}

/// How a browser finds an element again.
#[derive(Clone, Debug)]
pub(crate) enum Handle {
    /// Chromium's number of it.
    Number(u64),
    /// Firefox's name for it, the same for WebDriver and BiDi.
    Shared(String),
}

impl Browser {
    /// All elements with this role, and with this accessible name where one is given, in the document's order.
    /// Hidden ones are not among them.
    ///
    /// # Errors
    /// When the browser cannot tell.
    pub async fn nodes(&self, role: &str, name: Option<&str>) -> Outcome<Vec<Node>> {
        if let Some(bidi) = &self.bidi {
            return self.nodes_of_firefox(bidi, role, name).await;
        }
        // By its object and not by a node's number: numbers are given anew whenever somebody asks for the document.
        let document = self
            .cdp("Runtime.evaluate", json!({ "expression": "document" }))
            .await?;
        let mut params = json!({ "objectId": document["result"]["objectId"], "role": role });
        if let Some(name) = name {
            params["accessibleName"] = json!(name);
        }
        let found = self.cdp("Accessibility.queryAXTree", params).await?;
        let nodes = found["nodes"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|node| node["ignored"] != true);
        Ok(nodes
            .filter_map(|node| {
                Some(Node {
                    name: node["name"]["value"].as_str().unwrap_or_default().to_owned(),
                    enabled: !disabled(node),
                    handle: Handle::Number(node["backendDOMNodeId"].as_u64()?),
                })
            })
            .collect())
    }

    /// The one element with this role and accessible name, as soon as there is one.
    ///
    /// # Errors
    /// When there is none in time, or more than one.
    pub async fn node(&self, role: &str, name: &str) -> Outcome<Node> {
        until(format!("{role} {name:?}"), async || {
            let mut nodes = self.nodes(role, Some(name)).await?;
            match (nodes.pop(), nodes.len()) {
                (Some(node), 0) => Ok(Ok(node)),
                (None, _) => Ok(Err(format!("none; the page says {:?}", self.text().await?))),
                (Some(_), more) => Ok(Err(format!("{} of them", more + 1))),
            }
        })
        .await
    }

    /// Whether there is an element with this role and accessible name now.
    ///
    /// # Errors
    /// When the browser cannot tell.
    pub async fn has(&self, role: &str, name: &str) -> Outcome<bool> {
        Ok(!self.nodes(role, Some(name)).await?.is_empty())
    }

    /// The text of all elements with this role.
    ///
    /// # Errors
    /// When the browser cannot tell.
    pub async fn texts(&self, role: &str) -> Outcome<Vec<String>> {
        let mut texts = Vec::new();
        for node in self.nodes(role, None).await? {
            texts.push(self.call(&node, "function () { return this.innerText }").await?);
        }
        Ok(texts)
    }

    /// All text that is shown.
    ///
    /// # Errors
    /// When the browser cannot tell.
    pub async fn text(&self) -> Outcome<String> {
        self.eval("document.body?.innerText ?? ''").await
    }

    /// What a JavaScript function returns with the element as `this`, a promise's value included.
    ///
    /// # Errors
    /// When the element is gone, or the function throws or returns something of another type.
    pub async fn call<T: DeserializeOwned>(&self, node: &Node, function: &str) -> Outcome<T> {
        let number = match (&self.bidi, &node.handle) {
            (None, Handle::Number(number)) => number,
            (Some(bidi), Handle::Shared(name)) => return bidi.apply(function, Some(name)).await,
            _ => return Err(Failure::new("the element is of another browser")),
        };
        let object = self
            .cdp("DOM.resolveNode", json!({ "backendNodeId": number }))
            .await?;
        let params = json!({
            "objectId": object["object"]["objectId"],
            "functionDeclaration": function,
            "awaitPromise": true,
            "returnByValue": true,
        });
        result_of(self.cdp("Runtime.callFunctionOn", params).await?)
    }

    /// Clicks with the mouse on the element with this role and accessible name, as soon as that can be done.
    ///
    /// # Errors
    /// When it cannot be clicked in time.
    pub async fn click(&self, role: &str, name: &str) -> Outcome {
        until(format!("a click on {role} {name:?}"), async || {
            let node = self.node(role, name).await?;
            if !node.enabled {
                return Ok(Err("it is disabled".to_owned()));
            }
            let element = self.element(&node).await?;
            Ok(element
                .click()
                .await
                .map_err(|error| Failure::from(error).to_string()))
        })
        .await
    }

    /// Replaces the text of the text box with this name, as if pasted, so that any character can be given.
    ///
    /// # Errors
    /// When there is no such text box.
    pub async fn fill(&self, name: &str, text: &str) -> Outcome {
        let node = self.node("textbox", name).await?;
        self.call::<()>(&node, "function () { this.focus(); this.select() }")
            .await?;
        if self.bidi.is_some() {
            let text = json!(text);
            let insert = format!(
                "{text} ? document.execCommand('insertText', false, {text}) : document.execCommand('delete')"
            );
            return self.eval::<bool>(&insert).await.map(drop);
        }
        if text.is_empty() {
            let key = json!({ "type": "keyDown", "key": "Backspace", "code": "Backspace", "windowsVirtualKeyCode": 8 });
            self.cdp("Input.dispatchKeyEvent", key).await?;
        } else {
            self.cdp("Input.insertText", json!({ "text": text })).await?;
        }
        Ok(())
    }

    /// Moves the left button of the mouse, or presses it or lets it go, at this place of the page (in CSS pixels): `kind` is
    /// `mousePressed`, `mouseMoved` or `mouseReleased`.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn mouse(&self, kind: &str, (x, y): (f64, f64)) -> Outcome {
        let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 });
        self.cdp("Input.dispatchMouseEvent", event).await.map(drop)
    }

    /// Presses the Enter key where the focus is.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn press_enter(&self) -> Outcome {
        if let Some(bidi) = &self.bidi {
            let enter = "\u{e007}";
            let keys = json!([{ "type": "keyDown", "value": enter }, { "type": "keyUp", "value": enter }]);
            let source = json!({ "type": "key", "id": "keyboard", "actions": keys });
            let params = json!({ "actions": [source] });
            return bidi.in_tab("input.performActions", params).await.map(drop);
        }
        for kind in ["keyDown", "keyUp"] {
            let key = json!({ "type": kind, "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r" });
            self.cdp("Input.dispatchKeyEvent", key).await?;
        }
        Ok(())
    }

    /// The labels in the list with this name.
    ///
    /// # Errors
    /// When there is no such list.
    pub async fn labels(&self, list: &str) -> Outcome<Vec<String>> {
        let node = self.node("combobox", list).await?;
        self.call(
            &node,
            "function () { return [...this.options].map((option) => option.label) }",
        )
        .await
    }

    /// Picks the entry with this label from the list with this name.
    ///
    /// # Errors
    /// When the list has no such entry.
    pub async fn choose(&self, list: &str, label: &str) -> Outcome {
        let node = self.node("combobox", list).await?;
        let element = self.element(&node).await?;
        Ok(element.select_by_label(label).await?)
    }

    /// The element for WebDriver. Chromium's has no way from the accessible name to it, so the element is marked there.
    async fn element(&self, node: &Node) -> Outcome<Element> {
        static COUNT: AtomicU32 = AtomicU32::new(1);
        if let Handle::Shared(name) = &node.handle {
            let name = ElementRef::from(name.clone());
            return Ok(Element::from_element_id(self.client.clone(), name));
        }
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let function = format!("function () {{ this.dataset.mark = '{number}' }}");
        self.call::<()>(node, &function).await?;
        let mark = format!("[data-mark='{number}']");
        Ok(self.client.find(Locator::Css(&mark)).await?)
    }
}

fn disabled(node: &Value) -> bool {
    let properties = node["properties"].as_array().into_iter().flatten();
    properties
        .filter(|property| property["name"] == "disabled")
        .any(|property| property["value"]["value"] == true)
}
