//! How much of the screen the app has: the size of its stage, full screen, and small windows beside others.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use gloo_events::EventListener;
use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Document, Element, HtmlElement, HtmlVideoElement, Window, window};

use super::{
    method::{self, property},
    task::Task,
};

/// What the small window is at first, in CSS pixels.
const APART: (u32, u32) = (420, 320);

/// Gives the app room on the screen, and takes it back when it is dropped.
#[derive(Clone)]
pub struct Frame(Rc<Inner>);

/// Where a frame puts what it has to tell.
pub struct FrameOutlets {
    /// Called with the size of the stage, in CSS pixels, whenever it changed.
    pub size: Box<dyn Fn(u32, u32)>,
    /// Called when something begins to fill the screen, and when that ends.
    pub full: Box<dyn Fn(bool)>,
    /// Called when the call moves to a window of its own, and when it is back.
    pub apart: Box<dyn Fn(bool)>,
}

/// What this browser can do for a frame.
#[derive(Clone, Copy, Debug)]
pub struct Abilities {
    /// Let an element fill the screen.
    pub full: bool,
    /// Show a video in a small window.
    pub small: bool,
    /// Show anything in a small window.
    pub apart: bool,
    /// Hand a link to other apps.
    pub share: bool,
    /// Connect to other browsers (WebRTC).
    pub call: bool,
}

struct Inner {
    outlets: FrameOutlets,
    stage: RefCell<Option<HtmlElement>>,
    observer: RefCell<Option<Observer>>,
    apart: RefCell<Option<Apart>>,
    /// A window is asked for.
    opening: Cell<bool>,
    asking: RefCell<Option<Task>>,
    _listener: Option<EventListener>,
}

impl Frame {
    /// Nothing to measure yet, nothing asked for.
    pub fn new(outlets: FrameOutlets) -> Self {
        let inner = Rc::new_cyclic(|inner: &Weak<Inner>| {
            let inner = inner.clone();
            let listener = document().map(|document| {
                EventListener::new(&document.clone(), "fullscreenchange", move |_| {
                    if let Some(inner) = inner.upgrade() {
                        (inner.outlets.full)(!property(&document, "fullscreenElement").is_null());
                    }
                })
            });
            Inner {
                outlets,
                stage: RefCell::default(),
                observer: RefCell::default(),
                apart: RefCell::default(),
                opening: Cell::default(),
                asking: RefCell::default(),
                _listener: listener,
            }
        });
        Self(inner)
    }

    /// Measures this element from now on. None when it goes: then everything that was asked for ends, too.
    pub fn measure(&self, stage: Option<HtmlElement>) {
        let gone = stage.is_none();
        *self.0.stage.borrow_mut() = stage;
        if gone {
            self.0.end();
        } else if let Some(window) = window() {
            self.0.observe(&window);
        }
    }

    /// Lets the element fill the screen, or no longer.
    pub fn full(&self, element: &HtmlElement) {
        self.turn(
            element,
            "fullscreenElement",
            "exitFullscreen",
            "requestFullscreen",
        );
    }

    /// Shows the video in a small window over all others, or no longer.
    pub fn small(&self, video: &HtmlVideoElement) {
        // The attribute keeps the browser from offering it unasked.
        let _gone = video.remove_attribute("disablepictureinpicture");
        self.turn(
            video,
            "pictureInPictureElement",
            "exitPictureInPicture",
            "requestPictureInPicture",
        );
    }

    /// Moves these parts of the page into a window of their own over all others, or back.
    pub fn apart(&self, parts: Vec<HtmlElement>) {
        if self.0.apart.borrow().is_some() {
            return self.0.come_back();
        }
        let Some(page) = window().filter(|_| !self.0.opening.get()) else {
            return;
        };
        let size = Object::new();
        for (name, value) in [("width", APART.0), ("height", APART.1)] {
            // A plain object takes any property.
            let _set = Reflect::set(&size, &name.into(), &value.into());
        }
        let asked = method::call(
            &property(&page, "documentPictureInPicture"),
            "requestWindow",
            Some(&size),
        );
        let Some(asked) = asked.and_then(|asked| asked.dyn_into::<Promise>().ok()) else {
            return;
        };
        self.0.opening.set(true);
        let inner = Rc::downgrade(&self.0);
        // Not ended with the call: nobody else would close the window that still comes.
        spawn_local(async move {
            let small = JsFuture::from(asked).await;
            let inner = inner.upgrade();
            if let Some(inner) = &inner {
                inner.opening.set(false);
            }
            let Ok(small) = small else { return };
            // A window of another page: its types are not this page's.
            let small: Window = small.unchecked_into();
            match inner.filter(|_| parts.iter().all(|part| part.is_connected())) {
                Some(inner) => inner.move_out(&small, parts),
                None => drop(small.close()),
            }
        });
    }

    /// Asks for one thing, or ends it where it is so already.
    fn turn(&self, element: &Element, now: &str, end: &str, begin: &str) {
        let Some(document) = document() else { return };
        let asked = if property(&document, now) == *AsRef::<JsValue>::as_ref(element) {
            method::call(&document, end, None)
        } else {
            method::call(element, begin, None)
        };
        *self.0.asking.borrow_mut() = done(asked);
    }
}

