//! Where the tiles are: what the person chose, and the rectangles that follow.

use leptos::{ev::PointerEvent, html, prelude::*};
use maju_call::{Area, Arrangement, Corner, Layout, Part, Place, Scene, SelfView, layout};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::{Ask, Desk, Face, Whose, each::memo, tile_menu::tile_menu, words};

/// How far a finger may slip while it only means to touch, in CSS pixels.
const SLIP: i32 = 8;

/// What the person chose to see, and where everything is.
#[derive(Clone, Copy)]
pub(super) struct Stage {
    pub(super) face: Face,
    pub(super) arrangement: RwSignal<Arrangement>,
    pub(super) own: RwSignal<SelfView>,
    pub(super) corner: RwSignal<Corner>,
    pub(super) pinned: RwSignal<Option<Whose>>,
    page: RwSignal<usize>,
    laid: Memo<Laid>,
}

/// Where everything is in a stage of that size.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Laid {
    size: (u32, u32),
    /// Whether what moved is to be seen moving: not when the window changed, and not at first.
    moves: bool,
    layout: Layout,
}

impl Stage {
    /// `people` and `screens` are those of the others, and `screens` the own one, too.
    pub(super) fn new(face: Face, people: Memo<Vec<Whose>>, screens: Memo<Vec<Whose>>) -> Self {
        let Desk {
            arrangement,
            own,
            corner,
            pinned,
            ..
        } = face.desk;
        let page = RwSignal::new(0);
        let speaking = face.part(move |view| view.main_speaker.clone());
        let spotlight = face.part(move |view| {
            let id = view.spotlight.clone()?;
            Some(if view.me.as_ref() == Some(&id) {
                Whose::Mine
            } else {
                Whose::Peer(id)
            })
        });
        let laid = Memo::new(move |before: Option<&Laid>| {
            let size = face.frame.size.get();
            let (people, screens) = (people.read(), screens.read());
            let (spotlight, speaking) = (spotlight.read(), speaking.read());
            let pinned = pinned.read();
            let layout = layout(&Scene {
                width: size.0,
                height: size.1,
                people: &people,
                screens: &screens,
                pinned: pinned.as_ref(),
                spotlight: spotlight.as_ref(),
                speaking: speaking.as_ref(),
                arrangement: arrangement.get(),
                own: own.get(),
                corner: corner.get(),
                page: page.get(),
            });
            let moves = before.is_some_and(|before| before.size == size && size.0 > 0);
            Laid { size, moves, layout }
        });
        Self {
            face,
            arrangement,
            own,
            corner,
            pinned,
            page,
            laid,
        }
    }

    pub(super) fn place(self, whose: Whose) -> Memo<Option<Place>> {
        memo(move || {
            self.laid.with(|laid| {
                let mut places = laid.layout.places.iter();
                places.find(|(who, _)| *who == whose).map(|(_, place)| *place)
            })
        })
    }

    /// Makes somebody big, or no longer.
    pub(super) fn pin(self, whose: &Whose) {
        self.pinned.update(|pinned| {
            *pinned = if pinned.as_ref() == Some(whose) {
                None
            } else {
                Some(whose.clone())
            };
        });
    }

    /// The distances of a rectangle from the edges of the stage: of its block, and of its lines.
    fn insets(self, area: Option<Area>) -> (String, String) {
        let Some(Area { x, y, width, height }) = area else {
            return Default::default();
        };
        let all = self.laid.with(|laid| laid.size);
        let inset = |from: u32, length: u32, all: u32| {
            let rest = all.saturating_sub(from + length);
            [
                from.to_string(),
                "px ".to_owned(),
                rest.to_string(),
                "px".to_owned(),
            ]
            .concat()
        };
        (inset(y, height, all.1), inset(x, width, all.0))
    }
}

/// The stage: what is on it, and the button that leads to those for whom there is no room.
pub(super) fn stage_view(stage: Stage, seats: AnyView, invitation: AnyView) -> AnyView {
    let face = stage.face;
    let node = NodeRef::<html::Div>::new();
    Effect::new(move || {
        if let Some(node) = node.get() {
            face.frame.ask.run(Ask::Measure(Some(node.into())));
        }
    });
    on_cleanup(move || face.frame.ask.run(Ask::Measure(None)));
    let empty = memo(move || stage.laid.with(|laid| laid.layout.invitation));
    let more = memo(move || stage.laid.with(|laid| laid.layout.more));
    let insets = memo(move || stage.insets(more.get().map(|more| more.area)));
    let shown = memo(move || more.with(Option::is_some));
    let invited = memo(move || stage.insets(empty.get()));
    view! {
        <div class="stage">
            <div class="tiles" node_ref=node data-moves=move || stage.laid.with(|laid| laid.moves)>
                {seats}
                <div
                    class="seat"
                    style=("inset-block", move || invited.get().0)
                    style=("inset-inline", move || invited.get().1)
                    data-part=move || empty.with(Option::is_some).then_some("equal")
                >
                    {invitation}
                </div>
                {move || shown.get().then(|| {
                    let unseen = move || more.get().map_or(0, |more| more.unseen);
                    view! {
                        <button
                            class="seat more-seats"
                            type="button"
                            style=("inset-block", move || insets.get().0)
                            style=("inset-inline", move || insets.get().1)
                            aria-label=move || words::count("Show {count} other", "Show {count} others", unseen())
                            on:click=move |_| stage.page.set(more.get_untracked().map_or(0, |more| more.next))
                        >
                            "+"
                            {unseen}
                        </button>
                    }
                })}
            </div>
        </div>
    }
    .into_any()
}

