//! Finds elements by role and accessible name in Firefox, which tells both of an element that it is asked about.

use serde_json::Value;

use crate::{Browser, Node, Outcome, aria::Handle, bidi::Bidi};

/// Those elements that may have the role and are laid out. Asking about each element of a page would take long, and
/// about one that is not shown, which has no place in the accessibility tree, longest.
const CANDIDATES: &str = "function (role) {
    const implied = {
        alert: '',
        button: 'button, summary, input[type=button], input[type=submit], input[type=reset]',
        checkbox: 'input[type=checkbox]',
        combobox: 'select, input[list]',
        dialog: 'dialog',
        figure: 'figure',
        heading: 'h1, h2, h3, h4, h5, h6',
        img: 'img, svg',
        link: 'a[href]',
        list: 'ul, ol',
        listitem: 'li',
        log: '',
        main: 'main',
        radio: 'input[type=radio]',
        region: 'section',
        slider: 'input[type=range]',
        status: 'output',
        switch: '',
        textbox: 'input, textarea',
        toolbar: '',
    };
    const selector = role in implied ? [`[role~=\"${role}\"]`, implied[role]].filter(Boolean).join(', ') : '*';
    return [...document.querySelectorAll(selector)]
        .filter((element) => element.checkVisibility({ visibilityProperty: true }))
        .map((element) => [element, !element.matches(':disabled, [aria-disabled=true]')]);
}";

impl Browser {
    pub(crate) async fn nodes_of_firefox(
        &self,
        bidi: &Bidi,
        role: &str,
        name: Option<&str>,
    ) -> Outcome<Vec<Node>> {
        let found = bidi.apply_raw(CANDIDATES, None, &[role]).await?;
        let mut nodes = Vec::new();
        for candidate in found["value"].as_array().into_iter().flatten() {
            let Some(id) = candidate["value"][0]["sharedId"].as_str() else {
                continue;
            };
            let own_name = self.computed(id, "label").await?;
            if name.is_some_and(|name| name != own_name) || self.computed(id, "role").await? != role {
                continue;
            }
            nodes.push(Node {
                name: own_name,
                enabled: candidate["value"][1]["value"] == true,
                handle: Handle::Shared(id.to_owned()),
            });
        }
        Ok(nodes)
    }

    async fn computed(&self, id: &str, what: &str) -> Outcome<String> {
        let answer = self.get(format!("element/{id}/computed{what}")).await?;
        Ok(match answer {
            Value::String(text) => text,
            _ => String::new(),
        })
    }
}
