//! The order of functions in a WebAssembly module.
//!
//! A compressor finds what is alike when it is near. So functions whose code begins alike come side by side, which makes
//! the compressed file some percent smaller; to the browser any order is the same.

use std::convert::Infallible;

use anyhow::Result;
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{CodeSection, FunctionSection};
use wasmparser::{CodeSectionReader, FunctionSectionReader, Parser, Payload, TypeRef};

use crate::rewrite;

/// The module with functions that are alike side by side.
pub(crate) fn sort(wasm: &[u8]) -> Result<Vec<u8>> {
    rewrite(wasm, &mut Order::of(wasm)?)
}

/// Where each function comes from, and where it goes to. Those that are imported stay, and come first.
struct Order {
    imported: u32,
    /// The functions by their new place.
    sources: Vec<usize>,
    /// The new place of each.
    places: Vec<u32>,
}

impl Order {
    fn of(wasm: &[u8]) -> wasmparser::Result<Self> {
        let (mut imported, mut bodies) = (0, Vec::new());
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        imported += u32::from(matches!(import?.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)));
                    }
                }
                Payload::CodeSectionEntry(body) => bodies.push(body.as_bytes()),
                _ => {}
            }
        }
        let mut sources: Vec<usize> = (0..bodies.len()).collect();
        sources.sort_by_key(|source| bodies[*source]);
        let mut places = vec![0; sources.len()];
        for (place, source) in (0..).zip(&sources) {
            places[*source] = place;
        }
        Ok(Self {
            imported,
            sources,
            places,
        })
    }
}

impl Reencode for Order {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Infallible>> {
        Ok(match function.checked_sub(self.imported) {
            Some(own) => self.imported + self.places[own as usize],
            None => function,
        })
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        let types: Vec<u32> = section.into_iter().collect::<Result<_, _>>()?;
        for source in &self.sources {
            functions.function(types[*source]);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        let bodies: Vec<_> = section.into_iter().collect::<Result<_, _>>()?;
        for place in 0..self.sources.len() {
            self.parse_function_body(code, bodies[self.sources[place]].clone())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use wasmi::{Engine, Linker, Module, Store};

    use super::*;

    /// Functions of two types, in no order of their code, that call each other, an imported one, and by a table.
    const MODULE: &str = r#"(module
        (import "outside" "ten" (func $ten (result i32)))
        (type $number (func (result i32)))
        (table 2 funcref)
        (elem (i32.const 0) $last $first)
        (global $started (mut i32) (i32.const 0))
        (func $last (result i32) i32.const 3)
        (func $double (param i32) (result i32) local.get 0 local.get 0 i32.add)
        (func $start i32.const 1 global.set $started)
        (func $first (result i32) i32.const 2)
        (func (export "all") (result i32)
            global.get $started
            (call $double (call $ten)) i32.add
            (call_indirect (type $number) (i32.const 0)) i32.add
            (call_indirect (type $number) (i32.const 1)) i32.add)
        (start $start))"#;

    fn run(wasm: &[u8]) -> i32 {
        let engine = Engine::default();
        let mut linker = Linker::new(&engine);
        linker.func_wrap("outside", "ten", || 10).unwrap();
        let mut store = Store::new(&engine, ());
        let module = Module::new(&engine, wasm).unwrap();
        let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
        let all = instance.get_typed_func::<(), i32>(&store, "all").unwrap();
        all.call(&mut store, ()).unwrap()
    }

    fn bodies(wasm: &[u8]) -> Vec<Vec<u8>> {
        let parsed = Parser::new(0).parse_all(wasm).map(|payload| payload.unwrap());
        let body = |payload| match payload {
            Payload::CodeSectionEntry(body) => Some(body.as_bytes().to_vec()),
            _ => None,
        };
        parsed.filter_map(body).collect()
    }

    #[test]
    fn functions_come_by_their_code_and_do_what_they_did() {
        let before = wat::parse_str(MODULE).unwrap();
        assert_eq!(run(&before), 26);
        let after = sort(&before).unwrap();
        assert_eq!(run(&after), 26);
        assert!(!bodies(&before).is_sorted());
        // The numbers in a call change with the order, so only those that call nothing are sure to be sorted.
        let calls = |body: &Vec<u8>| body.contains(&0x10);
        let after: Vec<_> = bodies(&after).into_iter().filter(|body| !calls(body)).collect();
        assert_eq!(after.len(), 4);
        assert!(after.is_sorted());
    }
}