/// Somebody's place on the stage, with their picture and what can be done with it. It is moved, and never made anew, so that
/// the picture plays on.
pub(super) fn seat(stage: Stage, whose: Whose, name: Signal<String>, picture: AnyView) -> AnyView {
    let place = stage.place(whose.clone());
    let insets = memo(move || stage.insets(place.get().map(|place| place.area)));
    let node = NodeRef::<html::Div>::new();
    let floats = move || {
        place
            .get_untracked()
            .is_some_and(|place| place.part == Part::Floating)
    };
    let drag = RwSignal::new(None::<Drag>);
    let pinned = whose.clone();
    let begin = move |event: PointerEvent| {
        let seat = event
            .current_target()
            .and_then(|seat| seat.dyn_into::<Element>().ok());
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        let on_menu = target.is_some_and(|target| matches!(target.closest("button, .menu"), Ok(Some(_))));
        if floats()
            && event.button() == 0
            && !on_menu
            && let Some(seat) = seat
        {
            // A pointer that is gone by now moves nothing.
            let _captured = seat.set_pointer_capture(event.pointer_id());
            let at = (event.client_x(), event.client_y());
            drag.set(Some(Drag { from: at, at }));
        }
    };
    let go_on = move |event: PointerEvent| {
        if drag.with_untracked(Option::is_some) {
            let at = (event.client_x(), event.client_y());
            drag.update(|drag| {
                if let Some(drag) = drag {
                    drag.at = at
                }
            });
        }
    };
    let end = move |_| {
        if let Some(drag) = drag.get_untracked()
            && let Some(place) = place.get_untracked()
            && drag.by().0.abs().max(drag.by().1.abs()) > SLIP
        {
            let size = stage.laid.with_untracked(|laid| laid.size);
            stage.corner.set(corner(place.area, drag.by(), size));
        }
        drag.set(None);
    };
    let translate = move || {
        drag.get().map(|drag| {
            let (x, y) = drag.by();
            [x.to_string(), "px ".to_owned(), y.to_string(), "px".to_owned()].concat()
        })
    };
    view! {
        <div
            class="seat"
            node_ref=node
            data-part=move || place.get().map(|place| part(place.part))
            data-dragged=move || drag.with(Option::is_some).then_some("true")
            style=("inset-block", move || insets.get().0)
            style=("inset-inline", move || insets.get().1)
            style=("translate", translate)
            on:dblclick=move |_| stage.pin(&pinned)
            on:pointerdown=begin
            on:pointermove=go_on
            on:pointerup=end
            on:pointercancel=move |_| drag.set(None)
        >
            {picture}
            {tile_menu(stage, whose, name, node)}
        </div>
    }
    .into_any()
}

#[derive(Clone, Copy)]
struct Drag {
    from: (i32, i32),
    at: (i32, i32),
}

impl Drag {
    fn by(self) -> (i32, i32) {
        (self.at.0 - self.from.0, self.at.1 - self.from.1)
    }
}

/// The corner nearest to where something was dragged.
fn corner(area: Area, by: (i32, i32), size: (u32, u32)) -> Corner {
    let root = document().document_element();
    let from_right = root.and_then(|root| root.get_attribute("dir")).as_deref() == Some("rtl");
    let middle = |from: u32, length: u32| i32::try_from(from + length / 2).unwrap_or(i32::MAX);
    let half = |length: u32| i32::try_from(length / 2).unwrap_or(i32::MAX);
    let x = middle(area.x, area.width) + if from_right { -by.0 } else { by.0 };
    Corner {
        top: middle(area.y, area.height) + by.1 < half(size.1),
        start: x < half(size.0),
    }
}

fn part(part: Part) -> &'static str {
    match part {
        Part::Equal => "equal",
        Part::Main => "main",
        Part::Strip => "strip",
        Part::Floating => "floating",
    }
}

/// The elements of the page with these selectors.
pub(super) fn elements(selectors: &[&str]) -> Vec<HtmlElement> {
    let find = |selector: &&str| {
        document()
            .query_selector(selector)
            .ok()
            .flatten()?
            .dyn_into()
            .ok()
    };
    selectors.iter().filter_map(find).collect()
}
