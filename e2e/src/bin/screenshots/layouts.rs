//! Pictures of rooms of every size: `screenshots FOLDER layouts`.

use futures_util::future::try_join_all;
use maju_e2e::{Entry, Outcome, Person, RawPeer, Server};

use crate::{Pictures, ROOM, SCREENS, portrait::CAST};

/// A phone held sideways.
const SIDEWAYS: (&str, u32, u32, u32, bool) = ("sideways", 844, 390, 2, true);

/// Gives a drawn picture to everybody who sends none: those who only hold a seat.
const DRAW: &str =
    "void document.querySelectorAll('.tile[data-peer]:not([data-self])').forEach((tile, index) => {
    const video = tile.querySelector('video');
    if (video.videoWidth) return;
    const canvas = document.createElement('canvas');
    canvas.width = 640;
    canvas.height = 360;
    const pen = canvas.getContext('2d');
    const hue = index * 67 % 360;
    const disc = (colour, x, y, width, height) => {
        pen.fillStyle = colour;
        pen.beginPath();
        pen.ellipse(x, y, width, height, 0, 0, 7);
        pen.fill();
    };
    const draw = () => {
        pen.fillStyle = `hsl(${hue} 30% 72%)`;
        pen.fillRect(0, 0, 640, 360);
        disc(`hsl(${hue + 160} 35% 38%)`, 320, 400, 170, 150);
        disc('#3a2a22', 320, 140, 84, 92);
        disc(['#e3b18f', '#8d5a3b', '#f0c8a8', '#c98f68'][index % 4], 320, 158, 68, 82);
    };
    draw();
    video.srcObject = canvas.captureStream(5);
    video.play();
    setInterval(draw, 200);
    tile.dataset.state = 'connected';
    tile.dataset.camera = 'on';
    tile.dataset.microphone = index % 3 ? 'on' : 'off';
    tile.querySelector('.tile-state').textContent = '';
})";

/// One, two, three, four with two screens, five and twelve people.
pub(crate) async fn take(entries: &[Entry], folder: &std::path::Path) -> Outcome {
    let server = Server::start(&[]).await?;
    let base = server.address.as_str();
    let [host_entry, guest_entries @ ..] = entries else {
        return Ok(());
    };
    let host = Person::enter(host_entry, base).await?;
    let screens = [SCREENS[0], SCREENS[1], SIDEWAYS];
    let pictures = Pictures {
        host: &host,
        folder,
        screens: &screens,
    };
    pictures.take("1").await?;
    let mut guests = Vec::new();
    for (entry, count) in guest_entries.iter().zip(2..) {
        guests.push(Person::enter(entry, base).await?);
        host.sees_moving(CAST[count - 1].name).await?;
        pictures.take(&count.to_string()).await?;
    }
    for (guest, sitter) in guests.iter().zip(&CAST[1..]).take(2) {
        guest.press("Share screen").await?;
        host.browser
            .node("figure", &format!("{}'s screen", sitter.name))
            .await?;
    }
    pictures.take("4-screens").await?;
    host.press(&format!("Picture options for {}", CAST[3].name))
        .await?;
    pictures.take("menu").await?;
    host.press("Pin").await?;
    pictures.take("4-pinned").await?;
    host.press(&format!("Picture options for {}", CAST[3].name))
        .await?;
    host.press("Unpin").await?;
    try_join_all(guests.iter().take(2).map(|guest| guest.press("Stop sharing"))).await?;
    let mut seats = Vec::new();
    for count in 5..=12 {
        seats.push(
            RawPeer::join(
                &server,
                ROOM,
                ["Mina", "Otto Lindqvist", "Yusuf", "Zoë"][count % 4],
            )
            .await?,
        );
        if matches!(count, 5 | 12) {
            host.browser.eval::<Option<()>>(DRAW).await?;
            pictures.take(&count.to_string()).await?;
        }
    }
    host.press("Layout").await?;
    pictures.take("layout-menu").await
}
