//! What goes wrong around a call, and what people notice of it. Times are measured and written to
//! `target/faults.md`; what is asserted is how it ends. The ignored tests take long: `cargo xtask test --faults`.

mod company;
mod doctor;
mod networks;
mod people;
mod relays;
mod server;
mod sockets;
