use std::cell::Cell;
use std::rc::Rc;

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use maju_call::Ice;
use maju_call::check::{Finding, Search};
use maju_protocol::IceServer;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Event, RtcConfiguration, RtcPeerConnection, RtcPeerConnectionIceEvent};

use super::{link::configure, method::property, task::Task};

/// How long STUN and each relay have for an answer, in milliseconds.
const PATIENCE: u32 = 10_000;

/// A connection to nobody, made to see which candidates are found. Dropped, it is closed.
pub(super) struct IceSearch {
    connection: RtcPeerConnection,
    listeners: Vec<EventListener>,
    _offering: Task,
    _patience: Timeout,
}

impl IceSearch {
    /// Tries a relay, or STUN. What is found may be told more than once; the first time counts.
    pub(super) fn begin(server: IceServer, relay: bool, tell: Rc<dyn Fn(Finding)>) -> Option<Self> {
        let ice = Ice {
            servers: vec![server],
            relay_only: relay,
        };
        let configuration = RtcConfiguration::new();
        configure(&configuration, &ice).ok()?;
        let connection = RtcPeerConnection::new_with_configuration(&configuration).ok()?;
        let search = Rc::new(Cell::new(Search::default()));
        let finding = move |search: Search| {
            if relay {
                search.of_relay()
            } else {
                search.of_stun()
            }
        };
        let (known, late) = (search.clone(), tell.clone());
        // Candidates and errors come by the same way, for both are known by what only one of them has.
        let hear = Rc::new(move |event: &Event| {
            let mut search = known.get();
            look(event, relay, &mut search);
            known.set(search);
            if search.found || search.complete {
                tell(finding(search));
            }
        });
        let heard = |name| {
            let hear = hear.clone();
            EventListener::new(&connection, name, move |event| hear(event))
        };
        let offered = connection.clone();
        Some(Self {
            listeners: vec![heard("icecandidate"), heard("icecandidateerror")],
            _offering: Task::spawn(async move {
                let _offered = offer(&offered).await;
            }),
            _patience: Timeout::new(PATIENCE, move || late(finding(search.get()))),
            connection,
        })
    }
}

impl Drop for IceSearch {
    fn drop(&mut self) {
        self.listeners.clear();
        self.connection.close();
    }
}

fn look(event: &Event, relay: bool, search: &mut Search) {
    let Some(found) = event.dyn_ref::<RtcPeerConnectionIceEvent>() else {
        search.error = property(event, "errorCode").as_f64().unwrap_or_default() as u16;
        return;
    };
    let text = found.candidate().map(|candidate| candidate.candidate());
    let text = text.unwrap_or_default();
    search.complete |= text.is_empty();
    search.found |= text.contains(if relay { " typ relay" } else { " typ srflx" });
}

async fn offer(connection: &RtcPeerConnection) -> Result<(), JsValue> {
    connection.create_data_channel("test");
    let offer = JsFuture::from(connection.create_offer()).await?;
    JsFuture::from(connection.set_local_description(offer.unchecked_ref())).await?;
    Ok(())
}
