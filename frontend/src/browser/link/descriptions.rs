//! Offers, answers and candidates (JSEP, RFC 9429).

use maju_call::LinkEvent;
use maju_protocol::Candidate;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{RtcSdpType, RtcSessionDescriptionInit};

use super::Wires;

impl Wires {
    pub(super) async fn make_offer(&self) -> Result<(), JsValue> {
        let offer = JsFuture::from(self.connection.create_offer()).await?;
        self.set_local(&offer, LinkEvent::OfferMade).await
    }

    pub(super) async fn take_offer(&self, sdp: &str) -> Result<(), JsValue> {
        self.set_remote(RtcSdpType::Offer, sdp).await?;
        self.adopt_transceivers().await;
        let answer = JsFuture::from(self.connection.create_answer()).await?;
        self.set_local(&answer, LinkEvent::AnswerMade).await
    }

    pub(super) async fn take_answer(&self, sdp: &str) -> Result<(), JsValue> {
        self.set_remote(RtcSdpType::Answer, sdp).await?;
        self.report(LinkEvent::AnswerTaken);
        Ok(())
    }

    /// Sets a description that was made here. It is reported while it is being set, so that it travels meanwhile;
    /// candidates are found after that, and whatever comes back waits its turn behind it.
    async fn set_local(&self, made: &JsValue, report: fn(String) -> LinkEvent) -> Result<(), JsValue> {
        let init: &RtcSessionDescriptionInit = made.unchecked_ref();
        let setting = JsFuture::from(self.connection.set_local_description(init));
        self.report(report(init.get_sdp().unwrap_or_default()));
        setting.await?;
        Ok(())
    }

    async fn set_remote(&self, kind: RtcSdpType, sdp: &str) -> Result<(), JsValue> {
        let init = RtcSessionDescriptionInit::new(kind);
        init.set_sdp(sdp);
        JsFuture::from(self.connection.set_remote_description(&init)).await?;
        Ok(())
    }

    pub(super) async fn add_candidate(&self, candidate: &Candidate) {
        let Ok(init) = serde_wasm_bindgen::to_value(candidate) else {
            return;
        };
        let added = self
            .connection
            .add_ice_candidate_with_opt_rtc_ice_candidate_init(Some(init.unchecked_ref()));
        // A candidate for a description that was taken back does not fit and is not needed.
        let _unfit = JsFuture::from(added).await;
    }
}
