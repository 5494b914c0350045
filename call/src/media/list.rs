//! What can be told from a list of devices.

use crate::{Device, DeviceKind};

/// Whether the id is a second name for another device of the list: Chromium has such for what the system prefers.
pub(super) fn aliases(id: &str) -> bool {
    matches!(id, "default" | "communications")
}

/// Whether the device is in the list.
pub(super) fn listed(list: &[Device], kind: DeviceKind, id: &str) -> bool {
    of(list, kind).any(|device| device.id == id)
}

/// Whether devices of that kind are listed without telling which: before a permission.
pub(super) fn hidden(list: &[Device], kind: DeviceKind) -> bool {
    of(list, kind).any(|device| device.id.is_empty())
}

/// The id of the device itself, if this one is listed: its own, or that of the device of which it is a second name.
pub(super) fn resolve<'a>(list: &'a [Device], kind: DeviceKind, id: &str) -> Option<&'a str> {
    let named = of(list, kind).find(|device| device.id == id)?;
    let same =
        |device: &&Device| !aliases(&device.id) && !device.group.is_empty() && device.group == named.group;
    let itself = if aliases(id) {
        of(list, kind).find(same)?
    } else {
        named
    };
    Some(&itself.id)
}

/// The device of that kind that was not there before.
pub(super) fn newcomer<'a>(before: &[Device], now: &'a [Device], kind: DeviceKind) -> Option<&'a Device> {
    let none = of(before, kind).next().is_none();
    // A list that was hidden, or that a browser does not give out for speakers at first, says nothing of what came.
    if hidden(before, kind) || (none && kind == DeviceKind::Speaker) {
        return None;
    }
    let new = |device: &&Device| !aliases(&device.id) && !listed(before, kind, &device.id);
    of(now, kind).filter(new).last()
}

fn of(list: &[Device], kind: DeviceKind) -> impl Iterator<Item = &Device> {
    list.iter().filter(move |device| device.kind == kind)
}
