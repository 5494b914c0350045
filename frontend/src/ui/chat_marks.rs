//! What people mark in what they write: a little Markdown and addresses. Whatever is not marked in the right way stays
//! the text that it is, so that nothing of a message is lost.

/// A part of a message that stands by itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Block<'a> {
    /// Lines of text.
    Text(&'a str),
    /// Between lines of three backquotes.
    Code(&'a str),
    /// Lines after `>`.
    Quote(Vec<&'a str>),
    /// Lines after `-` or `*`.
    List(Vec<&'a str>),
}

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Text(&'a str),
    /// An address that may be followed: of the web, or for mail.
    Link(&'a str),
    Code(&'a str),
    Bold(Vec<Piece<'a>>),
    Italic(Vec<Piece<'a>>),
    Struck(Vec<Piece<'a>>),
}

/// What may be followed. Everything else stays text: `javascript:` above all.
const SCHEMES: [&str; 3] = ["https://", "http://", "mailto:"];
/// How deep marks may stand in one another.
const DEPTH: u8 = 3;
const FENCE: &str = "```";

/// The parts of a message in their order.
pub(super) fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (line, after) = first_line(rest);
        if line.starts_with(FENCE)
            && let Some(end) = after.find("\n```").or(after.starts_with(FENCE).then_some(0))
        {
            blocks.push(Block::Code(&after[..end]));
            let fence = after[end..].trim_start_matches('\n');
            rest = first_line(fence).1;
        } else if let Some(item) = quoted(line) {
            match blocks.last_mut() {
                Some(Block::Quote(lines)) => lines.push(item),
                _ => blocks.push(Block::Quote(vec![item])),
            }
            rest = after;
        } else if let Some(item) = listed(line) {
            match blocks.last_mut() {
                Some(Block::List(items)) => items.push(item),
                _ => blocks.push(Block::List(vec![item])),
            }
            rest = after;
        } else {
            let mut end = line.len();
            let mut left = after;
            // The lines up to the next that is something else.
            while !left.is_empty() {
                let (line, after) = first_line(left);
                if line.starts_with(FENCE) || quoted(line).is_some() || listed(line).is_some() {
                    break;
                }
                end = rest.len() - left.len() + line.len();
                left = after;
            }
            blocks.push(Block::Text(&rest[..end]));
            rest = left;
        }
    }
    blocks
}

fn first_line(text: &str) -> (&str, &str) {
    text.split_once('\n').unwrap_or((text, ""))
}

fn quoted(line: &str) -> Option<&str> {
    line.strip_prefix("> ").filter(|text| !text.trim().is_empty())
}

fn listed(line: &str) -> Option<&str> {
    let item = line.strip_prefix("- ").or_else(|| line.strip_prefix("* "));
    item.filter(|text| !text.trim().is_empty())
}

/// The parts of a text in their order.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    marked(text, DEPTH)
}

fn marked(text: &str, depth: u8) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut from, mut at, mut before) = (0, 0, ' ');
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let begins = !before.is_alphanumeric();
        let found = if begins && let Some(length) = address(rest) {
            Some((Piece::Link(&rest[..length]), length))
        } else if depth > 0 {
            mark(rest, begins, depth)
        } else {
            None
        };
        if let Some((piece, length)) = found {
            if from < at {
                pieces.push(Piece::Text(&text[from..at]));
            }
            pieces.push(piece);
            at += length;
            from = at;
            before = ' ';
        } else {
            at += c.len_utf8();
            before = c;
        }
    }
    if from < text.len() {
        pieces.push(Piece::Text(&text[from..]));
    }
    pieces
}

/// What is marked at the start of the text, and how long it is with its marks.
fn mark(text: &str, begins: bool, depth: u8) -> Option<(Piece<'_>, usize)> {
    let mark = ["`", "**", "~~", "*"]
        .into_iter()
        .find(|mark| text.starts_with(mark))?;
    // Marks end where their line does.
    let body = first_line(&text[mark.len()..]).0;
    if body.starts_with([' ', '\n', '`']) || (mark != "`" && (!begins || body.starts_with('*'))) {
        return None;
    }
    let closes = |end: &usize| {
        let (inner, after) = (&body[..*end], &body[end + mark.len()..]);
        // A star of two is none of one.
        let whole = mark != "*" || (!inner.ends_with('*') && !after.starts_with('*'));
        let apart = mark == "`" || !after.starts_with(char::is_alphanumeric);
        *end > 0 && !inner.ends_with(char::is_whitespace) && whole && apart
    };
    let end = body.match_indices(mark).map(|(at, _)| at).find(closes)?;
    let inner = &body[..end];
    let piece = match mark {
        "`" => Piece::Code(inner),
        "**" => Piece::Bold(marked(inner, depth - 1)),
        "*" => Piece::Italic(marked(inner, depth - 1)),
        _ => Piece::Struck(marked(inner, depth - 1)),
    };
    Some((piece, end + 2 * mark.len()))
}

/// How long the address is with which the text begins.
fn address(text: &str) -> Option<usize> {
    let begins = |scheme: &&&str| {
        text.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    let scheme = SCHEMES.iter().find(begins)?.len();
    // What turns the direction of writing would let an address be read as another.
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let end = |c: char| c.is_whitespace() || c.is_control() || turns(c) || matches!(c, '<' | '>' | '"' | '`');
    let mut address = &text[..text.find(end).unwrap_or(text.len())];
    // What ends a sentence is not meant, nor a bracket that was opened before.
    while let Some(last) = address.chars().next_back() {
        let more = |close, open| address.matches(close).count() > address.matches(open).count();
        let goes = match last {
            ')' => more(')', '('),
            ']' => more(']', '['),
            last => matches!(
                last,
                '.' | ',' | ':' | ';' | '!' | '?' | '\'' | '*' | '_' | '~' | '…' | '。'
            ),
        };
        if !goes {
            break;
        }
        address = &address[..address.len() - last.len_utf8()];
    }
    (address.len() > scheme).then_some(address.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(text: &str) -> Vec<&str> {
        let link = |piece| match piece {
            Piece::Link(link) => Some(link),
            _ => None,
        };
        pieces(text).into_iter().filter_map(link).collect()
    }

    #[test]
    fn addresses_are_found_without_what_stands_around_them() {
        for (text, expected) in [
            (
                "see https://example.org/a?b=c#d.",
                &["https://example.org/a?b=c#d"][..],
            ),
            ("(https://example.org/x_(y))", &["https://example.org/x_(y)"][..]),
            ("(https://example.org)", &["https://example.org"]),
            (
                "HTTP://EXAMPLE.ORG, mailto:ana@example.org!",
                &["HTTP://EXAMPLE.ORG", "mailto:ana@example.org"],
            ),
            ("https:// mailto: xhttps://example.org", &[]),
            ("javascript:alert(1) data:text/html,x file:///etc <b>", &[]),
            ("https://한국.example/가족 방", &["https://한국.example/가족"]),
        ] {
            assert_eq!(links(text), expected, "{text}");
        }
    }

    #[test]
    fn marks_are_taken_where_they_open_and_close() {
        use Piece::*;
        assert_eq!(
            pieces("a **b *c* d** `*d*` ~~e~~"),
            [
                Text("a "),
                Bold(vec![Text("b "), Italic(vec![Text("c")]), Text(" d")]),
                Text(" "),
                Code("*d*"),
                Text(" "),
                Struck(vec![Text("e")]),
            ]
        );
        for text in [
            "2*3*4 = 24",
            "2 * 3 * 4",
            "a*b",
            "*",
            "**",
            "****",
            "*a",
            "~~",
            "``",
            "`",
            "* *",
            "***",
            "a `b",
            "snake_case_name",
            "**a\nb**",
        ] {
            assert_eq!(pieces(text), [Text(text)], "{text}");
        }
    }

    #[test]
    fn lines_become_lists_quotes_and_code() {
        assert_eq!(
            blocks("hello\nyou\n- one\n* two\n> said\n```rust\nlet a;\n\nb\n```\nend\n\n```\nopen"),
            [
                Block::Text("hello\nyou"),
                Block::List(vec!["one", "two"]),
                Block::Quote(vec!["said"]),
                Block::Code("let a;\n\nb"),
                Block::Text("end\n"),
                Block::Text("```\nopen"),
            ]
        );
        assert_eq!(blocks("```\n```"), [Block::Code("")]);
        assert_eq!(blocks("- \n>"), [Block::Text("- \n>")]);
    }
}
