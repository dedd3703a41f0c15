;; Masks packed into bits and counted, many elements at once. kernel.ts is the only caller: it copies what is to be read
;; into the memory, from address 0 on, and reads the answers out of it.
;;
;; Bits are numbered as in a row of bits.ts: bit i is bit i mod 8, from the least significant, of byte ⌊i / 8⌋ from some
;; address on.
(module
  (memory (export "memory") 1)

  ;; The four pack functions write a bit for each element from address $from up to $end, 1 where it is not ±0, from address
  ;; $to on. They take 8 or 16 elements a turn, and whole turns: zeros must fill up the last. They answer whether any
  ;; element is NaN, the one value that does not equal itself.

  ;; 8 elements a turn, 2 a vector.
  (func (export "packFloat64") (param $from i32) (param $end i32) (param $to i32) (result i32)
    (local $v0 v128) (local $v1 v128) (local $v2 v128) (local $v3 v128) (local $zero v128) (local $isNaN v128)
    (block $done
      (loop $turn
        (br_if $done (i32.ge_u (local.get $from) (local.get $end)))
        (local.set $v0 (v128.load (local.get $from)))
        (local.set $v1 (v128.load offset=16 (local.get $from)))
        (local.set $v2 (v128.load offset=32 (local.get $from)))
        (local.set $v3 (v128.load offset=48 (local.get $from)))
        (local.set $isNaN (v128.or (local.get $isNaN)
          (v128.or
            (v128.or (f64x2.ne (local.get $v0) (local.get $v0)) (f64x2.ne (local.get $v1) (local.get $v1)))
            (v128.or (f64x2.ne (local.get $v2) (local.get $v2)) (f64x2.ne (local.get $v3) (local.get $v3))))))
        ;; A comparison answers 64 ones or 64 zeros. Of these the lower 32 are taken, which the narrowing makes 16.
        (i32.store8 (local.get $to)
          (i16x8.bitmask
            (i16x8.narrow_i32x4_s
              (i8x16.shuffle 0 1 2 3 8 9 10 11 16 17 18 19 24 25 26 27
                (f64x2.ne (local.get $v0) (local.get $zero)) (f64x2.ne (local.get $v1) (local.get $zero)))
              (i8x16.shuffle 0 1 2 3 8 9 10 11 16 17 18 19 24 25 26 27
                (f64x2.ne (local.get $v2) (local.get $zero)) (f64x2.ne (local.get $v3) (local.get $zero))))))
        (local.set $from (i32.add (local.get $from) (i32.const 64)))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (br $turn)))
    (v128.any_true (local.get $isNaN)))

  ;; 16 elements a turn, 4 a vector.
  (func (export "packFloat32") (param $from i32) (param $end i32) (param $to i32) (result i32)
    (local $v0 v128) (local $v1 v128) (local $v2 v128) (local $v3 v128) (local $zero v128) (local $isNaN v128)
    (block $done
      (loop $turn
        (br_if $done (i32.ge_u (local.get $from) (local.get $end)))
        (local.set $v0 (v128.load (local.get $from)))
        (local.set $v1 (v128.load offset=16 (local.get $from)))
        (local.set $v2 (v128.load offset=32 (local.get $from)))
        (local.set $v3 (v128.load offset=48 (local.get $from)))
        (local.set $isNaN (v128.or (local.get $isNaN)
          (v128.or
            (v128.or (f32x4.ne (local.get $v0) (local.get $v0)) (f32x4.ne (local.get $v1) (local.get $v1)))
            (v128.or (f32x4.ne (local.get $v2) (local.get $v2)) (f32x4.ne (local.get $v3) (local.get $v3))))))
        ;; A comparison answers 32 ones or 32 zeros, which the narrowing makes 16, and then 8.
        (i32.store16 (local.get $to)
          (i8x16.bitmask
            (i8x16.narrow_i16x8_s
              (i16x8.narrow_i32x4_s
                (f32x4.ne (local.get $v0) (local.get $zero)) (f32x4.ne (local.get $v1) (local.get $zero)))
              (i16x8.narrow_i32x4_s
                (f32x4.ne (local.get $v2) (local.get $zero)) (f32x4.ne (local.get $v3) (local.get $zero))))))
        (local.set $from (i32.add (local.get $from) (i32.const 64)))
        (local.set $to (i32.add (local.get $to) (i32.const 2)))
        (br $turn)))
    (v128.any_true (local.get $isNaN)))

  ;; Floats of 16 bits, whatever their exponent's share of them: without the sign they are magnitudes, 0 for ±0 alone and
  ;; above $infinity for NaN alone. 8 elements a turn.
  (func (export "packFloat16") (param $from i32) (param $end i32) (param $to i32) (param $infinity i32) (result i32)
    (local $magnitudes v128) (local $zero v128) (local $isNaN v128)
    (block $done
      (loop $turn
        (br_if $done (i32.ge_u (local.get $from) (local.get $end)))
        (local.set $magnitudes (v128.and (v128.load (local.get $from)) (i16x8.splat (i32.const 0x7fff))))
        (local.set $isNaN (v128.or (local.get $isNaN)
          (i16x8.gt_s (local.get $magnitudes) (i16x8.splat (local.get $infinity)))))
        (i32.store8 (local.get $to) (i16x8.bitmask (i16x8.ne (local.get $magnitudes) (local.get $zero))))
        (local.set $from (i32.add (local.get $from) (i32.const 16)))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (br $turn)))
    (v128.any_true (local.get $isNaN)))

  ;; 16 elements a turn. An integer is never NaN.
  (func (export "packUint8") (param $from i32) (param $end i32) (param $to i32) (result i32)
    (local $zero v128)
    (block $done
      (loop $turn
        (br_if $done (i32.ge_u (local.get $from) (local.get $end)))
        (i32.store16 (local.get $to) (i8x16.bitmask (i8x16.ne (v128.load (local.get $from)) (local.get $zero))))
        (local.set $from (i32.add (local.get $from) (i32.const 16)))
        (local.set $to (i32.add (local.get $to) (i32.const 2)))
        (br $turn)))
    (i32.const 0))

  ;; How many i in 0 … $length − 1, in each of $calls calls, have a one at bit $i + i from $a on, at bit $j + i from $b on,
  ;; and at both. The bits of a call start $stride after those of the one before it. Up to 8 bytes past the last are read.
  ;;
  ;; 56 bits a step, which 8 bytes always hold, whichever bit of the first of them comes first. They are counted by the
  ;; processor's own instruction for 64 bits. For a vector most have none, and would look its bits up in a table.
  (func (export "countPairs")
    (param $a i32) (param $i i32) (param $b i32) (param $j i32)
    (param $length i32) (param $stride i32) (param $calls i32)
    (result i32 i32 i32)
    (local $atA i32) (local $atB i32) (local $shiftA i64) (local $shiftB i64) (local $left i32) (local $mask i64)
    (local $bitsA i64) (local $bitsB i64) (local $onesA i64) (local $onesB i64) (local $both i64)
    (block $done
      (loop $call
        (br_if $done (i32.eqz (local.get $calls)))
        (local.set $atA (i32.add (local.get $a) (i32.shr_u (local.get $i) (i32.const 3))))
        (local.set $atB (i32.add (local.get $b) (i32.shr_u (local.get $j) (i32.const 3))))
        (local.set $shiftA (i64.extend_i32_u (i32.and (local.get $i) (i32.const 7))))
        (local.set $shiftB (i64.extend_i32_u (i32.and (local.get $j) (i32.const 7))))
        (local.set $left (local.get $length))
        (local.set $mask (i64.const 0xffffffffffffff))
        (loop $step
          (if (i32.lt_s (local.get $left) (i32.const 56))
            (then (local.set $mask
              (i64.sub (i64.shl (i64.const 1) (i64.extend_i32_u (local.get $left))) (i64.const 1)))))
          (local.set $bitsA (i64.and (local.get $mask) (i64.shr_u (i64.load (local.get $atA)) (local.get $shiftA))))
          (local.set $bitsB (i64.and (local.get $mask) (i64.shr_u (i64.load (local.get $atB)) (local.get $shiftB))))
          (local.set $onesA (i64.add (local.get $onesA) (i64.popcnt (local.get $bitsA))))
          (local.set $onesB (i64.add (local.get $onesB) (i64.popcnt (local.get $bitsB))))
          (local.set $both (i64.add (local.get $both)
            (i64.popcnt (i64.and (local.get $bitsA) (local.get $bitsB)))))
          (local.set $atA (i32.add (local.get $atA) (i32.const 7)))
          (local.set $atB (i32.add (local.get $atB) (i32.const 7)))
          (local.set $left (i32.sub (local.get $left) (i32.const 56)))
          (br_if $step (i32.gt_s (local.get $left) (i32.const 0))))
        (local.set $i (i32.add (local.get $i) (local.get $stride)))
        (local.set $j (i32.add (local.get $j) (local.get $stride)))
        (local.set $calls (i32.sub (local.get $calls) (i32.const 1)))
        (br $call)))
    (i32.wrap_i64 (local.get $onesA))
    (i32.wrap_i64 (local.get $onesB))
    (i32.wrap_i64 (local.get $both)))

  ;; How many of 1 to 255 calls of $size bits, the first at bit $i from address 0 on, have a one at each position: a byte a
  ;; position, from $to on. Up to 31 bytes past them are written too, and up to 8 bytes past the last bit are read.
  ;;
  ;; 32 positions at a time, for all calls: their counters then stay in two vectors.
  (func (export "countPositions") (param $i i32) (param $size i32) (param $calls i32) (param $to i32)
    (local $end i32) (local $at i32) (local $left i32)
    (local $word v128) (local $bits v128) (local $low v128) (local $high v128)
    (local.set $bits (v128.const i8x16 1 2 4 8 16 32 64 -128 1 2 4 8 16 32 64 -128))
    (local.set $end (i32.add (local.get $i) (local.get $size)))
    (loop $positions
      (local.set $low (v128.const i64x2 0 0))
      (local.set $high (v128.const i64x2 0 0))
      (local.set $at (local.get $i))
      (local.set $left (local.get $calls))
      (loop $call
        (local.set $word (i64x2.splat (i64.shr_u
          (i64.load (i32.shr_u (local.get $at) (i32.const 3)))
          (i64.extend_i32_u (i32.and (local.get $at) (i32.const 7))))))
        ;; Each byte of 8 positions in 8 lanes, each of which looks at a bit of its own. A lane that finds a one answers
        ;; 255, which is −1.
        (local.set $low (i8x16.sub (local.get $low) (i8x16.eq (local.get $bits) (v128.and (local.get $bits)
          (i8x16.shuffle 0 0 0 0 0 0 0 0 1 1 1 1 1 1 1 1 (local.get $word) (local.get $word))))))
        (local.set $high (i8x16.sub (local.get $high) (i8x16.eq (local.get $bits) (v128.and (local.get $bits)
          (i8x16.shuffle 2 2 2 2 2 2 2 2 3 3 3 3 3 3 3 3 (local.get $word) (local.get $word))))))
        (local.set $at (i32.add (local.get $at) (local.get $size)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br_if $call (local.get $left)))
      (v128.store (local.get $to) (local.get $low))
      (v128.store offset=16 (local.get $to) (local.get $high))
      (local.set $to (i32.add (local.get $to) (i32.const 32)))
      (local.set $i (i32.add (local.get $i) (i32.const 32)))
      (br_if $positions (i32.lt_u (local.get $i) (local.get $end)))))

  ;; Of products of two rows of float64, from $from up to $end and from $weights on: their sum, the sum of their squares,
  ;; the least and the most. A product within $rounding of a half is a half. 2 elements a turn, and whole turns.
  (func (export "moments") (param $from i32) (param $end i32) (param $weights i32) (param $rounding f64)
    (result f64 f64 f64 f64)
    (local $v v128) (local $half v128) (local $near v128)
    (local $sum v128) (local $squares v128) (local $least v128) (local $most v128) (local $isNaN v128)
    (local.set $half (f64x2.splat (f64.const 0.5)))
    (local.set $near (f64x2.splat (local.get $rounding)))
    (local.set $least (f64x2.splat (f64.const inf)))
    (local.set $most (f64x2.splat (f64.const -inf)))
    (block $done
      (loop $turn
        (br_if $done (i32.ge_u (local.get $from) (local.get $end)))
        (local.set $v (f64x2.mul (v128.load (local.get $from)) (v128.load (local.get $weights))))
        (local.set $v (v128.bitselect (local.get $half) (local.get $v)
          (f64x2.le (f64x2.abs (f64x2.sub (local.get $v) (local.get $half))) (local.get $near))))
        (local.set $sum (f64x2.add (local.get $sum) (local.get $v)))
        (local.set $squares (f64x2.add (local.get $squares) (f64x2.mul (local.get $v) (local.get $v))))
        ;; The pseudo-minimum and -maximum are one instruction each, and pass over NaN.
        (local.set $least (f64x2.pmin (local.get $least) (local.get $v)))
        (local.set $most (f64x2.pmax (local.get $most) (local.get $v)))
        (local.set $isNaN (v128.or (local.get $isNaN) (f64x2.ne (local.get $v) (local.get $v))))
        (local.set $from (i32.add (local.get $from) (i32.const 16)))
        (local.set $weights (i32.add (local.get $weights) (i32.const 16)))
        (br $turn)))
    (if (v128.any_true (local.get $isNaN))
      (then
        (local.set $least (f64x2.splat (f64.const nan)))
        (local.set $most (f64x2.splat (f64.const nan)))))
    (f64.add (f64x2.extract_lane 0 (local.get $sum)) (f64x2.extract_lane 1 (local.get $sum)))
    (f64.add (f64x2.extract_lane 0 (local.get $squares)) (f64x2.extract_lane 1 (local.get $squares)))
    (f64.min (f64x2.extract_lane 0 (local.get $least)) (f64x2.extract_lane 1 (local.get $least)))
    (f64.max (f64x2.extract_lane 0 (local.get $most)) (f64x2.extract_lane 1 (local.get $most))))
)
