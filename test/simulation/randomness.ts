/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export type Randomness = () => number;

export function randomness(seed: number): Randomness {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const pick = <T>(random: Randomness, choices: readonly T[]): T => choices[Math.floor(random() * choices.length)] as T;
