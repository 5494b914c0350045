use serde_json::{Value, json};

use crate::{Browser, Outcome};

impl Browser {
    /// A link to this address with a token that says this, signed with that secret. The page that is open has to be of a
    /// secure origin, whose own means make it.
    pub async fn invitation(&self, address: &str, secret: &str, claims: Value) -> Outcome<String> {
        let mint = format!(
            "(async () => {{
                const text = (value) => new TextEncoder().encode(value);
                const code = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
                    .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
                const signed = [{{ alg: 'HS256', typ: 'JWT' }}, {claims}]
                    .map((part) => code(text(JSON.stringify(part)))).join('.');
                const how = {{ name: 'HMAC', hash: 'SHA-256' }};
                const key = await crypto.subtle.importKey('raw', text({}), how, false, ['sign']);
                return signed + '.' + code(await crypto.subtle.sign('HMAC', key, text(signed)));
            }})()",
            json!(secret)
        );
        Ok(format!("{address}#token={}", self.eval::<String>(&mint).await?))
    }
}