impl Inner {
    fn observe(self: &Rc<Self>, window: &Window) {
        let Some(stage) = self.stage.borrow().clone() else {
            return;
        };
        let (inner, seen) = (Rc::downgrade(self), stage.clone());
        let tell = move || {
            let length = |length: i32| u32::try_from(length).unwrap_or_default();
            if let Some(inner) = inner.upgrade() {
                (inner.outlets.size)(length(seen.client_width()), length(seen.client_height()));
            }
        };
        tell();
        *self.observer.borrow_mut() = Observer::new(window, &stage, tell);
    }

    fn move_out(self: &Rc<Self>, small: &Window, parts: Vec<HtmlElement>) {
        let inner = Rc::downgrade(self);
        let back = move || {
            if let Some(inner) = inner.upgrade() {
                inner.come_back();
            }
        };
        if let Some(apart) = Apart::new(small.clone(), parts, back) {
            *self.apart.borrow_mut() = Some(apart);
            self.observe(small);
            (self.outlets.apart)(true);
        }
    }

    fn come_back(self: &Rc<Self>) {
        let Some(apart) = self.apart.borrow_mut().take() else {
            return;
        };
        drop(apart);
        if let Some(window) = window() {
            self.observe(&window);
        }
        (self.outlets.apart)(false);
    }

    fn end(self: &Rc<Self>) {
        self.observer.borrow_mut().take();
        self.asking.borrow_mut().take();
        self.come_back();
        let Some(document) = document() else { return };
        for (now, end) in [
            ("fullscreenElement", "exitFullscreen"),
            ("pictureInPictureElement", "exitPictureInPicture"),
        ] {
            if property(&document, now).is_object() {
                let asked = method::call(&document, end, None);
                *self.asking.borrow_mut() = done(asked);
            }
        }
    }
}

/// Tells when the size of an element changes. Made by the window in which the element is: only that one's frames are
/// painted while it is in front.
struct Observer {
    observer: JsValue,
    _seen: Closure<dyn FnMut()>,
}

impl Observer {
    fn new(window: &Window, element: &HtmlElement, seen: impl FnMut() + 'static) -> Option<Self> {
        let seen = Closure::<dyn FnMut()>::new(seen);
        let make: Function = property(window, "ResizeObserver").unchecked_into();
        let observer = Reflect::construct(&make, &Array::of1(seen.as_ref())).ok()?;
        method::call(&observer, "observe", Some(element));
        Some(Self {
            observer,
            _seen: seen,
        })
    }
}

impl Drop for Observer {
    fn drop(&mut self) {
        method::call(&self.observer, "disconnect", None);
    }
}

/// Parts of the page in a window of their own. They go back when it is dropped, and the window closes.
struct Apart {
    window: Window,
    /// Each part, and what holds its place meanwhile.
    parts: Vec<(HtmlElement, Element)>,
    _closing: EventListener,
}

impl Apart {
    fn new(window: Window, parts: Vec<HtmlElement>, back: impl Fn() + 'static) -> Option<Self> {
        let (page, there) = (document()?, window.document()?);
        let styles = page.query_selector_all("style, link[rel=stylesheet]").ok()?;
        let head = there.query_selector("head").ok()??;
        for index in 0..styles.length() {
            let style = styles.get(index)?.clone_node_with_deep(true).ok()?;
            head.append_child(&style).ok()?;
        }
        there.set_title(&page.title());
        for name in ["lang", "dir", "data-theme"] {
            if let Some(value) = page.document_element()?.get_attribute(name) {
                there.document_element()?.set_attribute(name, &value).ok()?;
            }
        }
        let room = there.create_element("div").ok()?;
        room.set_class_name("room apart");
        there.query_selector("body").ok()??.append_child(&room).ok()?;
        let parts = parts
            .into_iter()
            .filter_map(|part| {
                let mark = page.create_element("i").ok()?;
                mark.set_attribute("hidden", "").ok()?;
                part.replace_with_with_node_1(&mark).ok()?;
                room.append_child(&part).ok()?;
                Some((part, mark))
            })
            .collect();
        let closing = EventListener::once(&window, "pagehide", move |_| back());
        Some(Self {
            window,
            parts,
            _closing: closing,
        })
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        for (part, mark) in &self.parts {
            // Where the page has gone meanwhile, there is no place to go back to.
            let _back = mark.replace_with_with_node_1(part);
        }
        // A window that the person closed stays closed.
        let _closed = self.window.close();
    }
}

/// What this browser can do.
pub fn abilities() -> Abilities {
    let is = |of: &JsValue, name: &str| property(of, name).is_truthy();
    let window: JsValue = window().into();
    let (document, navigator) = (property(&window, "document"), property(&window, "navigator"));
    Abilities {
        full: is(&document, "fullscreenEnabled"),
        small: is(&document, "pictureInPictureEnabled"),
        apart: is(&window, "documentPictureInPicture"),
        share: is(&navigator, "share"),
        call: is(&window, "RTCPeerConnection"),
    }
}

/// Waits for what was asked for. Whoever is refused sees that nothing happened.
fn done(asked: Option<JsValue>) -> Option<Task> {
    let asked = asked?.dyn_into::<Promise>().ok()?;
    Some(Task::spawn(async move {
        let _done = JsFuture::from(asked).await;
    }))
}

fn document() -> Option<Document> {
    window()?.document()
}
