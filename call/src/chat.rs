//! What people write to each other.

use std::sync::Arc;

use maju_protocol::{ChannelMessage, HistoryLine, MAX_HISTORY, PeerId, Person, check_chat, check_name};

use crate::highest::Highest;
use crate::{ChatLine, Moment};

/// The lines kept; older ones go.
const MAX_LINES: usize = 1000;
/// How much of the history is told at once, in bytes of JSON: a message of the wire has at most 64 KiB.
const MAX_TOLD: usize = 48 * 1024;
/// How much of it is told in all.
const MAX_TOLD_IN_ALL: usize = 256 * 1024;
/// The longest id of an author, in bytes.
const MAX_ID: usize = 64;

/// What was said while this person was here, and what they were told of the time before.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chat {
    /// In their order: by number, and by author where that is the same.
    lines: Arc<Vec<Arc<ChatLine>>>,
    shown: u32,
    /// How many messages were written here.
    sent: u32,
    highest: Highest,
    /// When this person came.
    came: i64,
}

/// A message as its author says it.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) seq: u32,
    pub(crate) order: u32,
    pub(crate) text: String,
    pub(crate) age: u32,
    pub(crate) private: bool,
}

impl Chat {
    pub(crate) fn lines(&self) -> &Arc<Vec<Arc<ChatLine>>> {
        &self.lines
    }

    /// This person took a seat.
    pub(crate) fn came(&mut self, now: Moment) {
        self.came = time(now);
    }

    /// Takes in what the person wrote to everybody, or to somebody of that name. Gives what is to be sent, or nothing for what
    /// is not fit for it.
    pub(crate) fn write(
        &mut self,
        now: Moment,
        me: &Person,
        text: &str,
        to: Option<String>,
    ) -> Option<ChannelMessage> {
        let text = check_chat(text).ok()?.to_owned();
        self.sent += 1;
        let order = self.highest.next();
        self.highest.see(order);
        let message = ChannelMessage::Chat {
            seq: self.sent,
            order,
            text: text.clone(),
            age: 0,
            private: to.is_some(),
        };
        self.put(ChatLine {
            id: 0,
            at: time(now),
            before: false,
            mine: true,
            author: me.id.clone(),
            seq: self.sent,
            order,
            name: me.name.clone(),
            text,
            private: to.is_some(),
            to: to.unwrap_or_default(),
            told_by: String::new(),
        });
        Some(message)
    }

    /// Takes in what somebody else wrote. False if it is not fit to be shown.
    pub(crate) fn receive(&mut self, now: Moment, author: &Person, said: &Said) -> bool {
        let Ok(text) = check_chat(&said.text) else {
            return false;
        };
        let before = self.position(&author.id, said.seq);
        // What they say themselves counts more than what somebody else told of it.
        if let Some(index) = before {
            if self.lines[index].told_by.is_empty() {
                return true;
            }
            Arc::make_mut(&mut self.lines).remove(index);
        }
        let at = time(now) - i64::from(said.age) * 1000;
        let order = self.highest.see(said.order);
        self.put(ChatLine {
            id: 0,
            at,
            before: at < self.came,
            mine: false,
            author: author.id.clone(),
            seq: said.seq,
            order,
            name: author.name.clone(),
            text: text.to_owned(),
            private: said.private,
            to: String::new(),
            told_by: String::new(),
        });
        true
    }

    /// Takes in what somebody tells of what was written before. False if it is not fit to be shown.
    pub(crate) fn told(&mut self, now: Moment, by: &str, me: &PeerId, line: HistoryLine) -> bool {
        let (Ok(text), Ok(name)) = (check_chat(&line.text), check_name(&line.name)) else {
            return false;
        };
        if line.author.as_str().len() > MAX_ID || line.author == *me {
            return false;
        }
        if self.position(&line.author, line.seq).is_none() {
            let order = self.highest.see(line.order);
            self.put(ChatLine {
                id: 0,
                at: time(now) - i64::from(line.age) * 1000,
                before: true,
                mine: false,
                name: name.to_owned(),
                text: text.to_owned(),
                author: line.author,
                seq: line.seq,
                order,
                private: false,
                to: String::new(),
                told_by: by.to_owned(),
            });
        }
        true
    }

