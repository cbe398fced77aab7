// Values of Rust. Lines with STOP are where both debuggers stop.
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

#[derive(Clone, Copy)]
struct Point {
    x: i32,
    y: i32,
}
struct Pair(u8, f64);
struct Unit;
enum Shape {
    Circle { r: f64 },
    Rect(u32, u32),
    Nothing,
}
#[derive(Clone, Copy, PartialEq)]
enum Color {
    Red,
    Green = 5,
}
struct Holder<'a, T> {
    value: T,
    name: &'a str,
}
static GLOBAL: i32 = 42;
static mut COUNTER: u64 = 7;

mod inner {
    pub struct Deep {
        pub n: i16,
    }
}

fn area(s: &Shape, scale: f64) -> f64 {
    let result = match s {
        Shape::Circle { r } => r * scale,
        Shape::Rect(a, b) => (*a * *b) as f64,
        Shape::Nothing => 0.0,
    };
    result // STOP area
    //= scale
    //= scale * 2
}

fn main() {
    let i: i32 = -5;
    let u: u8 = 200;
    let l: i64 = 1 << 40;
    let big: u128 = 1 << 100;
    let f = 1.5f32;
    let d = 0.1f64;
    let c = 'A';
    let accent = 'é';
    let yes = true;
    let unit = ();
    let tuple = (1, 2.5, 'z');
    let nested = ((1, 2), [3, 4]);
    let array = [1, 2, 3];
    let same = [7u8; 40];
    let slice: &[i32] = &array[1..];
    let text = "hello";
    let string = String::from("owned string");
    let empty = String::new();
    let vector = vec![10, 20, 30];
    let points = vec![Point { x: 1, y: 2 }];
    let strings = vec![String::from("a"), String::from("b")];
    let none: Option<i32> = None;
    let some = Some(5);
    let niche: Option<&i32> = Some(&i);
    let no_ref: Option<&i32> = None;
    let boxed_option: Option<Box<i32>> = None;
    let maybe_string = Some(String::from("maybe"));
    let result: Result<i32, String> = Ok(3);
    let failed: Result<i32, String> = Err(String::from("bad"));
    let boxed = Box::new(9);
    let point = Point { x: 3, y: -4 };
    let pair = Pair(1, 2.0);
    let empty_struct = Unit;
    let circle = Shape::Circle { r: 2.0 };
    let rect = Shape::Rect(3, 4);
    let nothing = Shape::Nothing;
    let color = Color::Green;
    let red = Color::Red;
    let holder = Holder { value: 3u16, name: "held" };
    let deep = inner::Deep { n: 12 };
    let reference = &point;
    let pointer: *const i32 = &i;
    let rc = Rc::new(11);
    let rc2 = rc.clone();
    let arc = Arc::new(Point { x: 5, y: 6 });
    let mut map = HashMap::new();
    map.insert(1, "one");
    let usize_value: usize = 77;
    let total = area(&circle, 2.0) + area(&rect, 1.0) + area(&nothing, 1.0);
    println!("{} {} {:?} {:?}", total, unsafe { COUNTER }, unit, map.len()); // STOP main
    //= i
    //= i + 1
    //= u
    //= l / 3
    //= point
    //= point.x
    //= point.x * point.y
    //= reference
    //= *reference
    //= reference.y
    //= tuple.0
    //= tuple.1
    //= nested.0.1
    //= array[1]
    //= array
    //= pair.1
    //= some
    //= color
    //= *boxed
    //= *pointer
    //= i as i64
    //= u as i32 + 1
    //= yes
    //= !yes
    //= i < 0 && u > 100
    //= deep
    //= deep.n
    //= holder
    //= holder.value
    //= f
    //= d
    //= c
    //= text
    //= usize_value
    //= slice[0]
    //= circle
    //= rect
    //= sizeof(i32)
    let _ = (big, accent, same, slice, text, string, empty, vector, points, strings, none, some, niche, no_ref, boxed_option, maybe_string);
    let _ = (result, failed, boxed, pair, empty_struct, color as i32, red as i32, holder.name, holder.value, deep.n, reference.x, pointer, rc, rc2, arc);
    let _ = (GLOBAL, f, d, c, yes, tuple, nested, u, l, usize_value);
}
