use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::RtcPeerConnection;

use super::task::Task;

/// The certificate whose fingerprint the others see (DTLS, RFC 8122): one for all connections of this page, made
/// while the person is still in the lobby, so that no offer has to wait for one.
#[derive(Debug)]
pub struct Identity {
    certificates: Rc<RefCell<Option<Array>>>,
    _making: Task,
}

impl Identity {
    /// Begins to make it. A browser that cannot makes one for each connection by itself.
    pub fn new() -> Self {
        let certificates = Rc::new(RefCell::new(None));
        let place = certificates.clone();
        let making = Task::spawn(async move {
            if let Ok(certificate) = make().await {
                *place.borrow_mut() = Some(Array::of1(&certificate));
            }
        });
        Self {
            certificates,
            _making: making,
        }
    }

    /// What `RTCConfiguration.certificates` is to be, once it is made.
    pub fn certificates(&self) -> Option<Array> {
        self.certificates.borrow().clone()
    }
}

impl Default for Identity {
    fn default() -> Self {
        Self::new()
    }
}

/// In milliseconds; browsers allow no more.
const A_YEAR: f64 = 31_536_000_000.0;

async fn make() -> Result<JsValue, JsValue> {
    let algorithm = Object::new();
    Reflect::set(&algorithm, &"name".into(), &"ECDSA".into())?;
    Reflect::set(&algorithm, &"namedCurve".into(), &"P-256".into())?;
    // A page may stay open for long, and a connection with an expired certificate cannot be made.
    Reflect::set(&algorithm, &"expires".into(), &A_YEAR.into())?;
    JsFuture::from(RtcPeerConnection::generate_certificate_with_object(&algorithm)?).await
}