    /// What can be told to somebody who came later, in pieces that fit into a message; one piece at least.
    pub(crate) fn history(&self, now: Moment) -> Vec<Vec<HistoryLine>> {
        let mut left = MAX_TOLD_IN_ALL;
        let newest: Vec<_> = self
            .lines
            .iter()
            .rev()
            .filter(|line| !line.private)
            .take(MAX_HISTORY)
            .take_while(|line| {
                let bytes = bytes(line);
                let fits = bytes <= left;
                left = left.saturating_sub(bytes);
                fits
            })
            .collect();
        let mut pieces = vec![Vec::new()];
        let mut full = 0;
        for line in newest.into_iter().rev() {
            full += bytes(line);
            if full > MAX_TOLD {
                full = bytes(line);
                pieces.push(Vec::new());
            }
            if let Some(piece) = pieces.last_mut() {
                piece.push(HistoryLine {
                    author: line.author.clone(),
                    name: line.name.clone(),
                    seq: line.seq,
                    order: line.order,
                    age: age(now, line.at),
                    text: line.text.clone(),
                });
            }
        }
        pieces
    }

    /// What this person wrote to everybody and when, oldest first: somebody who comes is to have it from them.
    pub(crate) fn own(&self, me: &PeerId, most: usize) -> Vec<(i64, ChannelMessage)> {
        let own = |line: &&Arc<ChatLine>| line.mine && !line.private && line.author == *me;
        let mut left = MAX_TOLD_IN_ALL;
        let newest = self.lines.iter().rev().filter(own).take(most);
        let newest = newest.take_while(|line| {
            let bytes = bytes(line);
            let fits = bytes <= left;
            left = left.saturating_sub(bytes);
            fits
        });
        let message = |line: &Arc<ChatLine>| {
            let message = ChannelMessage::Chat {
                seq: line.seq,
                order: line.order,
                text: line.text.clone(),
                age: 0,
                private: false,
            };
            (line.at, message)
        };
        let mut own: Vec<_> = newest.map(message).collect();
        own.reverse();
        own
    }

    fn position(&self, author: &PeerId, seq: u32) -> Option<usize> {
        let same = |line: &Arc<ChatLine>| line.seq == seq && line.author == *author;
        self.lines.iter().rposition(same)
    }

    /// Puts a line in its place.
    fn put(&mut self, mut line: ChatLine) {
        self.shown += 1;
        line.id = self.shown;
        let lines = Arc::make_mut(&mut self.lines);
        let before = |other: &Arc<ChatLine>| {
            (other.order, &other.author, other.seq) <= (line.order, &line.author, line.seq)
        };
        let place = lines.partition_point(before);
        lines.insert(place, Arc::new(line));
        if lines.len() > MAX_LINES {
            lines.remove(0);
        }
    }
}

/// A moment on a line that goes on to the time before the page was opened.
pub(crate) fn time(moment: Moment) -> i64 {
    i64::try_from(moment).unwrap_or(i64::MAX)
}

/// How many seconds ago that was.
pub(crate) fn age(now: Moment, at: i64) -> u32 {
    u32::try_from((time(now) - at).max(0) / 1000).unwrap_or(u32::MAX)
}

/// What a line takes as JSON, and somewhat more.
fn bytes(line: &ChatLine) -> usize {
    let escaped = |text: &str| {
        let bytes = |c: char| match c {
            '"' | '\\' | '\n' | '\r' | '\t' => 2,
            c if c.is_control() => 6,
            c => c.len_utf8(),
        };
        text.chars().map(bytes).sum::<usize>()
    };
    escaped(&line.text) + escaped(&line.name) + line.author.as_str().len() + 100
}
