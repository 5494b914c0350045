use web_sys::{AudioContext, MediaStream, MediaStreamTrack};

/// Sound that is made here. Dropped, it ends.
pub(super) struct Sound(AudioContext);

impl Sound {
    /// What a microphone hears, so many seconds later.
    pub(super) fn echo(track: &MediaStreamTrack, later: f64) -> Option<Self> {
        let sound = Self(AudioContext::new().ok()?);
        let context = &sound.0;
        let stream = MediaStream::new().ok()?;
        stream.add_track(track);
        let heard = context.create_media_stream_source(&stream).ok()?;
        let delay = context.create_delay_with_max_delay_time(later).ok()?;
        delay.delay_time().set_value(later as f32);
        heard.connect_with_audio_node(&delay).ok()?;
        delay.connect_with_audio_node(&context.destination()).ok()?;
        Some(sound)
    }
}

impl Drop for Sound {
    fn drop(&mut self) {
        // It closes by itself; there is nothing to wait for.
        let _closing = self.0.close();
    }
}
