//! Deserialising as JSON Schema and our databases see values, where serde sees them otherwise, at any depth:
//!
//! - a struct is an object and nothing else; serde would also take the values of its fields from a list, in the order of our source;
//! - a number without a fraction is an integer, however it is written (`1.0`, `1e3`; JSON Schema 2020-12, validation, 6.1.1);
//! - no text holds the character NUL, which PostgreSQL cannot store.
//!
//! What a tagged union holds is read by serde from a copy; an integer there says `deserialize_with` of [`waymark_curriculum::whole`].

use serde::de::{self, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor};

use waymark_curriculum::whole;

/// Wraps a deserialiser, and everything that comes out of it.
pub struct Strict<D>(pub D);

/// Wraps what takes the values.
struct Seen<V> {
    inner: V,
    wanted: WantedShape,
}

/// What the type asks for, where that matters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum WantedShape {
    Anything,
    /// The fields of a struct.
    Object,
    Integer,
}

/// PostgreSQL stores no NUL in text, so none is let in on either database.
const NUL: &str = "the character NUL (\\u0000) cannot be stored; remove it";

macro_rules! forward {
    ($wanted:ident: $($name:ident)*) => {
        $(fn $name<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.0.$name(Seen { inner: visitor, wanted: WantedShape::$wanted })
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Strict<D> {
    type Error = D::Error;

    forward! {
        Integer: deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128 deserialize_u8 deserialize_u16
        deserialize_u32 deserialize_u64 deserialize_u128
    }

    forward! {
        Anything: deserialize_any deserialize_bool deserialize_f32 deserialize_f64 deserialize_char deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf deserialize_option
        deserialize_unit deserialize_seq deserialize_map deserialize_identifier deserialize_ignored_any
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_unit_struct(name, Seen { inner: visitor, wanted: WantedShape::Anything })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_newtype_struct(name, Seen { inner: visitor, wanted: WantedShape::Anything })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_tuple(len, Seen { inner: visitor, wanted: WantedShape::Anything })
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, name: &'static str, len: usize, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_tuple_struct(name, len, Seen { inner: visitor, wanted: WantedShape::Anything })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_struct(name, fields, Seen { inner: visitor, wanted: WantedShape::Object })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_enum(name, variants, Seen { inner: visitor, wanted: WantedShape::Anything })
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

/// A number that is written with a fraction or a power of ten, as PostgreSQL's `jsonb` gives it back.
enum AsStored {
    Positive(u64),
    Negative(i64),
    Double(f64),
}

/// `jsonb` keeps decimals, so `1e16` and more come back without a fraction, as integers; and it has one zero only.
fn as_stored(value: f64) -> AsStored {
    // Below, a double is written with a point: 1000000000000000.0.
    const WRITTEN_WITH_A_POWER: f64 = 1e16;
    if value.abs() >= WRITTEN_WITH_A_POWER {
        let digits = value.to_string();
        if let Ok(whole) = digits.parse() {
            return AsStored::Positive(whole);
        }
        if let Ok(whole) = digits.parse() {
            return AsStored::Negative(whole);
        }
    }
    AsStored::Double(value + 0.0)
}

macro_rules! pass {
    ($($name:ident $type:ty,)*) => {
        $(fn $name<E: de::Error>(self, value: $type) -> Result<V::Value, E> { self.inner.$name(value) })*
    };
}

fn check_storable<E: de::Error>(text: &str) -> Result<(), E> {
    if text.contains('\0') { Err(E::custom(NUL)) } else { Ok(()) }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Seen<V> {
    type Value = V::Value;

    fn expecting(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.inner.expecting(to)
    }

    pass! {
        visit_bool bool, visit_i8 i8, visit_i16 i16, visit_i32 i32, visit_i64 i64, visit_i128 i128,
        visit_u8 u8, visit_u16 u16, visit_u32 u32, visit_u64 u64, visit_u128 u128, visit_f32 f32, visit_char char,
        visit_bytes &[u8], visit_borrowed_bytes &'de [u8], visit_byte_buf Vec<u8>,
    }

    /// As the integer that it is where one is wanted, else in the one form in which both databases give it back.
    fn visit_f64<E: de::Error>(self, value: f64) -> Result<V::Value, E> {
        if let Some(whole) = whole::whole_number(value).filter(|_| self.wanted == WantedShape::Integer) {
            return self.inner.visit_i64(whole);
        }
        match as_stored(value) {
            AsStored::Positive(whole) => self.inner.visit_u64(whole),
            AsStored::Negative(whole) => self.inner.visit_i64(whole),
            AsStored::Double(value) => self.inner.visit_f64(value),
        }
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<V::Value, E> {
        check_storable(value)?;
        self.inner.visit_str(value)
    }

    fn visit_borrowed_str<E: de::Error>(self, value: &'de str) -> Result<V::Value, E> {
        check_storable(value)?;
        self.inner.visit_borrowed_str(value)
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<V::Value, E> {
        check_storable(&value)?;
        self.inner.visit_string(value)
    }

    fn visit_none<E: de::Error>(self) -> Result<V::Value, E> {
        self.inner.visit_none()
    }

    fn visit_unit<E: de::Error>(self) -> Result<V::Value, E> {
        self.inner.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<V::Value, D::Error> {
        self.inner.visit_some(Strict(from))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, from: D) -> Result<V::Value, D::Error> {
        self.inner.visit_newtype_struct(Strict(from))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<V::Value, A::Error> {
        if self.wanted == WantedShape::Object {
            return Err(de::Error::invalid_type(Unexpected::Seq, &self.inner));
        }
        self.inner.visit_seq(Strict(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.inner.visit_map(Strict(map))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<V::Value, A::Error> {
        self.inner.visit_enum(Strict(data))
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Strict<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Strict(from))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(Strict(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(Strict(seed))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Strict(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for Strict<A> {
    type Error = A::Error;
    type Variant = Strict<A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), A::Error> {
        self.0.variant_seed(Strict(seed)).map(|(value, variant)| (value, Strict(variant)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.0.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.0.newtype_variant_seed(Strict(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.0.tuple_variant(len, Seen { inner: visitor, wanted: WantedShape::Anything })
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, A::Error> {
        self.0.struct_variant(fields, Seen { inner: visitor, wanted: WantedShape::Object })
    }
}
